"""Means, ratios and their errors from stratified samples whose strata need not be the classes estimated.

Stehman 2014, Estimating area and map accuracy for stratified random sampling when the strata are different from the map
classes, International Journal of Remote Sensing 35, 4923-4939, doi:10.1080/01431161.2014.930207 ("eq" below).

A unit is one of a table's cells (map class and reference class, or class before and after), so counts by stratum and cell hold
all there is: what is measured on a unit is a value a cell. The finite population correction of eq 25 is left out: a sample is
a vanishing part of a map's pixels, and to leave it out is the careful side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carbonsink.areas.interval import LEAST_SAMPLES, Array
from carbonsink.base.problems import refuse


def cell_shares(counts: Array, stratum_area: Array) -> Array:
    """Share of the land in each cell (..., q, q) by eqs 2 and 16; counts (..., stratum, q, q), areas (..., stratum) in any unit."""
    return np.asarray((_weights(stratum_area)[..., None, None] * _within(counts)).sum(axis=-3))


def error_of_mean(counts: Array, stratum_area: Array, values: Array) -> Array:
    """Standard error of the land's mean of values (..., q, q) that each cell bears: the root of eq 25."""
    shares, units = _within(counts), counts.sum(axis=(-2, -1))
    values = np.asarray(values, np.float64)[..., None, :, :]
    mean, square = (shares * values).sum(axis=(-2, -1)), (shares * values**2).sum(axis=(-2, -1))
    spread = np.maximum(square - mean**2, 0) * units / np.maximum(units - 1, 1)  # s_h^2, eq 26
    return np.asarray(np.sqrt((_weights(stratum_area) ** 2 * spread / np.maximum(units, 1)).sum(axis=-1)))


def ratio(counts: Array, stratum_area: Array, above: Array, below: Array) -> tuple[Array, Array]:
    """The ratio of two means of cell values (eq 27) and its standard error (root of eq 28); NaN where the lower mean is none."""
    shares = cell_shares(counts, stratum_area)
    upper, lower = (shares * above).sum(axis=(-2, -1)), (shares * below).sum(axis=(-2, -1))
    known = lower > 0
    safe = np.where(known, lower, 1.0)
    found = upper / safe
    error = error_of_mean(counts, stratum_area, above - found[..., None, None] * below) / safe
    return np.where(known, found, np.nan), np.where(known, error, np.nan)


def check_strata(counts: Array, stratum_area: Array, names: Sequence[str]) -> None:
    """Refuse a stratum that holds area but fewer than two samples."""
    samples = counts.sum(axis=(-2, -1))
    lacking = (samples < LEAST_SAMPLES) & (stratum_area > 0)
    if lacking.any():
        place = tuple(np.argwhere(lacking)[0])
        area = float(np.broadcast_to(stratum_area, lacking.shape)[place])
        name = names[int(place[-1])] if names else f"stratum {int(place[-1])}"
        raise refuse("E-ARE-020", name, area=area, samples=int(samples[place]))


def _within(counts: Array) -> Array:
    """Share of a stratum's samples in each cell, 0 in strata without."""
    return np.asarray(counts / np.maximum(counts.sum(axis=(-2, -1), keepdims=True), 1))


def _weights(stratum_area: Array) -> Array:
    return np.asarray(stratum_area / stratum_area.sum(axis=-1, keepdims=True))
