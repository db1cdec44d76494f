"""Stacks, chips and recipes made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.composites.block import Recipe
from carbonsink.composites.grid import Chip, Scene
from carbonsink.composites.kernel import BIAS, CLEAR, MASKED
from carbonsink.composites.observe import Stack
from carbonsink.declared.indices import Index, read_indices
from carbonsink.declared.schema import Words
from carbonsink.declared.sensor import Mask, Sensor, read_sensor

CRS = "EPSG:32633"
SENSOR = read_sensor("sentinel-2-l2a")


def index_of(formula: str, low: float = -3.0, high: float = 3.0, beyond: Literal["none", "clip"] = "clip") -> Index:
    return Index(formula=formula, low=low, high=high, beyond=beyond, name=Words(zh="试", en="test"), source="-", place="-")


def recipe_of(bands: tuple[str, ...] = (), indices: tuple[str, ...] | Mapping[str, Index] = (), sensor: Sensor = SENSOR, **more: Any) -> Recipe:
    library = read_indices()
    chosen = indices if isinstance(indices, Mapping) else {name: library.index[name] for name in indices}
    return Recipe(sensor, bands, chosen, library.denominator.smallest, **more)


def stack_of(values: NDArray[Any], clear: NDArray[Any]) -> Stack:
    """Reflectance [1e-4] (time, band, row, column) and whether it is clear (time, row, column)."""
    times, bands = values.shape[:2]
    state = np.where(clear, CLEAR, MASKED).astype(np.uint8)
    biased = (values.astype(np.int64) + BIAS).astype(np.uint16)
    return Stack(biased, state, np.full((times, bands), -BIAS, np.float32), np.zeros((times, bands), np.uint16))


def scene_of(folder: Path, name: str, bands: Mapping[str, NDArray[Any]], west: float = 0.0, north: float = 0.0, **more: Any) -> Scene:
    """A scene of chips on disk; the first band's pixels are of 10 m, a band of half or a sixth as many rows has pixels as large."""
    tall, wide = next(iter(bands.values())).shape
    grid = Grid(more.get("crs", CRS), west, north, 10.0, tall, wide)
    chips = {}
    for band, pixels in bands.items():
        times = tall // pixels.shape[0]
        own = Grid(grid.crs, west, north, 10.0 * times, *pixels.shape)
        write_raster(folder / name / f"{band}.tif", Raster(own, (band,), pixels[None], 0))
        chips[band] = Chip(folder / name / f"{band}.tif", own.resolution, more.get("scale", 0.0001), more.get("offset", 0.0), more.get("sha256", ""))
    return Scene(name, more.get("day", "2018-06-04"), more.get("platform", "sentinel-2a"), more.get("tile", "33TWL"), grid, chips)


def with_masks(*masks: Mask, minimum_dn: float = 0.0) -> Sensor:
    """The common sensor with other masks."""
    sensor = SENSOR.model_copy(update={"masks": list(masks), "minimum_dn": minimum_dn})
    sensor.__dict__.pop("is_clear", None)  # what the common sensor had found out already
    return sensor
