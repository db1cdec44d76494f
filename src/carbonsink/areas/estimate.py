"""Areas adjusted for the map's errors, and accuracies, from a stratified sample of reference labels.

Olofsson, Foody, Herold, Stehman, Woodcock and Wulder 2014, Good practices for estimating area and assessing accuracy
of land change, Remote Sensing of Environment 148, 42-57, doi:10.1016/j.rse.2014.02.015 ("eq" below). Rows of counts
are map classes i, columns reference classes j; W_i is class i's share of the mapped area, n_i. its row sum.

Those standard errors take every sample for independent. Pixels of one parcel aren't: for them `by_parcel` takes the
parcel as the unit and lets one after the other away (delete-one-group jackknife: Wolter 2007, Introduction to
Variance Estimation, 2nd edition, doi:10.1007/978-0-387-35099-8, chapter 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import LEAST_SAMPLES, Array, logit, quantile, symmetric
from carbonsink.base.problems import refuse

JEFFREYS = 0.5  # samples added to either side of a share by Jeffreys' prior


@dataclass(frozen=True)
class Points:
    """Point estimates by class (..., q), and overall (...); NaN where nothing defines one. Areas in the mapped areas' unit."""

    areas: Array
    users: Array
    producers: Array
    overall: Array


@dataclass(frozen=True)
class Estimate:
    """Point estimates and their standard errors, in the same shapes and units; degrees of freedom where units are few."""

    points: Points
    errors: Points
    degrees: float | None = None  # of Student's t; None: many independent samples, the normal quantile

    def interval(self, level_percent: float) -> tuple[Points, Points]:
        """The ends of the intervals at a level [%]: symmetric for areas, on the logit scale for accuracies."""
        times, p, e = quantile(level_percent, self.degrees), self.points, self.errors
        ends = [symmetric(p.areas, e.areas, times), *(logit(*pair, times) for pair in ((p.users, e.users), (p.producers, e.producers), (p.overall, e.overall)))]
        return Points(*(low for low, _ in ends)), Points(*(high for _, high in ends))


def error_adjusted(counts: Array, mapped_area: Array, names: Sequence[str] = ()) -> Estimate:
    """Adjusted areas and accuracies with standard errors, from independent samples.

    `counts` (..., q map classes, q reference classes), `mapped_area` (..., q) in any unit; `names` for the refusal
    of a map class that holds area but fewer than two samples, whose error nobody can know.
    """
    counts, mapped_area = np.asarray(counts, np.float64), np.asarray(mapped_area, np.float64)
    _check_samples(counts, mapped_area, names)
    found = points(counts, mapped_area)
    whole = mapped_area.sum(axis=-1)
    shares, weights, rows = _shares(counts), _weights(mapped_area), counts.sum(axis=-1)
    # W_i^2 (n_ij / n_i.) (1 - n_ij / n_i.) / (n_i. - 1), the term of eqs 5, 7 and 10
    terms = weights[..., :, None] ** 2 * shares * (1 - shares) / np.maximum(rows - 1, 1)[..., :, None]
    own, column = np.diagonal(terms, axis1=-2, axis2=-1), terms.sum(axis=-2)
    others = np.where(np.eye(terms.shape[-1]) > 0, 0, terms).sum(axis=-2)
    adjusted = (weights[..., :, None] * shares).sum(axis=-2)
    producers = own * (1 - found.producers) ** 2 + found.producers**2 * others  # eq 7, times the area share squared
    errors = Points(
        areas=whole[..., None] * np.sqrt(column),  # eqs 10 and 12
        users=np.where(rows > 1, np.sqrt(found.users * (1 - found.users) / np.maximum(rows - 1, 1)), np.nan),  # eq 6
        producers=_ratio(np.sqrt(producers), adjusted),  # eq 7
        overall=np.sqrt(own.sum(axis=-1)),  # eq 5
    )
    return Estimate(found, errors)


