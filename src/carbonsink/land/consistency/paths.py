"""The cheapest row of classes over the years, by whole-number costs (Viterbi 1967, doi:10.1109/TIT.1967.1054010).

A row costs what its classes cost beside what the map shows, and what its steps from year to year cost. Costs are whole numbers,
so the cheapest is the same on every machine; of equally cheap rows the one whose last class, then whose class before, ... comes
first in the pipeline's order is taken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carbonsink.land.consistency.sequences import NONE, Numbers

FORBIDDEN = 1 << 40  # a cost no row of allowed steps reaches
Costs = NDArray[np.int64]


def cheapest(numbers: Numbers, showing: Costs, step: Costs) -> Numbers:
    """The cheapest true classes of mapped ones (sequence, year).

    `showing` (true, mapped) is the cost of a class where the map shows another, nothing where nothing was monitored; `step`
    (before, after) that of a step.
    """
    sequences, years = numbers.shape
    classes = step.shape[0]
    shown = np.concatenate((showing, np.zeros((classes, 1), np.int64)), axis=1)  # NONE is the last column
    costs = shown[:, numbers[:, 0]].T.copy()
    came = np.zeros((years, sequences, classes), np.int16)
    for year in range(1, years):
        through = costs[:, :, None] + step[None]  # (sequence, before, after)
        came[year] = through.argmin(axis=1)
        costs = through.min(axis=1) + shown[:, numbers[:, year]].T
    found = np.full_like(numbers, NONE)
    found[:, -1] = costs.argmin(axis=1)
    for year in range(years - 1, 0, -1):
        found[:, year - 1] = np.take_along_axis(came[year], found[:, [year]].astype(np.int64), axis=1)[:, 0]
    return found
