"""Distributions as functions from probability to value, cut where a bound is declared, and their standard deviations.

    Variable (value, low, high, distribution, least, most, quantiles)  ->  values at probabilities in (0, 1)

normal       mean at the value, low and high two standard deviations apart from it
lognormal    median at the value, the upper end of the 95 % interval at `high`; a lower end of zero is what it can't have
triangular   mode at the value, between low and high
pert         the same three numbers, smooth: a beta with shapes 1 + 4 (value - low) / (high - low) and 1 + 4 (high - value) / (high - low)
uniform      between low and high
empirical    straight lines between the declared quantiles

A declared bound cuts the distribution: what lies beyond is drawn anew inside, by the same probabilities shrunk to the part that is left.
It is not moved onto the bound. Sources of the forms: IPCC 2006, Volume 1, Chapter 3, section 3.2.2.4 (normal to uniform); PERT: Malcolm
et al. 1959 as a beta with shape 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.pairs import read_pairs
from carbonsink.base.records import Variable
from carbonsink.declared.factors import SPREADS

Values = NDArray[np.float64]
Form = Callable[[Values, Variable, float, float], Values]  # of a variable whose low and high are known
PERT_SHAPE = 4.0  # what the mode weighs against the ends
FINENESS = 4096  # points at which a standard deviation is taken: far finer than a half-width is stated
NODES = 1024  # of a beta, whose inverse by iteration would take longer than all other distributions together


def values_at(probabilities: Values, variable: Variable, low: float, high: float) -> Values:
    """A variable's values at probabilities in (0, 1), within its declared bounds."""
    at = FORMS[variable.distribution]
    if variable.least is None and variable.most is None:
        return at(probabilities, variable, low, high)
    first, last = (_probability(variable, low, high, bound, beyond) for bound, beyond in ((variable.least, 0.0), (variable.most, 1.0)))
    drawn = at(first + probabilities * (last - first), variable, low, high)
    return np.clip(drawn, variable.least, variable.most)  # for the last bit of rounding alone


def widening(variable: Variable) -> float:
    """Two standard deviations over half of the range from end to end: one for what a 95 % interval is stated of, uncut."""
    assert variable.low is not None and variable.high is not None
    if variable.distribution in ("normal", "lognormal") and variable.least is None and variable.most is None:
        return 1.0
    low, high = ends(variable)
    return 2 * SPREADS * deviation(variable) / (high - low)


def ends(variable: Variable) -> tuple[float, float]:
    """The stated ends of a variable's range, no farther than its declared bounds."""
    assert variable.low is not None and variable.high is not None
    low = variable.low if variable.least is None else max(variable.low, variable.least)
    return low, variable.high if variable.most is None else min(variable.high, variable.most)


def deviation(variable: Variable) -> float:
    """A variable's standard deviation, from its values at evenly spread probabilities."""
    assert variable.low is not None and variable.high is not None
    found = values_at((np.arange(FINENESS) + 0.5) / FINENESS, variable, variable.low, variable.high)
    mean = math.fsum(found.tolist()) / FINENESS
    return math.sqrt(math.fsum(((found - mean) ** 2).tolist()) / FINENESS)


def _probability(variable: Variable, low: float, high: float, bound: float | None, beyond: float) -> float:
    return beyond if bound is None else float(PROBABILITIES[variable.distribution](np.float64(bound), variable, low, high))


def _normal(p: Values, v: Variable, low: float, high: float) -> Values:
    from scipy.special import ndtri

    drawn: Values = v.value + (high - low) / 2 / SPREADS * ndtri(p)
    return drawn


def _normal_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    from scipy.special import ndtr

    return ndtr((x - v.value) / ((high - low) / 2 / SPREADS))


def _lognormal(p: Values, v: Variable, low: float, high: float) -> Values:
    from scipy.special import ndtri

    drawn: Values = v.value * np.exp(math.log(high / v.value) / SPREADS * ndtri(p))
    return drawn


def _lognormal_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    from scipy.special import ndtr

    return ndtr(math.log(x / v.value) / (math.log(high / v.value) / SPREADS)) if x > 0 else 0.0


def _triangular(p: Values, v: Variable, low: float, high: float) -> Values:
    at_value = (v.value - low) / (high - low)
    rising = low + np.sqrt(p * (high - low) * (v.value - low))
    falling = high - np.sqrt((1 - p) * (high - low) * (high - v.value))
    return np.where(p < at_value, rising, falling)


def _triangular_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    x = min(max(x, low), high)
    if x < v.value:
        return (x - low) ** 2 / ((high - low) * (v.value - low))
    return 1 - (high - x) ** 2 / ((high - low) * (high - v.value)) if x < high else 1.0


def _pert(p: Values, v: Variable, low: float, high: float) -> Values:
    drawn: Values = low + (high - low) * np.interp(p, *_beta(*_shapes(v, low, high)))
    return drawn


def _pert_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    from scipy.special import betainc

    return betainc(*_shapes(v, low, high), np.clip((x - low) / (high - low), 0, 1))


@lru_cache(maxsize=1024)
def _beta(rising: float, falling: float) -> tuple[Values, Values]:
    """A beta's probabilities at shares of its range, closer towards its ends: its inverse by lines is within 1e-5 of the range."""
    from scipy.special import betainc

    evenly = np.linspace(0, 1, NODES + 1)
    shares = evenly * evenly * (3 - 2 * evenly)
    return betainc(rising, falling, shares), shares


def _shapes(v: Variable, low: float, high: float) -> tuple[float, float]:
    return 1 + PERT_SHAPE * (v.value - low) / (high - low), 1 + PERT_SHAPE * (high - v.value) / (high - low)


def _uniform(p: Values, v: Variable, low: float, high: float) -> Values:
    return low + p * (high - low)


def _uniform_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    return np.clip((x - low) / (high - low), 0, 1)


def _empirical(p: Values, v: Variable, low: float, high: float) -> Values:
    probabilities, values = _points(v)
    drawn: Values = np.interp(p, probabilities, values)
    return drawn


def _empirical_probability(x: Any, v: Variable, low: float, high: float) -> Any:
    probabilities, values = _points(v)
    return np.interp(x, values, probabilities)


def _points(v: Variable) -> tuple[list[float], list[float]]:
    pairs = read_pairs(v.quantiles)
    return [float(probability) for probability, _ in pairs], [value for _, value in pairs]


FORMS: Mapping[str, Form] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "triangular": _triangular,
    "pert": _pert,
    "uniform": _uniform,
    "empirical": _empirical,
}
PROBABILITIES: Mapping[str, Callable[[Any, Variable, float, float], Any]] = {
    "normal": _normal_probability,
    "lognormal": _lognormal_probability,
    "triangular": _triangular_probability,
    "pert": _pert_probability,
    "uniform": _uniform_probability,
    "empirical": _empirical_probability,
}
