"""Reducers that choose, pixel by pixel, compiled: the medoid of a stack, and what lies near a mark."""
# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import math

import numpy as np

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.composites.kernel import CLEAR


@njit(**COMPILED)
def medoids(values, state, chosen):  # pragma: no cover
    """Of each pixel the clear acquisition with the least summed Euclidean distance to the others, the earliest of equals; else -1.

    Sums run in order of time, so that they have the same bits wherever they are made.
    """
    times, bands, rows, columns = values.shape
    clear = np.empty(times, dtype=np.int64)
    summed = np.empty(times, dtype=np.float64)
    for y in range(rows):
        for x in range(columns):
            n = 0
            for t in range(times):
                if state[t, y, x] == CLEAR:
                    clear[n] = t
                    n += 1
            summed[:n] = 0.0
            for i in range(n):
                for j in range(i + 1, n):
                    square = 0
                    for b in range(bands):
                        apart = np.int64(values[clear[i], b, y, x]) - np.int64(values[clear[j], b, y, x])
                        square += apart * apart
                    distance = math.sqrt(float(square))
                    summed[i] += distance
                    summed[j] += distance
            chosen[y, x] = clear[np.argmin(summed[:n])] if n else -1


@njit(**COMPILED)
def widen(marked, reach, out):  # pragma: no cover
    """Whether any pixel within `reach` rows and columns is marked; `out` is `marked` without `reach` pixels along its rim."""
    rows, columns = marked.shape
    below = np.zeros(columns, dtype=np.int32)  # marks in the 2 * reach + 1 rows around, by column
    for y in range(rows):
        for x in range(columns):
            below[x] += marked[y, x]
            if y > 2 * reach:
                below[x] -= marked[y - 2 * reach - 1, x]
        if y >= 2 * reach:
            held = 0
            for x in range(columns):
                held += below[x]
                if x > 2 * reach:
                    held -= below[x - 2 * reach - 1]
                if x >= 2 * reach:
                    out[y - 2 * reach, x - 2 * reach] = held > 0
