"""Rasters of a run as xarray datasets: a variable a layer, coordinates of pixel centres, reflectance from 0 to 1, NaN where nothing was seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, Grid, read_raster

if TYPE_CHECKING:
    import xarray

COUNT = "count"  # the layer of a composite that isn't in ten-thousandths


def cube(path: Path, layers: Sequence[str] | None = None) -> xarray.Dataset:
    """A raster with dimensions (y, x) in metres of its CRS, which `attrs["crs"]` names; `layers` are all where none is named."""
    import xarray

    raster = read_raster(path, layers)
    found = xarray.Dataset(coords=_centres(raster.grid), attrs={"crs": raster.grid.crs, "resolution": raster.grid.resolution})
    for name, pixels in zip(raster.layers, raster.pixels, strict=True):
        if raster.nodata == COMPOSITE_NODATA and name != COUNT:
            seen = np.where(pixels == COMPOSITE_NODATA, np.nan, pixels / COMPOSITE_UNIT)
            found[name] = (("y", "x"), seen.astype(np.float32))
        else:
            found[name] = (("y", "x"), pixels)
    return found


def cubes(paths: Sequence[Path], days: Sequence[str], layers: Sequence[str] | None = None) -> xarray.Dataset:
    """Rasters of one grid, one after another in time: `days` are the first days of their periods."""
    import xarray

    times = np.array(days, dtype="datetime64[ns]")
    return xarray.concat([cube(path, layers).assign_coords(time=time) for path, time in zip(paths, times, strict=True)], dim="time")


def _centres(grid: Grid) -> dict[str, NDArray[np.floating]]:
    half = grid.resolution / 2
    x, y = grid.west + half + grid.resolution * np.arange(grid.width), grid.north - half - grid.resolution * np.arange(grid.height)
    return {"y": y, "x": x}
