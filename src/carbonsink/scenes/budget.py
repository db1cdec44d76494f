"""The pixel budget: every pixel of a chip is accounted for, or the run stops (rules R4, R5).

    pixels = valid + masked + outside + nodata,   read_failed = 0

outside: the pixel's centre lies outside the area's boundary. Of the others, nodata: the mask says there is no
data, or the band's DN is at or below the sensor's fill; masked: the mask's class isn't clear, by class; valid: the rest.
read_failed: pixels inside for which the file holds no block, though the mask says there are data.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numba import njit
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import inside, projected
from carbonsink.base.problems import Problem
from carbonsink.base.rasters import Grid, Raster
from carbonsink.base.records import PixelBudget
from carbonsink.declared.sensor import ALWAYS_CLEAR, IMPOSSIBLE, NO_DATA, Mask, Sensor
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.item import Item


@dataclass(frozen=True)
class Masked:
    """An item's class codes on the finest of its masks' grids, None where the sensor has no mask; the area's boundary in its CRS."""

    item: Item
    classes: Raster | None
    area: BaseGeometry
    laid: dict[Grid, NDArray[np.uint8]] = field(default_factory=dict, compare=False)  # class codes on the grids of bands, as they were asked for


def masked(item: Item, cuts: Mapping[str, Cut], sensor: Sensor, area: BaseGeometry) -> Masked:
    """An item's class codes from the chips of its masks, which lie on one grid."""
    if not sensor.masks:
        return Masked(item, None, area)
    rasters = [cuts[band].raster for band in sensor.mask_bands]
    codes = sensor.classify({raster.layers[0]: raster.pixels[0] for raster in rasters})
    return Masked(item, Raster(rasters[0].grid, ("class",), codes[None], NO_DATA), area)


def budget(found: Masked, cut: Cut, sensor: Sensor) -> PixelBudget:
    """The account of one chip."""
    band, pixels = cut.raster.layers[0], cut.raster.pixels[0]
    classes = laid_over(found, cut.raster, sensor)
    within = inside(cut.raster.grid, found.area)
    least = -math.inf if band in sensor.mask_bands else float(sensor.minimum_dn)
    counts = tally(pixels, classes, within, least)
    counts[NO_DATA] = counts[NO_DATA].sum(), 0  # where the mask has no data, a band's number is none either
    hidden = {code: int(counts[code, 1]) for code in np.flatnonzero(counts[:, 1]) if not sensor.is_clear[code]}
    return PixelBudget(
        item=found.item.id,
        band=band,
        pixels=within.size,
        valid=int(counts[sensor.is_clear, 1].sum()),
        masked=sum(hidden.values()),
        masked_by_class=" ".join(f"{code}:{count}" for code, count in hidden.items()),
        outside=int(within.size - counts.sum()),
        nodata=int(counts[:, 0].sum()),
        read_failed=int((cut.absent & within & (classes != NO_DATA)).sum()) if cut.missing else 0,
    )


def imbalance(row: PixelBudget) -> Problem | None:
    """The problem of an account that doesn't balance, or that lacks pixels."""
    counted = row.valid + row.masked + row.outside + row.nodata
    if counted == row.pixels and row.read_failed == 0:
        return None
    return Problem("E-SRC-007", f"{row.item} {row.band}", {"pixels": row.pixels, "counted": counted, "failed": row.read_failed})


def emptiness(found: Masked, row: PixelBudget, cut: Cut, sensor: Sensor) -> Problem | None:
    """The problem of a chip without data where there must be some.

    A band may be empty only where the mask shows nothing clear; the mask (or a band of a sensor without one) only where
    the item's footprint, less its tolerance, doesn't hold the whole area (swath edges and partial tiles are legitimate).
    """
    if row.nodata == 0 or row.valid + row.masked > 0:
        return None
    where = f"{row.item} {row.band}"
    if sensor.masks and row.band not in sensor.mask_bands:
        clear = sensor.is_clear[laid_over(found, cut.raster, sensor)] & inside(cut.raster.grid, found.area)
        return Problem("E-SRC-014", where, {"pixels": row.nodata, "clear": int(clear.sum())}) if clear.any() else None
    deep = _deep_inside(found, cut.raster.grid.crs, sensor)
    return Problem("E-SRC-015", where, {"pixels": row.nodata, "tolerance": sensor.footprint.tolerance_m}) if deep else None


