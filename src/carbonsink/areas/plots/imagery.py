"""Image features of plots and of the land: means of a layer over a plot's circle and over all land of a stratum.

Plots and land are read in the same way, pixels weighed by what lies inside, so that a plot's features are a sample of the
land's; the layer is never resampled. "ndvi@2020-07" is a layer of the composite of that period, "ndvi.amplitude1" a feature
of the series of the inventory's year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from carbonsink.areas.coverage import cells
from carbonsink.areas.interval import Array
from carbonsink.areas.plots.inventory import Plot
from carbonsink.base.outline import projected
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, Raster, read_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import read_csv, total
from carbonsink.declared.plan import Plan

CIRCLE = 16  # corners of a quarter of a plot's outline


def features_of(run: Path, names: Sequence[str], year: int) -> list[Raster]:
    """Each feature as a raster of one layer; refuses those that the composites don't have, all at once."""
    periods = {row.period: row.file for row in read_csv(run / "composites" / "composites.csv", CompositePeriod)}
    return [_layer(run, name, periods, year) for name in names]


def at_plots(rasters: Sequence[Raster], plots: Sequence[Plot]) -> Array:
    """Features (plot, feature) over each plot's circle; NaN where none of its pixels was seen."""
    return np.column_stack([_over(raster, [_circle(plot, raster.grid.crs) for plot in plots]) for raster in rasters])


def over_strata(plan: Plan, rasters: Sequence[Raster], cover: Raster, strata: Sequence[str]) -> Array:
    """Features (stratum, feature) over all land of each stratum: its surveyed parcels, or what the map shows as its class."""
    return np.column_stack([[_stratum_mean(plan, raster, cover, stratum) for stratum in strata] for raster in rasters])


def _layer(run: Path, name: str, periods: dict[str, str], year: int) -> Raster:
    layer, _, period = name.partition("@")
    path = run / "composites" / (periods.get(period, "-") if period else f"features_{year}.tif")
    try:
        return read_raster(path, [layer])
    except (OSError, ValueError, KeyError):
        raise refuse("E-ARE-033", "area.toml [plots.features]", feature=name, periods=", ".join(periods)) from None


def _circle(plot: Plot, crs: str) -> BaseGeometry:
    """The plot's outline on the grid: a circle of its area about its centre."""
    centre = projected(shapely.Point(plot.longitude, plot.latitude), crs)
    return centre.buffer(math.sqrt(plot.area_m2 / math.pi), quad_segs=CIRCLE)


def _over(raster: Raster, outlines: Sequence[BaseGeometry]) -> Array:
    values = raster.pixels[0].ravel()
    return np.array([_mean(values[numbers], fractions) for numbers, fractions in cells(raster, outlines)])


def _stratum_mean(plan: Plan, raster: Raster, cover: Raster, stratum: str) -> float:
    parcels = [p.geometry for p in plan.land.parcels if p.stratum == stratum]
    outline = projected(shapely.union_all(parcels) if parcels else plan.land.boundary, raster.grid.crs)
    ((numbers, fractions),) = cells(raster, [outline])
    if not parcels:
        code = next(c.code for c in plan.pipeline.land.classes if c.id == plan.area.strata[stratum].cover)
        fractions = np.where(cover.layer("cover").ravel()[numbers] == code, fractions, 0.0)
    return _mean(raster.pixels[0].ravel()[numbers], fractions)


def _mean(values: Array, fractions: Array) -> float:
    """The mean in the layer's own unit of pixels that were seen, weighed."""
    weights = np.where(values != COMPOSITE_NODATA, fractions, 0.0)
    whole = total(weights.tolist())
    return total((values * weights).tolist()) / whole / COMPOSITE_UNIT if whole > 0 else math.nan
