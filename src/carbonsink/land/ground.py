"""The pixels a trained map is made for: those the area touches, and a rim of one pixel, since what an outline cuts is weighed by its share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import ONE_AT_A_TIME, projected
from carbonsink.base.rasters import Grid


def touched(grid: Grid, boundary: BaseGeometry) -> NDArray[np.bool_]:
    """Where a boundary in EPSG:4326, one pixel wider, touches a pixel, shape (row, column)."""
    from rasterio.features import geometry_mask

    wider = projected(boundary, grid.crs).buffer(grid.resolution)
    with ONE_AT_A_TIME:
        mask = geometry_mask([wider], out_shape=(grid.height, grid.width), transform=grid.transform, invert=True, all_touched=True)
    return np.asarray(mask)
