"""Recalls, F and the area under the curve, by hand, by scikit-learn, and as published for the crop mask of Africa."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.estimate import error_adjusted
from carbonsink.land.classify.scores import accuracies, area_under_curve, matrix_of


def test_a_matrix_by_hand() -> None:
    found = matrix_of(["paddy", "paddy", "tea", "tea", "wood"], ["paddy", "tea", "tea", "tea", "tea"], ("paddy", "tea"))
    assert found.tolist() == [[1, 1], [0, 2]]
    scores = accuracies(found)
    assert scores.overall == 0.75
    assert scores.users == (0.5, 1.0)
    assert scores.producers == (1.0, 2 / 3)
    assert scores.balanced == pytest.approx(5 / 6)
    assert scores.f == (pytest.approx(2 / 3), 0.8)


def test_a_class_without_samples_has_no_recall_and_doesn_t_count() -> None:
    scores = accuracies([[3, 0], [1, 0]])
    assert np.isnan(scores.producers[1])
    assert scores.balanced == 0.75


def test_the_area_under_the_curve_counts_pairs_and_half_of_ties() -> None:
    assert area_under_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) == 0.75
    assert area_under_curve([0.5, 0.5], [0, 1]) == 0.5
    assert np.isnan(area_under_curve([0.5, 0.5], [1, 1]))


def test_they_are_scikit_learn_s() -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

    random = np.random.default_rng(1)
    true, score = random.integers(0, 2, 500), random.integers(0, 30, 500) / 30
    found = (score > 0.4).astype(int)
    ours = accuracies(matrix_of(found, true, (0, 1)))
    assert ours.balanced == pytest.approx(balanced_accuracy_score(true, found), rel=1e-12)
    assert ours.f[1] == pytest.approx(f1_score(true, found), rel=1e-12)
    assert area_under_curve(score, true) == pytest.approx(roc_auc_score(true, score), rel=1e-12)


REGIONS = ("Central", "Eastern", "Indian_ocean", "Northern", "Sahel", "Southeast", "Southern", "Western")


@pytest.fixture(scope="module", params=REGIONS)
def published(request: pytest.FixtureRequest, shared: Path) -> dict[str, list[str]]:
    path = shared / "reference" / "deafrica_cropmask" / "published_confusion_matrices" / f"{request.param}_10m_accuracy_assessment_confusion_matrix.csv"
    return {row[0]: row[1:] for row in csv.reader(path.read_text().splitlines())}


def test_published_matrices_give_the_published_accuracies(published: dict[str, list[str]]) -> None:
    actual = np.array([published["Non-crop"][:2], published["Crop"][:2]], float)
    ours = accuracies(actual.T)  # theirs has the true classes in rows
    assert [round(100 * share, 2) for share in (ours.overall, *ours.users)] == [float(published["User's"][n]) for n in (3, 0, 1)]
    assert [round(100 * share, 2) for share in ours.producers] == [float(published[name][3]) for name in ("Non-crop", "Crop")]
    assert [f"{share:.2f}" for share in ours.f] == [f"{float(text):.2f}" for text in published["F-score"][:2]]


def test_the_estimator_of_areas_gives_them_too_where_the_map_has_the_sample_s_shares(published: dict[str, list[str]]) -> None:
    counts = np.array([published["Non-crop"][:2], published["Crop"][:2]], float).T
    found = error_adjusted(counts.astype(int), counts.sum(axis=1))
    assert round(100 * float(found.points.overall), 2) == float(published["User's"][3])
