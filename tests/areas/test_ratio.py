"""Ratio and regression estimators: the published example, and where they must be the same as the stratified one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from carbonsink.areas.estimate import by_parcel, error_adjusted
from carbonsink.areas.interval import logit, quantile
from carbonsink.areas.ratio import by_map, by_size, by_strata, total_by
from carbonsink.areas.regression import areas_by_regression, mean_by_regression
from carbonsink.areas.transitions import transition_matrix
from carbonsink.base.problems import Refusal
from tests.areas.test_estimate import AREA, CASE

# Stehman 2014, Table 2: forty samples, ten in each of four strata; classes A to D are 0 to 3.
STRATUM = np.repeat(range(4), 10)
MAPPED = [0] * 7 + [1] * 3 + [0] + [1] * 11 + [2] * 6 + [1] * 2 + [3] * 10
REFERENCE = [0] * 5 + [2, 1, 0, 1, 2, 0] + [1] * 5 + [0, 0, 1, 1] + [2] * 5 + [3, 3, 1, 1, 0] + [3] * 7 + [2, 2, 1]
STRATUM_AREA = np.array([40_000.0, 30_000.0, 20_000.0, 10_000.0])


def table(*columns: object) -> np.ndarray:
    counts = np.zeros((4, 4, 4))
    np.add.at(counts, columns, 1)  # type: ignore[arg-type]
    return counts


def test_the_published_example_of_strata_that_aren_t_the_classes() -> None:
    """Printed in section 4: overall 0.63 (0.085), user's of B 0.574 (0.125), area of A 0.35 (0.082)."""
    found = by_strata(table(STRATUM, MAPPED, REFERENCE), STRATUM_AREA)
    assert (round(float(found.points.overall), 2), round(float(found.errors.overall), 3)) == (0.63, 0.085)
    assert (round(found.points.users[1], 3), round(found.errors.users[1], 3)) == (0.574, 0.125)
    assert (round(found.points.areas[0] / 1e5, 2), round(found.errors.areas[0] / 1e5, 3)) == (0.35, 0.082)
    assert found.points.areas.sum() == pytest.approx(1e5)


def test_where_strata_are_the_classes_stehman_is_olofsson() -> None:
    counts, area = np.array(CASE["counts"], float), np.array(CASE["mapped_pixels"], float)
    by_class = np.zeros((4, 4, 4))
    by_class[range(4), range(4)] = counts
    ours, theirs = by_strata(by_class, area), error_adjusted(counts, area)
    for name in ("areas", "users", "producers", "overall"):
        assert getattr(ours.points, name) == pytest.approx(getattr(theirs.points, name))
        assert getattr(ours.errors, name) == pytest.approx(getattr(theirs.errors, name), rel=1e-9), name


def test_a_stratum_with_one_sample_is_refused_by_name() -> None:
    counts = table(STRATUM, MAPPED, REFERENCE)
    counts[2] = 0
    counts[2, 0, 0] = 1
    with pytest.raises(Refusal, match="E-ARE-020 old forest.*20000 ha.*1 sample"):
        by_strata(counts, STRATUM_AREA, ["a", "b", "old forest", "d"])


def test_pixels_that_are_parcels_of_one_make_all_estimators_agree() -> None:
    cells = np.array([[45.0, 5.0], [3.0, 57.0]])
    pixels = np.concatenate([np.repeat(np.eye(4).reshape(4, 2, 2)[[cell]], int(cells.ravel()[cell]), axis=0) for cell in range(4)])
    regression, errors = areas_by_regression(pixels, AREA)
    stratified = by_parcel(pixels, AREA)
    assert regression == pytest.approx(stratified.points.areas)
    assert errors == pytest.approx(stratified.errors.areas)


PARCELS = arrays(np.float64, (6, 2, 2), elements=st.integers(1, 30).map(float))


@given(PARCELS)
def test_regression_and_ratio_to_size_make_up_the_land_and_double_with_it(parcels: np.ndarray) -> None:
    for estimate in (lambda a: areas_by_regression(parcels, a), lambda a: by_size(parcels, a.sum())):
        (one, error), (two, twice) = estimate(AREA), estimate(2 * AREA)
        assert one.sum() == pytest.approx(AREA.sum())
        assert two == pytest.approx(2 * one)
        assert twice == pytest.approx(2 * error)


@given(PARCELS, st.permutations(range(6)))
def test_the_order_of_parcels_changes_nothing(parcels: np.ndarray, order: list[int]) -> None:
    for one, other in ((f(parcels, AREA), f(parcels[order], AREA)) for f in (by_map, areas_by_regression)):
        assert one[0] == pytest.approx(other[0])
        assert one[1] == pytest.approx(other[1], abs=1e-6)


