"""One file of an item, as its metadata describe it: where it is, what kind of file, on which grid, in which numbers.

Metadata stand where their time put them: `raster:bands` (STAC 1.0), `bands` and the asset itself (STAC 1.1); projection fields on the
asset before the item. A relative address has been resolved before (`absolute`), or the asset is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from pyproj import CRS
from pyproj.exceptions import CRSError

from carbonsink.base.problems import Problem
from carbonsink.base.rasters import Grid
from carbonsink.declared.sensor import Dialect
from carbonsink.scenes.address import OURS, plain
from carbonsink.scenes.tiles import tile_grid

MEDIA = {  # media types that providers write for one kind of file; none at all is taken as what the dialect says
    "geotiff": ("image/tiff", "image/geotiff", "image/x.geotiff", "image/vnd.stac.geotiff"),
    "jp2": ("image/jp2", "image/jpeg2000", "image/jpx"),
}
SUFFIXES = {"geotiff": (".jp2", ".j2k", ".jpg", ".png", ".nc", ".zarr", ".vrt", ".xml"), "jp2": (".tif", ".tiff", ".vrt", ".xml")}  # never of that kind
Media = Literal["geotiff", "jp2"]
EPSG = re.compile(r"EPSG:\d{4,6}")


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


def asset_of(raw: dict[str, Any], properties: dict[str, Any], band: str, tile: str, dialect: Dialect) -> Asset | Problem:
    """The record of an asset, or the problem of one that is no file of the dialect's kind; ValueError and KeyError where it can't be read."""
    href = _href(raw, dialect)
    problem = _address_problem(href, band) or _media_problem(raw, href, band, dialect)
    if problem:
        return problem
    offset, scale = _number(raw, "offset"), _number(raw, "scale")
    return Asset(
        band=band,
        href=href,
        grid=_grid(raw, properties, tile, dialect),
        dtype=_first(raw, "data_type"),
        scale=scale,
        offset=offset if dialect.offset_listed else None,
        size=None if raw.get("file:size") is None else int(raw["file:size"]),
        checksum=raw.get("file:checksum"),
    )


def absolute(raw: dict[str, Any]) -> dict[str, Any]:
    """An item's JSON with relative asset addresses resolved against its self link, where it has one; nothing else is touched."""
    links, assets = raw.get("links"), raw.get("assets")
    if not isinstance(links, list) or not isinstance(assets, dict):
        return raw
    base = next((str(link.get("href")) for link in links if isinstance(link, dict) and link.get("rel") == "self"), "")
    try:
        if urlsplit(base).scheme not in ("https", "http"):
            return raw
        return raw | {"assets": {key: _resolved(asset, base) for key, asset in assets.items()}}
    except ValueError:
        return raw  # an address that can't be read is refused with its item


def _resolved(asset: Any, base: str) -> Any:
    href = asset.get("href") if isinstance(asset, dict) else None
    if not isinstance(href, str) or not _is_relative(href):
        return asset
    return asset | {"href": urljoin(base, href)}


def _is_relative(href: str) -> bool:
    """Whether an address counts from its item; one that begins at a root is a path of some machine and judged as such."""
    return not urlsplit(href).scheme and not href.startswith(("/", "\\"))


def _href(raw: dict[str, Any], dialect: Dialect) -> str:
    others = raw.get("alternate") or {}
    return str(others[dialect.alternate]["href"] if dialect.alternate in others else raw["href"])


def _address_problem(href: str, band: str) -> Problem | None:
    return Problem("E-STAC-020", band, {"href": plain(href)}) if _is_relative(href) else None


def _media_problem(raw: dict[str, Any], href: str, band: str, dialect: Dialect) -> Problem | None:
    said, media = _said(raw), media_of(raw, href, dialect)
    if said in MEDIA[media] if said else not urlsplit(href).path.lower().endswith(SUFFIXES[media]):
        return None
    return Problem("E-SRC-030", band, {"found": said or plain(href).rpartition("/")[2], "expected": " | ".join(MEDIA[media])})


def media_of(raw: dict[str, Any], href: str, dialect: Dialect) -> Media:
    """What kind of file an asset is: what its dialect says; but a mirror of ours holds GeoTIFF, whatever the provider packs in."""
    return "geotiff" if href.startswith(OURS) and _said(raw) in MEDIA["geotiff"] else dialect.media


def _said(raw: dict[str, Any]) -> str:
    return str(raw.get("type") or "").partition(";")[0].strip().lower()


def _first(raw: dict[str, Any], key: str) -> Any:
    """What an asset says of its only band, from the oldest to the newest way of saying it."""
    old, new, extended = _band(raw, "raster:bands"), _band(raw, "bands"), f"raster:{key}"
    for holder, name in ((old, key), (new, key), (new, extended), (raw, extended), (raw, key)):
        if holder.get(name) is not None:
            return holder[name]
    return None


def _band(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return (raw.get(name) or [{}])[0]  # type: ignore[no-any-return]


def _number(raw: dict[str, Any], key: str) -> float | None:
    found = _first(raw, key)
    return None if found is None else float(found)


def _grid(raw: dict[str, Any], properties: dict[str, Any], tile: str, dialect: Dialect) -> Grid:
    """The native grid: by the tile's name where that tells it (some providers' projection fields are of the other hemisphere);
    else CRS by proj:code or proj:epsg, of the asset before the item. North-up squares of metres only.
    """
    if dialect.mgrs_resolution:
        return tile_grid(tile, dialect.mgrs_resolution, dialect.false_northing)
    said = {key: raw.get(f"proj:{key}") or properties.get(f"proj:{key}") for key in ("code", "epsg", "transform", "shape")}
    code = str(said["code"] or f"EPSG:{said['epsg']}")
    if not EPSG.fullmatch(code):
        raise ValueError("neither proj:code nor proj:epsg names a CRS of EPSG")
    if not _in_metres(code):
        raise ValueError(f"{code} is no projected CRS in metres")
    transform = [float(value) for value in said["transform"] or ()]
    height, width = (int(value) for value in said["shape"] or ())
    if len(transform) not in (6, 9) or transform[6:] not in ([], [0.0, 0.0, 1.0]):
        raise ValueError(f"proj:transform {transform} is no affine transform")
    a, b, west, d, e, north = transform[:6]
    if a <= 0 or b or d or e != -a:
        raise ValueError(f"proj:transform {transform} isn't north-up with square pixels")
    if height < 1 or width < 1 or height * width > dialect.largest_pixels:
        raise ValueError(f"proj:shape {height} x {width}, read are at most {dialect.largest_pixels} pixels")
    return Grid(code, west, north, a, height, width)


@cache
def _in_metres(code: str) -> bool:
    try:
        crs = CRS.from_user_input(code)
    except CRSError:
        return False
    return crs.is_projected and {axis.unit_name for axis in crs.axis_info} == {"metre"}
