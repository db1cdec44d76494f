"""Intervals about an estimate: Student's t where few units speak, on the logit scale for what lies between 0 and 1.

A symmetric interval about a share near 0 or 1 leaves the truth out too often and reaches beyond it: accuracies get the logit
interval (Korn and Graubard 1998, Survey Methodology 24, 193-201), areas the symmetric one that credits are reckoned with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LEAST_SAMPLES = 2  # a spread needs two


def quantile(level_percent: float, degrees: Array | float | None = None) -> Array:
    """The two-sided quantile at a level [%]: Student's with degrees of freedom, the normal one without."""
    from scipy.special import ndtri, stdtrit

    upper = 0.5 + level_percent / 200
    return np.asarray(ndtri(upper) if degrees is None else stdtrit(degrees, upper), np.float64)


def symmetric(value: Array, error: Array, times: Array) -> tuple[Array, Array]:
    """The value less and plus so many standard errors."""
    return np.asarray(value - times * error), np.asarray(value + times * error)


def logit(share: Array, error: Array, times: Array) -> tuple[Array, Array]:
    """Ends of the interval of a share between 0 and 1; a share of 0 or 1, or one without error, is its own interval."""
    from scipy.special import expit
    from scipy.special import logit as scale

    share, error = np.asarray(share, np.float64), np.asarray(error, np.float64)
    inner = (share > 0) & (share < 1) & (error > 0)
    safe = np.where(inner, share, 0.5)
    with np.errstate(over="ignore"):  # about a share of next to nothing the half-width has no bound
        half = times * np.where(inner, error, 0.0) / (safe * (1 - safe))
    low, high = expit(scale(safe) - half), expit(scale(safe) + half)
    return np.where(inner, low, share), np.where(inner, high, share)