def by_parcel(parcels: Array, mapped_area: Array, names: Sequence[str] = ()) -> Estimate:
    """Adjusted areas and accuracies from samples in parcels, with jackknife standard errors.

    `parcels` (..., parcel, q map classes, q reference classes) are the counts of each parcel, `mapped_area` (..., q). Degrees
    of freedom are parcels less map classes. Refuses a map class that holds area but has samples in fewer than two parcels.
    """
    parcels, mapped_area = np.asarray(parcels, np.float64), np.asarray(mapped_area, np.float64)
    check_parcels(parcels, mapped_area, names)
    counts = parcels.sum(axis=-3)
    found = points(counts, mapped_area)
    without = points(counts[..., None, :, :] - parcels, mapped_area[..., None, :])
    errors = Points(spread(without.areas, 2), spread(without.users, 2), spread(without.producers, 2), spread(without.overall, 1))
    return Estimate(found, errors, float(max(1, parcels.shape[-3] - int((mapped_area > 0).sum(axis=-1).max()))))


def cautious(counts: Array, mapped_area: Array) -> Array:
    """Standard errors of the adjusted areas (..., q) that don't trust a share of none: eq 10 with Jeffreys' shares.

    Where a class is left out of a large map class so seldom that the sample may hold no such case, eq 10 finds no error there.
    Shares (n_ij + 1/2) / (n_i. + 1) keep one (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133, section 3).
    """
    counts, mapped_area = np.asarray(counts, np.float64), np.asarray(mapped_area, np.float64)
    rows = counts.sum(axis=-1, keepdims=True)
    shares = (counts + JEFFREYS) / (rows + 2 * JEFFREYS)
    terms = _weights(mapped_area)[..., :, None] ** 2 * shares * (1 - shares) / np.maximum(rows - 1, 1)
    return np.asarray(mapped_area.sum(axis=-1)[..., None] * np.sqrt(terms.sum(axis=-2)))


def points(counts: Array, mapped_area: Array) -> Points:
    """Adjusted areas (eqs 9 and 11), user's (eq 2), producer's (eq 3) and overall accuracy (eq 1), with p_ij by eq 4."""
    shares, weights = _shares(counts), _weights(mapped_area)
    cells = weights[..., :, None] * shares
    own, adjusted = np.diagonal(cells, axis1=-2, axis2=-1), cells.sum(axis=-2)
    users = np.where(counts.sum(axis=-1) > 0, np.diagonal(shares, axis1=-2, axis2=-1), np.nan)
    return Points(np.asarray(mapped_area.sum(axis=-1)[..., None] * adjusted), users, _ratio(own, adjusted), own.sum(axis=-1))


def _shares(counts: Array) -> Array:
    """n_ij / n_i., 0 in rows without samples."""
    return np.asarray(counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1))


def _weights(mapped_area: Array) -> Array:
    return np.asarray(mapped_area / mapped_area.sum(axis=-1, keepdims=True))


def _ratio(numerator: Array, denominator: Array) -> Array:
    defined = denominator > 0
    return np.where(defined, numerator / np.where(defined, denominator, 1), np.nan)


def spread(without: Array, axis: int) -> Array:
    """sqrt((G - 1) / G * sum (x_g - mean x)^2) over the G replicates on an axis counted from the last."""
    groups = without.shape[-axis]
    return np.asarray(np.sqrt((groups - 1) / groups * ((without - without.mean(axis=-axis, keepdims=True)) ** 2).sum(axis=-axis)))


def check_parcels(parcels: Array, mapped_area: Array, names: Sequence[str]) -> None:
    """Refuse a map class that holds area but has samples in fewer than two parcels."""
    holding = (parcels.sum(axis=-1) > 0).sum(axis=-2)
    lacking = (holding < LEAST_SAMPLES) & (mapped_area > 0)
    if lacking.any():
        place = tuple(np.argwhere(lacking)[0])
        area = float(np.broadcast_to(mapped_area, lacking.shape)[place])
        raise refuse("E-ARE-002", _name(names, int(place[-1])), area=area, parcels=int(holding[place]))


def _check_samples(counts: Array, mapped_area: Array, names: Sequence[str]) -> None:
    samples = counts.sum(axis=-1)
    lacking = (samples < LEAST_SAMPLES) & (mapped_area > 0)
    if lacking.any():
        place = tuple(np.argwhere(lacking)[0])
        area = float(np.broadcast_to(mapped_area, lacking.shape)[place])
        raise refuse("E-ARE-001", _name(names, int(place[-1])), area=area, samples=int(samples[place]))


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if names else f"map class {number}"
