"""Trees laid out for the kernel: each as a complete tree of its own depth, thresholds as whole numbers, equal leaves held once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.land.classify.kernel import HALF, LANES, add_scores, keys_of
from carbonsink.land.classify.trees import Tree

PIECE_BYTES = 1 << 19  # of keys and scores that go through the trees at once: they stay in the second cache and enter no result
ALWAYS_LEFT = np.uint64(0xFFFFFFFF)  # no key is above it


@dataclass(frozen=True)
class Packed:
    """What the kernel asks: the features in use, and all trees end to end."""

    used: NDArray[np.int64]
    depths: NDArray[np.int64]
    nodes: NDArray[np.uint64]
    first_node: NDArray[np.int64]
    leaves: NDArray[np.uint32]
    first_leaf: NDArray[np.int64]
    rows: NDArray[np.float64]  # (distinct leaf, class)
    base: NDArray[np.float64]  # (class,)

    @property
    def piece(self) -> int:
        """Rows that go through the trees at once."""
        return max(256, PIECE_BYTES // (4 * max(self.used.size, 1) + 8 * self.base.size))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Sums of the trees' leaves, shape (row, class, filled up with zeros), of features (row, feature)."""
        keys = np.empty((len(features), self.used.size), np.uint32)
        keys_of(features.view(np.uint32), self.used, keys)
        scores = np.repeat(self.base[None], len(features), axis=0)
        add_scores(keys, self.depths, self.nodes, self.first_node, self.leaves, self.first_leaf, self.rows, scores)
        return scores


def packed(trees: Sequence[Tree], base: Sequence[float]) -> Packed:
    """The trees of a model whose scores start from `base`, one a class."""
    used = np.unique([feature for tree in trees for feature in tree.feature if feature >= 0]).astype(np.int64)
    width = -(-len(base) // LANES) * LANES
    rows = np.concatenate([_rows(tree, len(base), width) for tree in trees])
    distinct, held = np.unique(rows, axis=0, return_inverse=True)
    first_row = _starts([len(tree.feature) for tree in trees])
    laid = [_complete(tree, used, held.ravel()[start:]) for tree, start in zip(trees, first_row, strict=False)]
    return Packed(
        used,
        np.array([tree.depth for tree in trees], np.int64),
        np.concatenate([nodes for nodes, _ in laid]),
        _starts([nodes.size for nodes, _ in laid]),
        np.concatenate([leaves for _, leaves in laid]),
        _starts([leaves.size for _, leaves in laid]),
        distinct,
        np.array([*base, *[0.0] * (width - len(base))]),
    )


def key_of(thresholds: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Keys of the greatest float32 not above each threshold: a float32 is above the one where it is above the other."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    below = np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float32)
    keys = np.empty((below.size, 1), np.uint32)
    keys_of(np.ascontiguousarray(below[:, None]).view(np.uint32), np.zeros(1, np.int64), keys)
    return keys[:, 0].astype(np.uint64)


def _complete(tree: Tree, used: NDArray[np.int64], held: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Splits level by level and the leaves below them; a leaf that comes early is repeated down to the last level."""
    feature, left, right = (np.array(values, np.int64) for values in (tree.feature, tree.left, tree.right))
    places = np.searchsorted(used, np.maximum(feature, 0)).astype(np.uint64)
    split = np.where(feature >= 0, places << HALF | key_of(np.array(tree.threshold, np.float64)), ALWAYS_LEFT)
    itself = np.arange(feature.size)
    left, right = np.where(feature >= 0, left, itself), np.where(feature >= 0, right, itself)
    level, levels = np.zeros(1, np.int64), [np.empty(0, np.uint64)]
    for _ in range(tree.depth):
        levels.append(split[level])
        level = np.stack((left[level], right[level]), axis=1).ravel()
    return np.concatenate(levels), held[level].astype(np.uint32)


def _rows(tree: Tree, classes: int, width: int) -> NDArray[np.float64]:
    """What each node says of the classes, shape (node, class, filled up): nothing in splits, shares of counts, or one class's score."""
    rows = np.zeros((len(tree.feature), width))
    leaves = [node for node, said in enumerate(tree.leaf) if said]
    said = np.array([tree.leaf[node] for node in leaves], np.float64)
    if tree.column is None:
        rows[leaves, :classes] = said / said.sum(axis=1, keepdims=True)
    else:
        rows[leaves, tree.column] = said[:, 0]
    return rows


def _starts(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
