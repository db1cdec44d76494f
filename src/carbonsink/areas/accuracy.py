"""The scores that papers print beside an error matrix of counts, each sample weighing the same.

They describe the samples, not the land: where samples were drawn by class, areas and accuracies of the land are `estimate`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import Array


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1, by class (..., q) or of all samples (...); NaN where a class has no sample."""

    overall: Array
    users: Array  # precision
    producers: Array  # recall
    f1: Array
    balanced: Array  # mean of the producer's accuracies


def scores(counts: Array) -> Scores:
    """Scores of counts (..., q map classes, q reference classes)."""
    counts = np.asarray(counts, np.float64)
    own, rows, columns = np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-2)
    users, producers, f1 = _share(own, rows), _share(own, columns), _share(2 * own, rows + columns)
    return Scores(_share(own.sum(axis=-1), rows.sum(axis=-1)), users, producers, f1, np.asarray(producers.mean(axis=-1)))


def _share(part: Array, whole: Array) -> Array:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan)
