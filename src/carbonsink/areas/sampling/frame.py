"""The pixels a point may be drawn from: of a class on the map, inside the boundary, and not among those the map's maker was trained on.

A label of a pixel that trained the map says nothing of land the map has not seen. Such pixels are left out, class by
class; what share of the class they are stands in the design, and its error is taken to be that of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.outline import inside, projected
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Grid, Raster, grid_of
from carbonsink.declared.plan import Plan

STRIP_ROWS = 256  # of the map, whose places are held at once


@dataclass(frozen=True)
class Frame:
    """Class codes on the map's grid, 0 outside the area and where nothing was monitored; which pixels trained the map; arrays (row, column)."""

    grid: Grid
    codes: NDArray[np.uint8]
    trained: NDArray[np.bool_]


def frame_of(plan: Plan, cover: Raster) -> Frame:
    """The frame of a map; a pixel is in the area where its centre is."""
    within = inside(cover.grid, projected(plan.land.boundary, cover.grid.crs))
    codes = np.where(within, cover.layer("cover"), 0).astype(np.uint8)
    trained = np.zeros(codes.shape, np.bool_)
    if known := taught(plan):
        for row in range(0, codes.shape[0], STRIP_ROWS):
            rows, columns = np.nonzero(codes[row : row + STRIP_ROWS])
            trained[rows + row, columns] = known.at(*centres(cover.grid, rows + row, columns))
    return Frame(cover.grid, codes, trained)


def centres(grid: Grid, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixel centres in the grid's CRS [m]."""
    x, y = grid.west + (columns + 0.5) * grid.resolution, grid.north - (rows + 0.5) * grid.resolution
    return x.astype(np.float64), y.astype(np.float64)


@dataclass(frozen=True)
class Taught:
    """The pixels a classifier was trained on: where a reference raster has labels, shape (row, column)."""

    grid: Grid
    labelled: NDArray[np.bool_]

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the pixel at each place of the project grid [m] was among them."""
        row, column = (self.grid.north - y) // self.grid.resolution, (x - self.grid.west) // self.grid.resolution
        there = (row >= 0) & (row < self.grid.height) & (column >= 0) & (column < self.grid.width)
        found = np.zeros(x.shape, np.bool_)
        found[there] = self.labelled[row[there].astype(np.int64), column[there].astype(np.int64)]
        return found


def taught(plan: Plan) -> Taught | None:
    """What the map's classifier was trained on, on the project's pixels, as the land stage has found; None where the map isn't trained."""
    import rasterio
    from rasterio.errors import RasterioError

    reference = plan.area.reference
    if plan.pipeline.land.method != "classifier" or reference is None:
        return None
    path = plan.path(reference.file)
    try:
        with rasterio.open(path, driver="GTiff") as source:
            return Taught(grid_of(source), np.isin(source.read(1), [int(value) for value in reference.legend]))
    except RasterioError as error:
        raise refuse("E-SMP-010", path.name, found=error) from None
