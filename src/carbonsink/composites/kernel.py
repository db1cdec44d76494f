"""What is done pixel by pixel, compiled: indices, ranks, means, sums of parcels. Integers and IEEE steps only.

    reduce    a period's stack, piece of a row by piece -> layers     survey    how often a pixel was seen
    biased    counts as they stand in files -> reflectance            add_up    weighted sums over parcels

Kernels that call each other share this file, as numba's cache follows no other. A loop over pixels reads whatever it
may need before it decides, so that it runs many pixels at a time.
Sorting: Batcher, K. E. 1968, Sorting networks and their applications, AFIPS Spring Joint Computer Conference, 307-314.
"""
# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT
from carbonsink.composites.program import ADD, DIVIDE, MULTIPLY, NEGATE, NORMALISE, ROOT, SQUARE, SUBTRACT

NOTHING, MASKED, CLEAR = 0, 1, 2  # what one acquisition is at a pixel: no data, data that a mask takes away, an observation
LAST = 32767  # in place of a value that isn't there: sorts behind every value
MEAN = -1  # in place of a rank
PIECE = 512  # pixels of a row worked at once: long enough to be fetched ahead, short enough for the second cache
TOP = LAST - 1  # the greatest value either way [1e-4]
BIAS = 32768  # what a stack of reflectance holds more than reflectance, to be unsigned as the counts are
UNIT, NAN, INFINITE, NONE = np.float32(COMPOSITE_UNIT), np.float32(np.nan), np.float32(np.inf), np.float32(LAST)
STEP = np.float32(1 / COMPOSITE_UNIT)
COMPILED: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}  # division by zero is IEEE's, not Python's


@njit(**COMPILED)
def biased(values, state, shift, least):  # pragma: no cover
    """Turn a stack into reflectance + BIAS, in place, and fill into MASKED."""
    times, bands, rows, columns = values.shape
    for t in range(times):
        for y in range(rows):
            for b in range(bands):
                clear_only(values[t, b, y], least[t, b], state[t, y], columns)
                for x in range(columns):
                    values[t, b, y, x] = np.uint16(np.int32(np.float32(values[t, b, y, x]) + shift[t, b]) + BIAS)


@njit(**COMPILED)
def reduce(values, state, shift, least, bands, loads, constants, code, results, low, high, smallest, registers, ranks, pairs, minimum, out):  # pragma: no cover
    """A period's layers from its stack: bands, indices, number of observations, clear share.

    values (time, band, row, column) uint16, reflectance less `shift` (time, band) [1e-4], fill where not above `least`;
    state (time, row, column); `ranks[n]` is the place among n sorted values, or MEAN; out (layer, row, column).
    """
    times, bands_read, rows, columns = values.shape
    layers = bands.size + len(results)
    work = np.empty((registers, PIECE), dtype=np.float32)
    for i in range(constants.size):
        work[loads.size + i] = constants[i]
    sort = np.empty((layers, times, PIECE), dtype=np.int16)
    seen = np.empty((2, PIECE), dtype=np.int16)
    here = np.empty(PIECE, dtype=np.uint8)
    blank = np.empty(PIECE, dtype=np.float32)
    for y in range(rows):
        for start in range(0, columns, PIECE):
            n = min(PIECE, columns - start)
            end = start + n
            seen[:] = 0
            live = 0
            for t in range(times):
                here[:n] = state[t, y, start:end]
                for k in range(bands_read):
                    clear_only(values[t, k, y, start:end], least[t, k], here, n)
                if not tally(here, seen, n):
                    continue
                for k in range(bands.size):
                    keep(values[t, bands[k], y, start:end], shift[t, bands[k]], here, sort[k, live], n)
                for k in range(loads.size):
                    load(values[t, loads[k], y, start:end], shift[t, loads[k]], work[k], n)
                blanks(here, blank, n)
                run(code, smallest, work, n)
                for k in range(len(results)):
                    finish(results[k], work, smallest, blank, low[k], high[k], sort[bands.size + k, live], n)
                live += 1
            for k in range(layers):
                order(sort[k], live, pairs, n)
                pick(sort[k], live, ranks, seen[0], minimum, out[k, y, start:end], n)
            share(seen, out[layers, y, start:end], out[layers + 1, y, start:end], n)


