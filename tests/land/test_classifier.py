"""A trained map: classes and probabilities of the area's observed pixels only, tuned on parcels it never saw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.evidence import read_json
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.base.records import ClassifierTrial
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.land import classifier
from carbonsink.land.classifier import by_classifier, counts_of, growths_of, labelled, lead_of, trained
from carbonsink.land.classify import Model
from carbonsink.land.features import Season, season_of
from carbonsink.land.judge import judged
from carbonsink.land.reference import read_labels
from tests.land import trial
from tests.land.trial import GRID, MISSING

REFERENCE = {"file": "labels.tif", "clusters": "crops.tif", "legend": {"1": "paddy", "2": "tea"}, "year": 2020, "source": "register", "place": "all of it"}
FIRST = {"trees": 8, "depth": 4, "minimum_leaf": 2, "folds": 3}
WHOLE = (0, GRID.height)


def tea_in_the_east(folder: Path, **land: Any) -> tuple[Plan, Season]:
    """Paddy west, tea east, in parcels of 3 x 3 pixels, by one noisy month; the last row under cloud."""
    truth = np.where(np.arange(12) < 6, 1, 2) * np.ones((12, 1), int)
    noise = np.random.default_rng(0).integers(-900, 900, truth.shape)
    seen = np.arange(12)[:, None] < 11
    month = {name: np.where(seen, truth * 2000 + noise, MISSING) for name in ("nir", "ndvi", "lswi")}
    trial.write_composites(folder, {"2020-07": month})
    trial.write_labels(folder / "labels.tif", truth)
    rows, columns = np.indices((12, 12)) // 3
    trial.write_labels(folder / "crops.tif", 1 + rows * 12 + columns)
    plan = trial.plan(folder, land={"method": "classifier", **FIRST, **land}, reference=REFERENCE)
    return plan, season_of(plan, folder, 2020)


def model_of(plan: Plan, season: Season, run: Path) -> Model:
    reference = plan.area.reference
    assert reference
    return trained(plan, labelled(season, read_labels(plan, reference, season.grid)), season.feature_names, run)


@pytest.mark.parametrize("kind", ["forest", "boosting"])
def test_classes_probabilities_and_the_lead_are_of_monitored_pixels_of_the_area(tmp_path: Path, kind: str) -> None:
    plan, season = tea_in_the_east(tmp_path, classifier=kind)
    inside = np.ones((12, 12), bool)
    inside[:, 0] = False
    found = by_classifier(plan, model_of(plan, season, tmp_path), season, WHOLE, inside)
    inside[11] = False  # under cloud
    assert ((found.codes > 0) == inside).all()
    assert ((found.layers == COMPOSITE_NODATA).all(axis=0) == ~inside).all()
    assert (found.codes[:11, 1:6] == 1).mean() > 0.9
    lead, paddy, tea, forest = found.layers[:, inside].astype(int)
    assert (abs(paddy + tea - 10_000) <= 1).all()
    assert (forest == 0).all(), "nobody showed it forest"
    assert (abs(lead - abs(paddy - tea)) <= 1).all()
    assert (np.where(paddy >= tea, 1, 2) == found.codes[inside]).all()


def test_only_pixels_of_the_area_are_asked_for_and_so_many_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, season = tea_in_the_east(tmp_path)
    model, inside = model_of(plan, season, tmp_path), np.zeros((12, 12), bool)
    inside[2:5, 3:9] = True
    whole = by_classifier(plan, model, season, WHOLE, inside)
    asked: list[int] = []
    answer = Model.answer
    monkeypatch.setattr(Model, "answer", lambda self, features: asked.append(len(features)) or answer(self, features))
    monkeypatch.setattr(classifier, "PIXELS", 5)
    again = by_classifier(plan, model, season, WHOLE, inside)
    assert asked == [5, 5, 5, 3]
    assert (again.codes == whole.codes).all()
    assert (again.layers == whole.layers).all()
    nothing = by_classifier(plan, model, season, WHOLE, np.zeros((12, 12), bool))
    assert not nothing.codes.any()


def test_the_lead_is_that_of_the_likeliest_class_over_the_next() -> None:
    assert lead_of(np.array([[0.5, 0.5, 0.0], [0.1, 0.2, 0.7]])) == pytest.approx(np.array([0.0, 0.5]))
    assert counts_of(np.array([0.0, 0.12345, 1.0])).tolist() == [0, 1234, 10_000]


CANDIDATES: list[Mapping[str, Any]] = [{"depth": 1, "trees": 1}, {"trees": 20}, {"trees": 20}, {"classifier": "boosting", "learning_rate": 0.3}]


def test_the_best_candidate_out_of_fold_makes_the_map_and_every_trial_is_kept(tmp_path: Path) -> None:
    plan, season = tea_in_the_east(tmp_path, candidates=CANDIDATES)
    model = model_of(plan, season, tmp_path)
    trials = read_csv(tmp_path / "land" / "tuning.csv", ClassifierTrial)
    assert [(t.candidate, t.classifier, t.trees, t.depth) for t in trials] == [
        (1, "forest", 1, 1),
        (2, "forest", 20, 4),
        (3, "forest", 20, 4),
        (4, "boosting", 8, 4),
    ]
    best = max(t.balanced_accuracy for t in trials)
    assert [t.candidate for t in trials if t.chosen] == [next(t.candidate for t in trials if t.balanced_accuracy == best)]
    assert trials[1].balanced_accuracy == trials[2].balanced_accuracy, "the first of equals"
    assert not trials[2].chosen
    chosen = next(t for t in trials if t.chosen)
    assert (model.classifier, len(model.trees)) == (chosen.classifier, chosen.trees)
    assert Model.from_json(read_json(tmp_path / "land" / "model.json")) == model


def test_tuning_is_the_same_every_time_and_judged_within_the_folds(tmp_path: Path) -> None:
    plan, season = tea_in_the_east(tmp_path, candidates=CANDIDATES)
    reference = plan.area.reference
    assert reference
    samples = labelled(season, read_labels(plan, reference, season.grid))
    rows = judged(plan, 2020, samples, season.feature_names)
    assert rows == judged(plan, 2020, samples, season.feature_names)
    for split in ("pixel", "parcel"):
        assert sum(row.count for row in rows if row.split == split) == samples.codes.size


def test_without_candidates_nothing_is_tried(tmp_path: Path) -> None:
    plan, season = tea_in_the_east(tmp_path, classifier="boosting", trees=4, learning_rate=0.5)
    assert [(g.classifier, g.trees, g.learning_rate, g.depth) for g in growths_of(plan.pipeline.land)] == [("boosting", 4, 0.5, 4)]
    model_of(plan, season, tmp_path)
    assert not (tmp_path / "land" / "tuning.csv").exists()
