"""Ratio estimators: of areas and accuracies where strata aren't map classes, of classes by parcels, of a total by a known one.

by_strata       samples drawn in strata of an older map, or of risk        (Stehman 2014)
by_size         parcels sampled; the map isn't asked                       (Cochran 1977, Sampling Techniques, 3rd ed., section 6.2)
by_map          parcels sampled; the map's area of the class is known      (as above; Gallego 2004, doi:10.1080/01431160310001619607)
total_by        any quantity of sampled units, by another whose total is known, e.g. hectares seen under the practice by hectares visited
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from carbonsink.areas.estimate import Estimate, Points
from carbonsink.areas.interval import Array
from carbonsink.areas.strata import cell_shares, check_strata, error_of_mean, ratio


def by_strata(counts: Array, stratum_area: Array, names: Sequence[str] = ()) -> Estimate:
    """Areas and accuracies from counts (..., stratum, q map classes, q reference classes) and areas (..., stratum).

    Where the strata are the map's classes this is `error_adjusted`. Refuses a stratum with area but fewer than two samples.
    """
    counts, stratum_area = np.asarray(counts, np.float64), np.asarray(stratum_area, np.float64)
    check_strata(counts, stratum_area, names)
    whole, own = stratum_area.sum(axis=-1), np.eye(counts.shape[-1])
    rows = [np.outer(unit, np.ones_like(unit)) for unit in own]  # 1 where the map shows the class
    columns = [row.T for row in rows]  # 1 where the reference does
    shares = cell_shares(counts, stratum_area)
    areas = shares.sum(axis=-2), np.stack([error_of_mean(counts, stratum_area, column) for column in columns], axis=-1)
    users = [ratio(counts, stratum_area, row * own, row) for row in rows]  # eqs 18 and 19
    producers = [ratio(counts, stratum_area, column * own, column) for column in columns]  # eqs 22 and 23
    overall = (shares * own).sum(axis=(-2, -1)), error_of_mean(counts, stratum_area, own)  # eq 12
    found, errors = ((whole[..., None] * areas[n], _stack(users, n), _stack(producers, n), overall[n]) for n in (0, 1))
    return Estimate(Points(*map(np.asarray, found)), Points(*map(np.asarray, errors)))


def by_size(parcels: Array, whole: Array) -> tuple[Array, Array]:
    """Areas of the reference classes (..., q) by what the sampled parcels hold of them, and their errors; the map isn't asked.

    `parcels` (..., parcel, q, q) as in `by_parcel`, `whole` (...) the land's area: A_j = whole * sum_p y_pj / sum_p m_p.
    """
    parcels = np.asarray(parcels, np.float64)
    sizes = parcels.sum(axis=(-2, -1))
    pairs = [total_by(parcels[..., j].sum(axis=-1), sizes, whole) for j in range(parcels.shape[-1])]
    return _stack(pairs, 0), _stack(pairs, 1)


def by_map(parcels: Array, mapped_area: Array) -> tuple[Array, Array]:
    """Areas of the classes (..., q) by the ratio of true to mapped area in the sampled parcels, and their errors.

    A_j = mapped_j * sum_p y_pj / sum_p x_pj. Each class by itself: the areas needn't make up the land. NaN where no sampled
    parcel is mapped as the class.
    """
    parcels, mapped_area = np.asarray(parcels, np.float64), np.asarray(mapped_area, np.float64)
    pairs = [total_by(parcels[..., :, j].sum(axis=-1), parcels[..., j, :].sum(axis=-1), mapped_area[..., j]) for j in range(parcels.shape[-1])]
    return _stack(pairs, 0), _stack(pairs, 1)


def total_by(y: Array, x: Array, x_total: Array) -> tuple[Array, Array]:
    """A total by the ratio of sampled sums, and its standard error: units (..., n) drawn at random, the total of x known.

    Y = X sum(y) / sum(x); its variance is (X / sum(x))^2 n / (n - 1) sum(e^2) with e = y - x sum(y) / sum(x): the residuals'
    own, weighed to the known total (Sarndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, chapters 5.6 and 7.3).
    """
    y, x = np.asarray(y, np.float64), np.asarray(x, np.float64)
    below, units = x.sum(axis=-1), y.shape[-1]
    known = below > 0
    safe = np.where(known, below, 1.0)
    slope = y.sum(axis=-1) / safe
    residuals = y - slope[..., None] * x
    error = np.abs(x_total) / safe * np.sqrt(units / max(units - 1, 1) * (residuals**2).sum(axis=-1))
    return np.where(known, x_total * slope, np.nan), np.where(known, error, np.nan)


def _stack(pairs: Sequence[tuple[Array, Array]], which: int) -> Array:
    return np.stack([pair[which] for pair in pairs], axis=-1)
