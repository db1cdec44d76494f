"""How much of each pixel each parcel covers, and area-weighted means in integers, the same however the area is cut into blocks.

outlines on the grid  ->  coverage (exactextract, once)  ->  Weights of each block  ->  sums in its task  ->  means.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from carbonsink.base.rasters import Grid
from carbonsink.composites.kernel import add_up

Box = tuple[int, int, int, int]  # row, column, height, width
Integers = NDArray[np.int64]
ONE = 2**20  # of a wholly covered pixel: coverage is rounded to a millionth, and sums of int16 stay exact to 2**28 pixels
TOGETHER = 64  # outlines laid on the grid at once


@dataclass(frozen=True)
class Weights:
    """The part of a block that parcels cover: numbers of the parcels, and for each from `starts` on its runs of cells in a row.

    A run is (first cell, place of its weight, length), shape (run, 3); cells are counted row by row through the block's
    `width` pixels a row.
    """

    width: int
    parcels: NDArray[np.int64]
    starts: NDArray[np.int64]
    runs: NDArray[np.int64]
    weights: NDArray[np.int32]

    def add(self, layers: NDArray[np.int16], box: Box, sums: NDArray[np.int64], covered: NDArray[np.int64]) -> None:
        """Add a box's share to sums (layer, parcel) of weight * value and of weight; `layers` has shape (layer, row, column)."""
        starts, runs = self._within(box)
        for layer, total, weight in zip(layers, sums, covered, strict=True):
            add_up(layer.reshape(-1), starts, runs, self.weights, total, weight)

    def by_parcel(self) -> Iterator[NDArray[np.int32]]:
        """Each parcel's weights; its runs lie one behind the other."""
        ends = [int(self.runs[last - 1, 1] + self.runs[last - 1, 2]) for last in self.starts[1:]]
        return (self.weights[first:end] for first, end in zip([0, *ends], ends, strict=False))

    def _within(self, box: Box) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Runs cut to a box of the block, cells counted through the box."""
        row, column, height, width = box
        if (row, column, width) == (0, 0, self.width) and self.runs[:, 0].max(initial=0) < height * width:
            return self.starts, self.runs
        y, x = np.divmod(self.runs[:, 0], self.width)
        first, end = np.maximum(x, column), np.minimum(x + self.runs[:, 2], column + width)
        mine = (y >= row) & (y < row + height) & (end > first)
        cut = np.stack([(y - row) * width + first - column, self.runs[:, 1] + first - x, end - first], axis=1)
        return np.concatenate([[0], np.cumsum(mine)])[self.starts], cut[mine]


def weights_of(grid: Grid, outlines: Sequence[BaseGeometry], boxes: Sequence[Box]) -> list[Weights]:
    """The weights of each block of a grid, which they cover once; outlines are in the grid's CRS."""
    down, right = (np.unique([box[axis] for box in boxes]) for axis in (0, 1))
    number = {(box[0], box[1]): n for n, box in enumerate(boxes)}
    parts: list[list[tuple[int, Integers, NDArray[np.int32]]]] = [[] for _ in boxes]
    for parcel, (cells, coverage) in enumerate(_coverage(grid, outlines)):
        weights = np.rint(coverage * ONE).astype(np.int32)
        runs = _runs(cells, grid.width, right)
        row, column = np.searchsorted(down, runs[:, 0], side="right") - 1, np.searchsorted(right, runs[:, 1], side="right") - 1
        within = row * right.size + column
        for one in np.unique(within):
            top, left = int(down[one // right.size]), int(right[one % right.size])
            block = number[top, left]
            mine = runs[within == one]
            parts[block].append((parcel, *_local(mine, top, left, boxes[block][3], weights)))
    return [_joined(box[3], some) for box, some in zip(boxes, parts, strict=True)]


def _runs(cells: Integers, width: int, right: Integers) -> Integers:
    """Neighbouring cells of a row within one column of blocks as runs (row, column, place of the first, length)."""
    column = cells % width
    new = np.ones(cells.size, dtype=np.bool_)
    border = np.zeros(width, dtype=np.bool_)
    border[right] = True
    new[1:] = (np.diff(cells) != 1) | border[column[1:]]
    place = np.flatnonzero(new)
    return np.stack([cells[place] // width, column[place], place, np.diff(np.append(place, cells.size))], axis=1)


def _local(runs: Integers, top: int, left: int, width: int, weights: NDArray[np.int32]) -> tuple[Integers, NDArray[np.int32]]:
    """Runs (first cell, place of the weight, length) within a block, and their weights in a row."""
    row, column, place, length = runs.T
    ends = np.cumsum(length)
    mine = np.repeat(place - (ends - length), length) + np.arange(ends[-1])
    return np.stack([(row - top) * width + column - left, ends - length, length], axis=1), weights[mine]


def _joined(width: int, parts: list[tuple[int, Integers, NDArray[np.int32]]]) -> Weights:
    """Parcels' parts one behind the other."""
    before = np.cumsum([0, *(weights.size for _, _, weights in parts)])
    starts = np.cumsum([0, *(len(runs) for _, runs, _ in parts)])
    runs = [runs + np.array([0, first, 0]) for (_, runs, _), first in zip(parts, before, strict=False)]
    return Weights(
        width,
        np.array([parcel for parcel, _, _ in parts], dtype=np.int64),
        starts.astype(np.int64),
        np.concatenate(runs) if runs else np.zeros((0, 3), dtype=np.int64),
        np.concatenate([weights for _, _, weights in parts]) if parts else np.zeros(0, dtype=np.int32),
    )


def _coverage(grid: Grid, outlines: Sequence[BaseGeometry]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Numbers of the pixels that each outline touches, row by row, and the share of each that it covers."""
    from exactextract import exact_extract
    from exactextract.raster import NumPyRasterSource

    west, south, east, north = grid.bounds
    nothing = np.broadcast_to(np.zeros(1, dtype=np.int8), (grid.height, grid.width))
    source = NumPyRasterSource(nothing, xmin=west, ymin=south, xmax=east, ymax=north)
    for first in range(0, len(outlines), TOGETHER):
        features = [{"type": "Feature", "properties": {}, "geometry": mapping(outline)} for outline in outlines[first : first + TOGETHER]]
        for found in exact_extract(source, features, ["cell_id", "coverage"]):
            properties = found["properties"]
            yield np.asarray(properties["cell_id"], dtype=np.int64), np.asarray(properties["coverage"], dtype=np.float64)
