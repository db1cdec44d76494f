"""Training: scikit-learn grows the trees, we keep them.

Classes weigh the same whatever their share. Forests are grown on all cores, since each tree has its own seed; boosted
trees on one, since a machine's number of cores must not enter the sums of their histograms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carbonsink.declared.growth import Growth
from carbonsink.declared.schema import validate
from carbonsink.land.classify.bins import binned, cuts_of
from carbonsink.land.classify.model import Model
from carbonsink.land.classify.table import class_weights, training_table
from carbonsink.land.classify.trees import Tree

SPLIT_FEATURES: dict[str, Any] = {"root": "sqrt", "log2": "log2", "all": None}
LEAVES = 31  # of a boosted tree at most, however deep: scikit-learn's own limit
Grown = tuple[tuple[float, ...], tuple[Tree, ...]]


def train(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    classes: Sequence[int | str],
    seed: int,
    method: str = "forest",
    names: Sequence[str] | None = None,
    **settings: Any,
) -> Model:
    """A classifier over features (row, feature) for labels (row,), each one of `classes`; the same bytes whatever the machine.

    `method` is "forest" or "boosting", `settings` are those of declared.growth.Growth: trees, depth, minimum_leaf, split_features,
    criterion, learning_rate. `names` are the features' (else x0, x1 ...). Refused: E-LND-020 to 024 and E-CFG-007.
    """
    return grown(features, labels, classes, names, validate({**settings, "classifier": method, "seed": seed}, Growth, "train"))


def grown(features: ArrayLike, labels: ArrayLike, classes: Sequence[int | str], names: Sequence[str] | None, growth: Growth) -> Model:
    """A classifier by checked settings. It knows the classes that have samples."""
    table, places = training_table(features, labels, classes)
    held, codes = np.unique(places, return_inverse=True)
    base, trees = (_forest if growth.classifier == "forest" else _boosting)(table, codes, class_weights(codes), growth)
    known = tuple(names) if names is not None else tuple(f"x{number}" for number in range(table.shape[1]))
    return Model(growth.classifier, tuple(classes[place] for place in held.tolist()), known, base, trees)


def _forest(table: NDArray[np.float32], codes: NDArray[np.int64], weights: NDArray[np.int64], growth: Growth) -> Grown:
    """Breiman, L. 2001, Random Forests, Machine Learning 45, 5-32."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        growth.trees,
        criterion=growth.criterion,
        max_depth=growth.depth,
        min_samples_leaf=growth.minimum_leaf,
        max_features=SPLIT_FEATURES[growth.split_features],
        random_state=growth.seed,
        n_jobs=-1,
    ).fit(table, codes, sample_weight=weights)
    return (0.0,) * model.n_classes_, tuple(_voter(one.tree_) for one in model.estimators_)


def _boosting(table: NDArray[np.float32], codes: NDArray[np.int64], weights: NDArray[np.int64], growth: Growth) -> Grown:
    """Friedman, J. H. 2001, Greedy function approximation: a gradient boosting machine, Annals of Statistics 29, 1189-1232; over histograms."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    model = HistGradientBoostingClassifier(
        learning_rate=growth.learning_rate,
        max_iter=growth.trees,
        max_depth=growth.depth,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=growth.minimum_leaf,
        early_stopping=False,
        random_state=growth.seed,
    )
    cuts = [cuts_of(column) for column in table.T]
    with threadpool_limits(1):
        model.fit(binned(table, cuts), codes, sample_weight=weights / weights.min())
    start = model._baseline_prediction.ravel().tolist()
    alone = len(start) == 1  # two classes: one score, of the second against the first
    trees = (_scorer(one.nodes, cuts, 1 if alone else place) for turn in model._predictors for place, one in enumerate(turn))
    return (0.0, *start) if alone else tuple(start), tuple(trees)


def _voter(one: Any) -> Tree:
    """A forest's tree."""
    leaf = one.children_left < 0
    # scikit-learn draws rows by their weights and keeps shares: times the number drawn they are whole numbers again
    counts = np.rint(one.value[:, 0, :] * one.weighted_n_node_samples[:, None]).astype(np.int64)
    return _tree(leaf, one.feature, one.threshold, one.children_left, one.children_right, counts, None)


def _scorer(nodes: NDArray[Any], cuts: Sequence[NDArray[np.float64]], column: int) -> Tree:
    """A boosted tree, which scores one class; it parts bins, so that its thresholds are their cuts."""
    leaf = nodes["is_leaf"] > 0
    split = [(int(feature), int(bound)) for feature, bound in zip(nodes["feature_idx"], np.where(leaf, 0.0, nodes["num_threshold"]), strict=True)]
    threshold = np.array([0.0 if end else cuts[feature][bound] for (feature, bound), end in zip(split, leaf, strict=True)])
    return _tree(leaf, nodes["feature_idx"], threshold, nodes["left"], nodes["right"], nodes["value"][:, None], column)


def _tree(leaf: NDArray[Any], feature: Any, threshold: Any, left: Any, right: Any, says: NDArray[Any], column: int | None) -> Tree:
    """Arrays by node as a Tree, with nothing where nothing is asked."""
    return Tree(
        tuple(np.where(leaf, -1, feature).astype(np.int64).tolist()),
        tuple(np.where(leaf, 0.0, threshold).tolist()),
        tuple(np.where(leaf, 0, left).astype(np.int64).tolist()),
        tuple(np.where(leaf, 0, right).astype(np.int64).tolist()),
        tuple(tuple(said) if end else () for said, end in zip(says.tolist(), leaf.tolist(), strict=True)),
        column,
    )
