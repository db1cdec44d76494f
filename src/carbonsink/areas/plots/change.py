"""Change between two inventories, and a stock carried on by a change (AR-TOOL14 version 04.2, sections 6.1, 6.2, 7 and 8.4).

The same plots measured again tell their own change, with the error of the differences; other plots are two estimates, whose
errors add. Stocks go in as estimated, never as discounted (notes to eqs 1 and 23): a discount taken off a stock that is later
subtracted would come back as growth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import Array
from carbonsink.areas.plots.means import Mean, Strata, relative_percent, stratified


@dataclass(frozen=True)
class Total:
    """A stock or a change [t] and its uncertainty: the half-width at the tool's level, in percent."""

    value: float
    uncertainty_percent: float


def remeasured(before: Array, after: Array, strata: Strata, weights: Array) -> Mean:
    """Mean change of plots (..., n) measured twice: eqs 5 to 8."""
    return stratified(after - before, strata, weights)


def difference(before: Total, after: Total) -> Total:
    """The change between two independent stocks: eqs 1 and 2."""
    return _sum(after.value - before.value, before, after)


def carried(before: Total, change: Total) -> Total:
    """A stock that is the one before and a change measured by itself: eqs 22 and 23."""
    return _sum(before.value + change.value, before, change)


def a_year(change: float, years: float) -> float:
    """The mean change of a year: eq 11."""
    return change / years


def _sum(value: float, one: Total, other: Total) -> Total:
    half = math.hypot(*(part.value * part.uncertainty_percent / 100 for part in (one, other)))
    return Total(value, float(relative_percent(np.array(value), np.array(half))))
