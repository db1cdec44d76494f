"""Chips: the window of a fetched asset that covers the area, checked against its item and stored losslessly.

object of the store  ->  magic, header (rule R3)  ->  window  ->  chips/<item>/<band>.tif
"""

from __future__ import annotations

import math
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
from carbonsink.base.rasters import Grid, Raster, pixel_digest, read_raster, write_raster
from carbonsink.scenes.item import Asset, Item

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # TIFF and BigTIFF, either byte order
LOSSLESS = (None, "deflate", "lzw", "zstd", "lzma", "packbits")
TYPES = ("uint8", "uint16", "int16")
LARGEST_BLOCK = 4096 * 4096  # pixels that one read must decode at least (S8)


@dataclass(frozen=True)
class Cut:
    """A chip with the pixels that the file holds no block for: GDAL reads those as nodata without a word."""

    raster: Raster
    absent: NDArray[np.bool_]


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


def cut(path: Path, item: Item, band: str, bounds: tuple[float, float, float, float], nodata: int) -> Cut:
    """Read the bounds [m] from a fetched asset that agrees with its item in every point; Refusal with each that doesn't."""
    asset = item.assets[band]
    with opened(path, item.id, band) as source:
        problems = list(header_problems(source, asset, item.id, nodata))
        if problems:
            raise Refusal(problems, Exit.SOURCE)
        frame = window(asset.grid, bounds, 1)
        row, column, height, width = frame
        try:
            pixels = source.read(1, window=Window(column, row, width, height))
        except RasterioError as error:
            raise refuse("E-SRC-024", f"{item.id} {band}", Exit.INTEGRITY, found=error) from None
        absent = _absent(source, frame)
    return Cut(Raster(part(asset.grid, frame), (band,), pixels[None], nodata), absent)


def store_chip(path: Path, raster: Raster) -> str:
    """Write a chip unless it lies there already, pixel by pixel; its pixel digest."""
    digest = pixel_digest(raster)
    if not (path.is_file() and _digest_of(path) == digest):
        write_raster(path, raster)
    return digest


@contextmanager
def opened(path: Path, where: str, band: str) -> Iterator[Any]:
    """An asset opened by GDAL as GTiff and nothing else, after a look at its first bytes (S3)."""
    with path.open("rb") as stream:
        head = stream.read(16)
    if head[:4] not in MAGIC:
        raise refuse("E-SEC-003", f"{where} {band}", Exit.SOURCE, found=repr(head)[2:-1])
    try:
        source = rasterio.open(path, driver="GTiff")
    except RasterioError as error:
        raise refuse("E-SRC-024", f"{where} {band}", Exit.INTEGRITY, found=error) from None
    with source:
        yield source


def header_problems(source: Any, asset: Asset, item: str, nodata: int) -> Iterator[Problem]:
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
    kinds = (asset.dtype,) if asset.dtype in TYPES else TYPES
    if source.count != 1 or source.dtypes[0] not in kinds or source.colorinterp[0].name == "palette":
        found = f"{source.count} x {source.dtypes[0]} {source.colorinterp[0].name}"
        yield Problem("E-SRC-002", where, {"expected": " or ".join(kinds), "found": found})
    if source.nodata is not None and source.nodata != nodata:
        yield Problem("E-SRC-003", where, {"expected": nodata, "found": source.nodata})
    compression = source.profile.get("compress")
    if compression not in LOSSLESS:
        yield Problem("E-SRC-008", where, {"found": compression, "known": ", ".join(name or "none" for name in LOSSLESS)})
    if math.prod(source.block_shapes[0]) > LARGEST_BLOCK:
        yield Problem("E-SEC-005", where, {"found": source.block_shapes[0], "limit": LARGEST_BLOCK})


def _crs(source: Any) -> str:
    try:
        code = source.crs.to_epsg() if source.crs else None
    except CRSError:
        code = None
    return f"EPSG:{code}" if code else "none"


def _absent(source: Any, frame: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    """Pixels of a window (row, column, height, width) whose block the file doesn't hold (sparse files)."""
    row, column, height, width = frame
    tall, wide = source.block_shapes[0]
    absent = np.zeros((height, width), dtype=np.bool_)
    for down in range(row // tall, (row + height - 1) // tall + 1):
        for right in range(column // wide, (column + width - 1) // wide + 1):
            if source.get_tag_item(f"BLOCK_OFFSET_{right}_{down}", "TIFF", bidx=1) is None:
                top, left = down * tall - row, right * wide - column
                absent[max(top, 0) : top + tall, max(left, 0) : left + wide] = True
    return absent


def _digest_of(path: Path) -> str | None:
    try:
        return pixel_digest(read_raster(path))
    except (RasterioError, ValueError):
        return None  # a chip that can't be read is written anew


def nested(mask: Grid, band: Grid) -> int:
    """How many band pixels lie along one side of a mask pixel."""
    return int(mask.resolution / band.resolution)
