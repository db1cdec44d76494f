"""Hectares of every class of a map: as mapped, and adjusted for the map's error by each set of reference samples.

Adjusting takes a drawn sample where there is one, then the split by whole parcels: neighbouring pixels of a parcel aren't
independent, and a split by pixels overstates what the map knows of land it has not seen. A drawn sample of a year is that
year's; reference samples of one year else serve every vintage of the same map maker. A trained map's samples are judged by
forests that saw fewer parcels than the map's own, while the mapped areas are the map's: adjusted areas carry the weaker
forests' errors.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from carbonsink.areas.coverage import NOT_MONITORED, class_areas
from carbonsink.areas.estimate import Estimate, Points, by_parcel, cautious, error_adjusted
from carbonsink.areas.interval import Array, quantile
from carbonsink.areas.ratio import by_map, by_size
from carbonsink.areas.regression import areas_by_regression
from carbonsink.base.rasters import Raster
from carbonsink.base.records import SPLITS, ClassArea, Confusion, EstimatorArea
from carbonsink.base.tables import quantise
from carbonsink.declared.plan import Plan

AREA_PLACES = 6  # of a hectare
SHARE_PLACES = 9
LEVEL = 95.0  # percent, of the intervals in the tables
NOT_MONITORED_NAME = "not monitored"


def class_rows(plan: Plan, year: int, cover: Raster, samples: Sequence[Confusion]) -> Iterator[ClassArea]:
    """One row a class and split, in the order of the pipeline's classes, and one for what isn't monitored."""
    mapped = class_areas(cover, plan.land.boundary, plan.land.area_m2)
    here = of_year(samples, year)
    used = split_used(plan, here)
    splits = [split for split in reversed(SPLITS) if any(s.split == split for s in here)]
    for split in splits or ["none"]:
        yield from _split_rows(plan, year, split, split == used, mapped, here)
    if used == "none" and splits:
        yield from _split_rows(plan, year, "none", True, mapped, ())


def of_year(samples: Sequence[Confusion], year: int) -> list[Confusion]:
    """The samples that speak for a year: its own drawn sample rather than those of other years, and all that weren't drawn."""
    own = {s.year for s in samples if s.split == "sample"}
    return [s for s in samples if s.split != "sample" or year not in own or s.year == year]


def split_used(plan: Plan, samples: Sequence[Confusion]) -> str | None:
    """The split whose areas feed the activity; None where surveyed parcels do."""
    if plan.pipeline.areas.method == "parcels":
        return None
    if plan.pipeline.areas.method == "pixel_count":
        return "none"
    splits = {s.split for s in samples}
    return next((split for split in SPLITS if split in splits), "none")


def estimator_rows(plan: Plan, year: int, cover: Raster, samples: Sequence[Confusion]) -> Iterator[EstimatorArea]:
    """Every estimator that samples in parcels allow, beside one another: where they part, the samples are not what they seem."""
    names, here = [c.id for c in plan.pipeline.land.classes], [s for s in of_year(samples, year) if s.split == "parcel"]
    mapped = class_areas(cover, plan.land.boundary, plan.land.area_m2)
    areas = np.array([mapped.get(c.code, 0.0) for c in plan.pipeline.land.classes])
    if not here or not areas.any():
        return
    parcels = counts_of(names, here)
    base, degrees = by_parcel(parcels, areas, names), parcels.shape[0] - 1
    found = {
        "stratified": (base.points.areas, base.errors.areas, int(base.degrees or degrees)),
        "regression": (*areas_by_regression(parcels, areas, names), int(base.degrees or degrees)),
        "ratio-to-map": (*by_map(parcels, areas), degrees),
        "ratio-to-size": (*by_size(parcels, areas.sum()), degrees),
    }
    used = split_used(plan, of_year(samples, year)) == "parcel"
    for estimator, (values, errors, freedom) in found.items():
        times = float(quantile(LEVEL, freedom))
        for name, value, error in zip(names, values.tolist(), errors.tolist(), strict=True):
            if not math.isnan(value):
                ends = (quantise(max(0.0, value - times * error), AREA_PLACES), quantise(value + times * error, AREA_PLACES))
                chosen = used and estimator == plan.pipeline.areas.estimator
                yield EstimatorArea(year, "parcel", estimator, name, quantise(value, AREA_PLACES), quantise(error, AREA_PLACES), *ends, freedom, chosen)


def counts_of(names: Sequence[str], samples: Sequence[Confusion]) -> Array:
    """Counts by parcel, map class and reference class, shape (parcel, q, q)."""
    clusters = {cluster: number for number, cluster in enumerate(dict.fromkeys(s.cluster for s in samples))}
    counts = Counter[tuple[int, int, int]]()
    for s in samples:
        counts[clusters[s.cluster], names.index(s.map_class), names.index(s.reference_class)] += s.count
    table = np.zeros((len(clusters), len(names), len(names)))
    for place, count in counts.items():
        table[place] = count
    return table


def _split_rows(plan: Plan, year: int, split: str, used: bool, mapped: Mapping[int, float], samples: Sequence[Confusion]) -> Iterator[ClassArea]:
    classes = plan.pipeline.land.classes
    areas = np.array([mapped.get(c.code, 0.0) for c in classes])
    counts = counts_of([c.id for c in classes], [s for s in samples if s.split == split])
    found = _estimate(plan, split, counts, areas)
    careful = cautious(counts.sum(axis=0), areas) if found and split != "parcel" else None
    for number, land_class in enumerate(classes):
        row = _class_row(year, split, used, land_class.id, areas[number], found, number, int(counts.sum(axis=0)[number].sum()))
        yield row if careful is None else replace(row, cautious_error_ha=_known(careful[number], AREA_PLACES))
    yield _class_row(year, split, used, NOT_MONITORED_NAME, mapped[NOT_MONITORED], None, 0, 0)


def _estimate(plan: Plan, split: str, counts: Array, areas: Array) -> Estimate | None:
    """None without samples, and where nothing at all was monitored."""
    names = [c.id for c in plan.pipeline.land.classes]
    if split == "none" or not areas.any():
        return None
    if split != "parcel":
        return error_adjusted(counts.sum(axis=0), areas, names)
    found = by_parcel(counts, areas, names)
    if plan.pipeline.areas.estimator == "stratified":
        return found
    values, errors = areas_by_regression(counts, areas, names)
    return replace(found, points=replace(found.points, areas=values), errors=replace(found.errors, areas=errors))


def _class_row(year: int, split: str, used: bool, name: str, mapped: float, found: Estimate | None, number: int, samples: int) -> ClassArea:
    if found is None:
        area = quantise(mapped, AREA_PLACES)
        return ClassArea(year, split, used, name, area, area, None, None, None, None, None, None, None, samples)
    p, e = found.points, found.errors
    low, high = found.interval(LEVEL)
    return ClassArea(
        year, split, used, name, quantise(mapped, AREA_PLACES), quantise(p.areas[number], AREA_PLACES), _known(e.areas[number], AREA_PLACES),
        _known(p.users[number]), _known(e.users[number]), _known(p.producers[number]), _known(e.producers[number]),
        _known(p.overall), _known(e.overall), samples, *_ends(low, high, number),
    )  # fmt: skip


def _ends(low: Points, high: Points, number: int) -> tuple[float | None, float | None]:
    """The ends of a class's area; no land is less than none."""
    return _known(np.maximum(low.areas[number], 0.0), AREA_PLACES), _known(high.areas[number], AREA_PLACES)


def _known(value: float | Array, places: int = SHARE_PLACES) -> float | None:
    return None if math.isnan(value) else quantise(float(value), places)
