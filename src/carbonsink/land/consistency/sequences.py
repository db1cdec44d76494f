"""The distinct rows of classes that pixels have over the years: what is decided of a pixel by its years alone is decided once a row.

A map of a million pixels over three years has some dozens of them. Classes count from 0 in the pipeline's order; NONE is not monitored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.land import LandClass

NONE = -1
ROWS = 256  # looked at together: it bounds memory and enters no result
Maps = dict[int, NDArray[np.uint8]]  # class codes (row, column) by year, 0 where not monitored
Numbers = NDArray[np.int16]  # class numbers, shape (sequence, year)
Rule = Callable[[Numbers, NDArray[np.int64]], Numbers]  # new numbers of sequences, given them and how many pixels have each


def relabelled(maps: Maps, classes: Sequence[LandClass], rule: Rule) -> Maps:
    """The maps with every pixel's row of years replaced as the rule says; what isn't monitored stays so."""
    keys, counts = distinct(maps)
    if not keys.size:
        return maps
    numbers = _numbers(keys, len(maps), classes)
    decided = np.where(numbers == NONE, NONE, rule(numbers, counts))
    codes = np.array([c.code for c in classes] + [0], np.uint8)[decided]  # NONE is the last
    found = {year: np.empty_like(cover) for year, cover in maps.items()}
    for part, key in _keys(maps):
        chosen = codes[np.searchsorted(keys, key.ravel())]
        for place, year in enumerate(maps):
            found[year][part] = chosen[:, place].reshape(key.shape)
    return found


def distinct(maps: Maps) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """The rows of years that occur, in order, and the number of pixels that have each."""
    keys, counts = np.empty(0, f"S{len(maps)}"), np.empty(0, np.int64)
    for _, key in _keys(maps):
        fresh, number = np.unique(key, return_counts=True)
        keys, where = np.unique(np.concatenate((keys, fresh)), return_inverse=True)
        summed = np.zeros(keys.size, np.int64)
        np.add.at(summed, where, np.concatenate((counts, number)))
        counts = summed
    return keys, counts


def _keys(maps: Maps) -> Iterator[tuple[slice, NDArray[np.bytes_]]]:
    """Strips of rows, and every pixel's codes plus one as a text of one byte a year (texts end at a zero)."""
    height = next(iter(maps.values())).shape[0]
    for row in range(0, height, ROWS):
        part = slice(row, row + ROWS)
        stacked = np.stack([cover[part] for cover in maps.values()], axis=-1) + np.uint8(1)
        yield part, np.ascontiguousarray(stacked).view(f"S{len(maps)}")[..., 0]


def _numbers(keys: NDArray[np.bytes_], years: int, classes: Sequence[LandClass]) -> Numbers:
    """Class numbers (sequence, year) of keys."""
    number = np.full(256, NONE, np.int16)
    for place, land_class in enumerate(classes):
        number[land_class.code] = place
    codes = np.ascontiguousarray(keys).view(np.uint8).reshape(-1, years) - np.uint8(1)
    return np.asarray(number[codes])
