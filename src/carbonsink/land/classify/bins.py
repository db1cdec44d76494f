"""Features in bins, over which boosted trees are grown: at most BINS of about as many rows each, cut halfway between neighbouring values.

scikit-learn would bin by itself, but weighs rows in it one quantile at a time, which takes longer than the growing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 255  # as many as scikit-learn's


def cuts_of(column: NDArray[np.float32]) -> NDArray[np.float64]:
    """Where a feature is cut, rising: a value isn't above cut k where its bin is k or lower."""
    distinct, counts = np.unique(column, return_counts=True)
    last = np.arange(distinct.size - 1)
    if distinct.size > BINS:  # the distinct value that each share of the rows ends with
        ends = np.searchsorted(np.cumsum(counts), column.size * np.arange(1, BINS) / BINS)
        last = np.unique(ends[ends < distinct.size - 1])
    values = distinct.astype(np.float64)
    cuts: NDArray[np.float64] = values[last] / 2 + values[last + 1] / 2
    return cuts


def binned(table: NDArray[np.float32], cuts: Sequence[NDArray[np.float64]]) -> NDArray[np.float32]:
    """The bin of each value, shape (row, feature): how many cuts lie below it."""
    return np.column_stack([np.searchsorted(cut, column) for cut, column in zip(cuts, table.T, strict=True)]).astype(np.float32)
