"""A classifier for any table: scikit-learn grows it, our arrays and our kernel answer exactly as its own predict."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Refusal
from carbonsink.land.classify import Model, train
from carbonsink.land.classify import pack as packing
from carbonsink.land.classify.table import WEIGHT_STEPS, class_weights
from carbonsink.land.classify.trees import Tree
from tests.land.classify.tables import FILL, TheirBoosting, counts, fractions, their_forest


@pytest.mark.parametrize("classes", [2, 3, 5, 8])
@pytest.mark.parametrize("depth", [1, 4, 12])
def test_a_forest_s_classes_and_probabilities_are_scikit_learn_s_own(classes: int, depth: int) -> None:
    features, codes = counts(1, 400, classes)
    theirs = their_forest(features, codes, max_depth=depth, random_state=4)
    asked = np.concatenate([counts(2, 3000, classes)[0], features, np.full((1, 6), FILL, np.int32)])
    ours = train(features, codes, classes=range(250), seed=4, trees=12, depth=depth)
    for table in (asked, asked.astype(np.int16), asked.astype(np.float64)):
        assert (ours.predict(table) == theirs.predict(asked.astype(np.float32))).all()
        assert (ours.probability(table) == theirs.predict_proba(asked.astype(np.float32))).all()


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_fractions_with_gaps_are_answered_as_scikit_learn_does(classes: int) -> None:
    features, codes = fractions(1, 700, classes)
    asked = np.concatenate([fractions(2, 5000, classes)[0], features, np.full((1, 7), np.nan)])
    theirs, boosted = their_forest(features, codes, random_state=0), TheirBoosting(features, codes, random_state=0)
    ours = train(features, codes, classes=range(classes), seed=0, trees=12)
    mine = train(features, codes, classes=range(classes), seed=0, method="boosting", trees=12)
    filled = np.where(np.isnan(asked), np.finfo(np.float32).min, asked).astype(np.float32)
    assert (ours.predict(asked) == theirs.predict(filled)).all()
    assert (ours.probability(asked) == theirs.predict_proba(filled)).all()
    assert (mine.predict(asked) == boosted.predict(asked)).all()
    assert np.abs(mine.probability(asked) - boosted.predict_proba(asked)).max() < 1e-14


def test_a_tie_goes_to_the_class_declared_first() -> None:
    features, codes = counts(3, 60, 2, columns=1)
    features[:] = 5  # nothing to tell them apart by
    codes[:30], codes[30:] = 2, 4
    boosted = train(features, codes, classes=(4, 2), seed=1, trees=3, method="boosting")
    assert boosted.probability(features[:1]).tolist() == [[0.5, 0.5]]
    assert boosted.predict(features[:1]).tolist() == [4]


def stump(threshold: float, low: tuple[int, ...], high: tuple[int, ...]) -> Tree:
    """NDVI of January up to a threshold: one leaf; above: the other."""
    return Tree((0, -1, -1), (threshold, 0.0, 0.0), (1, 0, 0), (2, 0, 0), ((), low, high))


def forest(*trees: Tree, classes: tuple[int | str, ...] = ("paddy", "tea")) -> Model:
    return Model("forest", classes, ("ndvi@1",), (0.0,) * len(classes), trees)


def test_a_split_sends_its_own_threshold_to_the_left_and_the_missing_too() -> None:
    one = forest(stump(0.41, (5, 0), (0, 5)))
    asked = [[0.41], [np.nextafter(np.float32(0.41), np.float32(1))], [np.nan], [-np.inf], [np.inf], [0.0], [-0.0]]
    assert one.predict(np.array(asked, np.float32)).tolist() == ["paddy", "tea", "paddy", "paddy", "tea", "paddy", "paddy"]
    zero = forest(stump(0.0, (5, 0), (0, 5)))
    assert zero.predict(np.array([[-0.0], [0.0], [1e-45], [-1e-45]], np.float32)).tolist() == ["paddy", "paddy", "tea", "paddy"]


def test_leaves_of_a_forest_say_shares_however_many_samples_they_hold() -> None:
    two = forest(stump(0.4, (1, 0), (0, 1)), stump(0.4, (10, 30), (0, 1)))
    assert two.probability([[0.1], [0.9]]).tolist() == [[0.625, 0.375], [0.0, 1.0]]
    assert two.predict([[0.1], [0.9]]).tolist() == ["paddy", "tea"]


def test_trees_of_different_depths_and_lone_leaves_stand_together() -> None:
    alone = Tree((-1,), (0.0,), (0,), (0,), ((1, 3),))
    deep = Tree((0, -1, 0, -1, -1), (0.2, 0.0, 0.6, 0.0, 0.0), (1, 0, 3, 0, 0), (2, 0, 4, 0, 0), ((), (1, 0), (), (0, 1), (1, 0)))
    assert forest(alone).probability([[0.5]]).tolist() == [[0.25, 0.75]]
    assert forest(alone, deep).probability([[0.1], [0.5], [0.9]]).tolist() == [[0.625, 0.375], [0.125, 0.875], [0.625, 0.375]]


@pytest.mark.parametrize("method", ["forest", "boosting"])
def test_a_model_is_its_json_and_the_same_samples_give_the_same_digest(method: str) -> None:
    features, codes = fractions(6, 250)
    grow: dict[str, Any] = {"classes": range(3), "method": method, "trees": 5, "depth": 6}
    model = train(features, codes, seed=1, **grow)
    value = json.loads(json.dumps(model.to_json()))
    assert Model.from_json(value) == model
    assert (Model.from_json(value).probability(features) == model.probability(features)).all()
    assert value == json.loads(json.dumps(train(features, codes, seed=1, **grow).to_json()))
    if method == "forest":  # boosting draws nothing at random
        assert value["digest"] != train(features, codes, seed=2, **grow).to_json()["digest"]
        assert all(isinstance(count, int) for tree in value["trees"] for said in tree["leaf"] for count in said)


@pytest.mark.parametrize("method", ["forest", "boosting"])
def test_pieces_and_threads_change_no_bit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    features, codes = fractions(7, 300)
    asked = fractions(8, 4000)[0]
    model = train(features, codes, classes=range(3), seed=1, method=method, trees=8)
    whole = model.probability(asked)
    monkeypatch.setattr("carbonsink.land.classify.model.cores", lambda: 5)
    monkeypatch.setattr(packing, "PIECE_BYTES", 1)
    again = train(features, codes, classes=range(3), seed=1, method=method, trees=8)
    assert (again.probability(asked) == whole).all()
    assert (np.concatenate([again.probability(part) for part in np.array_split(asked, 7)]) == whole).all()
    assert model.predict(asked[:0]).shape == (0,)


def test_classes_weigh_the_same_whatever_their_share() -> None:
    codes = np.repeat([1, 2, 3], (100, 33, 7))
    weights = class_weights(codes)
    assert weights.dtype == np.int64
    totals = [int(weights[codes == code].sum()) / WEIGHT_STEPS for code in (1, 2, 3)]
    assert totals[0] == 100
    assert totals == pytest.approx([100, 100, 100], rel=0.02)


@pytest.mark.parametrize("method", ["forest", "boosting"])
def test_a_class_of_five_in_a_hundred_is_still_found(method: str) -> None:
    random = np.random.default_rng(0)
    codes = np.where(np.arange(1000) < 50, "tea", "paddy")
    features = ((codes == "tea")[:, None] * 1000.0 + random.normal(0, 450, (1000, 6))).astype(np.int32)
    found = train(features, codes, classes=("paddy", "tea"), seed=0, method=method, minimum_leaf=20).predict(features)
    assert (found[codes == "tea"] == "tea").mean() > 0.9


def test_classes_without_samples_are_left_out_and_the_order_is_the_declared_one() -> None:
    features, codes = fractions(9, 90, 2)
    model = train(features, codes, classes=(7, 1, 0), seed=0, trees=3)
    assert model.classes == (1, 0)
    assert model.features == tuple(f"x{n}" for n in range(7))
    assert model.probability(features).sum(axis=1) == pytest.approx(1)


FEATURES, CODES = fractions(10, 40, 2)


@pytest.mark.parametrize(
    ("features", "labels", "settings", "codes"),
    [
        (FEATURES[0], CODES, {}, ["E-LND-020"]),
        (FEATURES.astype(str), CODES, {}, ["E-LND-020"]),
        (FEATURES, CODES[1:], {}, ["E-LND-021"]),
        (FEATURES, CODES + 5, {}, ["E-LND-022", "E-LND-024"]),
        (np.where(np.arange(7) == 3, 1e39, FEATURES), CODES * 0, {}, ["E-LND-023", "E-LND-024"]),
        (FEATURES, CODES, {"depth": 13, "trees": 0}, ["E-CFG-007", "E-CFG-007"]),
        (FEATURES, CODES, {"method": "svm"}, ["E-CFG-007"]),
        (FEATURES, CODES, {"leaves": 3}, ["E-CFG-001"]),
    ],
    ids=["one row", "words", "a label short", "unknown classes", "infinite", "too deep", "another method", "unknown setting"],
)
def test_what_can_t_be_trained_on_is_refused_with_all_that_is_wrong(features: Any, labels: Any, settings: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises(Refusal) as refused:
        train(features, labels, classes=(0, 1), seed=0, **settings)
    assert [problem.code for problem in refused.value.problems] == codes


def test_rows_of_another_width_are_refused() -> None:
    model = train(FEATURES, CODES, classes=(0, 1), seed=0, trees=2)
    with pytest.raises(Refusal, match="E-LND-020"):
        model.predict(FEATURES[:, 1:])


def broken(**given: Any) -> dict[str, Any]:
    """A model's JSON with other parts, under a digest that fits them."""
    value = json.loads(json.dumps(forest(stump(0.4, (1, 0), (0, 1))).to_json())) | given
    return value | {"digest": digest({key: item for key, item in value.items() if key != "digest"})}


def tree(**given: Any) -> list[dict[str, Any]]:
    return [stump(0.4, (1, 0), (0, 1)).to_json() | given]


@pytest.mark.parametrize(
    "value",
    [
        {},
        broken() | {"digest": "0" * 64},
        broken(classifier="svm"),
        broken(trees=[]),
        broken(base=[0.0]),
        broken(trees=tree(left=[0, 0, 0])),
        broken(trees=tree(right=[3, 0, 0])),
        broken(trees=tree(right=["two", 0, 0])),
        broken(trees=tree(feature=[1, -1, -1])),
        broken(trees=tree(leaf=[[], [1], [0, 1]])),
        broken(trees=tree(leaf=[[], [0, 0], [0, 1]])),
        broken(trees=tree(leaf=[[1, 2], [1, 0], [0, 1]])),
        broken(trees=tree(threshold=[0.4, 0.0])),
        broken(trees=tree(column=2)),
    ],
    ids=lambda value: str(sorted(value))[:20],
)
def test_json_that_is_no_model_is_refused(value: dict[str, Any]) -> None:
    assert Model.from_json(broken()).classes == ("paddy", "tea")
    with pytest.raises(Refusal, match="E-LND-025"):
        Model.from_json(value)
