"""Controls matched to plots: near in their history, like in their facts, each used once, the whole as near as it can be.

VM0047 v1.1, Appendix 1, Steps 2 and 3. Arrays of plots go in in the order of ids, so that ties fall the same way whatever the
order of a table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.areas.interval import Array

NEAR_PLACES = 9  # decimals of a distance: less is noise of the arithmetic, and would settle ties
SINGULAR = 1e-10  # of the largest singular value: years nearer than this to saying the same are taken as one


@dataclass(frozen=True)
class Match:
    """The controls of each plot (n, k), numbers of donors from near to far, and their weights (n, k), 1 in all for each plot."""

    controls: NDArray[np.int64]
    weights: Array


def mahalanobis(project: Array, donors: Array) -> Array:
    """Distances (n, m) of plots (n, p) and donors (m, p), by the covariance of all of them."""
    everyone = np.concatenate((project, donors))
    inverse = np.linalg.pinv(np.atleast_2d(np.cov(everyone, rowvar=False)), rcond=SINGULAR, hermitian=True)
    apart = project[:, None, :] - donors[None, :, :]
    squared = np.einsum("nmp,pq,nmq->nm", apart, inverse, apart)
    return np.asarray(np.round(np.sqrt(np.maximum(squared, 0.0)), NEAR_PLACES))


def optimal(distances: Array, allowed: NDArray[np.bool_], controls: int) -> Match | None:
    """So many donors to each plot, none used twice, the sum of distances (n, m) the least; None where `allowed` (n, m) leaves no way."""
    from scipy.optimize import linear_sum_assignment

    cost = np.repeat(np.where(allowed, distances, np.inf), controls, axis=0)
    try:
        rows, columns = linear_sum_assignment(cost)
    except ValueError:  # infeasible
        return None
    if len(rows) < len(cost):
        return None
    chosen = columns.reshape(len(distances), controls)
    near = np.take_along_axis(distances, chosen, axis=1)
    order = np.lexsort((chosen, near), axis=1)
    chosen, near = np.take_along_axis(chosen, order, axis=1), np.take_along_axis(near, order, axis=1)
    return Match(chosen.astype(np.int64), weights(near))


def weights(distances: Array) -> Array:
    """Eq A1: exp(-MD) over its sum (n, k). The text says the inverse of the distance, the equation this."""
    part = np.exp(distances.min(axis=1, keepdims=True) - distances)  # the nearest is taken out: a far set keeps its digits
    return np.asarray(part / part.sum(axis=1, keepdims=True))


def differences(project: Array, donors: Array, match: Match) -> Array:
    """Eq A2: the standardised difference of means (p,) of each covariate; infinite where nothing spreads and the means differ."""
    return _standardised(project, donors[match.controls].reshape(-1, donors.shape[-1]), match.weights.ravel())


def unmatched(project: Array, donors: Array) -> Array:
    """The standardised difference of means (p,) from the whole pool, before any matching."""
    return _standardised(project, donors, np.ones(len(donors)))


def _standardised(project: Array, others: Array, weight: Array) -> Array:
    """The difference of means (p,) of plots (n, p) and others (c, p) of unequal weight, in the root of the mean of their variances."""
    apart = np.abs(project.mean(axis=0) - (weight[:, None] * others).sum(axis=0) / weight.sum())
    spread = np.sqrt((project.var(axis=0, ddof=1) + _weighted_variance(others, weight)) / 2)
    return np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), np.where(apart > 0, np.inf, 0.0))


def _weighted_variance(values: Array, weight: Array) -> Array:
    """The sample variance (p,) of values (c, p) of unequal weight, unbiased for weights that aren't counts."""
    whole = weight.sum()
    centred = values - (weight[:, None] * values).sum(axis=0) / whole
    return np.asarray((weight[:, None] * centred**2).sum(axis=0) / (whole - (weight**2).sum() / whole))
