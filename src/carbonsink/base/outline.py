"""An outline on a pixel grid: projected, as a window of whole pixels, as a mask of pixel centres."""

from __future__ import annotations

import math
import threading
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from carbonsink.base.rasters import Grid

ON_THE_LINE = 4  # decimals of a pixel (of 10 m: a millimetre): an edge so near a pixel border lies on it, whatever a projection's last bits say
ONE_AT_A_TIME = threading.Lock()  # rasterio's rasterizer changes the warning filters, which all threads share


def projected(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    """A geometry in EPSG:4326 (longitude first) carried into a CRS, vertex by vertex [m]."""
    carry = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    return shapely.transform(geometry, lambda points: np.column_stack(carry(points[:, 0], points[:, 1])))


def window(grid: Grid, bounds: tuple[float, float, float, float], step: int) -> tuple[int, int, int, int]:
    """Rows and columns (row, column, height, width) that cover bounds in the grid's CRS, outwards to multiples of `step` pixels.

    Counted from the grid's corner and not clipped to it: rows and columns may be negative.
    """
    west, south, east, north = bounds
    left, right = (_steps(x - grid.west, grid.resolution * step) for x in (west, east))
    top, bottom = (_steps(grid.north - y, grid.resolution * step) for y in (north, south))
    column, row = math.floor(left) * step, math.floor(top) * step
    return row, column, max(math.ceil(bottom) * step - row, step), max(math.ceil(right) * step - column, step)


def part(grid: Grid, window: tuple[int, int, int, int]) -> Grid:
    """The grid of a window (row, column, height, width)."""
    row, column, height, width = window
    return Grid(grid.crs, grid.west + column * grid.resolution, grid.north - row * grid.resolution, grid.resolution, height, width)


@lru_cache(maxsize=16)
def inside(grid: Grid, outline: BaseGeometry) -> NDArray[np.bool_]:
    """Pixels whose centre lies within an outline in the grid's CRS, shape (row, column), read-only."""
    from rasterio.features import geometry_mask

    with ONE_AT_A_TIME:
        mask: NDArray[np.bool_] = geometry_mask([outline], out_shape=(grid.height, grid.width), transform=grid.transform, invert=True)
    mask.setflags(write=False)
    return mask


def _steps(distance: float, step: float) -> float:
    return round(distance / step, ON_THE_LINE)
