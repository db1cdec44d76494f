"""The pixel budget: every pixel of a chip is accounted for, or the run stops (rules R4, R5).

    pixels = valid + masked + outside + nodata,   read_failed = 0

outside: the pixel's centre lies outside the area's boundary. Of the others, nodata: the mask says there is no
data, or the band's DN is at or below the sensor's fill; masked: the mask's class isn't clear, by class; valid: the rest.
read_failed: pixels inside for which the file holds no block, though the mask says there are data; of a mask itself, which reads as no
data where it has no block, those deep inside the item's footprint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import inside, projected
from carbonsink.base.problems import Problem
from carbonsink.base.rasters import Grid, Raster
from carbonsink.base.records import PixelBudget
from carbonsink.declared.sensor import ALWAYS_CLEAR, IMPOSSIBLE, NO_DATA, Mask, Sensor
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.counts import above_of_classes, by_class, land_by_square, low_by_class, low_land_by_square
from carbonsink.scenes.item import Item


@dataclass(frozen=True)
class Ground:
    """What lies under a grid of pixels, whatever a band says there: class codes, whether within the boundary, pixels within by class.

    `outside` is counted for itself: what the classes lack would be no imbalance of a difference.
    """

    codes: NDArray[np.uint8]
    within: NDArray[np.bool_]
    counts: NDArray[np.int64]
    outside: int


@dataclass(frozen=True)
class Masked:
    """An item's class codes on the finest of its masks' grids, None where the sensor has no mask; the area's boundary in its CRS."""

    item: Item
    classes: Raster | None
    area: BaseGeometry
    grounds: dict[Grid, Ground] = field(default_factory=dict, compare=False)  # of the grids of bands, as they were asked for


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
    ground = under(found, cut.raster)
    low = low_by_class(pixels, ground.codes, ground.within, _least(-math.inf if band in sensor.mask_bands else sensor.minimum_dn, pixels))
    low[NO_DATA] = ground.counts[NO_DATA]  # where the mask has no data, a band's number is none either
    high = ground.counts - low
    hidden = {code: int(high[code]) for code in np.flatnonzero(high) if not sensor.is_clear[code]}
    return PixelBudget(
        item=found.item.id,
        band=band,
        pixels=pixels.size,
        valid=int(high[sensor.is_clear].sum()),
        masked=sum(hidden.values()),
        masked_by_class=" ".join(f"{code}:{count}" for code, count in hidden.items()),
        outside=ground.outside,
        nodata=int(low.sum()),
        read_failed=_unread(found, cut, sensor) if cut.missing else 0,
    )


def _unread(found: Masked, cut: Cut, sensor: Sensor) -> int:
    """How many pixels there must be data of that the file holds no block for."""
    ground = under(found, cut.raster)
    due = ground.codes != NO_DATA
    depth = _depth(found, cut.raster.grid.crs, sensor)
    if cut.raster.layers[0] in sensor.mask_bands and not depth.is_empty:  # its own absence reads as no data
        due |= inside(cut.raster.grid, depth)
    return int((cut.absent & ground.within & due).sum())


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
        clear = int(under(found, cut.raster).counts[sensor.is_clear].sum())
        return Problem("E-SRC-014", where, {"pixels": row.nodata, "clear": clear}) if clear else None
    deep = bool(_depth(found, cut.raster.grid.crs, sensor).contains(found.area))
    return Problem("E-SRC-015", where, {"pixels": row.nodata, "tolerance": sensor.footprint.tolerance_m}) if deep else None


