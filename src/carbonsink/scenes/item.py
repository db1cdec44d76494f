"""STAC items, parsed once: outside JSON becomes frozen records, and what doesn't fit is refused by name (M69).

item JSON  ->  outline  ->  Item(id, time, tile, footprint)  ->  furnish  ->  the same with its assets by band
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.declared.sensor import Dialect
from carbonsink.scenes.asset import Asset, asset_of
from carbonsink.scenes.footprint import footprint_of

__all__ = ["Asset", "Item", "furnish", "outline", "parse"]
TEMPLATE = re.compile(r"\{([^{}]+)\}")
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError, ShapelyError)  # what odd JSON may raise
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Item:
    """One scene of one tile."""

    id: str
    collection: str
    time: datetime  # UTC
    platform: str
    tile: str
    baseline: str | None
    generated: str
    cloud_cover: float | None  # percent
    offset_applied: bool | None
    footprint: BaseGeometry  # EPSG:4326, longitude first, split at the antimeridian
    assets: dict[str, Asset] = field(default_factory=dict)

    @property
    def grid(self) -> Grid:
        """The finest grid of the item's assets."""
        return min((asset.grid for asset in self.assets.values()), key=lambda grid: grid.resolution)

    @property
    def stamp(self) -> str:
        """The sensing time to the second, ISO 8601, UTC."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(raw: Any, dialect: Dialect, bands: tuple[str, ...], beside: tuple[str, ...] = ()) -> Item:
    """The record of an item's JSON with the assets of the named bands; Refusal with every problem of the item."""
    return furnish(outline(raw, dialect), raw, dialect, bands, beside)


def outline(raw: Any, dialect: Dialect) -> Item:
    """The record of an item's JSON without assets: enough to tell whether it is wanted."""
    name = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise Refusal(Problem("E-SEC-021", "item", {"found": name}), Exit.SOURCE)
    try:
        return _outline(raw, dialect)
    except UNREADABLE as error:
        raise _unreadable(name, error) from None


def furnish(item: Item, raw: dict[str, Any], dialect: Dialect, bands: tuple[str, ...], beside: tuple[str, ...] = ()) -> Item:
    """The same item with the assets of the named bands, and of those `beside` that it has; Refusal with every problem of them."""
    try:
        assets, problems = _assets(item, raw, dialect, (*bands, *(band for band in beside if dialect.assets.get(band) in raw["assets"])))
    except UNREADABLE as error:
        raise _unreadable(item.id, error) from None
    if problems:
        raise Refusal(problems, Exit.SOURCE)
    return replace(item, assets=assets)


def _unreadable(name: str, error: Exception) -> Refusal:
    return Refusal(Problem("E-STAC-001", name, {"found": f"{type(error).__name__} {error}"}), Exit.SOURCE)


def _outline(raw: dict[str, Any], dialect: Dialect) -> Item:
    properties = raw["properties"]
    cloud, baseline, generated = (properties.get(key) for key in ("eo:cloud_cover", dialect.baseline_property, dialect.generated_property))
    applied = properties.get(dialect.applied_flag)
    if applied not in (None, True, False):
        raise ValueError(f"{dialect.applied_flag} is {applied!r}")
    return Item(
        id=raw["id"],
        collection=str(raw.get("collection", "")),
        time=_time(properties["datetime"]),
        platform=str(properties.get("platform") or ""),
        tile=_tile(raw["id"], properties, dialect),
        baseline=None if baseline is None else str(baseline),
        generated="" if generated is None else str(generated),
        cloud_cover=None if cloud is None else float(cloud),
        offset_applied=applied,
        footprint=footprint_of(raw["geometry"]),
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"datetime {text!r} has no time zone")
    return time.astimezone(UTC)


def _tile(name: str, properties: dict[str, Any], dialect: Dialect) -> str:
    """The tile's name by the first of the dialect's templates whose names are all known, from the properties or the item's id."""
    said = re.match(dialect.id_pattern, name) if dialect.id_pattern else None
    known = properties | (said.groupdict() if said else {})
    for template in dialect.tile:
        if all(known.get(each) for each in TEMPLATE.findall(template)):
            return TEMPLATE.sub(lambda found: str(known[found[1]]), template).removeprefix("MGRS-")
    raise ValueError(f"no tile: none of {', '.join(dialect.tile)}")


def _assets(item: Item, raw: dict[str, Any], dialect: Dialect, bands: tuple[str, ...]) -> tuple[dict[str, Asset], list[Problem]]:
    found, problems = {}, []
    for band in bands:
        key = dialect.assets[band]
        if key not in raw["assets"]:
            problems.append(Problem("E-SRC-010", item.id, {"asset": key, "known": ", ".join(sorted(raw["assets"]))}))
            continue
        asset = asset_of(raw["assets"][key], raw["properties"], band, item.tile, dialect)
        if isinstance(asset, Asset):
            found[band] = asset
        else:
            problems.append(Problem(asset.code, f"{item.id} {band}", asset.facts))
    extents = {asset.grid.bounds for asset in found.values()}
    if len(extents) > 1:
        problems.append(Problem("E-SRC-011", item.id, {"found": " | ".join(str(extent) for extent in sorted(extents))}))
    return found, problems
