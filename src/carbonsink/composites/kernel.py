"""What is done pixel by pixel, compiled: indices, ranks, means. Integers and IEEE steps only.

    reduce    a period's stack, piece of a row by piece -> layers     survey    how often a pixel was seen
    biased    counts as they stand in files -> reflectance

`reduce` is compiled once for each program of indices (`reducer`), a second's work that numba keeps on disk.
Kernels that call each other share this file, as numba's cache follows no other. A loop over pixels reads whatever it
may need before it decides, so that it runs many pixels at a time.
Sorting: Batcher, K. E. 1968, Sorting networks and their applications, AFIPS Spring Joint Computer Conference, 307-314.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call, assignment"

from __future__ import annotations

import math
from functools import cache
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.evidence import sha256
from carbonsink.base.rasters import COMPOSITE_MOST, COMPOSITE_NODATA, COMPOSITE_UNIT
from carbonsink.composites.program import Program

NOTHING, MASKED, CLEAR = 0, 1, 2  # what one acquisition is at a pixel: no data, data that a mask takes away, an observation
LAST = COMPOSITE_MOST + 1  # in place of a value that isn't there: sorts behind every value
MEAN = -1  # in place of a rank
PIECE = 512  # pixels of a row worked at once: long enough to be fetched ahead, short enough for the second cache
BIAS = 32768  # what a stack of reflectance holds more than reflectance, to be unsigned as the counts are
UNIT, NAN, INFINITE, NONE = np.float32(COMPOSITE_UNIT), np.float32(np.nan), np.float32(np.inf), np.float32(LAST)
STEP, MOST = np.float32(1 / COMPOSITE_UNIT), np.float32(COMPOSITE_MOST)
# what a program's text may use
NAMES = (
    "NOTHING", "MASKED", "CLEAR", "NAN", "INFINITE", "STEP", "MOST", "known", "above", "counted", "within", "square", "root",
)  # fmt: skip


@njit(**COMPILED)
def biased(values, state, shift, least):  # pragma: no cover
    """Turn a stack into reflectance + BIAS, in place, and fill into MASKED."""
    times, bands, rows, columns = values.shape
    for t in range(times):
        for y in range(rows):
            for b in range(bands):
                clear_only(values[t, b, y], least[t, b], state[t, y], columns)
                for x in range(columns):
                    values[t, b, y, x] = np.uint16(np.int32(min(np.float32(values[t, b, y, x]) + shift[t, b], MOST)) + BIAS)


@cache
def reducer(program: Program) -> Any:
    """`reduce` with a program's `row` in it, compiled.

    Both have names of their own by the program's digest, and so files and symbols of their own: processes that compile different
    programs at the same time, or one that loads several, never take one for the other.
    """
    digest = sha256(program.text.encode())
    space = {name: globals()[name] for name in NAMES} | {"f32": np.float32, "i16": np.int16, "u8": np.uint8}
    code = next(part for part in compile(program.text, "<program>", "exec").co_consts if isinstance(part, CodeType))  # never run: numba reads it
    own = FunctionType(code, space)
    own.__qualname__ = f"row_{digest}"
    made = FunctionType(reduce.__code__, globals() | {"row": njit(nogil=True, error_model="numpy")(own)})
    made.__qualname__ = f"reduce_{digest}"
    return njit(**COMPILED)(made)


row: Any = None  # an acquisition's piece of a row, from `Program.text`: `reducer` gives each copy of `reduce` its own


def reduce(values, state, shift, least, bands, ranks, pairs, minimum, out):  # pragma: no cover
    """A period's layers from its stack: bands, indices, number of observations, clear share. Compiled by `reducer`.

    values (time, band, row, column) uint16, reflectance less `shift` (time, band) [1e-4], fill where not above `least`;
    state (time, row, column); `ranks[n]` is the place among n sorted values, or MEAN; out (layer, row, column).
    """
    times, _, rows, columns = values.shape
    layers = out.shape[0] - 2
    sort = np.empty((layers, times, PIECE), dtype=np.int16)
    seen = np.empty((2, PIECE), dtype=np.int16)
    here = np.empty(PIECE, dtype=np.uint8)
    for y in range(rows):
        for start in range(0, columns, PIECE):
            n = min(PIECE, columns - start)
            end = start + n
            seen[:] = 0
            live = 0
            for t in range(times):
                if not row(values, state, shift, least, t, y, start, end, here, seen, sort, bands.size, live):
                    continue
                for k in range(bands.size):
                    keep(values[t, bands[k], y, start:end], shift[t, bands[k]], here, sort[k, live], n)
                live += 1
            for k in range(layers):
                order(sort[k], live, pairs, n)
                pick(sort[k], live, ranks, minimum, out[k, y, start:end], n)
            share(seen, out[layers, y, start:end], out[layers + 1, y, start:end], n)


@njit(**COMPILED)
def known(below, smallest):  # pragma: no cover
    """A denominator; NaN where it is nearer to zero than the smallest."""
    return below if abs(below) >= smallest else NAN


@njit(**COMPILED)
def above(below, smallest):  # pragma: no cover
    """A denominator; NaN where it is under the smallest, or negative."""
    return below if below >= smallest else NAN


@njit(**COMPILED)
def counted(value, here, low, high):  # pragma: no cover
    """An index, clipped to its range, as an integer [1e-4] where clear and finite, LAST elsewhere."""
    whole = np.rint(min(max(value, low), high) * UNIT)
    return np.int16(whole if (here == CLEAR) & (abs(value) < INFINITE) else NONE)


@njit(**COMPILED)
def within(value, here, low, high):  # pragma: no cover
    """An index as an integer [1e-4] where clear and within its range, LAST elsewhere."""
    return np.int16(np.rint(value * UNIT) if (here == CLEAR) & (value >= low) & (value <= high) else NONE)


@njit(**COMPILED)
def square(value):  # pragma: no cover
    """A value times itself."""
    return value * value


@njit(**COMPILED)
def root(value):  # pragma: no cover
    """The square root, in the value's precision."""
    return math.sqrt(value)


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
        value = min(np.float32(line[x]) + shift, MOST)
        out[x] = np.int16(value if here[x] == CLEAR else NONE)


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
def pick(sort, live, ranks, minimum, out, n):  # pragma: no cover
    """The value of the rank, or the mean, of the layer's own values; COMPOSITE_NODATA where those are fewer than the minimum."""
    nodata, none = np.int16(COMPOSITE_NODATA), np.int16(LAST)
    for x in range(n):
        out[x] = nodata
    for m in range(minimum, live + 1):
        rank, last = ranks[m], sort[m - 1]
        if rank == MEAN:
            average(sort, m, live, out, n)
            continue
        for x in range(n):
            value, old = sort[rank, x], out[x]
            out[x] = value if last[x] != none else old


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