@njit(**COMPILED)
def clear_only(line, least, here, n):  # pragma: no cover
    """Turn CLEAR into MASKED where a band holds fill."""
    for x in range(n):
        value, old = line[x], here[x]
        here[x] = old if value > least else min(old, np.uint8(MASKED))


@njit(**COMPILED)
def tally(here, seen, n):  # pragma: no cover
    """Count clear and seen pixels; whether any is clear."""
    some = np.uint8(0)
    for x in range(n):
        state = here[x]
        some = max(some, state)
        seen[0, x] += np.int16(state == CLEAR)
        seen[1, x] += np.int16(state != NOTHING)
    return some == CLEAR


@njit(**COMPILED)
def keep(line, shift, here, out, n):  # pragma: no cover
    """A band's reflectance [1e-4] where clear, LAST elsewhere."""
    for x in range(n):
        value = np.float32(line[x]) + shift
        out[x] = np.int16(value if here[x] == CLEAR else NONE)


@njit(**COMPILED)
def load(line, shift, out, n):  # pragma: no cover
    """Reflectance in float32."""
    for x in range(n):
        out[x] = (np.float32(line[x]) + shift) * STEP


@njit(**COMPILED)
def blanks(here, out, n):  # pragma: no cover
    """What makes nothing of a value that is added to it, where a pixel isn't clear."""
    for x in range(n):
        out[x] = np.float32(0.0) if here[x] == CLEAR else NAN


@njit(**COMPILED)
def run(code, smallest, work, n):  # pragma: no cover
    """Work a program on the first n pixels of its registers."""
    for i in range(code.shape[0]):
        operation, out, a, b = code[i, 0], work[code[i, 1]], work[code[i, 2]], work[code[i, 3]]
        if operation == ADD:
            for x in range(n):
                out[x] = a[x] + b[x]
        elif operation == SUBTRACT:
            for x in range(n):
                out[x] = a[x] - b[x]
        elif operation == MULTIPLY:
            for x in range(n):
                out[x] = a[x] * b[x]
        elif operation == DIVIDE:
            for x in range(n):
                below = b[x]
                out[x] = a[x] / (below if abs(below) >= smallest else NAN)
        elif operation == NORMALISE:
            for x in range(n):
                below = a[x] + b[x]
                out[x] = (a[x] - b[x]) / (below if abs(below) >= smallest else NAN)
        elif operation == NEGATE:
            for x in range(n):
                out[x] = -a[x]
        elif operation == SQUARE:
            for x in range(n):
                out[x] = a[x] * a[x]
        elif operation == ROOT:
            for x in range(n):
                out[x] = math.sqrt(a[x])


@njit(**COMPILED)
def finish(result, work, smallest, blank, low, high, out, n):  # pragma: no cover
    """An index's last step, as integers [1e-4] where clear and finite, LAST elsewhere."""
    if result[0] == NORMALISE:
        normalised(work[result[1]], work[result[2]], smallest, blank, low, high, out, n)
    elif result[0] == DIVIDE:
        quotient(work[result[1]], work[result[2]], smallest, blank, low, high, out, n)
    else:
        rounded(work[result[1]], blank, low, high, out, n)


@njit(**COMPILED)
def normalised(a, b, smallest, blank, low, high, out, n):  # pragma: no cover
    """(a - b) / (a + b), finished."""
    for x in range(n):
        below = a[x] + b[x]
        value = (a[x] - b[x]) / below + blank[x]
        good = (abs(below) >= smallest) & (abs(value) < INFINITE)
        whole = np.rint(min(max(value, low), high) * UNIT)
        out[x] = np.int16(whole if good else NONE)


@njit(**COMPILED)
def quotient(a, b, smallest, blank, low, high, out, n):  # pragma: no cover
    """a / b, finished."""
    for x in range(n):
        below = b[x]
        value = a[x] / below + blank[x]
        good = (abs(below) >= smallest) & (abs(value) < INFINITE)
        whole = np.rint(min(max(value, low), high) * UNIT)
        out[x] = np.int16(whole if good else NONE)


