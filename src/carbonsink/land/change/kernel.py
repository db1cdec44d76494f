"""Breaks of a pixel's series, compiled: a harmonic model of a history, monitored by a moving or cumulative sum of residuals.

    history -> model by layer -> residuals -> alarm of any layer -> two models: where, and whether -> size, return -> history after ...

Float64 in single IEEE steps, cosines and sines from tables of whole numbers of 2^-24: every machine finds the same. Kernels that
call each other share this file, as numba's cache follows no other.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_NODATA

AFTER, BEFORE, SIZE, RETURN, PEAK = 0, 1, 2, 3, 4  # of a break: first period after, last before, magnitude, period of return, peak
FIELDS = 5
MOST = 5  # coefficients of a model: a mean and two waves
NONE = -1  # no such period
MOSUM = 0
ROOT_HALF, LOG_2 = 0.7071067811865476, 0.6931471805599453


@njit(**COMPILED)
def breaks(values, table, days, logs, dated, whole, real, floors, monitored, found, change, after):  # pragma: no cover
    """Fill `found`, `change` and `after` with the breaks of every pixel.

    values (layer, time, row, column) int16, the measured layer first; table (time, coefficient); days (time); `logs[n]` = log n;
    `dated` (layer) what is watched; `whole`, `real`: settings as search.Given has them; `floors` (layer) least error; monitored (row,
    column) 1 where a history was; found (slot, FIELDS, row, column); change, after (slot, layer, row, column) [1e-4].
    """
    layers, times, rows, columns = values.shape
    coefficients = table.shape[1]
    index = np.empty(times, np.int64)
    series = np.empty((layers, times))
    rest, lever = np.empty((layers, times)), np.empty(times)
    inverse, error, new = np.empty((MOST, 2 * MOST)), np.empty(layers), np.empty((layers, times))
    for y in range(rows):
        for x in range(columns):
            n = observed(values, y, x, index, series)
            start, slot = 0, 0
            while slot < found.shape[0]:
                end = history_end(days, index, start, n, whole)
                if end < 0:
                    break
                good = weigh(table, coefficients, index, start, end, real[0], inverse)
                if good:
                    levers(table, index, start, end, n, inverse, lever)
                    error[0] = fit(series[0], table, coefficients, index, start, end, n, inverse, floors[0], rest[0])
                    good = stable(rest[0], start, end, error[0], real[1])
                if not good:
                    start += 1
                    continue
                monitored[y, x] = 1
                if abs(strongest(rest[0], days, index, end, n, days[-1] - days[0])) < real[3]:  # then no alarm can be confirmed
                    break
                for k in range(1, layers):
                    error[k] = fit(series[k], table, coefficients, index, start, end, n, inverse, floors[k], rest[k])
                first, alarm = -1, end - 1
                while first < 0:
                    alarm = soonest(rest, lever, start, end, alarm + 1, n, error, dated, logs, whole, real)
                    if alarm < 0:
                        break
                    last = within(days, index, alarm, n, whole[5])
                    first = between(series, table, index, start, last, floors, dated, whole, real, inverse, new)
                    if first >= end:
                        first = sharpened(series, table, index, end, last, floors, dated, whole, real, inverse, new, rest, error, lever)
                    if first >= start + whole[1]:  # else what broke is the history itself
                        weigh(table, coefficients, index, start, first, real[0], inverse)
                        for k in range(layers):
                            fit(series[k], table, coefficients, index, start, first, n, inverse, floors[k], new[k])
                        if abs(strongest(new[0], days, index, first, n, whole[5])) < real[3]:
                            first = -1
                if first < 0:
                    break
                if first >= start + whole[1]:
                    note(series, new, days, index, first, n, whole, real, found[slot, :, y, x], change[slot, :, y, x], after[slot, :, y, x])
                    slot += 1
                start = first


@njit(**COMPILED)
def observed(values, y, x, index, series):  # pragma: no cover
    """Take the periods in which every layer of a pixel was seen; their number."""
    layers, times = values.shape[0], values.shape[1]
    n = 0
    for t in range(times):
        seen = True
        for k in range(layers):
            seen &= values[k, t, y, x] != COMPOSITE_NODATA
        if seen:
            index[n] = t
            for k in range(layers):
                series[k, n] = values[k, t, y, x]
            n += 1
    return n


@njit(**COMPILED)
def history_end(days, index, start, n, whole):  # pragma: no cover
    """The first observation after the history, or -1 where history and three more don't fit in."""
    history_days, least, confirm = whole[0], whole[1], whole[2]
    end = start
    while end < n and (end - start < least or days[index[end]] - days[index[start]] < history_days):
        end += 1
    return end if n - end >= confirm else -1


