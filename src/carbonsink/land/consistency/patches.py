"""The minimum mapping unit: a patch smaller than it takes the class of a neighbour.

A patch goes to the class with which it shares the longest border, counted in pixel edges, among the patches beside it that are
large enough; of equally long ones to that of the largest patch, then to the first in the pipeline's order. All small patches are
looked at together, again and again until none has a large neighbour left. Where small patches have only small neighbours, those
beside one that is larger than all around it go to that. A patch beside nothing but land that isn't monitored stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.land import LandClass
from carbonsink.land.consistency.kernel import numbered

Codes = NDArray[np.uint8]
Whole = NDArray[np.int64]
EDGES = 4  # neighbours of a pixel along its edges


def minimum_unit(cover: Codes, classes: Sequence[LandClass], pixels: int, neighbours: int) -> Codes:
    """Class codes (row, column) without patches of fewer than `pixels`, as far as they have neighbours."""
    order = np.zeros(256, np.int64)
    for place, land_class in enumerate(classes):
        order[land_class.code] = place
    found = cover.copy()
    while True:
        numbers, sizes, codes = patches(found, neighbours)
        small = sizes < pixels
        small[0] = False
        wanted = _wanted(borders(numbers, small), sizes, codes, small, order)
        if not (wanted >= 0).any():
            return found
        codes = np.where(wanted >= 0, wanted, codes).astype(np.uint8)
        found = codes[numbers]


def patches(cover: Codes, neighbours: int) -> tuple[NDArray[np.int32], Whole, Codes]:
    """Each pixel's patch from 1 in the order of their first pixels (0 where not monitored), and each patch's pixels and code, its own number its place."""
    numbers = np.zeros(cover.shape, np.int32)
    count = numbered(np.ascontiguousarray(cover), neighbours > EDGES, numbers)
    codes = np.zeros(count + 1, np.uint8)
    codes[numbers.ravel()] = cover.ravel()
    codes[0] = 0
    return numbers, np.bincount(numbers.ravel(), minlength=count + 1), codes


def borders(numbers: NDArray[np.int32], small: NDArray[np.bool_]) -> tuple[Whole, Whole, Whole]:
    """Small patches, the patches they share edges with, and how many edges: (one, other, edges), in order."""
    rows, columns = np.nonzero(small[numbers])
    own = numbers[rows, columns].astype(np.int64)
    pairs = [_beside(numbers, rows + down, columns + across, own) for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0))]
    keys, edges = np.unique(np.concatenate(pairs), return_counts=True)
    return keys // small.size, keys % small.size, edges


def _beside(numbers: NDArray[np.int32], rows: Whole, columns: Whole, own: Whole) -> Whole:
    """Pairs of patches as one number each, of pixels of `own` patches and the pixels at (rows, columns), where these are of another."""
    height, width = numbers.shape
    within = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    other = numbers[rows[within], columns[within]].astype(np.int64)
    apart = (other > 0) & (other != own[within])
    return np.asarray(own[within][apart] * (int(numbers.max()) + 1) + other[apart])


def _wanted(pairs: tuple[Whole, Whole, Whole], sizes: Whole, codes: Codes, small: NDArray[np.bool_], order: Whole) -> Whole:
    """The code that each patch is to take, -1 where it keeps its own."""
    one, other, edges = pairs
    ours = ~small[other] & (codes[one] != codes[other])
    if ours.any():
        return _chosen(one[ours], other[ours], _along(one[ours], other[ours], edges[ours], codes), sizes, codes, order)
    return _to_the_largest(pairs, sizes, codes, order)


def _to_the_largest(pairs: tuple[Whole, Whole, Whole], sizes: Whole, codes: Codes, order: Whole) -> Whole:
    """The same among small patches only: those beside a patch that is larger than all its neighbours take its code."""
    one, other, edges = pairs
    rank = _rank(sizes)
    highest = np.full(sizes.size, -1)  # rank of the largest neighbour
    np.maximum.at(highest, one, rank[other])
    beside = (codes[one] != codes[other]) & (rank[one] < rank[other]) & (rank[other] > highest[other])
    return _chosen(one[beside], other[beside], edges[beside], sizes, codes, order)


def _along(one: Whole, other: Whole, edges: Whole, codes: Codes) -> Whole:
    """Edges that a patch shares with all large patches of the other's class."""
    keys, where = np.unique(one * 256 + codes[other], return_inverse=True)
    summed = np.zeros(keys.size, np.int64)
    np.add.at(summed, where, edges)
    return np.asarray(summed[where])


def _chosen(one: Whole, other: Whole, length: Whole, sizes: Whole, codes: Codes, order: Whole) -> Whole:
    """Per patch the code of the neighbour with the longest border, the largest size, the first place in the order."""
    best = np.lexsort((order[codes[other]], -sizes[other], -length, one))
    patch, first = np.unique(one[best], return_index=True)
    found = np.full(sizes.size, -1)
    found[patch] = codes[other[best][first]]
    return found


def _rank(sizes: Whole) -> Whole:
    """Patches by size, equal ones by their number, the first the higher."""
    rank = np.empty(sizes.size, np.int64)
    rank[np.lexsort((-np.arange(sizes.size), sizes))] = np.arange(sizes.size)
    return rank
