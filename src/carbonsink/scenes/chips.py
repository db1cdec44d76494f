"""Chips: the window of a fetched asset that covers the area, checked against its item, with the pixels the file doesn't hold.

local file, or its header and tiles  ->  magic, header (rule R3)  ->  only blocks that were fetched  ->  window  ->  Cut
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import CRSError, RasterioError
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import part, window
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.rasters import LARGE_TILE, TILE, Grid, Raster
from carbonsink.base.tiff import TileError, reader
from carbonsink.base.tiff.layout import known_layout
from carbonsink.base.tiff.tags import Damaged, Unreadable
from carbonsink.scenes.asset import Asset, Media
from carbonsink.scenes.item import Item
from carbonsink.scenes.parts import Tiles

TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # TIFF and BigTIFF, either byte order
JP2 = (b"\0\0\0\x0cjP  \r\n\x87\n",)
MEDIA = {"geotiff": ("GTiff", TIFF, "E-SEC-003"), "jp2": ("JP2OpenJPEG", JP2, "E-SEC-033")}  # GDAL's driver, first bytes, the refusal
LOSSLESS = (None, "deflate", "lzw", "zstd", "lzma", "packbits")
TYPES = {"reflectance": ("uint8", "uint16", "int16"), "power": ("float32",)}  # of a sensor's values
LARGEST_BLOCK = 4096 * 4096  # pixels that one read must decode at least (S8)


Frame = tuple[int, int, int, int]  # row, column, height, width [pixels]


@dataclass(frozen=True)
class Kind:
    """What a product's files are: container, pixel types that are read, the product's own nodata where it has one."""

    media: Media
    types: tuple[str, ...]
    nodata: int | None

    def types_of(self, asset: Asset) -> tuple[str, ...]:
        """The pixel types that a file of the asset can have: the one its item says, where that is one we read."""
        return (asset.dtype,) if asset.dtype in self.types else self.types


@dataclass(frozen=True)
class Cut:
    """A chip with the parts of it that the file holds no block for: GDAL reads those as nodata without a word."""

    raster: Raster
    missing: tuple[Frame, ...] = ()
    by_gdal: str = ""  # why GDAL read it and not the direct reader; empty where that did, or knows no such container

    @property
    def absent(self) -> NDArray[np.bool_]:
        """The pixels that the file holds no block for, shape (row, column)."""
        absent = np.zeros(self.raster.pixels.shape[1:], dtype=np.bool_)
        for row, column, height, width in self.missing:
            absent[row : row + height, column : column + width] = True
        return absent


def span(item: Item, area: BaseGeometry) -> tuple[float, float, float, float] | None:
    """The bounds [m] of an item's chips: the area's bounding box in the item's CRS, outwards to pixels that nest, clipped to the tile.

    Outwards to even pixels of the finest grid, and to whole pixels of the coarsest. None where nothing of the tile is left.
    """
    finest = item.grid
    ratios = [asset.grid.resolution / finest.resolution for asset in item.assets.values()]
    if any(ratio != int(ratio) for ratio in ratios):
        raise refuse("E-SRC-004", item.id, Exit.SOURCE, found=", ".join(f"{a.band} {a.grid.resolution:g} m" for a in item.assets.values()))
    row, column, height, width = window(finest, area.bounds, math.lcm(2, *map(int, ratios)))
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + height, finest.height), min(column + width, finest.width)
    return part(finest, (top, left, bottom - top, right - left)).bounds if bottom > top and right > left else None


def tile_of(chip: Grid, finest: Grid) -> int:
    """Pixels along a chip's tiles: a block of the composite lies in one of every band, and small chips have small ones."""
    return LARGE_TILE if chip.resolution == finest.resolution and max(chip.height, chip.width) > TILE else TILE


def frame_of(item: Item, band: str, bounds: tuple[float, float, float, float]) -> Frame:
    """The window of a band's pixels that bounds [m] mean."""
    return window(item.assets[band].grid, bounds, 1)


def cut(path: Path, item: Item, band: str, frame: Frame, kind: Kind, tiles: Tiles | None = None) -> Cut:
    """Read a window from a fetched asset that agrees with its item in every point; Refusal with each that doesn't.

    `tiles` are those that were fetched of a file of which `path` has the header: a window that would touch others is refused before it's read.
    """
    asset = item.assets[band]
    with opened(path, item.id, band, kind.media, tiles is None) as source:
        problems = list(header_problems(source, asset, item.id, kind))
        if problems:
            raise Refusal(problems, Exit.SOURCE)
        missing = tuple(_missing(source, frame, f"{item.id} {band}", tiles)) if kind.media == "geotiff" else ()
        pixels, by_gdal = _pixels(path, source, frame, f"{item.id} {band}", kind, tiles)
    return Cut(Raster(part(asset.grid, frame), (band,), pixels[None], kind.nodata), missing, by_gdal)


