"""The declared steps of consistency, one after the other, and what each of them changed.

    smoother  ->  minimum unit  ->  allowed transitions

The last has the last word: the final maps hold no forbidden step, while it may leave single pixels under the minimum unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.records import Confusion, ConsistencyChange
from carbonsink.declared.land import Consistency, LandClass
from carbonsink.land.consistency.majority import majority
from carbonsink.land.consistency.markov import confusion_emission, declared_emission, mapped_pixels, smoothed
from carbonsink.land.consistency.patches import minimum_unit
from carbonsink.land.consistency.sequences import Maps, Numbers, relabelled
from carbonsink.land.consistency.transitions import allowed_steps, repaired

Step = tuple[str, Callable[[Maps], Maps]]


def made_consistent(
    choice: Consistency, classes: Sequence[LandClass], maps: Maps, errors: Sequence[Confusion], pixel_m: float
) -> tuple[Maps, list[ConsistencyChange]]:
    """The maps after every declared step, and the pixels that each step changed, by year and class.

    `errors` are the reference samples of the raw maps, for the emission of the hidden Markov smoother; `pixel_m` a side of a pixel.
    """
    changes: list[ConsistencyChange] = []
    for name, step in _steps(choice, classes, errors, pixel_m):
        after = step(maps)
        changes += _changes(name, classes, maps, after)
        maps = after
    return maps, changes


def _steps(choice: Consistency, classes: Sequence[LandClass], errors: Sequence[Confusion], pixel_m: float) -> Iterator[Step]:
    steps = allowed_steps(choice.allowed, classes)
    if choice.smoother == "majority":
        yield "majority", lambda maps: relabelled(maps, classes, lambda numbers, _: majority(numbers, choice.window, len(classes)))
    if choice.smoother == "hidden-markov":
        yield "hidden-markov", lambda maps: relabelled(maps, classes, lambda numbers, counts: _markov(choice, classes, errors, steps, numbers, counts))
    pixels = math.ceil(choice.minimum_unit_m2 / pixel_m**2)
    if pixels > 1:
        yield "minimum-unit", lambda maps: {year: minimum_unit(cover, classes, pixels, choice.neighbours) for year, cover in maps.items()}
    if choice.allowed:
        yield "allowed", lambda maps: relabelled(maps, classes, lambda numbers, _: repaired(numbers, steps))


def _markov(
    choice: Consistency, classes: Sequence[LandClass], errors: Sequence[Confusion], steps: NDArray[np.bool_], numbers: Numbers, counts: NDArray[np.int64]
) -> Numbers:
    if choice.markov.emission == "declared":
        emission = declared_emission(choice.markov.accuracy, len(classes))
    else:
        emission = confusion_emission(errors, mapped_pixels(numbers, counts, len(classes)), classes, choice.markov)
    return smoothed(numbers, counts, emission, steps, choice.markov)


def _changes(rule: str, classes: Sequence[LandClass], before: Maps, after: Maps) -> Iterator[ConsistencyChange]:
    names = {c.code: c.id for c in classes}
    for year, cover in before.items():
        changed = cover != after[year]
        pairs, counts = np.unique(cover[changed].astype(np.int64) * 256 + after[year][changed], return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            yield ConsistencyChange(year, rule, names[pair // 256], names[pair % 256], count)