@njit(**COMPILED)
def weigh(table, size, index, start, end, smallest, inverse):  # pragma: no cover
    """The inverse of the normal equations of a stretch; False where its days don't tell the waves apart."""
    inverse[:] = 0.0
    for i in range(start, end):
        row = table[index[i]]
        for a in range(size):
            for b in range(size):
                inverse[a, b] += row[a] * row[b]
    return invert(inverse, size, smallest * (end - start))


@njit(**COMPILED)
def fit(line, table, size, index, start, end, n, inverse, floor, rest):  # pragma: no cover
    """A layer's model over a stretch by least squares, as its residuals from `start` to `n`; its standard error, `floor` at least."""
    model = np.zeros(MOST)
    for b in range(size):
        total = 0.0
        for i in range(start, end):
            total += table[index[i], b] * line[i]
        for a in range(size):
            model[a] += inverse[a, size + b] * total
    squares = 0.0
    for i in range(start, n):
        rest[i] = line[i]
        for a in range(size):
            rest[i] -= table[index[i], a] * model[a]
        squares += rest[i] * rest[i] if i < end else 0.0
    return max(math.sqrt(squares / max(end - start - size, 1)), floor)


@njit(**COMPILED)
def invert(m, size, smallest):  # pragma: no cover
    """Gauss and Jordan without pivoting, of the left half of `m` into its right half; False where a pivot is too small."""
    for a in range(size):
        m[a, size + a] = 1.0
    for k in range(size):
        pivot = m[k, k]
        if not pivot >= smallest:
            return False
        for j in range(2 * size):
            m[k, j] /= pivot
        for i in range(size):
            factor = m[i, k]
            if i != k:
                for j in range(2 * size):
                    m[i, j] -= factor * m[k, j]
    return True


@njit(**COMPILED)
def levers(table, index, start, end, n, inverse, lever):  # pragma: no cover
    """How much wider the error of a prediction is than that of the history."""
    size = table.shape[1]
    lever[start:end] = 1.0
    for i in range(end, n):
        row = table[index[i]]
        reach = 0.0
        for a in range(size):
            for b in range(size):
                reach += row[a] * inverse[a, size + b] * row[b]
        lever[i] = math.sqrt(1.0 + reach)


@njit(**COMPILED)
def stable(rest, start, end, error, bound):  # pragma: no cover
    """Whether the cumulative sum of a history's residuals stays within the bound of a Brownian bridge."""
    total, width = 0.0, bound * error * math.sqrt(float(end - start))
    for i in range(start, end):
        total += rest[i]
        if abs(total) > width:
            return False
    return True


@njit(**COMPILED)
def soonest(rest, lever, start, end, since, n, error, dated, logs, whole, real):  # pragma: no cover
    """The first alarm of any layer that dates, from `since` on; -1 where there is none."""
    first = n
    for k in range(rest.shape[0]):
        if dated[k]:
            alarm = monitor(rest[k], lever, start, end, since, first, error[k], logs, whole, real)
            first = alarm if alarm >= 0 else first
    return first if first < n else -1


