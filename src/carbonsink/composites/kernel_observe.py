"""One acquisition pixel by pixel, compiled: what masks say, and a band's numbers as reflectance.

look     a mask's raw values -> NOTHING, MASKED or CLEAR          fresh   clear now, and not yet in a preferred scene
extent   the box of what is marked                                take    numbers -> reflectance [1e-4]
"""
# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import numpy as np

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import COMPOSITE_MOST
from carbonsink.composites.kernel import BIAS, CLEAR, MASKED, NOTHING


@njit(**COMPILED)
def look(raw, table, above, before, times, first, now):  # pragma: no cover
    """One mask: `table` says what each raw value is; later masks speak only where those before are clear.

    Each raw pixel is taken `times` times down and across; `above` rows and `before` columns of that lie outside `now`.
    """
    rows, columns = now.shape
    said = np.empty(raw.shape[1], dtype=np.uint8)
    wide = np.empty(said.size * times, dtype=np.uint8)
    last = -1
    for y in range(rows):
        at = (above + y) // times
        if at != last:
            last = at
            for x in range(said.size):
                said[x] = table[raw[at, x]]
            repeat(said, times, wide)
        line = wide[before:]
        for x in range(columns):
            new, old = line[x], now[y, x]
            now[y, x] = new if first or old == CLEAR else old


@njit(**COMPILED)
def repeat(line, times, wide):  # pragma: no cover
    """Each value so many times."""
    if times == 2:  # said apart, as pairs are written many at a time
        for x in range(line.size):
            wide[2 * x], wide[2 * x + 1] = line[x], line[x]
    else:
        for x in range(line.size):
            wide[x * times : (x + 1) * times] = line[x]


@njit(**COMPILED)
def fresh(now, masked, state):  # pragma: no cover
    """Turn `now` into 1 where it is clear and `state` isn't yet, else 0; what a mask takes away enters `state`."""
    limit = np.uint8(MASKED if masked else NOTHING)
    for y in range(now.shape[0]):
        for x in range(now.shape[1]):
            mine, whole = now[y, x], state[y, x]
            seen = min(mine, limit)
            state[y, x] = whole if whole > seen else seen
            now[y, x] = np.uint8((mine == CLEAR) & (whole != CLEAR))


@njit(**COMPILED)
def extent(marks, least):  # pragma: no cover
    """The box (row, column, height, width) of the marks that are at least so great; of height 0 where there are none."""
    rows, columns = marks.shape
    top, bottom = rows, 0
    most = np.zeros(columns, dtype=np.uint8)
    for y in range(rows):
        some = np.uint8(0)
        for x in range(columns):
            mark = marks[y, x]
            some = max(some, mark)
            most[x] = max(most[x], mark)
        if some >= least:
            top, bottom = min(top, y), y + 1
    if bottom == 0:
        return 0, 0, 0, 0
    across = np.flatnonzero(most >= least)
    return top, across[0], bottom - top, across[-1] + 1 - across[0]


@njit(**COMPILED)
def take(raw, above, before, times, factor, shift, minimum, wanted, out):  # pragma: no cover
    """Reflectance [1e-4] = raw * factor + shift, half to even, within +-32766, where `wanted`; fill clears `wanted`.

    `out` holds reflectance + BIAS; raw pixels are taken as in `look`.
    """
    rows, columns = out.shape
    wide = np.empty(raw.shape[1] * times, dtype=raw.dtype)
    last = -1
    for y in range(rows):
        at = (above + y) // times
        if at != last:
            last = at
            repeat(raw[at], times, wide)
        line = wide[before:]
        for x in range(columns):
            number, old = float(line[x]), out[y, x]
            good = (number > minimum) & (number < np.inf) & (wanted[y, x] != 0)
            value = np.rint(min(max(number * factor + shift, -COMPOSITE_MOST), COMPOSITE_MOST))
            new = np.uint16(np.int32(value if good else 0.0) + BIAS)
            out[y, x] = new if good else old
            wanted[y, x] = np.uint8(good)


@njit(**COMPILED)
def settle(wanted, state):  # pragma: no cover
    """What was wanted and came is clear."""
    for y in range(wanted.shape[0]):
        for x in range(wanted.shape[1]):
            old = state[y, x]
            state[y, x] = np.uint8(CLEAR) if wanted[y, x] else old
