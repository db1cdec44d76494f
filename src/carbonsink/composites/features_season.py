"""A pixel's year as a walk through its observations in order of time: growing seasons, and the wet and dry days of its water.

A season is a rise followed by a fall, both large against the year's range (hysteresis, so that scatter makes none). Its start and
end lie where its edges have reached a share of their amplitude, as in TIMESAT: Jonsson and Eklundh 2004, Computers and
Geosciences 30, 833-845. Only a season with both edges within the year's observations counts: one that rises before the first of them,
or falls after the last, is none. Where growth crosses new year, the year is to begin in another month ([composites] features_from).
The values are first smoothed by a running median of three. Whole numbers throughout.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_NODATA

SEASONS = ("seasons", "season_start", "season_end", "season_length")
WETNESS = ("drydowns", "wet_days")
RISING, FALLING, UNKNOWN = 1, -1, 0
PIECE = 64  # pixels whose observations are gathered at once


def seasons_of(stack: NDArray[np.int16], valid: NDArray[np.uint8], days: NDArray[np.int64], settings: tuple[int, int, int, int]) -> NDArray[np.int16]:
    """The SEASONS, shape (4, row, column), of (time, row, column); without a season only their number, 0, is a value.

    `settings` are the percent of the range that turns a year, the least range [counts], and the percents of start and end.
    """
    out = np.full((len(SEASONS), *stack.shape[1:]), COMPOSITE_NODATA, np.int16)
    _seasons(stack, valid, days, np.array(settings, np.int64), out)
    return out


def wetness_of(stack: NDArray[np.int16], valid: NDArray[np.uint8], days: NDArray[np.int64], wet: int, dry: int, gap: int) -> NDArray[np.int16]:
    """The WETNESS, shape (2, row, column), of (time, row, column), by thresholds in counts and the longest gap [days].

    Wet is `wet` and above, dry below `dry`; where wet is under dry, wet is `wet` and below, dry above `dry`.
    """
    out = np.full((len(WETNESS), *stack.shape[1:]), COMPOSITE_NODATA, np.int16)
    _wetness(stack, valid, days, wet, dry, gap, out)
    return out


@njit(**COMPILED)
def _gather(stack, valid, days, y, left, width, values, when, count):  # pragma: no cover
    """The observations of some pixels of a row, one pixel after the other: values and days, shape (pixel, time), and their number."""
    count[:] = 0
    for t in range(stack.shape[0]):
        for x in range(width):  # without a branch: what isn't observed is overwritten by what comes next
            values[x, count[x]] = stack[t, y, left + x]
            when[x, count[x]] = days[t]
            count[x] += valid[t, y, left + x]


@njit(**COMPILED)
def _smooth(values, out, n):  # pragma: no cover
    """The running median of three, in which the first and the last stay as they are; gives the range."""
    low = high = values[0]
    for i in range(n):
        a, b, c = values[max(i - 1, 0)], values[i], values[min(i + 1, n - 1)]
        out[i] = max(min(a, b), min(max(a, b), c))
        low, high = min(low, out[i]), max(high, out[i])
    return high - low


@njit(**COMPILED)
def _seasons(stack, valid, days, settings, out):  # pragma: no cover
    times, rows, columns = stack.shape
    values, when = np.empty((PIECE, times), np.int64), np.empty((PIECE, times), np.int64)
    count, smooth, best = np.empty(PIECE, np.int64), np.empty(times, np.int64), np.empty(3, np.int64)
    for y in range(rows):
        for left in range(0, columns, PIECE):
            width = min(PIECE, columns - left)
            _gather(stack, valid, days, y, left, width, values, when, count)
            for x in range(width):
                n = count[x]
                spread = _smooth(values[x], smooth, n) if n else 0
                found = _turns(smooth, n, settings[0] * spread, best) if n and spread >= settings[1] else 0
                out[0, y, left + x] = found
                if found:
                    start = _rise(smooth, when[x], best[0], best[1], settings[2])
                    end = _fall(smooth, when[x], best[1], best[2], settings[3])
                    out[1, y, left + x], out[2, y, left + x], out[3, y, left + x] = start, end, end - start


@njit(**COMPILED)
def _turns(v, n, least, best):  # pragma: no cover
    """The number of seasons; `best` becomes left, peak and right of the largest, the first of equals. `least` is in hundredths."""
    state, left, low, high, peak = UNKNOWN, 0, 0, 0, -1
    seasons, largest = 0, -1
    for i in range(n):
        if state != FALLING and v[i] > v[high]:
            high = i
        if state != RISING and v[i] < v[low]:
            low = i
        if state != RISING and 100 * (v[i] - v[low]) >= least:  # a valley is behind
            if state == FALLING and peak >= 0:
                largest = _keep(v, left, peak, low, largest, best)
            state, left, high = RISING, low, i
        elif state != FALLING and 100 * (v[high] - v[i]) >= least:  # a peak is behind
            peak = high if state == RISING else -1
            seasons += state == RISING
            state, low = FALLING, i
    if state == FALLING and peak >= 0:
        _keep(v, left, peak, low, largest, best)
    return seasons


@njit(**COMPILED)
def _keep(v, left, peak, right, largest, best):  # pragma: no cover
    """The larger of the largest season so far and this one, twice its height over the mean of its two minima."""
    height = 2 * v[peak] - v[left] - v[right]
    if height <= largest:
        return largest
    best[0], best[1], best[2] = left, peak, right
    return height


@njit(**COMPILED)
def _rise(v, when, left, peak, percent):  # pragma: no cover
    """The day on which the rise passes its share of the amplitude for the last time, half days up."""
    level = 100 * v[left] + percent * (v[peak] - v[left])
    i = peak - 1
    while 100 * v[i] > level:
        i -= 1
    return when[i] + _part(level - 100 * v[i], when[i + 1] - when[i], 100 * (v[i + 1] - v[i]))


@njit(**COMPILED)
def _fall(v, when, peak, right, percent):  # pragma: no cover
    """The day on which the fall passes its share of the amplitude for the first time, half days up."""
    level = 100 * v[right] + percent * (v[peak] - v[right])
    i = peak + 1
    while 100 * v[i] > level:
        i += 1
    return when[i - 1] + _part(100 * v[i - 1] - level, when[i] - when[i - 1], 100 * (v[i - 1] - v[i]))


@njit(**COMPILED)
def _part(done, days, whole):  # pragma: no cover
    return (2 * done * days + whole) // (2 * whole)


@njit(**COMPILED)
def _wetness(stack, valid, days, wet, dry, gap, out):  # pragma: no cover
    times, rows, columns = stack.shape
    sign = 1 if wet >= dry else -1
    values, when, count = np.empty((PIECE, times), np.int64), np.empty((PIECE, times), np.int64), np.empty(PIECE, np.int64)
    for y in range(rows):
        for left in range(0, columns, PIECE):
            width = min(PIECE, columns - left)
            _gather(stack, valid, days, y, left, width, values, when, count)
            for x in range(width):
                dried, twice, flooded = 0, 0, False
                for i in range(count[x]):
                    value = sign * values[x, i]
                    if value >= sign * wet:
                        flooded = True
                        twice += min(gap, when[x, i] - when[x, i - 1]) if i else 0
                        twice += min(gap, when[x, i + 1] - when[x, i]) if i + 1 < count[x] else 0
                    elif flooded and value < sign * dry:
                        flooded = False
                        dried += 1
                out[0, y, left + x], out[1, y, left + x] = dried, (twice + 1) // 2
