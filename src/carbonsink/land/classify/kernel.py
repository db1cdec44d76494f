"""The walk of rows through trees, compiled: branchless, and the same on every machine, as it compares whole numbers and adds doubles in one order.

Every tree is complete: from node i the next is 2i + 1 where the value isn't above the threshold, else 2i + 2, and after
as many steps as the tree is deep a row stands at a leaf. Rows go through a tree side by side, so that one waits for
memory while others go on.
"""
# mypy: disable-error-code="no-untyped-def, assignment"

from __future__ import annotations

import numpy as np

from carbonsink.base.compiled import COMPILED, njit

LANES = 4  # classes added at once; rows of scores are filled up to a multiple

SIGN, FINITE, MINUS_ZERO = np.uint32(0x80000000), np.uint32(0x7F800000), np.uint32(0x80000000)
HALF = np.uint64(32)  # bits of a node's feature above those of its threshold
ONE, TWO, THREE = np.uint64(1), np.uint64(2), np.uint64(3)


@njit(**COMPILED)
def keys_of(bits, used, keys):  # pragma: no cover
    """Fill `keys` (row, used feature) with whole numbers in the order of the float32 whose `bits` (row, feature) are given; NaN is 0, the lowest."""
    for row in range(bits.shape[0]):
        for place in range(used.size):
            b = bits[row, used[place]]
            if b == MINUS_ZERO:
                b = np.uint32(0)
            if (b & ~SIGN) > FINITE:
                keys[row, place] = np.uint32(0)
            elif b & SIGN:
                keys[row, place] = ~b
            else:
                keys[row, place] = b | SIGN


@njit(**COMPILED)
def add_scores(keys, depths, nodes, first_node, leaves, first_leaf, rows, scores):  # pragma: no cover
    """Add to `scores` (row, class) what each tree's leaf says, tree by tree.

    keys (row, feature) uint32; depths (tree,); nodes: feature << 32 | threshold's key, tree after tree from `first_node`;
    leaves: which of `rows` (distinct, class) a leaf holds, tree after tree from `first_leaf`.
    """
    count, classes = scores.shape
    at = np.empty(count, np.uint64)
    for tree in range(depths.size):
        split, leaf = nodes[first_node[tree] : first_node[tree + 1]], leaves[first_leaf[tree] : first_leaf[tree + 1]]
        inner = np.uint64(split.size)
        at[:] = np.uint64(0)
        for _ in range(depths[tree]):
            for row in range(count):
                node = split[at[row]]
                at[row] = at[row] + at[row] + ONE + np.uint64(keys[np.uint64(row), node >> HALF] > np.uint32(node))
        for number in range(count):
            row = np.uint64(number)
            held = np.uint64(leaf[at[row] - inner])
            for lane in range(0, classes, LANES):
                c = np.uint64(lane)
                s0, s1 = scores[row, c] + rows[held, c], scores[row, c + ONE] + rows[held, c + ONE]
                s2, s3 = scores[row, c + TWO] + rows[held, c + TWO], scores[row, c + THREE] + rows[held, c + THREE]
                scores[row, c], scores[row, c + ONE], scores[row, c + TWO], scores[row, c + THREE] = s0, s1, s2, s3
