"""Model-assisted estimators: what a map or an image says of all the land, corrected by what a sample says it says wrong.

mean_by_regression   a quantity of plots, features known everywhere      -> its mean over the land
areas_by_regression  parcels with mapped and true areas, the map known   -> areas of the classes

Sarndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, chapter 6 (general regression estimator, residuals with
g-weights in section 6.6); for one feature also Cochran 1977, Sampling Techniques, 3rd edition, chapter 7; in remote sensing
McRoberts, Naesset and Gobakken 2013, Remote Sensing of Environment 128, 268-275. The model may be wrong: the estimate stays
nearly unbiased by the sample's design, and a poor model only gains nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.areas.estimate import check_parcels, spread
from carbonsink.areas.interval import Array

SINGULAR = 1e-10  # of the largest singular value: features nearer than this to saying the same are taken as one


@dataclass(frozen=True)
class Assisted:
    """A mean by regression, its standard error, and the degrees of freedom: units less strata less features."""

    mean: Array
    error: Array
    degrees: int


def mean_by_regression(y: Array, features: Array, strata: NDArray[np.int64], weights: Array, feature_means: Array) -> Assisted:
    """The mean of y over strata of known shares of the land, features known everywhere, one slope a feature for all strata.

    Per unit: `y` (..., n), `features` (..., n, p), `strata` (n,) numbers from 0. Per stratum: `weights` (M,) its share of the
    land, `feature_means` (M, p) over all its land. The mean is sum_k a_k y_k with a_k = d_k (1 + c . (x_k - mean_h)), d_k = W_h / n_h;
    the variance sum_h n_h / (n_h - 1) sum_k (a_k e_k)^2, times (n - M) / (n - M - p) for the slopes that were fitted.
    """
    y, features = np.asarray(y, np.float64), np.asarray(features, np.float64)
    units, count = np.bincount(strata, minlength=len(weights)).astype(np.float64), features.shape[-1]
    design = (np.asarray(weights, np.float64) / units)[strata]
    centred, about = features - _by_stratum(features, strata, units)[..., strata, :], y - _by_stratum(y[..., None], strata, units)[..., strata, 0]
    scatter = np.einsum("k,...ki,...kj->...ij", design, centred, centred)
    apart = np.einsum("h,...hp->...p", np.asarray(weights, np.float64), feature_means - _by_stratum(features, strata, units))
    inverse = np.linalg.pinv(scatter, rcond=SINGULAR, hermitian=True)
    slopes = np.einsum("...ij,k,...kj,...k->...i", inverse, design, centred, about)
    pull = np.einsum("...kp,...pq,...q->...k", centred, inverse, apart)
    weighed = design * (1 + pull) * (about - np.einsum("...kp,...p->...k", centred, slopes))
    degrees = int(units.sum()) - len(units) - count
    inflated = (units / np.maximum(units - 1, 1))[strata] * (degrees + count) / max(degrees, 1)
    mean = (design * y).sum(axis=-1) + (apart * slopes).sum(axis=-1)
    return Assisted(np.asarray(mean), np.asarray(np.sqrt((inflated * weighed**2).sum(axis=-1))), degrees)


def areas_by_regression(parcels: Array, mapped_area: Array, names: Sequence[str] = ()) -> tuple[Array, Array]:
    """Areas (..., q) of the reference classes by regression of their pixels in a parcel on the mapped ones, and jackknife errors.

    `parcels` (..., parcel, q map classes, q reference classes), `mapped_area` (..., q). The slopes B solve sum_p x x' / m B =
    sum_p x y' / m, with the parcel's pixels m as the model's variance; areas are mapped_area B, and make up the mapped land.
    Where every parcel is one pixel this is the stratified estimator. Refuses as `by_parcel` does.
    """
    parcels, mapped_area = np.asarray(parcels, np.float64), np.asarray(mapped_area, np.float64)
    check_parcels(parcels, mapped_area, names)
    x, y = parcels.sum(axis=-1), parcels.sum(axis=-2)
    part = 1 / np.maximum(x.sum(axis=-1), 1)
    squares, products = (np.einsum("...p,...pi,...pj->...pij", part, x, other) for other in (x, y))
    all_squares, all_products = squares.sum(axis=-3), products.sum(axis=-3)
    without = _areas(all_squares[..., None, :, :] - squares, all_products[..., None, :, :] - products, mapped_area[..., None, :])
    return _areas(all_squares, all_products, mapped_area), spread(without, 2)


def _areas(squares: Array, products: Array, mapped_area: Array) -> Array:
    slopes = np.linalg.pinv(squares, rcond=SINGULAR, hermitian=True) @ products
    return np.asarray((mapped_area[..., None, :] @ slopes)[..., 0, :])


def _by_stratum(values: Array, strata: NDArray[np.int64], units: Array) -> Array:
    """Means (..., M, p) of values (..., n, p) by stratum."""
    member = (strata[None, :] == np.arange(len(units))[:, None]) / units[:, None]
    return np.asarray(np.einsum("hk,...kp->...hp", member, values))
