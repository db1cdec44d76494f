"""Sums of a layer over parcels, compiled: integers only, so that their order says nothing."""
# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import numpy as np

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_NODATA


@njit(**COMPILED)
def add_up(layer, starts, runs, weights, sums, covered):  # pragma: no cover
    """For each parcel the sums of weight * value and of weight over its cells that aren't missing; `layer` is flat.

    Parcel p has runs `starts[p]` to `starts[p + 1]`; the cells of a run (first cell, length) have one weight.
    """
    for parcel in range(starts.size - 1):
        total, weight = 0, 0
        for i in range(starts[parcel], starts[parcel + 1]):
            line = layer[runs[i, 0] : runs[i, 0] + runs[i, 1]]
            values, seen = 0, 0
            for x in range(line.size):
                value = np.int64(line[x])
                there = value != COMPOSITE_NODATA
                values += value if there else 0
                seen += np.int64(there)
            total += weights[i] * values
            weight += weights[i] * seen
        sums[parcel] += total
        covered[parcel] += weight
