"""What changed between two campaigns, what of it the controls changed too, and how sure that is (VM0042 v2.2, sections 8.2 and 8.6).

change(before, after)               the same units again: their differences; other units: two means, whose errors add
net(project, control)               the project's change less the baseline's: W17 of the worked examples
uncertainty_percent(net(...))       what eq 74 takes off
detectable(deviation, units)        eq 1; units_for(deviation, difference) eq 2
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from carbonsink.areas.interval import quantile
from carbonsink.base.tables import total
from carbonsink.declared.measured.settings import read_measured_settings

Units = Mapping[str, float]  # a stock [t C/ha] by unit: a sample, or a site


@dataclass(frozen=True)
class Estimate:
    """A mean or a change [t C/ha], its standard error, and the degrees of freedom of its t."""

    value: float
    error: float
    degrees: float

    def half_width(self, percent: float) -> float:
        """Half of the two-sided interval at a level [%]."""
        return float(quantile(percent, self.degrees)) * self.error


def mean(units: Units) -> Estimate:
    """The mean of two units or more, and its error."""
    values = [units[name] for name in sorted(units)]
    return Estimate(fmean(values), stdev(values) / math.sqrt(len(values)), len(values) - 1)


def change(before: Units, after: Units) -> Estimate:
    """The change between two campaigns. Units measured both times tell it by their differences (the covariance of eq 71)."""
    if before.keys() == after.keys():
        return mean({name: after[name] - before[name] for name in after})
    return net(mean(after), mean(before))


def net(one: Estimate, other: Estimate) -> Estimate:
    """One estimate less another that is independent of it; degrees of freedom by Welch and Satterthwaite."""
    parts = [(part.error**2, part.degrees) for part in (one, other)]
    variance = total(square for square, _ in parts)
    spread = total(square**2 / degrees for square, degrees in parts)
    degrees = variance**2 / spread if spread > 0 else total(degrees for _, degrees in parts)
    return Estimate(one.value - other.value, math.sqrt(variance), degrees)


def uncertainty_percent(estimate: Estimate) -> float:
    """UNC of VM0042 v2.2 eq 74 [%]: the standard error over the mean, times the one-sided t at 66.7 %; infinite about zero.

    The text prints 0.4307 for many degrees of freedom, the quantile of two thirds; 0.667 gives 0.4316, which is taken.
    """
    if estimate.error == 0:
        return 0.0
    percent = read_measured_settings().soil.deduction.probability_percent
    two_sided = 2 * percent - 100  # a one-sided level as the two-sided one with the same quantile
    return float(quantile(two_sided, estimate.degrees)) * estimate.error / abs(estimate.value) * 100 if estimate.value else math.inf


def detectable(deviation: float, units: int) -> float:
    """The least change [unit of the deviation] that so many units detect: VM0042 v2.2 eq 1, t with units - 1 degrees of freedom."""
    levels = read_measured_settings().soil.power
    quantiles = (quantile(level, units - 1) for level in (levels.significance_percent, 2 * levels.power_percent - 100))
    return deviation / math.sqrt(units) * total(map(float, quantiles))


def units_for(deviation: float, difference: float) -> int:
    """The least number of units that detect a difference > 0, at a standard deviation of the changes: VM0042 v2.2 eq 2."""
    if not difference > 0 or not deviation >= 0:
        raise ValueError(f"a difference above 0 and a deviation of 0 or more are asked for, not {difference} and {deviation}")
    low, high = 1, 2  # of which `low` is too few
    while detectable(deviation, high) > difference:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if detectable(deviation, middle) > difference else (low, middle)
    return high


def alike(one: Units, other: Units) -> float:
    """The p-value of Welch's two-sided test that two means are one; 1 where neither side spreads and they are equal."""
    from scipy.special import stdtr

    apart = net(mean(one), mean(other))
    if apart.error == 0:
        return float(apart.value == 0)
    return float(2 * stdtr(apart.degrees, -abs(apart.value) / apart.error))
