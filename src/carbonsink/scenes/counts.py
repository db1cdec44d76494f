"""Counting pixels of a chip, compiled: by class, by square, and those of some classes.

Nearly all pixels hold a number, so what is counted of a band are those that don't: a run of RUN pixels above the least is
passed over in one comparison. What doesn't hang on a band is counted once a scene.
"""

from __future__ import annotations

import numpy as np

from carbonsink.base.compiled import njit

RUN = 64  # pixels


@njit(cache=True, nogil=True)
def all_above(pixels, least):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether each pixel of a run holds a number above the least."""
    above = np.uint32(0)
    for x in range(pixels.shape[0]):
        above += np.uint32(pixels[x] > least)
    return above == pixels.shape[0]


@njit(cache=True, nogil=True)
def by_class(codes, within):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pixels within, by class code, shape (256,).

    Neighbours are mostly of one class, and would wait for one another to be counted: four of them are counted apart.
    """
    counts = np.zeros((4, 256), dtype=np.int64)
    for y in range(codes.shape[0]):
        code, here = codes[y], within[y]
        for x in range(code.shape[0]):
            counts[x & 3, code[x]] += here[x]
    return counts.sum(0)


@njit(cache=True, nogil=True)
def low_by_class(pixels, codes, within, least):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pixels within that hold no number above the least, by class code, shape (256,)."""
    counts = np.zeros(256, dtype=np.int64)
    rows, columns = pixels.shape
    for y in range(rows):
        for first in range(0, columns, RUN):
            run = pixels[y, first : first + RUN]
            if not all_above(run, least):
                for x in range(run.shape[0]):
                    if within[y, first + x] and not run[x] > least:
                        counts[codes[y, first + x]] += 1
    return counts


@njit(cache=True, nogil=True)
def land_by_square(codes, is_land, side):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Pixels of land in each square of so many pixels a side, shape (square down, square across)."""
    rows, columns = codes.shape
    lands = np.zeros((-(-rows // side), -(-columns // side)), dtype=np.int64)
    for y in range(rows):
        for x in range(columns):
            lands[y // side, x // side] += is_land[codes[y, x]]
    return lands


@njit(cache=True, nogil=True)
def low_land_by_square(pixels, codes, is_land, least, side):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Those of them that hold no number above the least."""
    rows, columns = pixels.shape
    lacks = np.zeros((-(-rows // side), -(-columns // side)), dtype=np.int64)
    for y in range(rows):
        for first in range(0, columns, RUN):
            run = pixels[y, first : first + RUN]
            if not all_above(run, least):
                for x in range(run.shape[0]):
                    lacks[y // side, (first + x) // side] += is_land[codes[y, first + x]] and not run[x] > least
    return lacks


@njit(cache=True, nogil=True)
def above_of_classes(pixels, codes, wanted, least):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The pixels of wanted classes (256 yes or no) that hold a number above the least, in order, shape (pixel,)."""
    out = np.empty(pixels.size, pixels.dtype)
    count = np.uint64(0)
    for y in range(pixels.shape[0]):
        row, code = pixels[y], codes[y]
        for x in range(row.shape[0]):
            out[count] = row[x]
            count += np.uint64(wanted[code[x]] and row[x] > least)
    return out[:count]
