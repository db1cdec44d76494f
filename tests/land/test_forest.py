"""The forest: scikit-learn grows it, our arrays and our kernel answer exactly as its trees do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from carbonsink.declared.pipeline import Land
from carbonsink.land.forest import Forest, Tree, class_weights, forest_of, train
from tests.land.trial import MISSING

NAMES = tuple(f"ndvi@{month}" for month in range(1, 7))


def settings(**given: Any) -> Land:
    return Land.model_construct(**{"trees": 12, "depth": 8, "minimum_leaf": 3, "seed": 4, "folds": 5, **given})


def fields(seed: int, samples: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Six months of NDVI counts of three overlapping classes, some months missing."""
    random = np.random.default_rng(seed)
    codes = random.integers(1, classes + 1, samples).astype(np.uint8) * 2
    features = (codes[:, None].astype(float) * 900 + random.normal(0, 1500, (samples, len(NAMES)))).round().astype(np.int32)
    features[random.random(features.shape) < 0.1] = MISSING
    return features, codes


def grown(land: Land, features: np.ndarray, codes: np.ndarray) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(land.trees, max_depth=land.depth, min_samples_leaf=land.minimum_leaf, random_state=land.seed, n_jobs=1)
    return model.fit(features, codes, sample_weight=class_weights(codes))


def test_votes_are_those_of_scikit_learn_s_own_trees() -> None:
    features, codes = fields(1, 400)
    land = settings()
    theirs = grown(land, features, codes)
    asked = np.concatenate([fields(2, 3000)[0], features, np.full((1, 6), MISSING, np.int32)])
    votes = np.zeros((len(asked), 3), np.int64)
    for tree in theirs.estimators_:
        votes[np.arange(len(asked)), tree.predict(asked).astype(int)] += 1
    ours = train(features, codes, NAMES, land)
    assert (ours.votes(asked) == votes).all()
    assert (ours.votes(asked.astype(np.int16)) == votes).all()
    assert (ours.predict(asked) == theirs.classes_[votes.argmax(axis=1)]).all()


def test_where_leaves_are_pure_the_map_is_scikit_learn_s_predict_ties_and_all() -> None:
    features, _ = fields(1, 300)
    codes = (1 + features[:, 0] % 2).astype(np.uint8)
    codes[:150], codes[150:] = 1, 2  # balanced: every weight is one
    features[:150, 1] = np.abs(features[:150, 1]) + 1
    features[150:, 1] = -np.abs(features[150:, 1]) - 1
    land = settings(minimum_leaf=1, depth=12, trees=10)
    theirs = grown(land, features, codes)
    assert all((tree.tree_.impurity[tree.tree_.children_left < 0] == 0).all() for tree in theirs.estimators_)
    asked = fields(9, 4000)[0]
    ours = train(features, codes, NAMES, land)
    assert (ours.predict(asked) == theirs.predict(asked)).all()
    votes = ours.votes(asked)
    assert (votes[:, 0] == votes[:, 1]).any(), "the test needs ties"


def test_leaf_counts_are_whole_weights_of_the_samples_in_them() -> None:
    features, codes = fields(5, 200)
    forest = train(features, codes, NAMES, settings(trees=4))
    weights = class_weights(codes)
    for tree in forest.trees:
        leaves = [sum(counts) for counts in tree.counts if counts]
        assert min(leaves) >= 3
        assert abs(sum(leaves) - weights.sum()) < 0.5 * weights.sum()  # a bootstrap draws some twice, some never
        assert all((counts == ()) == (feature >= 0) for counts, feature in zip(tree.counts, tree.feature, strict=True))


def stump(low: tuple[int, int], high: tuple[int, int]) -> Tree:
    """NDVI of January up to 0.41: one leaf; above: the other."""
    return Tree((0, -1, -1), (4100, 0, 0), (1, 0, 0), (2, 0, 0), ((), low, high))


def test_ties_between_trees_and_in_leaves_go_to_the_lowest_class_code() -> None:
    january = np.array([[4100], [4101]], np.int16)
    assert Forest((3, 8), ("ndvi@1",), (stump((5, 0), (0, 5)),)).predict(january).tolist() == [3, 8]
    assert Forest((3, 8), ("ndvi@1",), (stump((5, 0), (0, 5)), stump((0, 5), (5, 0)))).predict(january).tolist() == [3, 3]
    assert Forest((3, 8), ("ndvi@1",), (stump((5, 5), (4, 5)),)).predict(january).tolist() == [3, 8]


def test_a_forest_is_its_json_and_the_same_samples_give_the_same_digest() -> None:
    features, codes = fields(6, 150)
    forest = train(features, codes, NAMES, settings())
    value = json.loads(json.dumps(forest.to_json()))
    assert forest_of(value) == forest
    assert value == json.loads(json.dumps(train(features, codes, NAMES, settings()).to_json()))
    assert value["digest"] != train(features, codes, NAMES, settings(seed=5)).to_json()["digest"]


def test_rare_classes_weigh_as_much_as_common_ones() -> None:
    codes = np.repeat(np.array([1, 2, 3], np.uint8), (100, 33, 7))
    weights = class_weights(codes)
    assert weights.dtype == np.int64
    assert [int(weights[codes == code].sum()) for code in (1, 2, 3)] == [100, 99, 98]


def test_a_class_of_five_in_a_hundred_is_still_found() -> None:
    random = np.random.default_rng(0)
    codes = np.where(np.arange(1000) < 50, 2, 1).astype(np.uint8)
    features = (codes[:, None].astype(float) * 1000 + random.normal(0, 450, (1000, 6))).astype(np.int32)
    found = train(features, codes, NAMES, settings(minimum_leaf=20)).predict(features)
    assert (found[codes == 2] == 2).mean() > 0.9


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_any_number_of_classes_is_voted_on(classes: int) -> None:
    features, codes = fields(7, 120, classes)
    assert set(train(features, codes, NAMES, settings()).predict(features)) <= set(codes.tolist())
