"""The confidence of a trained map: land/confidence_<year>.tif, int16 in 1e-4, a layer `confidence` and one a class with its probability.

The confidence of a pixel is how far its class leads the next likely one. A pixel whose class a rule of consistency has changed
has that of its final class: below zero, by how far the classifier held another for likelier.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, Raster, read_raster, write_raster, write_rows
from carbonsink.declared.land import LandClass

LAYER = "confidence"


def write_confidence(run: Path, year: int, grid: Grid, classes: Sequence[LandClass], strips: Iterator[NDArray[np.int16]]) -> None:
    """Write the layers (layer, row, column) of neighbouring rows, confidence first and then the classes in their order."""
    write_rows(_path(run, year), grid, (LAYER, *(c.id for c in classes)), COMPOSITE_NODATA, strips)


def follow(run: Path, year: int, raw: NDArray[np.uint8], cover: NDArray[np.uint8], classes: Sequence[LandClass]) -> None:
    """Give the pixels whose class changed from `raw` to `cover` the confidence of the final one; no file, or no change, is left alone."""
    changed = raw != cover
    if not changed.any() or not _path(run, year).is_file():
        return
    raster = read_raster(_path(run, year))
    number = np.zeros(256, np.int64)
    number[[c.code for c in classes]] = np.arange(len(classes))
    chosen = number[cover[changed]]
    probabilities = raster.pixels[1:, changed].astype(np.int64)  # (class, pixel)
    own = np.take_along_axis(probabilities, chosen[None], axis=0)[0]
    np.put_along_axis(probabilities, chosen[None], -1, axis=0)
    layers = raster.pixels.copy()
    layers[0, changed] = (own - probabilities.max(axis=0)).astype(np.int16)
    write_raster(_path(run, year), Raster(raster.grid, raster.layers, layers, raster.nodata))


def _path(run: Path, year: int) -> Path:
    return run / "land" / f"confidence_{year}.tif"