def hollow(found: Masked, cut: Cut, sensor: Sensor) -> Problem | None:
    """The problem of squares of land without a single pixel of data: a tile or an end of the file that reads as zeros."""
    band, rule = cut.raster.layers[0], sensor.hollow
    if rule is None or band in sensor.mask_bands:
        return None
    pixels, codes, is_land = cut.raster.pixels[0], under(found, cut.raster).codes, np.isin(np.arange(256), rule.land)
    lacks = low_land_by_square(pixels, codes, is_land, _least(sensor.minimum_dn, pixels), rule.side)
    if lacks.max() < rule.pixels:
        return None
    lands = land_by_square(codes, is_land, rule.side)
    lost = (lands >= rule.pixels) & (lacks == lands)
    return Problem("E-SRC-032", f"{found.item.id} {band}", {"squares": int(lost.sum()), "pixels": int(lands[lost].sum())}) if lost.any() else None


def impossible(mask: Mask, cut: Cut, item: Item) -> Problem | None:
    """The problem of a mask with more impossible values than ringing explains (M75)."""
    counts = np.bincount(cut.raster.pixels[0].ravel(), minlength=mask.table.size)
    present, strange = int(counts[mask.table != NO_DATA].sum()), np.where(mask.table == IMPOSSIBLE, counts, 0)
    if strange.sum() <= mask.invalid_share_limit * present:
        return None
    facts = {"found": ", ".join(map(str, np.flatnonzero(strange))), "share": f"{strange.sum() / present:.4f}", "limit": mask.invalid_share_limit}
    return Problem("E-SRC-006", item.id, facts)


def clear_values(found: Masked, cut: Cut, sensor: Sensor) -> NDArray[np.integer]:
    """The DN of a chip's clear pixels, inside the boundary or not, shape (pixel,)."""
    return _values(found, cut, sensor, sensor.is_clear)


def darkest_values(found: Masked, cut: Cut, sensor: Sensor) -> NDArray[np.integer]:
    """The DN of a chip's pixels on the ground that is dark in some bands whatever the place, shape (pixel,).

    None where the sensor knows no such ground, or too little of it is seen.
    """
    rule, nothing = sensor.radiometry.darkest, np.empty(0, cut.raster.pixels.dtype)
    if rule is None:
        return nothing
    values = _values(found, cut, sensor, np.arange(256) == rule.mask_class)
    return values if values.size >= rule.minimum_share * cut.raster.pixels.size else nothing


def _values(found: Masked, cut: Cut, sensor: Sensor, wanted: NDArray[np.bool_]) -> NDArray[np.integer]:
    pixels = cut.raster.pixels[0]
    values: NDArray[np.integer] = above_of_classes(pixels, under(found, cut.raster).codes, wanted, _least(sensor.minimum_dn, pixels))
    return values


def _least(number: float, pixels: NDArray[Any]) -> float:
    """A bound as a number that pixels of this type are compared with quickly: above it is the same, for whole numbers, as above the whole number below."""
    return number if pixels.dtype.kind == "f" else math.floor(max(number, np.iinfo(pixels.dtype).min - 1))


def under(found: Masked, chip: Raster) -> Ground:
    """The ground under a chip."""
    if chip.grid not in found.grounds:
        codes, within = _laid_over(found.classes, chip), inside(chip.grid, found.area)
        found.grounds[chip.grid] = Ground(codes, within, by_class(codes, within), within.size - int(np.count_nonzero(within)))
    return found.grounds[chip.grid]


def _laid_over(classes: Raster | None, chip: Raster) -> NDArray[np.uint8]:
    """Class codes at the centres of a chip's pixels, nothing interpolated; the first clear code where the sensor has no mask."""
    rows, columns = chip.pixels.shape[1:]
    if classes is None:
        return np.full((rows, columns), ALWAYS_CLEAR, np.uint8)
    ratio = chip.grid.resolution / classes.grid.resolution
    down, across = (((np.arange(n) + 0.5) * ratio).astype(np.int64) for n in (rows, columns))
    codes: NDArray[np.uint8] = classes.pixels[0].take(down, 0).take(across, 1)
    return codes


def _depth(found: Masked, crs: str, sensor: Sensor) -> BaseGeometry:
    """The item's footprint less its tolerance, within which there are pixels."""
    return projected(found.item.footprint, crs).buffer(-sensor.footprint.tolerance_m)