@njit(**COMPILED)
def monitor(rest, lever, start, end, since, n, error, logs, whole, real):  # pragma: no cover
    """The first observation from `since` on at which the sum of residuals leaves its bound; -1 where none does."""
    length = end - start
    window = max(1, whole[4] * length // 100)
    scale = error * math.sqrt(float(length))
    total = 0.0
    if whole[3] == MOSUM:
        for i in range(max(start, end - window), end):
            total += rest[i]
    for i in range(end, n):
        total += rest[i] / lever[i]
        time = i - start + 1
        if whole[3] == MOSUM:
            gone = i - window
            if gone >= start:
                total -= rest[gone] / lever[gone]
            bound = real[2] * math.sqrt(2.0 * max(1.0, logs[time] - logs[length]))
        else:
            k = time / length
            bound = math.sqrt(k * (k - 1.0) * (real[2] + logs[time] - logs[time - length]))
        if i >= since and abs(total) > bound * scale:
            return i
    return -1


@njit(**COMPILED)
def within(days, index, near, n, reach):  # pragma: no cover
    """The first observation more than `reach` days after one."""
    last = near
    while last < n and days[index[last]] - days[index[near]] <= reach:
        last += 1
    return last


@njit(**COMPILED)
def between(series, table, index, start, last, floors, dated, whole, real, inverse, room):  # pragma: no cover
    """The first observation after the break of a stretch: where one model before it and one after are likeliest together.

    -1 where one model of all has the better information criterion. `inverse` and `room` are room for the models.
    """
    price = logarithm(float(last - start))
    best, first = unlikeliness(series, table, index, start, last, floors, dated, whole, real, price, inverse, room), -1
    for i in range(start + whole[2], last - whole[2] + 1):
        before = unlikeliness(series, table, index, start, i, floors, dated, whole, real, price, inverse, room)
        cost = before + unlikeliness(series, table, index, i, last, floors, dated, whole, real, price, inverse, room) + price
        if cost < best:
            best, first = cost, i
    return first


@njit(**COMPILED)
def unlikeliness(series, table, index, start, end, floors, dated, whole, real, price, inverse, room):  # pragma: no cover
    """Minus twice the log likelihood of a stretch under its own wave, or mean where it is short, and the price of what that estimates."""
    size, cost = 3 if end - start >= whole[7] and weigh(table, 3, index, start, end, real[0], inverse) else 1, 0.0
    if size == 1:
        weigh(table, size, index, start, end, real[0], inverse)
    for k in range(series.shape[0]):
        if dated[k]:
            error = fit(series[k], table, size, index, start, end, end, inverse, floors[k], room[k])
            cost += 2.0 * (end - start) * logarithm(error) + (size + 1) * price
            for i in range(start, end):
                cost += room[k, i] / error * (room[k, i] / error)
    return cost


@njit(**COMPILED)
def sharpened(series, table, index, end, last, floors, dated, whole, real, inverse, room, rest, error, lever):  # pragma: no cover
    """The same with the model of the history, which no observation after it has touched, as the one before."""
    before, best, first, price = 0.0, np.inf, end, logarithm(float(last - end))
    for i in range(end, last - whole[2] + 1):
        cost = before + unlikeliness(series, table, index, i, last, floors, dated, whole, real, price, inverse, room)
        if cost < best:
            best, first = cost, i
        for k in range(series.shape[0]):
            if dated[k]:
                width = error[k] * lever[i]
                before += rest[k, i] / width * (rest[k, i] / width) + 2.0 * logarithm(width)
    return first


@njit(**COMPILED)
def logarithm(value):  # pragma: no cover
    """The natural logarithm to eight digits, by steps that every machine does alike."""
    part, power = math.frexp(value)
    if part < ROOT_HALF:
        part, power = 2.0 * part, power - 1
    s = (part - 1.0) / (part + 1.0)
    q = s * s
    return power * LOG_2 + 2.0 * s * (1.0 + q * (1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q / 11)))))


@njit(**COMPILED)
def strongest(rest, days, index, first, n, reach):  # pragma: no cover
    """The running median of three that is farthest from zero, within `reach` days."""
    most = 0.0
    for i in range(first, n - 2):
        if days[index[i + 2]] - days[index[first]] > reach:
            break
        value = middle(rest, i)
        most = value if abs(value) > abs(most) else most
    return most


@njit(**COMPILED)
def middle(rest, i):  # pragma: no cover
    """The median of three neighbours."""
    a, b, c = rest[i], rest[i + 1], rest[i + 2]
    return max(min(a, b), min(max(a, b), c))


@njit(**COMPILED)
def returned(rest, days, index, first, n, size, share, reach):  # pragma: no cover
    """The first observation from which a whole year stays within what is left of the magnitude; -1 where none is known yet."""
    limit, sign = (1.0 - share) * abs(size), 1.0 if size > 0 else -1.0
    since = -1
    for i in range(first + 1, n - 2):
        if sign * middle(rest, i) > limit:
            since = -1
        elif since < 0:
            since = i
        if since >= 0 and days[index[i + 2]] - days[index[since]] >= reach:
            return since
    return -1


@njit(**COMPILED)
def note(series, rest, days, index, first, n, whole, real, found, change, after):  # pragma: no cover
    """Write a break down: its periods, its magnitude, when it was made good, the greenest of the year after, all layers at first."""
    size = strongest(rest[0], days, index, first, n, whole[5])
    back = returned(rest[0], days, index, first, n, size, real[4], whole[5])
    found[AFTER], found[BEFORE] = index[first], index[first - 1]
    found[SIZE] = counts(size)
    found[RETURN] = index[back] if back >= 0 else NONE
    peak = -np.inf
    for i in range(first, n):
        if days[index[i]] - days[index[first]] <= whole[5]:
            peak = max(peak, series[whole[6], i])
    found[PEAK] = counts(peak)
    for k in range(series.shape[0]):
        moved, seen = 0.0, 0.0
        for i in range(first, first + whole[2]):
            moved += rest[k, i]
            seen += series[k, i]
        change[k], after[k] = counts(moved / whole[2]), counts(seen / whole[2])


@njit(**COMPILED)
def counts(value):  # pragma: no cover
    """A value as whole ten-thousandths that a file holds."""
    return int(np.rint(max(-32767.0, min(32767.0, value))))