def _check_whole(path: Path, where: str) -> None:
    """Refuse a file that ends before the last of its tiles, also of those nobody reads: what broke off once isn't trusted."""
    try:
        with path.open("rb") as stream:
            layout = known_layout(stream)
            size = stream.seek(0, os.SEEK_END)
    except Damaged as why:
        raise refuse("E-SRC-024", where, Exit.INTEGRITY, found=why) from None
    except Unreadable:
        return  # GDAL says what it makes of it
    end = int((layout.offsets + layout.counts)[layout.counts > 0].max(initial=0))
    if end > size:
        raise refuse("E-SRC-047", where, Exit.INTEGRITY, found=size, expected=end)


@contextmanager
def opened(path: Path, where: str, band: str, media: str, whole: bool = True) -> Iterator[Any]:
    """An asset opened by GDAL as the one kind of file its dialect declares, after a look at its first bytes (S3), and at its end where it is `whole`."""
    driver, magic, code = MEDIA[media]
    with path.open("rb") as stream:
        head = stream.read(16)
    if not head.startswith(magic):
        raise refuse(code, f"{where} {band}", Exit.SOURCE, found=repr(head)[2:-1])
    if whole and media == "geotiff":
        _check_whole(path, f"{where} {band}")
    try:
        source = rasterio.open(path, driver=driver)
    except RasterioError as error:
        raise refuse("E-SRC-024", f"{where} {band}", Exit.INTEGRITY, found=error) from None
    with source:
        yield source


def _pixels(path: Path, source: Any, frame: Frame, where: str, kind: Kind, tiles: Tiles | None) -> tuple[NDArray[Any], str]:
    """A window's pixels, and why by GDAL: of a GeoTIFF by the direct reader where that knows its layout, else by GDAL."""
    row, column, height, width = frame
    try:
        if tiles is not None:
            return tiles.read(frame), ""
        if kind.media == "geotiff":
            direct = reader(path)
            return direct.read(frame), direct.why
        return source.read(1, window=Window(column, row, width, height)), ""
    except (RasterioError, TileError) as error:
        raise refuse("E-SRC-024", where, Exit.INTEGRITY, found=getattr(error, "why", error)) from None


def header_problems(source: Any, asset: Asset, item: str, kind: Kind) -> Iterator[Problem]:
    """Where a file's header differs from its item, or packs pixels in a way that isn't read."""
    where = f"{item} {asset.band}"
    grid = asset.grid
    for what, expected, found in (
        ("CRS", grid.crs, _crs(source)),
        ("transform", tuple(grid.transform)[:6], tuple(source.transform)[:6]),
        ("shape", (grid.height, grid.width), source.shape),
    ):
        if expected != found:
            yield Problem("E-SRC-001", where, {"what": what, "expected": expected, "found": found})
    kinds = kind.types_of(asset)
    if source.count != 1 or source.dtypes[0] not in kinds or source.colorinterp[0].name == "palette":
        found = f"{source.count} x {source.dtypes[0]} {source.colorinterp[0].name}"
        yield Problem("E-SRC-002", where, {"expected": " or ".join(kinds), "found": found})
    if kind.nodata is not None and source.nodata is not None and source.nodata != kind.nodata:
        yield Problem("E-SRC-003", where, {"expected": kind.nodata, "found": source.nodata})
    compression = source.profile.get("compress")
    if kind.media == "geotiff" and compression not in LOSSLESS:
        yield Problem("E-SRC-008", where, {"found": compression, "known": ", ".join(name or "none" for name in LOSSLESS)})
    if math.prod(source.block_shapes[0]) > LARGEST_BLOCK:
        yield Problem("E-SEC-005", where, {"found": source.block_shapes[0], "limit": LARGEST_BLOCK})


def _crs(source: Any) -> str:
    try:
        code = source.crs.to_epsg() or _utm(source.crs.to_dict()) if source.crs else None
    except CRSError:
        code = None
    return f"EPSG:{code}" if code else "none"


def _utm(said: dict[str, Any]) -> int | None:
    """The zone of a UTM projection that is written out without its name and datum, as in HLS, on the ellipsoid of WGS 84."""
    if said.get("proj") != "utm" or "WGS84" not in (said.get("datum"), said.get("ellps")):
        return None
    return (32700 if said.get("south") else 32600) + int(said["zone"])


def _missing(source: Any, frame: Frame, where: str, tiles: Tiles | None) -> Iterator[Frame]:
    """The parts of a window whose block the file doesn't hold (sparse files); refused where a block isn't among those fetched."""
    row, column, height, width = frame
    tall, wide = source.block_shapes[0]
    for down in range(row // tall, (row + height - 1) // tall + 1):
        for right in range(column // wide, (column + width - 1) // wide + 1):
            start, count = (source.get_tag_item(f"BLOCK_{what}_{right}_{down}", "TIFF", bidx=1) for what in ("OFFSET", "SIZE"))
            if start is None:
                top, left = max(down * tall - row, 0), max(right * wide - column, 0)
                yield top, left, min((down + 1) * tall - row, height) - top, min((right + 1) * wide - column, width) - left
            elif tiles is not None and (int(start), int(count)) not in tiles.places:
                facts = {"block": f"{down}/{right}", "start": start, "end": int(start) + int(count)}
                raise refuse("E-SRC-045", where, Exit.INTERNAL, **facts)
