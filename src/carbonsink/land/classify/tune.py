"""Tuning: every candidate judged on samples it never saw, the first of the best taken. No seed but the declared ones enters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.growth import Growth
from carbonsink.land.classify.grow import grown
from carbonsink.land.classify.scores import accuracies, matrix_of


def balanced_accuracies(features: NDArray[np.int32], codes: NDArray[np.uint8], folds: NDArray[np.int64], growths: Sequence[Growth]) -> Iterator[float]:
    """Each candidate's balanced accuracy out of fold."""
    classes = np.unique(codes).tolist()
    for growth in growths:
        found = out_of_fold(features, codes, folds, growth)
        yield accuracies(matrix_of(found, codes, classes)).balanced


def out_of_fold(features: NDArray[np.int32], codes: NDArray[np.uint8], folds: NDArray[np.int64], growth: Growth) -> NDArray[np.uint8]:
    """Each sample's class by a model trained on the other folds; 0 where those show fewer than two classes."""
    found = np.zeros(codes.shape, np.uint8)
    for fold in np.unique(folds):
        held = folds == fold
        classes = np.unique(codes[~held]).tolist()
        if len(classes) > 1:
            found[held] = grown(features[~held], codes[~held], classes, None, growth).predict(features[held])
    return found


def first_of_the_best(scores: Sequence[float]) -> int:
    """The place of the highest score."""
    return max(range(len(scores)), key=lambda place: (scores[place], -place))
