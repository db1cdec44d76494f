"""Polygons and lines onto a grid of cells, in whole numbers only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[int, int]
Mask = NDArray[np.bool_]


def polygon_mask(rings: Sequence[Sequence[Point]], shape: tuple[int, int], cell: int) -> tuple[tuple[slice, slice], Mask]:
    """The window of a grid that a polygon touches, and the cells whose centres lie inside by the even-odd rule.

    Rings are closed, in the unit of `cell`, x to the east and y to the south of the grid's corner.
    """
    points = [point for ring in rings for point in ring]
    rows, columns = (_span([p[axis] for p in points], shape[1 - axis], cell) for axis in (1, 0))
    y, x = (np.arange(span.start, span.stop, dtype=np.int64) * cell + cell // 2 for span in (rows, columns))
    inside = np.zeros((y.size, x.size), dtype=np.bool_)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:], strict=False):
            crossed = np.flatnonzero((y1 > y) != (y2 > y))
            side = (x - x1) * (y2 - y1) - ((y[crossed] - y1) * (x2 - x1))[:, None]
            inside[crossed] ^= (side < 0) if y2 > y1 else (side > 0)
    return (rows, columns), inside


def squared_distance(line: Sequence[Point], shape: tuple[int, int], cell: int) -> NDArray[np.int64]:
    """Squared distance of every cell's centre to a line of points, rounded down, in the unit of `cell`; shape as given."""
    y = np.arange(shape[0], dtype=np.int64)[:, None] * cell + cell // 2
    x = np.arange(shape[1], dtype=np.int64)[None, :] * cell + cell // 2
    nearest = np.full(shape, np.iinfo(np.int64).max)
    for start, end in zip(line, line[1:], strict=False):
        np.minimum(nearest, _to_segment(x, y, start, end), out=nearest)
    return nearest


def _to_segment(x: NDArray[np.int64], y: NDArray[np.int64], start: Point, end: Point) -> NDArray[np.int64]:
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = x - start[0], y - start[1]
    length2 = dx * dx + dy * dy
    along, across = px * dx + py * dy, px * dy - py * dx
    to_start, to_end = px * px + py * py, (px - dx) * (px - dx) + (py - dy) * (py - dy)
    return np.where(along <= 0, to_start, np.where(along >= length2, to_end, across * across // max(length2, 1)))


def _span(values: Sequence[int], size: int, cell: int) -> slice:
    return slice(max(min(values) // cell, 0), min(max(values) // cell + 1, size))
