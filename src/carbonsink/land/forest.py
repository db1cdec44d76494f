"""A random forest that is trained by scikit-learn, kept as plain arrays and asked by our own kernel.

    forest = train(samples, codes, names, plan.pipeline.land)
    forest.predict(features)                   class codes

Each tree casts one vote, its leaf's majority class; the most votes win, ties go to the lowest class code (in leaves
too). Votes are whole numbers, thresholds too: features are whole numbers, so `x <= 41.5` is `x <= 41`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.evidence import digest
from carbonsink.declared.pipeline import Land


@dataclass(frozen=True)
class Tree:
    """One tree, node by node from its root: a split has a feature, a leaf has -1 and its weighted class counts."""

    feature: tuple[int, ...]
    threshold: tuple[int, ...]  # a split sends x <= threshold to the left
    left: tuple[int, ...]
    right: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]  # by class; empty in splits


@dataclass(frozen=True)
class Forest:
    """Trees over named features, and the class codes they vote for."""

    classes: tuple[int, ...]
    features: tuple[str, ...]
    trees: tuple[Tree, ...]

    def votes(self, features: NDArray[Any]) -> NDArray[np.int64]:
        """Votes by class, shape (sample, class), of whole-number features of shape (sample, feature)."""
        from carbonsink.land.walk import walk

        starts, feature, threshold, left, right, vote = self._arrays
        votes: NDArray[np.int64] = walk(features, len(self.classes), starts, feature, threshold, left, right, vote)
        return votes

    def predict(self, features: NDArray[Any]) -> NDArray[np.uint8]:
        """Class codes, shape (sample,)."""
        classes: NDArray[np.uint8] = np.array(self.classes, np.uint8)
        winners = self.votes(features).argmax(axis=1)
        return np.asarray(classes[winners], np.uint8)

    def to_json(self) -> dict[str, Any]:
        """The forest as a JSON value with its digest."""
        trees = [{"feature": t.feature, "threshold": t.threshold, "left": t.left, "right": t.right, "counts": t.counts} for t in self.trees]
        value = {"classes": self.classes, "features": self.features, "trees": trees}
        return {**value, "digest": digest(value)}

    @cached_property
    def _arrays(self) -> tuple[NDArray[np.int64], ...]:
        """All trees end to end: starts, feature, threshold, left, right, vote."""
        sizes = [len(tree.feature) for tree in self.trees]
        columns = [[value for tree in self.trees for value in getattr(tree, name)] for name in ("feature", "threshold", "left", "right")]
        votes = [counts.index(max(counts)) if counts else 0 for tree in self.trees for counts in tree.counts]
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
        return tuple(np.array(column, np.int64) for column in (starts, *columns, votes))


def forest_of(value: dict[str, Any]) -> Forest:
    """The forest of a JSON value that `to_json` gave."""
    trees = (
        Tree(tuple(t["feature"]), tuple(t["threshold"]), tuple(t["left"]), tuple(t["right"]), tuple(tuple(row) for row in t["counts"])) for t in value["trees"]
    )
    return Forest(tuple(value["classes"]), tuple(value["features"]), tuple(trees))


def train(features: NDArray[np.int32], codes: NDArray[np.uint8], names: tuple[str, ...], land: Land) -> Forest:
    """A forest over features (sample, feature) for the class codes (sample,).

    Classes weigh about the same whatever their share (whole-number weights), and a leaf holds at least
    `land.minimum_leaf` samples: pixels of one parcel are near copies, and smaller leaves learn parcels by heart.
    """
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(land.trees, max_depth=land.depth, min_samples_leaf=land.minimum_leaf, random_state=land.seed, n_jobs=1)
    model.fit(features, codes, sample_weight=class_weights(codes))
    return Forest(tuple(model.classes_.tolist()), names, tuple(_tree(grown.tree_) for grown in model.estimators_))


def class_weights(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Each sample's weight: how often its class goes into the largest class, as a whole number."""
    _, inverse, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    weights: NDArray[np.int64] = ((2 * sizes.max() + sizes) // (2 * sizes))[inverse]
    return weights


def _tree(grown: Any) -> Tree:
    leaf = grown.children_left < 0
    # scikit-learn keeps shares; weights are whole numbers, so shares times the node's weight are too
    counts = np.rint(grown.value[:, 0, :] * grown.weighted_n_node_samples[:, None]).astype(np.int64)
    return Tree(
        feature=tuple(-1 if end else int(number) for end, number in zip(leaf, grown.feature, strict=True)),
        threshold=tuple(0 if end else math.floor(value) for end, value in zip(leaf, grown.threshold, strict=True)),
        left=tuple(0 if end else int(child) for end, child in zip(leaf, grown.children_left, strict=True)),
        right=tuple(0 if end else int(child) for end, child in zip(leaf, grown.children_right, strict=True)),
        counts=tuple(tuple(row.tolist()) if end else () for end, row in zip(leaf, counts, strict=True)),
    )
