"""How much of each pixel each parcel covers, and area-weighted means in integers, the same however the area is cut into blocks.

outlines on the grid  ->  coverage (base/cover.py, once)  ->  Weights of each block  ->  sums in its task  ->  means.csv
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.cover import cover
from carbonsink.base.rasters import Grid
from carbonsink.composites.kernel_parcels import add_up

Box = tuple[int, int, int, int]  # row, column, height, width
Integers = NDArray[np.int64]
ONE = 2**20  # of a wholly covered pixel: coverage is rounded to a millionth, and sums of int16 stay exact to 2**28 pixels


@dataclass(frozen=True)
class Weights:
    """The part of a block that parcels cover: numbers of the parcels, and for each from `starts` on its runs of cells in a row.

    A run is (first cell, length), shape (run, 2), and its cells have one weight, shape (run,): a wholly covered stretch is one run.
    Cells are counted row by row through the block's `width` pixels a row.
    """

    width: int
    parcels: Integers
    starts: Integers
    runs: Integers
    weights: Integers

    def add(self, layers: NDArray[np.int16], box: Box, sums: Integers, covered: Integers) -> None:
        """Add a box's share to sums (layer, parcel) of weight * value and of weight; `layers` has shape (layer, row, column)."""
        within = self._within(box)
        for layer, total, weight in zip(layers, sums, covered, strict=True):
            add_up(layer.reshape(-1), *within, total, weight)

    def by_parcel(self) -> Integers:
        """The weight of each parcel's cells together."""
        before = np.concatenate([[0], np.cumsum(self.weights * self.runs[:, 1])])
        return np.diff(before[self.starts])

    def _within(self, box: Box) -> tuple[Integers, Integers, Integers]:
        """Starts, runs and weights cut to a box of the block, cells counted through the box."""
        row, column, height, width = box
        if (row, column, width) == (0, 0, self.width) and self.runs[:, 0].max(initial=0) < height * width:
            return self.starts, self.runs, self.weights
        y, x = np.divmod(self.runs[:, 0], self.width)
        first, end = np.maximum(x, column), np.minimum(x + self.runs[:, 1], column + width)
        mine = (y >= row) & (y < row + height) & (end > first)
        cut = np.stack([(y - row) * width + first - column, end - first], axis=1)
        return np.concatenate([[0], np.cumsum(mine)])[self.starts], cut[mine], self.weights[mine]


def weights_of(grid: Grid, outlines: Sequence[BaseGeometry], boxes: Sequence[Box]) -> list[Weights]:
    """The weights of each block of a grid, which they cover once; outlines are in the grid's CRS."""
    covered = cover(grid, outlines, ONE)
    corners = np.array(boxes)[:, :2]
    down, right = np.unique(corners[:, 0]), np.unique(corners[:, 1])
    which, runs = _cut(covered.runs, np.append(right, grid.width))
    parcels, weights = np.repeat(np.arange(len(outlines)), np.diff(covered.starts))[which], (covered.shares * ONE).astype(np.int64)[which]
    within = _squares(runs, down, right)
    order = np.argsort(within, kind="stable")
    ends = np.searchsorted(within[order], np.arange(len(boxes) + 1))
    squares = _squares(corners, down, right)
    mine = [order[ends[square] : ends[square + 1]] for square in squares]
    return [_weights(box, parcels[some], runs[some], weights[some]) for box, some in zip(boxes, mine, strict=True)]


def _cut(runs: Integers, borders: Integers) -> tuple[Integers, Integers]:
    """Runs (row, column, length) cut at columns where blocks begin and the last ends: the number of the run it was, and the pieces."""
    row, column, length = runs.T
    first, last = (np.searchsorted(borders, cell, side="right") - 1 for cell in (column, column + length - 1))
    pieces = last - first + 1
    which = np.repeat(np.arange(len(runs)), pieces)
    square = np.arange(which.size) + np.repeat(last + 1 - np.cumsum(pieces), pieces)
    start, end = np.maximum(column[which], borders[square]), np.minimum((column + length)[which], borders[square + 1])
    return which, np.stack([row[which], start, end - start], axis=1)


def _squares(cells: Integers, down: Integers, right: Integers) -> Integers:
    """The block of each cell (row, column, ...), counted row by row."""
    row, column = (np.searchsorted(starts, cells[:, axis], side="right") - 1 for axis, starts in enumerate((down, right)))
    return row * right.size + column


def _weights(box: Box, parcels: Integers, runs: Integers, weights: Integers) -> Weights:
    """A block's runs (row, column, length) of the grid as its weights."""
    top, left, _, width = box
    starts = np.flatnonzero(np.diff(parcels, prepend=-1))
    local = np.stack([(runs[:, 0] - top) * width + runs[:, 1] - left, runs[:, 2]], axis=1)
    return Weights(width, parcels[starts], np.append(starts, parcels.size), local, weights)
