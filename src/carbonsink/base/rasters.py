"""Rasters of our own, on a fixed grid: what a run writes, reads again, and digests by pixels.

GDAL opens only local files, as GTiff, without sidecars and without the network (rule R3; base/environment.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.windows import Window

from carbonsink.base.evidence import write_whole

COMPOSITE_UNIT = 10_000  # composites hold reflectance and indices in ten-thousandths, the products' own step
COMPOSITE_NODATA = -32768
COMPOSITE_MOST = 32766  # the greatest value either way: the next sorts behind every value in a kernel
TILE = 256  # pixels along a tile of a file of ours
LARGE_TILE = 512  # where a file is read a block at a time: a third of the calls


@dataclass(frozen=True)
class Grid:
    """North-up square pixels: CRS as EPSG text, upper-left corner and pixel size in CRS units [m], shape in pixels."""

    crs: str
    west: float
    north: float
    resolution: float
    height: int
    width: int

    @property
    def transform(self) -> rasterio.Affine:
        """The affine transform from (column, row) to (x, y)."""
        return rasterio.Affine(self.resolution, 0.0, self.west, 0.0, -self.resolution, self.north)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north [m]."""
        return (self.west, self.north - self.height * self.resolution, self.west + self.width * self.resolution, self.north)

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the pixel that holds a point of the grid's CRS; None beyond the grid."""
        row, column = int((self.north - y) // self.resolution), int((x - self.west) // self.resolution)
        return (row, column) if 0 <= row < self.height and 0 <= column < self.width else None


@dataclass(frozen=True)
class Raster:
    """Named layers on a grid: `pixels` has shape (layer, row, column)."""

    grid: Grid
    layers: tuple[str, ...]
    pixels: NDArray[Any]
    nodata: int | None

    def layer(self, name: str) -> NDArray[Any]:
        """One layer, shape (row, column)."""
        layer: NDArray[Any] = self.pixels[self.layers.index(name)]
        return layer


def write_raster(path: Path, raster: Raster, tile: int = TILE) -> None:
    """Write a lossless GeoTIFF (ZSTD) under a whole name."""
    write_whole(path, lambda part: fill_raster(part, raster, tile))


def fill_raster(part: Path, raster: Raster, tile: int = TILE) -> None:
    """The same into a file that somebody else gives its whole name."""
    _fill(part, raster.grid, raster.layers, raster.nodata, iter([raster.pixels]), raster.pixels.dtype, tile)


def write_rows(path: Path, grid: Grid, layers: Sequence[str], nodata: int, strips: Iterator[NDArray[np.int16]]) -> None:
    """The same from neighbouring rows (layer, row, column) that come one after the other, all layers at once, so that few are held."""
    write_whole(path, lambda part: _fill(part, grid, layers, nodata, strips, np.dtype(np.int16), TILE))


def _fill(part: Path, grid: Grid, layers: Sequence[str], nodata: int | None, strips: Iterator[NDArray[Any]], dtype: np.dtype[Any], tile: int) -> None:
    from carbonsink.base.tiled import write  # codecs, whose loading takes longer than looking at a grid

    write(part, _header(grid, layers, nodata, dtype, tile), tile, _whole_tiles(strips, tile))


def _header(grid: Grid, layers: Sequence[str], nodata: int | None, dtype: np.dtype[Any], tile: int) -> bytes:
    """A GeoTIFF without a single tile, made in memory: GDAL doesn't say that a disk is full."""
    profile = {
        "driver": "GTiff", "height": grid.height, "width": grid.width, "count": len(layers), "dtype": dtype.name,
        "crs": grid.crs, "transform": grid.transform, "nodata": nodata, "sparse_ok": True, "bigtiff": "if_safer",
        "compress": "zstd", "predictor": 2, "tiled": True, "blockxsize": tile, "blockysize": tile, "interleave": "band",
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.descriptions = tuple(layers)
        return bytes(memory.read())


def _whole_tiles(strips: Iterator[NDArray[Any]], tile: int) -> Iterator[NDArray[Any]]:
    """The same rows in rows of tiles, so that no tile is packed twice; the last may be less."""
    kept: NDArray[Any] | None = None
    for strip in strips:
        rows = strip if kept is None or not kept.shape[1] else np.concatenate([kept, strip], axis=1)
        whole = rows.shape[1] // tile * tile
        yield from (rows[:, row : row + tile] for row in range(0, whole, tile))
        kept = rows[:, whole:].copy()
    if kept is not None and kept.shape[1]:
        yield kept


def read_raster(path: Path, layers: Sequence[str] | None = None, window: tuple[int, int, int, int] | None = None) -> Raster:
    """Read layers of a raster of ours; `window` is (row, column, height, width) in pixels."""
    with rasterio.open(path, driver="GTiff") as source:
        names = tuple(source.descriptions)
        chosen = tuple(layers) if layers is not None else names
        part = Window(window[1], window[0], window[3], window[2]) if window else None
        pixels = source.read([names.index(name) + 1 for name in chosen], window=part)
        grid = grid_of(source)
        if window:
            row, column, height, width = window
            grid = Grid(grid.crs, grid.west + column * grid.resolution, grid.north - row * grid.resolution, grid.resolution, height, width)
        nodata = None if source.nodata is None else int(source.nodata)
    return Raster(grid, chosen, pixels, nodata)


def described(path: Path) -> tuple[Grid, tuple[str, ...]]:
    """Grid and layers of a raster of ours, without its pixels."""
    with rasterio.open(path, driver="GTiff") as source:
        return grid_of(source), tuple(source.descriptions)


def grid_of(source: Any) -> Grid:
    """The grid of an open dataset; the caller has checked that it is north-up and square."""
    t = source.transform
    return Grid(f"EPSG:{source.crs.to_epsg()}", t.c, t.f, t.a, source.height, source.width)


def pixel_digest(raster: Raster) -> str:
    """Hex SHA-256 over grid, layer names, type and pixels: what a raster says, not how a file packs it."""
    g = raster.grid
    head = f"{g.crs}|{g.west!r}|{g.north!r}|{g.resolution!r}|{raster.layers}|{raster.nodata}|{raster.pixels.dtype.str}|{raster.pixels.shape}"
    body = np.ascontiguousarray(raster.pixels, dtype=raster.pixels.dtype.newbyteorder("<"))
    found = hashlib.sha256(head.encode())
    found.update(body.reshape(-1).view(np.uint8).data)
    return found.hexdigest()
