"""Flanders, by parcels the classifier never saw: ours beside a plain random forest on the raw monthly bands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carbonsink.land.classifier import growths_of
from carbonsink.land.classify.scores import Accuracies, accuracies, matrix_of
from carbonsink.land.classify.tune import out_of_fold
from carbonsink.land.features import Season, season_of
from carbonsink.land.folds import parcel_folds
from carbonsink.land.reference import Samples, read_labels, samples_of
from tests.land.flanders import flanders_plan, write_flanders

PLAN = flanders_plan()
CODES = [c.code for c in PLAN.pipeline.land.classes]
Ground = tuple[Season, Samples, np.ndarray]


@pytest.fixture(scope="module")
def ground(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The year's features, its samples and their folds of whole parcels."""
    run = tmp_path_factory.mktemp("flanders")
    write_flanders(shared, run, PLAN)
    season, land, reference = season_of(PLAN, run, 2018), PLAN.pipeline.land, PLAN.area.reference
    assert reference
    samples = samples_of(season, read_labels(PLAN, reference, season.grid))
    assert samples.parcels is not None
    return season, samples, parcel_folds(samples.parcels, samples.codes, land.folds, land.seed)


@pytest.fixture(scope="module")
def ours(ground: Ground) -> Accuracies:
    _, samples, folds = ground
    return accuracies(matrix_of(out_of_fold(samples.features, samples.codes, folds, growths_of(PLAN.pipeline.land)[0]), samples.codes, CODES))


def plain(ground: Ground, months: range) -> Accuracies:
    """scikit-learn's random forest as it comes, on the bands of some months."""
    from sklearn.ensemble import RandomForestClassifier

    season, samples, folds = ground
    raw = [name.split("@") for name in season.feature_names]
    chosen = [layer in PLAN.pipeline.composites.bands and int(month) in months for layer, month in raw]
    table, found = samples.features[:, chosen], np.zeros_like(samples.codes)
    for fold in np.unique(folds):
        held = folds == fold
        found[held] = RandomForestClassifier(random_state=0, n_jobs=-1).fit(table[~held], samples.codes[~held]).predict(table[held])
    return accuracies(matrix_of(found, samples.codes, CODES))


@pytest.mark.parametrize("months", [range(1, 13), range(-4, 13)], ids=["the year", "with the autumn before"])
def test_ours_is_at_least_as_good_as_a_plain_forest_overall_and_in_every_class(ground: Ground, ours: Accuracies, months: range) -> None:
    theirs = plain(ground, months)
    assert ours.overall >= theirs.overall
    assert ours.balanced >= theirs.balanced
    assert all(mine >= other for mine, other in zip(ours.users + ours.producers, theirs.users + theirs.producers, strict=True)), (ours, theirs)