def hollow(found: Masked, cut: Cut, sensor: Sensor) -> Problem | None:
    """The problem of squares of land without a single pixel of data: a tile or an end of the file that reads as zeros."""
    band, rule = cut.raster.layers[0], sensor.hollow
    if rule is None or band in sensor.mask_bands:
        return None
    is_land = np.isin(np.arange(256), rule.land)
    lands, holds = squares(cut.raster.pixels[0], laid_over(found, cut.raster, sensor), is_land, float(sensor.minimum_dn), rule.side)
    lost = (lands >= rule.pixels) & (holds == 0)
    return Problem("E-SRC-032", f"{found.item.id} {band}", {"squares": int(lost.sum()), "pixels": int(lands[lost].sum())}) if lost.any() else None


def impossible(mask: Mask, cut: Cut, item: Item) -> Problem | None:
    """The problem of a mask with more impossible values than ringing explains (M75)."""
    raw = cut.raster.pixels[0]
    codes = mask.table[raw]
    present = int((codes != NO_DATA).sum())
    strange = raw[codes == IMPOSSIBLE]
    if strange.size <= mask.invalid_share_limit * present:
        return None
    facts = {"found": ", ".join(map(str, np.unique(strange))), "share": f"{strange.size / present:.4f}", "limit": mask.invalid_share_limit}
    return Problem("E-SRC-006", item.id, facts)


def clear_values(found: Masked, cut: Cut, sensor: Sensor) -> NDArray[np.integer]:
    """The DN of a chip's clear pixels, inside the boundary or not, shape (pixel,)."""
    pixels: NDArray[np.integer] = cut.raster.pixels[0]
    return pixels[sensor.is_clear[laid_over(found, cut.raster, sensor)] & (pixels > sensor.minimum_dn)]


def darkest_values(found: Masked, cut: Cut, sensor: Sensor) -> NDArray[np.integer]:
    """The DN of a chip's pixels on the ground that is dark in some bands whatever the place, shape (pixel,); none where the sensor knows no such."""
    pixels: NDArray[np.integer] = cut.raster.pixels[0]
    rule = sensor.radiometry.darkest
    if rule is None:
        return np.empty(0, pixels.dtype)
    dark: NDArray[np.integer] = pixels[(laid_over(found, cut.raster, sensor) == rule.mask_class) & (pixels > sensor.minimum_dn)]
    return dark


def laid_over(found: Masked, chip: Raster, sensor: Sensor) -> NDArray[np.uint8]:
    """Class codes at the centres of a chip's pixels, nothing interpolated; the first clear code where the sensor has no mask."""
    if chip.grid not in found.laid:
        found.laid[chip.grid] = _laid_over(found.classes, chip)
    return found.laid[chip.grid]


def _laid_over(classes: Raster | None, chip: Raster) -> NDArray[np.uint8]:
    rows, columns = chip.pixels.shape[1:]
    if classes is None:
        return np.full((rows, columns), ALWAYS_CLEAR, np.uint8)
    ratio = chip.grid.resolution / classes.grid.resolution
    down, across = (((np.arange(n) + 0.5) * ratio).astype(np.int64) for n in (rows, columns))
    codes: NDArray[np.uint8] = classes.pixels[0].take(down, 0).take(across, 1)
    return codes


@njit(cache=True, nogil=True)
def tally(pixels, codes, within, least):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pixels within, by class code and by whether they hold a number above the least, shape (256, 2)."""
    counts = np.zeros((256, 2), dtype=np.int64)
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            if within[row, column]:
                counts[codes[row, column], int(pixels[row, column] > least)] += 1
    return counts


@njit(cache=True, nogil=True)
def squares(pixels, codes, is_land, least, side):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pixels of land in each square of so many pixels a side, and those of them with data, each of shape (square down, square across)."""
    rows, columns = pixels.shape
    lands = np.zeros(((rows + side - 1) // side, (columns + side - 1) // side), dtype=np.int64)
    holds = np.zeros_like(lands)
    for row in range(rows):
        for first in range(0, columns, side):
            land, held = 0, 0
            for column in range(first, min(first + side, columns)):
                is_here = is_land[codes[row, column]]
                land += is_here
                held += is_here & (pixels[row, column] > least)
            lands[row // side, first // side] += land
            holds[row // side, first // side] += held
    return lands, holds


def _deep_inside(found: Masked, crs: str, sensor: Sensor) -> bool:
    footprint = projected(found.item.footprint, crs).buffer(-sensor.footprint.tolerance_m)
    return bool(footprint.contains(found.area))
