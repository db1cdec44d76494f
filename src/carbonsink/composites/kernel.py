"""The exact lower median of integer stacks along time, by a sorting network that runs over whole rows of pixels.

Batcher, K. E. 1968, Sorting networks and their applications, AFIPS Spring Joint Computer Conference, 307-314.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA

LAST = 32767  # sorts behind every value; a true value of the same size changes nothing


def lower_median(stack: NDArray[np.int16], valid: NDArray[np.bool_]) -> NDArray[np.int16]:
    """The ((n - 1) // 2)-th smallest of the n valid values of each pixel; COMPOSITE_NODATA where n is 0.

    `stack` and `valid` have shape (time, row, column), the result (row, column). Integers only, no rounding:
    with an even n it is the lower of the two middle values.
    """
    times, rows, columns = stack.shape
    out = np.full((rows, columns), COMPOSITE_NODATA, dtype=np.int16)
    if times:
        _medians(np.ascontiguousarray(stack), np.ascontiguousarray(valid), network(times), out)
    return out


@cache
def network(n: int) -> NDArray[np.int64]:
    """Pairs of positions, shape (pair, 2), whose comparing and exchanging in order sorts n values (odd-even merge sort)."""
    pairs = []
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                pairs += [(i + j, i + j + k) for i in range(min(k, n - j - k)) if (i + j) // (2 * p) == (i + j + k) // (2 * p)]
            k //= 2
        p *= 2
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@njit(cache=True, nogil=True)
def _medians(stack, valid, pairs, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    times, rows, columns = stack.shape
    row = np.empty((times, columns), dtype=np.int16)
    for y in range(rows):
        for t in range(times):
            for x in range(columns):
                row[t, x] = stack[t, y, x] if valid[t, y, x] else LAST
        for n in range(pairs.shape[0]):
            a, b = row[pairs[n, 0]], row[pairs[n, 1]]
            for x in range(columns):
                low, high = min(a[x], b[x]), max(a[x], b[x])
                a[x] = low
                b[x] = high
        for x in range(columns):
            count = 0
            for t in range(times):
                count += valid[t, y, x]
            if count:
                out[y, x] = row[(count - 1) // 2, x]
