"""A pixel's year by the order of its values, as percentiles, minimum, maximum and range; its number of observations, and its slope.

Whole numbers throughout: percentiles are observations themselves (lower rank), the slope's sums are exact and it is divided once.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.composites.kernel import network

PERCENTS = (0, 5, 10, 25, 50, 75, 90, 95, 100)
LIMIT = 32767  # the largest value held; it sorts behind every other, and a true value of the same size changes nothing
RANKED = ("minimum", *(f"p{percent:02d}" for percent in PERCENTS[1:-1]), "maximum")


def ranks_of(stack: NDArray[np.int16], valid: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The observations of RANKED, shape (9, row, column), of (time, row, column); COMPOSITE_NODATA where there is none."""
    out = np.full((len(RANKED), *stack.shape[1:]), COMPOSITE_NODATA, np.int16)
    if stack.shape[0]:
        _ranks(stack, valid, network(stack.shape[0]), np.array(PERCENTS, np.int64), out)
    return out


def slope_of(stack: NDArray[np.int16], valid: NDArray[np.uint8], days: NDArray[np.int64], year_days: float) -> NDArray[np.int16]:
    """Change in a year of the straight line of least squares, shape (row, column); COMPOSITE_NODATA where all are of one day."""
    out = np.full(stack.shape[1:], COMPOSITE_NODATA, np.int16)
    _slope(stack, valid, days.astype(np.float64), year_days, out)
    return out


@njit(**COMPILED)
def _ranks(stack, valid, pairs, percents, out):  # pragma: no cover
    times, rows, columns = stack.shape
    row = np.empty((times, columns), dtype=np.int16)
    count = np.empty(columns, dtype=np.int64)
    for y in range(rows):
        count[:] = 0
        for t in range(times):
            for x in range(columns):
                row[t, x] = stack[t, y, x] if valid[t, y, x] else LIMIT
                count[x] += valid[t, y, x]
        for n in range(pairs.shape[0]):
            a, b = row[pairs[n, 0]], row[pairs[n, 1]]
            for x in range(columns):
                low, high = min(a[x], b[x]), max(a[x], b[x])
                a[x] = low
                b[x] = high
        for k in range(percents.size):
            for x in range(columns):
                if count[x]:
                    out[k, y, x] = row[(count[x] - 1) * percents[k] // 100, x]


@njit(**COMPILED)
def _slope(stack, valid, days, year_days, out):  # pragma: no cover
    times, rows, columns = stack.shape
    sums = np.empty((5, columns))
    for y in range(rows):
        sums[:] = 0
        for t in range(times):
            day = days[t]
            for x in range(columns):
                seen = float(valid[t, y, x])
                value = seen * stack[t, y, x]
                sums[0, x] += seen
                sums[1, x] += seen * day
                sums[2, x] += seen * day * day
                sums[3, x] += value
                sums[4, x] += value * day
        for x in range(columns):
            n, day, square, value, product = sums[0, x], sums[1, x], sums[2, x], sums[3, x], sums[4, x]
            spread = n * square - day * day
            if spread > 0:
                out[y, x] = int(np.rint(max(-LIMIT, min(LIMIT, (n * product - day * value) / spread * year_days))))
