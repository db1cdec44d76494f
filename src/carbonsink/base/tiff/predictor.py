"""Sums along the rows of a tile: what a TIFF predictor took apart before compression, put together in one pass.

Predictor 2 (TIFF Revision 6.0, section 14) keeps differences of neighbours; predictor 3 (Adobe Photoshop TIFF
Technical Note 3) keeps differences of the bytes of floats, most significant bytes of the whole row first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

ROWS = [f"void({kind}[:, ::1], int64, int64, {kind}[:, :])" for kind in ("uint8", "uint16", "uint32")]


@njit(ROWS, cache=True, nogil=True)
def undo_differences(tile, top, left, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write pixels [top, left] onwards of a tile of differences into `out`; both unsigned, of one type.

    Four rows at a time: a sum waits for the one before it, four sums don't wait for one another.
    """
    rows, columns = out.shape
    for y in range(0, rows - 3, 4):
        a, b, c, d = tile[top + y], tile[top + y + 1], tile[top + y + 2], tile[top + y + 3]
        p, q, r, s = out[y], out[y + 1], out[y + 2], out[y + 3]
        e = f = g = h = np.uint32(0)
        for x in range(left):
            e += a[x]
            f += b[x]
            g += c[x]
            h += d[x]
        for x in range(columns):
            e += a[left + x]
            f += b[left + x]
            g += c[left + x]
            h += d[left + x]
            p[x], q[x], r[x], s[x] = e, f, g, h
    for y in range(rows - rows % 4, rows):
        total = np.uint32(0)
        for x in range(left):
            total += tile[top + y, x]
        for x in range(columns):
            total += tile[top + y, left + x]
            out[y, x] = total


@njit("void(uint8[:, ::1], int64, int64, uint32[:, :])", cache=True, nogil=True)
def undo_float_differences(tile, top, left, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write floats, as their bits, from rows of 4 * width bytes; `tile` is changed: its rows become running sums."""
    rows, columns = out.shape
    width = tile.shape[1] // 4
    for y in range(rows):
        row = tile[top + y]
        for x in range(1, 4 * width):
            row[x] += row[x - 1]
        for x in range(columns):
            at = left + x
            out[y, x] = (row[at] << 24) | (row[width + at] << 16) | (row[2 * width + at] << 8) | row[3 * width + at]
