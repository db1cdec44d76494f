"""STAC items, parsed once: outside JSON becomes frozen records, and what doesn't fit is refused by name (M69).

item JSON  ->  parse  ->  Item(id, time, tile, crs, footprint, assets by band)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shapely.geometry import shape as geometry_of
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.declared.sensor import Sensor

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
LARGEST = 130_000_000  # pixels of a band; a Sentinel-2 tile at 10 m has 120,560,400 (S8)


@dataclass(frozen=True)
class Asset:
    """One file of an item, as its metadata describe it. `grid` is native: CRS, corner, pixel size [m], shape."""

    band: str
    href: str
    grid: Grid
    dtype: str | None
    scale: float | None
    offset: float | None
    size: int | None
    checksum: str | None  # multihash, lower-case hex


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
    footprint: BaseGeometry  # EPSG:4326, longitude first
    assets: dict[str, Asset]

    @property
    def grid(self) -> Grid:
        """The finest grid of the item's assets."""
        return min((asset.grid for asset in self.assets.values()), key=lambda grid: grid.resolution)

    @property
    def stamp(self) -> str:
        """The sensing time to the second, ISO 8601, UTC."""
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(raw: Any, sensor: Sensor, bands: tuple[str, ...]) -> Item:
    """The record of an item's JSON with the assets of the named bands; Refusal with every problem of the item."""
    name = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not ID.fullmatch(name):
        raise Refusal(Problem("E-SEC-021", "item", {"found": name}), Exit.SOURCE)
    try:
        assets, problems = _assets(raw, sensor, bands)
        if problems:
            raise Refusal(problems, Exit.SOURCE)
        return _item(raw, sensor, assets)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise Refusal(Problem("E-STAC-001", name, {"found": f"{type(error).__name__} {error}"}), Exit.SOURCE) from None


def _item(raw: dict[str, Any], sensor: Sensor, assets: dict[str, Asset]) -> Item:
    properties = raw["properties"]
    footprint = geometry_of(raw["geometry"])
    if footprint.is_empty or not footprint.is_valid:
        raise ValueError("geometry is empty or crosses itself")
    cloud, baseline = (properties.get(key) for key in ("eo:cloud_cover", sensor.radiometry.baseline_property))
    applied = properties.get(sensor.radiometry.applied_flag)
    if applied not in (None, True, False):
        raise ValueError(f"{sensor.radiometry.applied_flag} is {applied!r}")
    return Item(
        id=raw["id"],
        collection=str(raw.get("collection", "")),
        time=_time(properties["datetime"]),
        platform=str(properties.get("platform") or ""),
        tile=_tile(properties),
        baseline=None if baseline is None else str(baseline),
        generated=str(properties.get("s2:generation_time", "")),
        cloud_cover=None if cloud is None else float(cloud),
        offset_applied=applied,
        footprint=footprint,
        assets=assets,
    )


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(f"datetime {text!r} has no time zone")
    return time.astimezone(UTC)


def _tile(properties: dict[str, Any]) -> str:
    code = properties.get("grid:code")
    if code:
        return str(code).removeprefix("MGRS-")
    return "{mgrs:utm_zone}{mgrs:latitude_band}{mgrs:grid_square}".format_map(properties)


def _assets(raw: dict[str, Any], sensor: Sensor, bands: tuple[str, ...]) -> tuple[dict[str, Asset], list[Problem]]:
    found, problems = {}, []
    for band in bands:
        key = sensor.bands[band].asset
        if key not in raw["assets"]:
            problems.append(Problem("E-SRC-010", raw["id"], {"asset": key, "known": ", ".join(sorted(raw["assets"]))}))
            continue
        found[band] = _asset(raw["assets"][key], raw["properties"], band)
    extents = {asset.grid.bounds for asset in found.values()}
    if len(extents) > 1:
        problems.append(Problem("E-SRC-011", raw["id"], {"found": " | ".join(str(extent) for extent in sorted(extents))}))
    return found, problems


def _asset(raw: dict[str, Any], properties: dict[str, Any], band: str) -> Asset:
    described = (raw.get("raster:bands") or raw.get("bands") or [{}])[0]
    offset, scale = (described.get(key, described.get(f"raster:{key}")) for key in ("offset", "scale"))
    return Asset(
        band=band,
        href=str(raw["href"]),
        grid=_grid(raw, properties),
        dtype=described.get("data_type"),
        scale=None if scale is None else float(scale),
        offset=None if offset is None else float(offset),
        size=None if raw.get("file:size") is None else int(raw["file:size"]),
        checksum=raw.get("file:checksum"),
    )


def _grid(raw: dict[str, Any], properties: dict[str, Any]) -> Grid:
    """The native grid: CRS by proj:code or proj:epsg, of the asset before the item; north-up squares only."""
    code = raw.get("proj:code") or properties.get("proj:code")
    epsg = raw.get("proj:epsg") or properties.get("proj:epsg")
    if not code and not epsg:
        raise ValueError("neither proj:code nor proj:epsg")
    transform = [float(value) for value in (raw.get("proj:transform") or properties["proj:transform"])]
    height, width = (int(value) for value in (raw.get("proj:shape") or properties["proj:shape"]))
    a, b, west, d, e, north = transform[:6]
    if a <= 0 or b or d or e != -a:
        raise ValueError(f"proj:transform {transform} isn't north-up with square pixels")
    if height < 1 or width < 1 or height * width > LARGEST:
        raise ValueError(f"proj:shape {height} x {width}, read are at most {LARGEST} pixels")
    return Grid(str(code or f"EPSG:{epsg}"), west, north, a, height, width)
