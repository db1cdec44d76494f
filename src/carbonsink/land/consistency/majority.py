"""The smoother "majority": a year takes the class that most of the years around it have."""

from __future__ import annotations

import numpy as np

from carbonsink.land.consistency.sequences import Numbers


def majority(numbers: Numbers, window: int, classes: int) -> Numbers:
    """Class numbers (sequence, year): the commonest of a window of years with the year in its middle, shorter at the ends.

    Years that aren't monitored have no vote. In a tie the year keeps its class where that is among the commonest; else the first of
    them in the pipeline's order is taken.
    """
    votes = np.stack([numbers == number for number in range(classes)], axis=-1).astype(np.int64)  # (sequence, year, class)
    found = numbers.copy()
    for year in range(numbers.shape[1]):
        around = votes[:, max(year - window // 2, 0) : year + window // 2 + 1].sum(axis=1)
        most = around.max(axis=-1)
        own = np.take_along_axis(around, np.maximum(numbers[:, [year]], 0).astype(np.int64), axis=1)[:, 0]
        found[:, year] = np.where(own == most, numbers[:, year], around.argmax(axis=-1))
    return found
