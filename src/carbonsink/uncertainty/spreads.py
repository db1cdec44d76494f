"""An interval as a record, quantised at the stage's border."""

from __future__ import annotations

from functools import partial

from carbonsink.base.records import Spread
from carbonsink.base.tables import quantise
from carbonsink.uncertainty.quantities import Key

WIDEST = 1e6  # percent; a mean of zero has no relative width, and no rule asks for more than this


def spread(key: Key, approach: int, level: float, mean: float, ends: tuple[float, float], median: float | None = None) -> Spread:
    """The interval of one quantity [t CO2e], with half of its width as a share of the mean [%]."""
    tonnes = partial(quantise, places=9)
    half = (ends[1] - ends[0]) / 2
    percent = 0.0 if half == 0 else min(WIDEST, 100 * half / abs(mean)) if mean else WIDEST
    middle = None if median is None else tonnes(median)
    return Spread(*key, approach, level, tonnes(mean), middle, tonnes(ends[0]), tonnes(ends[1]), quantise(percent, 6))
