"""How well classes are told apart: recalls, balanced accuracy, F, area under the ROC curve, and the accuracies of a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Accuracies:
    """Shares of a matrix of samples: overall, and by class in the matrix's order; NaN where a class has no sample."""

    overall: float
    users: tuple[float, ...]  # of what is mapped as the class, the share that is it
    producers: tuple[float, ...]  # of what is the class, the share that is mapped as it: the recall
    f: tuple[float, ...]  # the harmonic mean of the two

    @property
    def balanced(self) -> float:
        """Balanced accuracy: the mean recall of the classes that have samples (Brodersen et al. 2010, doi:10.1109/ICPR.2010.764)."""
        return float(np.nanmean(self.producers))


def matrix_of(mapped: ArrayLike, true: ArrayLike, classes: Sequence[Any]) -> NDArray[np.int64]:
    """Samples by map class (row) and true class (column), in the order of `classes`; those of other classes aren't counted."""
    found, known = np.asarray(mapped), np.asarray(true)
    return np.array([[int(((found == row) & (known == column)).sum()) for column in classes] for row in classes], np.int64)


def accuracies(matrix: ArrayLike) -> Accuracies:
    """The accuracies of a matrix of samples by map class (row) and true class (column), as counted: no weighting by area."""
    counts = np.asarray(matrix, np.float64)
    right = np.diag(counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        users, producers = right / counts.sum(axis=1), right / counts.sum(axis=0)
        f = 2 * right / (counts.sum(axis=1) + counts.sum(axis=0))
        overall = right.sum() / counts.sum()
    return Accuracies(float(overall), tuple(users.tolist()), tuple(producers.tolist()), tuple(f.tolist()))


def area_under_curve(score: ArrayLike, positive: ArrayLike) -> float:
    """The area under the ROC curve: the chance that a sample of the class scores above one that isn't, ties counting half; NaN without both.

    Hanley and McNeil 1982, Radiology 143, 29-36, doi:10.1148/radiology.143.1.7063747: the Wilcoxon statistic.
    """
    _, inverse, sizes = np.unique(np.asarray(score, np.float64), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[inverse]
    held = np.asarray(positive, np.bool_)
    yes, no = int(held.sum()), int((~held).sum())
    return float((ranks[held].sum() - yes * (yes + 1) / 2) / (yes * no)) if yes and no else float("nan")
