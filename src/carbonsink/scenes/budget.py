"""The pixel budget: every pixel of a chip is accounted for, or the run stops (rules R4, R5).

    pixels = valid + masked + outside + nodata,   read_failed = 0

outside: the pixel's centre lies outside the area's boundary. Of the others, nodata: the mask says there is no
data, or the band's DN is at or below the sensor's fill; masked: the mask's class isn't clear, by class; valid: the rest.
read_failed: pixels inside for which the file holds no block, though the mask says there are data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import inside
from carbonsink.base.problems import Problem
from carbonsink.base.rasters import Raster
from carbonsink.base.records import PixelBudget
from carbonsink.declared.sensor import Sensor
from carbonsink.scenes.chips import Cut, nested
from carbonsink.scenes.item import Item


@dataclass(frozen=True)
class Masked:
    """An item's mask chip, and the area's boundary in its CRS."""

    item: Item
    raster: Raster
    area: BaseGeometry


def budget(masked: Masked, cut: Cut, sensor: Sensor) -> PixelBudget:
    """The account of one chip."""
    band = cut.raster.layers[0]
    classes = laid_over(masked.raster, cut.raster)
    within = inside(cut.raster.grid, masked.area)
    empty = classes == sensor.mask.nodata
    if band != sensor.mask.band:
        empty = empty | (cut.raster.pixels[0] <= sensor.minimum_dn)
    failed = cut.absent & within & (classes != sensor.mask.nodata)
    clear = np.isin(classes, sensor.mask.clear)
    hidden = classes[within & ~empty & ~clear]
    values, counts = np.unique(hidden, return_counts=True)
    return PixelBudget(
        item=masked.item.id,
        band=band,
        pixels=within.size,
        valid=int((within & ~empty & clear).sum()),
        masked=hidden.size,
        masked_by_class=" ".join(f"{value}:{count}" for value, count in zip(values, counts, strict=True)),
        outside=int((~within).sum()),
        nodata=int((within & empty).sum()),
        read_failed=int(failed.sum()),
    )


def imbalance(row: PixelBudget) -> Problem | None:
    """The problem of an account that doesn't balance, or that lacks pixels."""
    counted = row.valid + row.masked + row.outside + row.nodata
    if counted == row.pixels and row.read_failed == 0:
        return None
    return Problem("E-SRC-007", f"{row.item} {row.band}", {"pixels": row.pixels, "counted": counted, "failed": row.read_failed})


def emptiness(masked: Masked, row: PixelBudget, cut: Cut, sensor: Sensor) -> Problem | None:
    """The problem of a chip without data where there must be some.

    A band may be empty only where the mask shows nothing clear; the mask only where the item's footprint, less its
    tolerance, doesn't hold the whole area (swath edges and partial tiles are legitimate).
    """
    if row.nodata == 0 or row.valid + row.masked > 0:
        return None
    where = f"{row.item} {row.band}"
    if row.band != sensor.mask.band:
        clear = np.isin(laid_over(masked.raster, cut.raster), sensor.mask.clear) & inside(cut.raster.grid, masked.area)
        return Problem("E-SRC-014", where, {"pixels": row.nodata, "clear": int(clear.sum())}) if clear.any() else None
    return Problem("E-SRC-015", where, {"pixels": row.nodata, "tolerance": sensor.footprint.tolerance_m}) if _deep_inside(masked, sensor) else None


def impossible(masked: Masked, sensor: Sensor) -> Problem | None:
    """The problem of a mask with more impossible classes than ringing explains (M75)."""
    classes = masked.raster.pixels[0]
    present = classes[classes != sensor.mask.nodata]
    strange = present[~np.isin(present, [known.value for known in sensor.mask.classes])]
    if strange.size <= sensor.mask.invalid_share_limit * present.size:
        return None
    facts = {"found": ", ".join(map(str, np.unique(strange))), "share": f"{strange.size / present.size:.4f}", "limit": sensor.mask.invalid_share_limit}
    return Problem("E-SRC-006", masked.item.id, facts)


def clear_values(masked: Masked, cut: Cut, sensor: Sensor) -> NDArray[np.integer]:
    """The DN of a chip's clear pixels, inside the boundary or not, shape (pixel,)."""
    pixels: NDArray[np.integer] = cut.raster.pixels[0]
    return pixels[np.isin(laid_over(masked.raster, cut.raster), sensor.mask.clear) & (pixels > sensor.minimum_dn)]


def laid_over(mask: Raster, chip: Raster) -> NDArray[np.integer]:
    """The mask's classes on a chip's pixels: each mask pixel repeated, nothing interpolated."""
    times = nested(mask.grid, chip.grid)
    classes: NDArray[np.integer] = mask.pixels[0].repeat(times, 0).repeat(times, 1)
    return classes


def _deep_inside(masked: Masked, sensor: Sensor) -> bool:
    from carbonsink.base.outline import projected

    footprint = projected(masked.item.footprint, masked.raster.grid.crs).buffer(-sensor.footprint.tolerance_m)
    return bool(footprint.contains(masked.area))