@njit(**COMPILED)
def rounded(a, blank, low, high, out, n):  # pragma: no cover
    """A register, finished."""
    for x in range(n):
        value = a[x] + blank[x]
        whole = np.rint(min(max(value, low), high) * UNIT)
        out[x] = np.int16(whole if abs(value) < INFINITE else NONE)


@njit(**COMPILED)
def order(sort, live, pairs, n):  # pragma: no cover
    """Sort the first `live` rows along time; pairs beyond them have nothing to exchange, as LAST would lie there."""
    for i in range(pairs.shape[0]):
        low, high = pairs[i, 0], pairs[i, 1]
        if high < live:
            for x in range(n):
                one, other = sort[low, x], sort[high, x]
                sort[low, x] = min(one, other)
                sort[high, x] = max(one, other)


@njit(**COMPILED)
def pick(sort, live, ranks, clear, minimum, out, n):  # pragma: no cover
    """The value of the rank, or the mean; COMPOSITE_NODATA below the least number of observations."""
    nodata, none = np.int16(COMPOSITE_NODATA), np.int16(LAST)
    for x in range(n):
        out[x] = nodata
    for m in range(1, live + 1):
        rank, last = ranks[m], sort[m - 1]
        if rank == MEAN:
            average(sort, m, live, out, n)
            continue
        for x in range(n):
            value, old = sort[rank, x], out[x]
            out[x] = value if last[x] != none else old
    least = np.int16(minimum)
    for x in range(n):
        old = out[x]
        out[x] = old if clear[x] >= least else nodata


@njit(**COMPILED)
def average(sort, m, live, out, n):  # pragma: no cover
    """The mean of the first m values where there are no more, half to even: the sum is exact, and a quotient of such integers is
    never rounded onto a half that it isn't."""
    for x in range(n):
        if sort[m - 1, x] != LAST and (m == live or sort[m, x] == LAST):
            total = 0
            for t in range(m):
                total += sort[t, x]
            out[x] = np.int16(np.rint(total / m))


@njit(**COMPILED)
def share(seen, count, clear, n):  # pragma: no cover
    """Clear observations, and their share of those with data [1e-4], half to even.

    A half is exact in float32, and the quotient of fewer than a thousand is never rounded onto one that it isn't.
    """
    nodata, one = np.float32(COMPOSITE_NODATA), np.int16(1)
    for x in range(n):
        clears, data = seen[0, x], seen[1, x]
        count[x] = clears
        part = np.rint(np.float32(clears) * UNIT / np.float32(max(data, one)))
        clear[x] = np.int16(part if data > 0 else nodata)


@njit(**COMPILED)
def survey(state, count, clear):  # pragma: no cover
    """Number of observations and clear share of a block, shape (row, column), from the state of every acquisition."""
    times, rows, columns = state.shape
    seen = np.zeros((2, columns), dtype=np.int16)
    for y in range(rows):
        seen[:] = 0
        for t in range(times):
            tally(state[t, y], seen, columns)
        share(seen, count[y], clear[y], columns)


@njit(**COMPILED)
def add_up(layer, starts, runs, weights, sums, covered):  # pragma: no cover
    """For each parcel the sums of weight * value and of weight over its cells that aren't missing; `layer` is flat.

    Parcel p has runs `starts[p]` to `starts[p + 1]`; a run (first cell, first weight, length) goes along both.
    """
    for parcel in range(starts.size - 1):
        total, weight = 0, 0
        for i in range(starts[parcel], starts[parcel + 1]):
            cell, first, n = runs[i, 0], runs[i, 1], runs[i, 2]
            line, shares = layer[cell : cell + n], weights[first : first + n]
            for x in range(n):
                value, share_ = np.int64(line[x]), np.int64(shares[x])
                seen = share_ if value != COMPOSITE_NODATA else 0
                total += value * seen
                weight += seen
        sums[parcel] += total
        covered[parcel] += weight


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