def test_a_map_without_mistakes_leaves_no_error_by_map_or_by_regression() -> None:
    parcels = np.array([np.diag([3.0, 1.0]), np.diag([5.0, 9.0]), np.diag([0.0, 4.0])])
    for values, errors in (by_map(parcels, AREA), areas_by_regression(parcels, AREA)):
        assert values == pytest.approx(AREA)
        assert errors == pytest.approx([0, 0], abs=1e-9)


def test_a_class_that_no_sampled_parcel_is_mapped_as_has_no_ratio() -> None:
    parcels = np.array([[[3.0, 1.0], [0, 0]], [[2.0, 2.0], [0, 0]]])
    values, errors = by_map(parcels, AREA)
    assert np.isnan([values[1], errors[1]]).all() and values[0] > 0


def test_a_total_by_a_known_one_by_hand() -> None:
    total, error = total_by(np.array([1.0, 3.0]), np.array([2.0, 4.0]), np.array(60.0))
    assert float(total) == pytest.approx(40.0)
    assert float(error) == pytest.approx(60 / 6 * (2 * ((1 - 4 / 3) ** 2 + (3 - 8 / 3) ** 2)) ** 0.5)


def test_a_feature_that_explains_all_leaves_no_error_but_moves_the_mean_to_the_land_s() -> None:
    x = np.array([1.0, 2.0, 4.0, 5.0, 7.0, 8.0])
    found = mean_by_regression(10 + 3 * x, x[:, None], np.zeros(6, np.int64), np.ones(1), np.array([[6.0]]))
    assert (float(found.mean), float(found.error), found.degrees) == (pytest.approx(28.0), pytest.approx(0, abs=1e-9), 4)


def test_one_feature_is_cochran_s_linear_regression_estimator() -> None:
    random = np.random.default_rng(2)
    x = random.normal(5, 1, 40)
    y = 2 + 3 * x + random.normal(0, 1, 40)
    slope = np.polyfit(x, y, 1)[0]
    found = mean_by_regression(y, x[:, None], np.zeros(40, np.int64), np.ones(1), np.array([[5.2]]))
    assert float(found.mean) == pytest.approx(y.mean() + slope * (5.2 - x.mean()))
    residuals = y - y.mean() - slope * (x - x.mean())
    assert float(found.error) == pytest.approx(((residuals**2).sum() / 38 / 40) ** 0.5, rel=0.05), "section 7.4, but for the g-weights"


def test_two_features_that_say_the_same_are_one() -> None:
    random = np.random.default_rng(3)
    x = random.normal(5, 1, 30)
    y = x + random.normal(0, 1, 30)
    strata = np.zeros(30, np.int64)
    one = mean_by_regression(y, x[:, None], strata, np.ones(1), np.array([[5.2]]))
    two = mean_by_regression(y, np.column_stack([x, x]), strata, np.ones(1), np.array([[5.2, 5.2]]))
    assert float(two.mean) == pytest.approx(float(one.mean))


# --- transitions ---


def test_the_transition_matrix_by_hand() -> None:
    counts = np.array([[[45.0, 5.0], [0, 0]], [[0, 0], [2.0, 18.0]], [[2.0, 30.0], [6.0, 2.0]]])
    area = np.array([500.0, 400.0, 100.0])
    found = transition_matrix(counts, area)
    assert found.areas[0, 1] == pytest.approx(500 * 0.1 + 100 * 0.75)
    assert found.errors[0, 1] == pytest.approx((500**2 * 0.1 * 0.9 / 49 + 100**2 * 0.75 * 0.25 / 39) ** 0.5)
    assert found.areas.sum() == pytest.approx(1000)
    assert found.net == pytest.approx(found.areas.sum(axis=0) - found.areas.sum(axis=1))
    assert found.net.sum() == pytest.approx(0)
    assert found.net_errors[0] == pytest.approx(found.net_errors[1]), "what one of two classes gains the other loses"


# --- intervals ---


def test_quantiles_are_student_s_where_units_are_few() -> None:
    assert float(quantile(95)) == pytest.approx(1.959964, abs=1e-6)
    assert float(quantile(90, 33)) == pytest.approx(1.6924, abs=1e-4)  # the tool's own example
    assert float(quantile(90, 9)) == pytest.approx(1.833113, abs=1e-6)


@given(st.floats(0, 1), st.floats(0, 0.3))
def test_a_logit_interval_holds_its_share_and_stays_a_share(share: float, error: float) -> None:
    low, high = logit(np.array(share), np.array(error), np.array(1.96))
    assert 0 <= float(low) <= share + 1e-12 and share - 1e-12 <= float(high) <= 1
