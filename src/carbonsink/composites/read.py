"""One day of one block, read from chips: the mask first, bands only where a pixel is clear, tiles of a day as one mosaic.

A pixel's source is exact: floor((x_centre - west) / resolution), so chips whose grid is shifted against the project
grid are taken by nearest and nothing is interpolated; a mask pixel twice as large is repeated.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from carbonsink.base.rasters import COMPOSITE_UNIT, Grid
from carbonsink.composites.grid import Chip, Scene

Box = tuple[int, int, int, int]  # row, column, height, width


@dataclass(frozen=True)
class Rules:
    """What makes a pixel an observation: a clear mask class, and a DN above fill in every band."""

    mask: str
    clear: tuple[int, ...]
    minimum_dn: int
    bands: tuple[str, ...]


@dataclass(frozen=True)
class Overlap:
    """Where a block and a scene meet: `here` within the block, `there` within the scene's finest chip; same height and width."""

    here: Box
    there: Box


def observe(scenes: Iterable[Scene], block: Grid, rules: Rules) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """One acquisition on a block: reflectance [1e-4] of shape (band, row, column), and validity of shape (row, column).

    Scenes come in order of preference; a pixel takes the first in which it is valid.
    """
    values = np.zeros((len(rules.bands), block.height, block.width), dtype=np.int16)
    valid = np.zeros((block.height, block.width), dtype=np.bool_)
    for scene in scenes:
        overlap = overlap_of(block, scene.grid)
        if overlap is not None:
            _add(scene, overlap, rules, values, valid)
    return values, valid


def overlap_of(block: Grid, scene: Grid) -> Overlap | None:
    """The pixels of a block whose centres lie in a scene; None where there are none."""
    column = math.floor((block.west + block.resolution / 2 - scene.west) / scene.resolution)
    row = math.floor((scene.north - (block.north - block.resolution / 2)) / scene.resolution)
    top, left = max(row, 0), max(column, 0)
    height = min(row + block.height, scene.height) - top
    width = min(column + block.width, scene.width) - left
    return Overlap((top - row, left - column, height, width), (top, left, height, width)) if height > 0 and width > 0 else None


def _add(scene: Scene, overlap: Overlap, rules: Rules, values: NDArray[np.int16], valid: NDArray[np.bool_]) -> None:
    """Fill the pixels still lacking with a scene's clear ones; bands aren't read where there are none."""
    row, column, height, width = overlap.here
    taken = valid[row : row + height, column : column + width]
    fresh = np.isin(_read(scene.chips[rules.mask], scene, overlap.there), rules.clear) & ~taken
    if not fresh.any():
        return
    numbers = [_read(scene.chips[band], scene, overlap.there) for band in rules.bands]
    for dn in numbers:
        fresh &= dn > rules.minimum_dn
    target = values[:, row : row + height, column : column + width]
    for layer, (band, dn) in enumerate(zip(rules.bands, numbers, strict=True)):
        target[layer][fresh] = reflectance(dn[fresh], scene.chips[band])
    taken |= fresh


def reflectance(dn: NDArray[np.integer], chip: Chip) -> NDArray[np.int16]:
    """Reflectance [1e-4] of DN, rounded half to even and held within +-32767."""
    value = dn * (chip.scale * COMPOSITE_UNIT) + chip.offset * COMPOSITE_UNIT
    rounded: NDArray[np.int16] = np.clip(np.rint(value), -32767, 32767).astype(np.int16)
    return rounded


def _read(chip: Chip, scene: Scene, box: Box) -> NDArray[np.integer]:
    """A chip's pixels in a box of the scene's finest grid, coarser pixels repeated."""
    times = int(chip.resolution / scene.grid.resolution)
    row, column, height, width = box
    top, left = row // times, column // times
    bottom, right = -(-(row + height) // times), -(-(column + width) // times)
    with rasterio.open(chip.path, driver="GTiff") as source:
        pixels: NDArray[np.integer] = source.read(1, window=Window(left, top, right - left, bottom - top))
    if times > 1:
        pixels = pixels.repeat(times, 0).repeat(times, 1)
    return pixels[row - top * times :, column - left * times :][:height, :width]
