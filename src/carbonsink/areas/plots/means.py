"""Means of plots over strata: all plots measured, or a part of them with a cheaper variable on the rest.

CDM A/R Methodological Tool 14, Estimation of carbon stocks and change in carbon stocks of trees and shrubs in A/R CDM project
activities, version 04.2 (EB 85, 2015), sections 8.1.1 and 8.1.2 ("eq" below). What that tool calls the variance of the mean in
eqs 8, 17 and 19 is the variance of plots: eqs 6 and 15 divide it by the number of plots, once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.areas.interval import Array, quantile

Strata = NDArray[np.int64]  # a stratum's number from 0 for each plot


@dataclass(frozen=True)
class Mean:
    """A mean [t d.m./ha, or whatever the plots are in], its standard error, the degrees of freedom of its t."""

    value: Array
    error: Array
    degrees: int

    def uncertainty_percent(self, level_percent: float) -> Array:
        """u of eqs 6 and 15 in percent: the half-width at a level [%], relative to the mean already."""
        return relative_percent(self.value, quantile(level_percent, self.degrees) * self.error)


def relative_percent(value: Array, half_width: Array) -> Array:
    """A half-width in percent of what it is about; infinite about zero."""
    value, half_width = np.asarray(value, np.float64), np.asarray(half_width, np.float64)
    return np.where(value != 0, 100 * half_width / np.where(value != 0, np.abs(value), 1.0), np.where(half_width > 0, np.inf, 0.0))


def stratified(plots: Array, strata: Strata, weights: Array) -> Mean:
    """Eqs 14 to 17: plots (..., n) in strata that are the shares `weights` (M,) of the land; df = n - M."""
    means, variances, counts = _by_stratum(plots, strata, len(weights))
    return _over_strata(means, variances, counts, weights)


def two_phase(plots: Array, cheap: Array, strata: Strata, weights: Array, all_cheap: Array, all_plots: NDArray[np.int64]) -> Mean:
    """Eqs 18 and 19: plots (..., n) measured in full with the cheap variable (..., n), whose mean over all plots is `all_cheap` (..., M).

    `all_plots` (M,) is how many plots a stratum has in all; a stratum all of whose plots are measured gives eqs 16 and 17.
    A stratum whose cheap variable says nothing (no spread) is its mean and its variance.
    """
    plots, cheap = np.asarray(plots, np.float64), np.asarray(cheap, np.float64)
    means, variances, counts = _by_stratum(plots, strata, len(weights))
    cheap_means, cheap_variances, _ = _by_stratum(cheap, strata, len(weights))
    slope, correlation = _line(plots, cheap, strata, (variances, cheap_variances))
    adjusted = means + slope * (all_cheap - cheap_means)  # eq 18
    part = counts / all_plots
    return _over_strata(adjusted, variances * (1 - (1 - part) * correlation**2), counts, weights)  # eq 19


def _line(plots: Array, cheap: Array, strata: Strata, variances: tuple[Array, Array]) -> tuple[Array, Array]:
    """Slope and correlation by stratum (..., M), eqs A3.1 and A3.2; none where either variable has no spread."""
    count = variances[0].shape[-1]
    both = [_product(plots[..., strata == h], cheap[..., strata == h]) for h in range(count)]
    covariance = np.stack(both, axis=-1)
    spread = np.sqrt(variances[0] * variances[1])
    correlation = np.where(spread > 0, covariance / np.where(spread > 0, spread, 1.0), 0.0)
    ratio = np.where(variances[1] > 0, np.sqrt(variances[0] / np.where(variances[1] > 0, variances[1], 1.0)), 0.0)
    return correlation * ratio, correlation


def _product(one: Array, other: Array) -> Array:
    centred = (one - one.mean(axis=-1, keepdims=True)) * (other - other.mean(axis=-1, keepdims=True))
    return np.asarray(centred.sum(axis=-1) / max(one.shape[-1] - 1, 1))


def _by_stratum(plots: Array, strata: Strata, count: int) -> tuple[Array, Array, Array]:
    """Means (eq 16), variances (eq 17) and numbers of plots by stratum, shapes (..., M), (..., M), (M,)."""
    groups = [np.asarray(plots, np.float64)[..., strata == h] for h in range(count)]
    means = np.stack([group.mean(axis=-1) for group in groups], axis=-1)
    variances = np.stack([group.var(axis=-1, ddof=1) for group in groups], axis=-1)
    return means, variances, np.array([group.shape[-1] for group in groups], np.float64)


def _over_strata(means: Array, variances: Array, counts: Array, weights: Array) -> Mean:
    """Eqs 14 and 15."""
    error = np.sqrt((np.asarray(weights) ** 2 * variances / counts).sum(axis=-1))
    return Mean(np.asarray((weights * means).sum(axis=-1)), np.asarray(error), int(counts.sum()) - len(counts))
