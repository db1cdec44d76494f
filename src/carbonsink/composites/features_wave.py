"""Harmonics of a pixel's year by least squares: value = mean + a cos(day) + b sin(day), with one wave a year and with two.

Cosines and sines are whole numbers of 2^-24, so that every sum is exact and hangs neither on the order of the observations nor on
the processor; the normal equations are solved without pivoting, each step in its place. One elimination serves both fits, since
the smaller one's equations are the larger one's first three.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.composites.features_order import LIMIT
from carbonsink.declared.timeseries import Harmonics

KINDS = ("mean", "amplitude1", "phase1", "amplitude2", "phase2")
FINE = 2**24  # times int16 times ten thousand observations stays under 2^53: exact in float64
WAVES = 4  # waves a year in the table: the products of two waves are waves of their sum and difference
PIECE = 128  # pixels worked at once, so that their sums stay in the first cache
SUMS = 2 * WAVES + 6  # observations, cosine and sine of each wave; values, and values times those of the first two waves


def waves_of(stack: NDArray[np.int16], valid: NDArray[np.uint8], days: NDArray[np.int64], settings: Harmonics, least: tuple[int, int]) -> NDArray[np.int16]:
    """The KINDS, shape (5, row, column), of values of shape (time, row, column); `least` observations for one wave and for two.

    Mean, amplitude1 and phase1 are those of the fit with one wave, amplitude2 and phase2 those of the fit with two. A phase is
    the day of its wave's (first) maximum, from 1; there is none where the amplitude rounds to zero. COMPOSITE_NODATA where there
    are too few observations or their days don't tell the waves apart.
    """
    out = np.full((len(KINDS), *stack.shape[1:]), COMPOSITE_NODATA, np.int16)
    table = _fine(days, settings.year_days, WAVES)
    first, second = half_days(settings.year_days), half_days(settings.year_days / 2)
    _waves(stack, valid, table, first, second, np.array(least, np.int64), settings.smallest_pivot, out)
    return out


def half_days(period: float) -> NDArray[np.float64]:
    """Directions (cosine, sine) of the half days at which a rounded day of a wave becomes the next, shape (day, 2)."""
    return _fine(np.arange(0.5, period), period, 1)


def _fine(days: NDArray[np.int64] | NDArray[np.float64], period: float, waves: int) -> NDArray[np.float64]:
    """Cosine and sine of each wave in whole numbers of 1 / FINE, a row a day."""
    table = np.empty((days.size, 2 * waves))
    for row, day in zip(table, days.tolist(), strict=True):
        angles = [2 * math.pi * wave * day / period for wave in range(1, waves + 1)]
        row[:] = [round(turn(angle) * FINE) for angle in angles for turn in (math.cos, math.sin)]
    return table


@njit(**COMPILED)
def _waves(stack, valid, table, first, second, least, smallest, out):  # pragma: no cover
    _, rows, columns = stack.shape
    sums, system, found = np.empty((SUMS, PIECE)), np.empty((5, 6)), np.empty(5)
    for y in range(rows):
        for left in range(0, columns, PIECE):
            width = min(PIECE, columns - left)
            _add(stack, valid, y, left, width, table, sums)
            for x in range(width):
                n = sums[0, x]
                if n < least[0]:
                    continue
                _lay(sums, x, system)
                if _eliminate(system, 0, 3, smallest * n):
                    _back(system, 3, found)
                    out[0, y, left + x] = _counts(found[0])
                    out[1, y, left + x], out[2, y, left + x] = _wave(found[1], found[2], first)
                    if n >= least[1] and _eliminate(system, 3, 5, smallest * n):
                        _back(system, 5, found)
                        out[3, y, left + x], out[4, y, left + x] = _wave(found[3], found[4], second)


@njit(**COMPILED)
def _add(stack, valid, y, left, width, table, sums):  # pragma: no cover
    """The sums of some pixels of a row, over their observations."""
    sums[:, :width] = 0
    for t in range(stack.shape[0]):
        c1, s1, c2, s2 = table[t, 0], table[t, 1], table[t, 2], table[t, 3]
        c3, s3, c4, s4 = table[t, 4], table[t, 5], table[t, 6], table[t, 7]
        for x in range(width):
            seen = float(valid[t, y, left + x])
            value = seen * stack[t, y, left + x]
            sums[0, x] += seen
            sums[1, x] += seen * c1
            sums[2, x] += seen * s1
            sums[3, x] += seen * c2
            sums[4, x] += seen * s2
            sums[5, x] += seen * c3
            sums[6, x] += seen * s3
            sums[7, x] += seen * c4
            sums[8, x] += seen * s4
            sums[9, x] += value
            sums[10, x] += value * c1
            sums[11, x] += value * s1
            sums[12, x] += value * c2
            sums[13, x] += value * s2


@njit(**COMPILED)
def _lay(sums, x, m):  # pragma: no cover
    """The normal equations of mean, cos, sin, cos 2, sin 2: sums of products, by the addition theorems from sums of waves."""
    n = sums[0, x]
    c1, s1, c2, s2 = sums[1, x] / FINE, sums[2, x] / FINE, sums[3, x] / FINE, sums[4, x] / FINE
    c3, s3, c4, s4 = sums[5, x] / FINE, sums[6, x] / FINE, sums[7, x] / FINE, sums[8, x] / FINE
    m[0, 0], m[0, 1], m[0, 2], m[0, 3], m[0, 4], m[0, 5] = n, c1, s1, c2, s2, sums[9, x]
    m[1, 1], m[1, 2], m[1, 3], m[1, 4], m[1, 5] = (n + c2) / 2, s2 / 2, (c1 + c3) / 2, (s1 + s3) / 2, sums[10, x] / FINE
    m[2, 2], m[2, 3], m[2, 4], m[2, 5] = (n - c2) / 2, (s3 - s1) / 2, (c1 - c3) / 2, sums[11, x] / FINE
    m[3, 3], m[3, 4], m[3, 5] = (n + c4) / 2, s4 / 2, sums[12, x] / FINE
    m[4, 4], m[4, 5] = (n - c4) / 2, sums[13, x] / FINE


@njit(**COMPILED)
def _eliminate(m, start, end, smallest):  # pragma: no cover
    """Make the upper triangle of a symmetric system, rows `start` to `end`; False where a pivot is too small."""
    for k in range(start, end):
        if not m[k, k] >= smallest:
            return False
        inverse = 1 / m[k, k]
        for i in range(k + 1, 5):
            factor = m[k, i] * inverse
            for j in range(i, 6):
                m[i, j] -= factor * m[k, j]
    return True


@njit(**COMPILED)
def _back(m, size, found):  # pragma: no cover
    """Solve the first `size` unknowns of an upper triangle, the others being none."""
    for i in range(size - 1, -1, -1):
        rest = m[i, 5]
        for j in range(i + 1, size):
            rest -= m[i, j] * found[j]
        found[i] = rest / m[i, i]


@njit(**COMPILED)
def _wave(a, b, bounds):  # pragma: no cover
    """Amplitude and day of the maximum of a cos + b sin: the half days passed are counted by halving, without an arc tangent."""
    amplitude = _counts(math.sqrt(a * a + b * b))
    if amplitude == 0:
        return amplitude, COMPOSITE_NODATA
    upper = b > 0
    low, high = 0, bounds.shape[0]
    while low < high:
        middle = (low + high) // 2
        before = bounds[middle, 1] > 0  # the half day lies in the first half of the wave
        passed = bounds[middle, 0] * b - bounds[middle, 1] * a >= 0 if upper == before else before
        if passed:
            low = middle + 1
        else:
            high = middle
    return amplitude, low if low else bounds.shape[0]


@njit(**COMPILED)
def _counts(value):  # pragma: no cover
    return int(np.rint(max(-LIMIT, min(LIMIT, value))))
