"""Matched controls: the nearest on the whole, each once, the order of rows and units of no matter; weights and balance by hand."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.areas.measured.matching import Match, differences, mahalanobis, optimal, weights

seeds = st.integers(0, 10_000)


def everyone(n: int, m: int) -> np.ndarray:
    return np.ones((n, m), bool)


@given(seeds)
def test_no_other_match_is_nearer_on_the_whole(seed: int) -> None:
    random = np.random.default_rng(seed)
    distances = random.uniform(0, 3, (3, 5))
    match = optimal(distances, everyone(3, 5), 1)
    assert match is not None
    best = min(sum(distances[row, column] for row, column in enumerate(order)) for order in permutations(range(5), 3))
    assert distances[np.arange(3), match.controls[:, 0]].sum() == pytest.approx(best, abs=1e-12)


@given(seeds)
def test_every_donor_serves_once_near_ones_first(seed: int) -> None:
    random = np.random.default_rng(seed)
    distances = mahalanobis(random.normal(0, 1, (6, 3)), random.normal(0, 1, (30, 3)))
    match = optimal(distances, everyone(6, 30), 3)
    assert match is not None
    assert len(set(match.controls.ravel().tolist())) == 18
    near = np.take_along_axis(distances, match.controls, axis=1)
    assert (np.diff(near, axis=1) >= 0).all()
    assert match.weights.sum(axis=1) == pytest.approx(np.ones(6))
    assert (np.diff(match.weights, axis=1) <= 0).all()


@given(seeds)
def test_distances_don_t_know_units(seed: int) -> None:
    random = np.random.default_rng(seed)
    project, donors = random.normal(0, 1, (4, 3)), random.normal(0, 1, (9, 3))
    assert mahalanobis(project * [1, 100, 0.01], donors * [1, 100, 0.01]) == pytest.approx(mahalanobis(project, donors), abs=1e-6)


def test_a_distance_is_scipy_s() -> None:
    from scipy.spatial.distance import cdist

    random = np.random.default_rng(2)
    project, donors = random.normal(0, 1, (4, 3)), random.normal(0, 1, (9, 3))
    inverse = np.linalg.inv(np.cov(np.concatenate((project, donors)), rowvar=False))
    assert mahalanobis(project, donors) == pytest.approx(cdist(project, donors, "mahalanobis", VI=inverse), abs=1e-9)


def test_facts_that_leave_no_way() -> None:
    allowed = np.array([[True, False, False], [True, False, False]])
    assert optimal(np.ones((2, 3)), allowed, 1) is None
    assert optimal(np.ones((2, 3)), everyone(2, 3), 2) is None, "four controls of three donors"


def test_ties_fall_the_same_way_each_time() -> None:
    matches = [optimal(np.ones((3, 8)), everyone(3, 8), 2) for _ in range(5)]
    assert len({match.controls.tobytes() for match in matches if match}) == 1


def test_weights_by_hand() -> None:
    """Eq A1 of VM0047 with distances 0, ln 2 and ln 4: 4/7, 2/7, 1/7; and far sets keep their digits."""
    assert weights(np.log([[1.0, 2.0, 4.0]])) == pytest.approx(np.array([[4, 2, 1]]) / 7)
    assert weights(np.array([[1000.0, 1000.0 + np.log(3)]])) == pytest.approx(np.array([[0.75, 0.25]]))


def test_a_standardised_difference_by_hand() -> None:
    """Means 2 and 3, variances 1 and 1 with equal weights: one standard deviation apart."""
    match = Match(np.array([[0], [1], [2]]), np.ones((3, 1)))
    project, donors = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [3.0], [4.0]])
    assert differences(project, donors, match) == pytest.approx([1.0])
    assert differences(project, project, match) == pytest.approx([0.0])
    still = np.full((3, 1), 2.0)
    assert differences(still, still, match) == [0.0]
    assert differences(still, still + 1, match) == [np.inf]
