"""One decision tree in plain arrays, and what such arrays must be to be one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from carbonsink.declared.growth import DEEPEST


@dataclass(frozen=True)
class Tree:
    """Node by node from its root, children after their parents: a split has a feature, a leaf has -1 and what it says.

    A leaf says how many drawn samples of each class it holds (whole numbers), or, where `column` names a class, one score of it.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]  # a split sends x <= threshold to the left
    left: tuple[int, ...]
    right: tuple[int, ...]
    leaf: tuple[tuple[float, ...], ...]  # empty in splits
    column: int | None = None

    @cached_property
    def depth(self) -> int:
        """Splits on the longest way to a leaf."""
        levels = [0] * len(self.feature)
        for node in range(len(self.feature)):
            if self.feature[node] >= 0:
                levels[self.left[node]] = levels[self.right[node]] = levels[node] + 1
        return max(levels)

    def to_json(self) -> dict[str, Any]:
        """The tree as a JSON value."""
        return {"feature": self.feature, "threshold": self.threshold, "left": self.left, "right": self.right, "leaf": self.leaf, "column": self.column}


def tree_of(value: dict[str, Any]) -> Tree:
    """The tree of a JSON value that `to_json` gave."""
    whole = [tuple(map(int, value[name])) for name in ("feature", "left", "right")]
    column = None if value["column"] is None else int(value["column"])
    return Tree(whole[0], tuple(map(float, value["threshold"])), whole[1], whole[2], tuple(tuple(said) for said in value["leaf"]), column)


def sound(tree: Tree, features: int, classes: int) -> bool:
    """Whether the arrays are a tree over so many features and classes, no deeper than is asked."""
    nodes = len(tree.feature)
    lengths = {nodes, len(tree.threshold), len(tree.left), len(tree.right), len(tree.leaf)}
    says = classes if tree.column is None else 1
    if lengths != {nodes} or nodes == 0 or not (tree.column is None or 0 <= tree.column < classes):
        return False
    splits = (node for node in range(nodes) if tree.feature[node] >= 0)
    leads = all(tree.feature[n] < features and not tree.leaf[n] and n < tree.left[n] < nodes and n < tree.right[n] < nodes for n in splits)
    tells = all(len(tree.leaf[n]) == says and (tree.column is not None or sum(tree.leaf[n]) > 0) for n in range(nodes) if tree.feature[n] < 0)
    return leads and tells and tree.depth <= DEEPEST
