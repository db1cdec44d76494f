"""Patches of equal codes, numbered in one walk over the map: whole numbers only, so the same on every machine."""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from carbonsink.base.compiled import njit


@njit(cache=True, nogil=True)
def root_of(parents, number):  # pragma: no cover
    """The first number of a patch, with the way there made short."""
    root = number
    while parents[root] != root:
        root = parents[root]
    while parents[number] != root:
        parents[number], number = root, parents[number]
    return root


@njit(cache=True, nogil=True)
def joined(parents, one, other):  # pragma: no cover
    """The first number of two patches made one; a number of 0 is no patch."""
    if one == 0 or other == 0:
        return one + other
    one, other = root_of(parents, one), root_of(parents, other)
    first = min(one, other)
    parents[one] = first
    parents[other] = first
    return first


@njit(cache=True, nogil=True)
def numbered(cover, corners, numbers):  # pragma: no cover
    """Number the patches of `cover` into `numbers` (int32, zeros), from 1 in the order of their first pixels; how many there are."""
    rows, columns = cover.shape
    parents = np.zeros(rows * columns + 1, dtype=np.int32)
    count = 0
    for y in range(rows):
        for x in range(columns):
            code = cover[y, x]
            if code == 0:
                continue
            number = 0
            if x > 0 and cover[y, x - 1] == code:
                number = numbers[y, x - 1]
            if y > 0:
                if cover[y - 1, x] == code:
                    number = joined(parents, number, numbers[y - 1, x])
                if corners and x > 0 and cover[y - 1, x - 1] == code:
                    number = joined(parents, number, numbers[y - 1, x - 1])
                if corners and x + 1 < columns and cover[y - 1, x + 1] == code:
                    number = joined(parents, number, numbers[y - 1, x + 1])
            if number == 0:
                count += 1
                number = count
                parents[count] = count
            numbers[y, x] = number
    names = np.zeros(count + 1, dtype=np.int32)
    patches = 0
    for number in range(1, count + 1):
        root = root_of(parents, number)
        if root == number:
            patches += 1
            names[number] = patches
        else:
            names[number] = names[root]  # a root comes before its others
    for y in range(rows):
        for x in range(columns):
            numbers[y, x] = names[numbers[y, x]]
    return patches
