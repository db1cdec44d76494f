"""How fast the project's stocking index grows against that of its matched controls (VM0047 v1.1, Appendix 1, Steps 5 and 6).

    slope(times, values, weights)     weighted least squares, eqs A5 and A6, with the error of that regression
    benchmark(project, control)       Z of eq A7, PB of eq A8

PB is kept between 0 and 1: controls that grow faster than the project leave no credit, and take none of another year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import Array, quantile
from carbonsink.declared.measured.settings import read_measured_settings


@dataclass(frozen=True)
class Slope:
    """What an index gains in a year, its standard error, and the degrees of freedom."""

    value: float
    error: float
    degrees: int


@dataclass(frozen=True)
class Benchmark:
    """PB, and the Z by which the two slopes differ."""

    value: float
    z: float


def slope(times: Array, values: Array, weights: Array) -> Slope:
    """The slope of values over times [yr], all (n,), n > 2. The weights aren't of residual variance; their scale doesn't matter."""
    whole = weights.sum()
    centred = times - (weights * times).sum() / whole
    spread = (weights * centred**2).sum()
    found = float((weights * centred * values).sum() / spread)
    residuals = values - (weights * values).sum() / whole - found * centred
    degrees = len(times) - 2
    return Slope(found, math.sqrt(float((weights * residuals**2).sum()) / degrees / float(spread)), degrees)


def benchmark(project: Slope, control: Slope) -> Benchmark:
    """PB = 1 where |Z| < 1.96; else the control's slope, 0 where it isn't above 0 for sure, over the project's."""
    tests = read_measured_settings().stocking.tests
    apart, error = project.value - control.value, math.hypot(project.error, control.error)
    z = apart / error if error > 0 else math.copysign(math.inf, apart) if apart else 0.0
    if abs(z) < tests.least_z or project.value <= 0:
        return Benchmark(1.0, z)
    sure = control.value > float(quantile(tests.slope_percent, control.degrees)) * control.error
    return Benchmark(float(np.clip(control.value / project.value, 0.0, 1.0)) if sure else 0.0, z)
