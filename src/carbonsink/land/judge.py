"""A map's errors on reference samples: of a trained map out of fold, of any other map as it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.records import Confusion
from carbonsink.declared.plan import Plan
from carbonsink.land.classifier import fitted, part_of
from carbonsink.land.folds import parcel_folds, pixel_folds
from carbonsink.land.reference import Labels, Samples


def judged(plan: Plan, year: int, samples: Samples, names: tuple[str, ...]) -> list[Confusion]:
    """The confusion of classifiers with samples they were not trained on, by each split."""
    land = plan.pipeline.land
    rows = list(_rows(plan, year, "pixel", out_of_fold(samples, pixel_folds(samples.index, land.folds, land.seed), names, plan), samples.codes, None))
    if samples.parcels is not None:
        folds = parcel_folds(samples.parcels, samples.codes, land.folds, land.seed)
        rows += _rows(plan, year, "parcel", out_of_fold(samples, folds, names, plan), samples.codes, samples.parcels)
    return rows


def out_of_fold(samples: Samples, folds: NDArray[np.int64], names: tuple[str, ...], plan: Plan) -> NDArray[np.uint8]:
    """Each sample's class by a classifier tuned and trained on the other folds only."""
    found = np.zeros(samples.codes.shape, np.uint8)
    for fold in np.unique(folds):
        held = folds == fold
        if held.all():
            raise refuse("E-LND-011", "[reference]", samples=held.size)
        found[held] = _unseeing(plan, part_of(samples, ~held), names, samples.features[held])
    return found


def _unseeing(plan: Plan, seen: Samples, names: tuple[str, ...], features: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Classes of features by a classifier of other samples; of samples of one class, that class."""
    if np.unique(seen.codes).size == 1:
        return np.full(len(features), seen.codes[0], np.uint8)
    return fitted(plan.pipeline.land, seen, names)[0].predict(features).astype(np.uint8)


def compared(plan: Plan, year: int, cover: NDArray[np.uint8], labels: Labels) -> list[Confusion]:
    """The confusion of a map that was made without the reference; pixels that weren't monitored are no samples."""
    part = (labels.codes > 0) & (cover > 0)
    rows = list(_rows(plan, year, "pixel", cover[part], labels.codes[part], None))
    if labels.parcels is not None:
        rows += _rows(plan, year, "parcel", cover[part], labels.codes[part], labels.parcels[part])
    return rows


def _rows(plan: Plan, year: int, split: str, mapped: NDArray[np.uint8], true: NDArray[np.uint8], parcels: NDArray[np.int64] | None) -> Iterator[Confusion]:
    """Samples counted by parcel, map class and reference class, in the order of parcel numbers and class codes."""
    names = {c.code: c.id for c in plan.pipeline.land.classes}
    numbers = np.zeros(mapped.shape, np.int64) if parcels is None else parcels
    counts = Counter(zip(numbers.tolist(), mapped.tolist(), true.tolist(), strict=True))
    for (number, found, reference), count in sorted(counts.items()):
        yield Confusion(year, split, str(number) if parcels is not None else "", names[found], names[reference], count)
