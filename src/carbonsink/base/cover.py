"""How much of each pixel outlines cover, exactly, as runs along rows: work goes with the length of outlines, not with their area.

outlines  ->  edges in pixels of the grid  ->  what each cuts off in each cell it meets  ->  sorted, summed along rows  ->  Cover

An edge that falls within a cell covers what lies right of it in that cell, and as much of every cell further right as it falls; one that
rises takes that away. So the sum along a row is what is covered, as in the scan conversion of glyphs (FreeType, ftgrays.c, after
R. Levien's LibArt).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.compiled import COMPILED, njit
from carbonsink.base.rasters import Grid

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
FINE = 2**40  # steps of a share: far below what a coordinate knows, far above what sums of floats leave behind


@dataclass(frozen=True)
class Cover:
    """What outlines cover of a grid of `width` pixels a row: outline n has the runs from `starts[n]` to `starts[n + 1]`.

    A run (row, column, length), shape (run, 3), is of neighbouring cells of a row that are covered by the same share, above 0 to 1,
    shape (run,): wholly covered ones, or a cell on the edge. Runs of an outline go row by row and from left to right.
    """

    width: int
    starts: Integers
    runs: Integers
    shares: Floats

    def cells(self, outline: int) -> tuple[Integers, Floats]:
        """Numbers of an outline's cells, counted row by row through the grid, and the share of each."""
        mine = slice(self.starts[outline], self.starts[outline + 1])
        row, column, length = self.runs[mine].T
        before = np.cumsum(length) - length
        return np.repeat(row * self.width + column - before, length) + np.arange(length.sum()), np.repeat(self.shares[mine], length)


def cover(grid: Grid, outlines: Sequence[BaseGeometry], steps: int = FINE) -> Cover:
    """The share of each pixel that each outline covers, rounded to whole `steps` of a pixel; nothing beyond the grid.

    Outlines are valid polygons or several of them, in the grid's CRS; the check of declarations sees to it. Of others, sums that
    leave 0 to 1 are cut there. What has no area covers nothing.
    """
    edges, owner = _edges(grid, outlines)
    size = _most_cells(edges, grid)
    keys, falls, inside = np.empty(size, np.int64), np.empty(size), np.empty(size)
    met = cut_off(edges, owner, grid.height, grid.width, keys, falls, inside)
    order = np.argsort(keys[:met], kind="stable")
    runs, shares = np.empty((2 * met, 3), np.int64), np.empty(2 * met)
    found = add_along(keys[order], falls[order], inside[order], grid.width, float(steps), runs, shares)
    runs, shares = runs[:found].copy(), shares[:found].copy()
    starts = np.searchsorted(runs[:, 0], np.arange(len(outlines) + 1) * grid.height)
    runs[:, 0] %= grid.height
    return Cover(grid.width, starts, runs, shares)


def _edges(grid: Grid, outlines: Sequence[BaseGeometry]) -> tuple[Floats, Integers]:
    """Edges (x, y, x, y), shape (edge, 4), in pixels right and down of the grid's corner, and the number of the outline of each.

    The land is left of every edge.
    """
    parts, outline = shapely.get_parts(np.array(outlines, dtype=object), return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    points = (points - (grid.west, grid.north)) / (grid.resolution, -grid.resolution)
    if not np.isfinite(points).all():
        raise ValueError("an outline has a point that is nowhere on the plane")
    first = np.flatnonzero(ring[1:] == ring[:-1])
    return np.hstack([points[first], points[first + 1]]), outline[part[ring[first]]]


def _most_cells(edges: Floats, grid: Grid) -> int:
    """At least as many cells as edges meet: one a row, and one more for each column that an edge goes on; left of the grid is one column."""
    x, y = edges[:, ::2], edges[:, 1::2]
    columns = np.ptp(np.clip(np.floor(x), -1, grid.width - 1), axis=1)
    rows = np.clip(np.ceil(y.max(axis=1)), 0, grid.height) - np.clip(np.floor(y.min(axis=1)), 0, grid.height)
    return int((rows + columns).sum())


@njit(**COMPILED)
def cut_off(edges, owner, height, width, keys, falls, inside):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write for each cell that an edge meets its key, how far the edge falls there, and the share of the cell right of it; give their number.

    A key counts cells row by row through the grids of all outlines, laid one below the other.
    """
    n = 0
    for i in range(edges.shape[0]):
        x, y, to_x, to_y = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if y == to_y:
            continue
        way = 1.0
        if y > to_y:
            x, y, to_x, to_y, way = to_x, to_y, x, y, -1.0
        slope = (to_x - x) / (to_y - y)
        first = np.int64(min(max(math.floor(y), 0.0), height))
        last = np.int64(min(max(math.ceil(to_y), 0.0), height))
        enters = crossing(x, y, to_x, to_y, slope, float(first))
        for row in range(first, last):
            leaves = crossing(x, y, to_x, to_y, slope, row + 1.0)
            fall = way * (min(to_y, row + 1.0) - max(y, float(row)))
            n = spread((owner[i] * height + row) * width, enters, leaves, fall, width, keys, falls, inside, n)
            enters = leaves
    return n


@njit(**COMPILED)
def crossing(x, y, to_x, to_y, slope, at):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Where an edge crosses a border of rows; beyond its ends, the end."""
    if at <= y:
        return x
    if at >= to_y:
        return to_x
    return min(max(x + (at - y) * slope, min(x, to_x)), max(x, to_x))


@njit(**COMPILED)
def spread(key, enters, leaves, fall, width, keys, falls, inside, n):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The same within one row. What lies left of the grid stands for an edge along its border; what lies right of it covers nothing."""
    left, right = min(enters, leaves), max(enters, leaves)
    if left >= width:
        return n
    first, last = np.int64(max(math.floor(left), -1.0)), np.int64(min(max(math.floor(right), -1.0), width - 1.0))
    done = 0.0
    for column in range(first, last + 1):
        end = min(right, column + 1.0)
        sofar = fall if end == right else fall * ((end - left) / (right - left))
        part = sofar - done
        keys[n], falls[n] = key + max(column, 0), part
        inside[n] = part * (1.0 if column < 0 else column + 1.0 - (max(left, float(column)) + end) / 2)
        done = sofar
        n += 1
    return n


@njit(**COMPILED)
def add_along(keys, falls, inside, width, steps, runs, shares):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write runs and their shares from sorted cells, and give their number; rows are those of all outlines, one below the other."""
    n, i, covered = 0, 0, 0.0
    while i < keys.size:
        key = keys[i]
        row, column = key // width, key % width
        fall, right_of = 0.0, 0.0
        while i < keys.size and keys[i] == key:
            fall += falls[i]
            right_of += inside[i]
            i += 1
        n = append(row, column, 1, covered + right_of, steps, runs, shares, n)
        covered += fall
        border = (row + 1) * width
        following = min(keys[i], border) if i < keys.size else border
        n = append(row, column + 1, following - key - 1, covered, steps, runs, shares, n)
        if following == border:
            covered = 0.0
    return n


@njit(**COMPILED)
def append(row, column, length, share, steps, runs, shares, n):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Add cells to the last run where they go on with its share, else as one of their own."""
    share = np.rint(min(max(share, 0.0), 1.0) * steps) / steps
    if length == 0 or share == 0.0:
        return n
    if n > 0 and runs[n - 1, 0] == row and runs[n - 1, 1] + runs[n - 1, 2] == column and shares[n - 1] == share:
        runs[n - 1, 2] += length
        return n
    runs[n, 0], runs[n, 1], runs[n, 2], shares[n] = row, column, length, share
    return n + 1
