"""The walk of pixels through decision trees, compiled: whole numbers only, so the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def walk(
    features: NDArray[Any],
    classes: int,
    starts: NDArray[np.int64],
    feature: NDArray[np.int64],
    threshold: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    vote: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Votes (pixel, class) of trees over features (pixel, feature); children count from their tree's start."""
    votes = np.zeros((features.shape[0], classes), np.int64)
    for pixel in range(features.shape[0]):
        for tree in range(starts.shape[0]):
            start = starts[tree]
            node = start
            while feature[node] >= 0:
                goes_left = features[pixel, feature[node]] <= threshold[node]
                node = start + (left[node] if goes_left else right[node])
            votes[pixel, vote[node]] += 1
    return votes
