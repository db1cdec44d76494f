"""A trained classifier: trees in plain arrays, the scores, probabilities and classes they give, and its JSON.

A forest's probability of a class is the mean of its share in the leaves; boosted trees add scores, whose softmax it is.
The class is that of the highest score, the first declared of equals. Both are what scikit-learn gives on the same trees.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, refuse
from carbonsink.land.classify.softmax import softmax
from carbonsink.land.classify.table import rows_of, single
from carbonsink.land.classify.trees import Tree, sound, tree_of


@dataclass(frozen=True)
class Model:
    """Trees over named features, and the classes they tell apart, in the order in which they were declared."""

    classifier: str  # "forest" or "boosting"
    classes: tuple[int | str, ...]
    features: tuple[str, ...]
    base: tuple[float, ...]  # the score that each class starts from
    trees: tuple[Tree, ...]

    def predict(self, features: ArrayLike) -> NDArray[Any]:
        """Classes, shape (row,), of features of shape (row, feature), NaN where missing."""
        return self.answer(features)[0]

    def probability(self, features: ArrayLike) -> NDArray[np.float64]:
        """Probabilities, shape (row, class), of features of shape (row, feature), NaN where missing."""
        return self.answer(features)[1]

    def answer(self, features: ArrayLike) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Classes (row,) and probabilities (row, class) at once."""
        table = rows_of(features, len(self.features))
        winners, found = np.empty(len(table), np.int64), np.empty((len(table), len(self.classes)))
        for part, scores in self._pieces(table):
            winners[part] = scores.argmax(axis=1)
            found[part] = scores if self.classifier == "forest" else softmax(scores)
        return np.asarray(self.classes)[winners], found

    def to_json(self) -> dict[str, Any]:
        """The model as a JSON value with its digest."""
        trees = [tree.to_json() for tree in self.trees]
        value = {"classifier": self.classifier, "classes": self.classes, "features": self.features, "base": self.base, "trees": trees}
        return {**value, "digest": digest(value)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Model:
        """The model of a JSON value that `to_json` gave; refused where the digest or the arrays aren't a model's."""
        try:
            content = {key: item for key, item in value.items() if key != "digest"}
            trees = tuple(map(tree_of, value["trees"]))
            model = cls(value["classifier"], tuple(value["classes"]), tuple(value["features"]), tuple(map(float, value["base"])), trees)
            well = digest(content) == value["digest"] and model._sound()
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError):
            well = False
        if not well:
            raise refuse("E-LND-025", "model", Exit.INTEGRITY)
        return model

    def _sound(self) -> bool:
        known = self.classifier in ("forest", "boosting") and len(self.base) == len(self.classes) > 1 and bool(self.trees)
        return known and all(sound(tree, len(self.features), len(self.classes)) for tree in self.trees)

    @cached_property
    def _packed(self) -> Any:
        from carbonsink.land.classify.pack import packed

        return packed(self.trees, self.base)

    def _pieces(self, table: NDArray[Any]) -> Iterator[tuple[slice, NDArray[np.float64]]]:
        """Rows piece by piece with their scores (row, class), a forest's by tree; pieces bound memory, threads share them, and neither enters a result."""
        packed, classes = self._packed, len(self.classes)
        turns = len(self.trees) if self.classifier == "forest" else 1
        parts = [slice(start, start + packed.piece) for start in range(0, len(table), packed.piece)]
        threads = cores()
        with ThreadPoolExecutor(threads) as pool:
            for first in range(0, len(parts), threads):
                some = parts[first : first + threads]
                for part, scores in zip(some, pool.map(lambda part: packed.scores(single(table[part])), some), strict=True):
                    yield part, scores[:, :classes] / turns


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
