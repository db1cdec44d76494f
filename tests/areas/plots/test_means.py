"""Plots by AR-TOOL14: the tool's examples, worked examples by hand, and the trap of dividing a relative error twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.areas.plots.change import Total, a_year, carried, difference, remeasured
from carbonsink.areas.plots.discount import discount, discount_share, discounted
from carbonsink.areas.plots.means import Mean, relative_percent, stratified, two_phase

TO_CO2 = 44 / 12 * 0.47
ONE = np.zeros(4, np.int64)


def test_the_tool_s_example_of_an_uncertainty() -> None:
    """34 plots, mean 45.328, standard deviation 12.776: 8.18 %, nothing is taken off."""
    found = Mean(np.array(45.328), np.array(12.776 / 34**0.5), 33)
    assert round(float(found.uncertainty_percent(90)), 2) == 8.18
    assert discount_share(float(found.uncertainty_percent(90))) == 0


def test_the_tool_s_example_of_a_discount() -> None:
    """60 +- 9, that is 15 %: a quarter of 9 is taken off a project, put onto a baseline."""
    assert discounted(60, 15, "project") == pytest.approx(57.75)
    assert discounted(60, 15, "baseline") == pytest.approx(62.25)


@pytest.mark.parametrize(
    ("percent", "share"), [(0, 0), (10, 0), (10.01, 0.25), (15, 0.25), (15.01, 0.5), (20, 0.5), (20.01, 0.75), (30, 0.75), (30.01, 1), (250, 1)]
)
def test_every_band_of_the_discount_holds_its_upper_bound(percent: float, share: float) -> None:
    assert discount_share(percent) == share


def test_two_strata_worked_by_hand() -> None:
    """60 ha and 40 ha, eleven plots: 46.08 t/ha, 10.5779 % with t of 9 degrees, 7,941.12 t CO2, 7,731.119 after the discount."""
    plots, strata = np.array([42, 55, 61, 48, 70, 52, 30, 25, 41, 37, 33.0]), np.repeat([0, 1], [6, 5])
    found = stratified(plots, strata, np.array([0.6, 0.4]))
    percent = float(found.uncertainty_percent(90))
    stock = float(found.value) * 100 * TO_CO2
    assert (float(found.value), found.degrees) == (pytest.approx(46.08), 9)
    assert percent == pytest.approx(10.5779, abs=1e-4)
    assert stock == pytest.approx(7941.12, abs=1e-6)
    assert discounted(stock, percent, "project") == pytest.approx(7731.119, abs=1e-3)


def test_a_relative_error_is_divided_by_the_mean_once(shared: Path) -> None:
    """Public software divides it by the stock again and takes nothing off; 668.293 t are due with its own t of 1.645."""
    folder = shared / "cases" / "guardian_vm0033"
    case, stratum = (json.loads((folder / name).read_text()) for name in ("uncertainty_trap.json", "ar_tool_14_stratum4.json"))
    found = stratified(np.array(case["plots_t_dm_ha"], float), ONE, np.ones(1))
    stock = float(found.value) * case["area_ha"] * 44 / 12 * case["CF"]
    percent = float(relative_percent(found.value, case["t_value"] * found.error))
    assert (stock, percent) == (pytest.approx(case["C_tree_tCO2"], abs=1e-3), pytest.approx(case["relative_uncertainty_pct"], abs=1e-4))
    assert discount(stock, percent) == pytest.approx(case["expected_discount_tCO2"], abs=1e-3)
    twice = percent / stock  # what that software's relative uncertainty comes to
    assert twice == pytest.approx(case["guardian_code_relative_uncertainty_pct"], rel=1e-4)
    assert discount(stock, twice) == case["guardian_code_discount_tCO2"] == 0
    honest = float(found.uncertainty_percent(90))  # four plots have three degrees of freedom, so t is 2.353 and the band higher
    assert (round(honest, 2), discount_share(honest)) == (21.65, 0.75)
    assert stratum["delta_b_TREE_t_dm_ha"] * stratum["A_ha"] * 44 / 12 * stratum["CF_TREE"] == pytest.approx(stratum["expected_delta_C_TREE_tCO2"])


@given(st.floats(1, 1e7), st.floats(0, 300))
def test_a_discount_grows_with_the_stock_and_never_with_certainty(value: float, percent: float) -> None:
    assert discount(2 * value, percent) == pytest.approx(2 * discount(value, percent))
    assert discount(value, percent) <= discount(value, percent + 1)
    assert discounted(value, percent, "project") <= value <= discounted(value, percent, "baseline")


def test_a_mean_of_zero_has_no_relative_error_and_no_discount() -> None:
    bare = stratified(np.zeros(4), ONE, np.ones(1))
    assert float(bare.uncertainty_percent(90)) == 0
    assert discount(0.0, float("inf")) == 0


# --- two phases ---


def test_two_phases_by_hand() -> None:
    """Eqs 18, 19, A3.1 and A3.2 with four measured plots of ten."""
    plots, cheap = np.array([40.0, 50.0, 70.0, 80.0]), np.array([0.3, 0.4, 0.6, 0.7])
    found = two_phase(plots, cheap, ONE, np.ones(1), np.array([0.55]), np.array([10]))
    assert float(found.value) == pytest.approx(60 + 100 * 0.05)
    assert float(found.error) == pytest.approx((plots.var(ddof=1) * (1 - (1 - 0.4) * 1.0) / 4) ** 0.5)
    assert found.degrees == 3


def test_a_cheap_variable_known_of_measured_plots_only_changes_nothing() -> None:
    plots, cheap = np.array([40.0, 52.0, 70.0, 77.0]), np.array([0.3, 0.5, 0.5, 0.7])
    found, alone = two_phase(plots, cheap, ONE, np.ones(1), np.array([cheap.mean()]), np.array([4])), stratified(plots, ONE, np.ones(1))
    assert (float(found.value), float(found.error)) == (pytest.approx(float(alone.value)), pytest.approx(float(alone.error)))


def test_a_cheap_variable_without_spread_says_nothing() -> None:
    plots = np.array([40.0, 52.0, 70.0, 77.0])
    found, alone = two_phase(plots, np.ones(4), ONE, np.ones(1), np.array([5.0]), np.array([40])), stratified(plots, ONE, np.ones(1))
    assert (float(found.value), float(found.error)) == (float(alone.value), float(alone.error))


# --- change ---


def test_the_change_of_two_stocks_is_less_certain_than_either() -> None:
    found = difference(Total(3000, 12), Total(5000, 10))
    assert (found.value, found.uncertainty_percent) == (2000, pytest.approx(30.8058, abs=1e-4))
    assert a_year(found.value, 5) == 400


def test_plots_measured_twice_know_their_change_better_than_two_samples() -> None:
    before, after = np.array([40.0, 55.0, 62.0, 48.0]), np.array([45.0, 61.0, 66.0, 54.0])
    found = remeasured(before, after, ONE, np.ones(1))
    assert (float(found.value), found.degrees) == (pytest.approx(5.25), 3)
    stocks = [stratified(plots, ONE, np.ones(1)) for plots in (before, after)]
    apart = difference(*(Total(float(s.value), float(s.uncertainty_percent(90))) for s in stocks))
    assert float(found.uncertainty_percent(90)) < apart.uncertainty_percent / 5


def test_a_stock_carried_on_by_a_change() -> None:
    found = carried(Total(3000, 12), Total(500, 20))
    assert (found.value, found.uncertainty_percent) == (3500, pytest.approx(100 * (360**2 + 100**2) ** 0.5 / 3500))
