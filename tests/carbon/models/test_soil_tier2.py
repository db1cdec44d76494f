"""The IPCC's Tier 2 soil model against its worked workbook (47 years), and what must hold of it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.carbon import soil_tier2 as tier2
from carbonsink.carbon.inputs import InputError

SOIL: dict[str, Any] = {"sand": 0.25, "tillage": "full"}
YEAR_1970: dict[str, Any] = {"carbon_input": 3.569, "warm": 0.467, "wet": 1.053, "lignin": 0.111, "nitrogen": 0.021}
BEFORE = [0.34, 3.60, 58.80]  # pools of 1969


def columns(path: Path, *names: str) -> list[Any]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row[names[0]]]
    return [np.array([float(row[name]) for row in rows]) for name in names]


@pytest.fixture
def workbook(shared: Path) -> Path:
    return shared / "cases" / "ipcc2019_tier2_soc"


def published_years(workbook: Path) -> tuple[dict[str, Any], Any]:
    warm, wet, carbon, lignin, nitrogen, total = columns(workbook / "outputs.csv", "tfac", "wfac", "CI", "LC", "NC", "SOCy")
    return {"carbon_input": carbon, "warm": warm, "wet": wet, "lignin": lignin, "nitrogen": nitrogen}, total


def test_47_years_are_the_workbook_s(workbook: Path) -> None:
    inputs, total = published_years(workbook)
    pools = tier2.run(**inputs, **SOIL, start=BEFORE)
    assert pools.shape == (47, 3)
    assert np.abs(pools.sum(axis=-1) - total).max() < 0.01


@pytest.mark.parametrize(("change", "off"), [({"tillage": "reduced"}, 1.8), ({"tillage": "no_till"}, 7.8), ({"structural": "by_tillage"}, 0.39)])
def test_the_workbook_tells_tillage_and_f2_apart(workbook: Path, change: dict[str, str], off: float) -> None:
    inputs, total = published_years(workbook)
    assert np.abs(tier2.run(**inputs, **(SOIL | change), start=BEFORE).sum(axis=-1) - total).max() == pytest.approx(off, rel=0.03)


def test_the_first_year_by_hand() -> None:
    steady = tier2.steady_state(**YEAR_1970, **SOIL)
    assert steady.rate == pytest.approx([4.8334, 0.31203, 0.0033882], rel=1e-4)
    assert steady.pools == pytest.approx([0.37281, 3.8954, 63.552], rel=1e-4)
    pools = tier2.run(**{name: [value] for name, value in YEAR_1970.items()}, **SOIL, start=BEFORE)
    assert pools[0] == pytest.approx([0.3728, 3.6922, 58.8161], abs=5e-5)
    assert pools.sum() == pytest.approx(62.8811, abs=5e-5)


def test_months_of_the_workbook(workbook: Path) -> None:
    warmth, rain, evaporation, t, w = columns(workbook / "Tier2TestData.csv", "AvgTAvg", "SumRain", "SumEvap", "Ti", "Wi")
    assert np.abs(tier2.temperature_effect(warmth) - t).max() < 0.003
    assert np.abs(tier2.water_effect(rain, evaporation) - w).max() < 0.001
    assert tier2.temperature_effect([20.7, 13.8]) == pytest.approx([0.71224, 0.44144], abs=1e-5)
    assert tier2.water_effect([34.4, 130.1], [214.4, 62.8]) == pytest.approx([0.42024, 1.49962], abs=1e-5)


def test_factors_of_years_with_no_water_at_all(shared: Path) -> None:
    case = json.loads((shared / "cases" / "ipcc2019_tier1_soc" / "climate_factors.json").read_text())
    for one in case["temperature_factor_annual"]:
        assert tier2.temperature_factor(one["t_monthly_c"]) == pytest.approx(one["expected"], abs=1e-6)
    for one in case["water_factor_annual"]:
        assert tier2.water_factor(one["p_mm"], one["pet_mm"]) == pytest.approx(one["expected"], abs=1e-6)
    assert tier2.water_factor([0.0] * 12, [100.0] * 12, True) == pytest.approx(case["irrigated_month_factor"])


@given(st.floats(0.1, 10), st.floats(0, 1), st.sampled_from(["full", "reduced", "no_till"]))
def test_a_soil_under_constant_conditions_ends_at_its_steady_state(carbon: float, sand: float, tillage: str) -> None:
    given_each_year: dict[str, Any] = {"carbon_input": np.full(5_000, carbon), "warm": 0.6, "wet": 1.2, "sand": sand, "tillage": tillage}
    steady = tier2.steady_state(carbon, 0.6, 1.2, sand=sand, tillage=tillage)
    pools = tier2.run(**given_each_year, start=[0.0, 0.0, 0.0])
    assert pools[-1] == pytest.approx(steady.pools, rel=1e-6)
    assert (np.diff(pools.sum(axis=-1)) >= -1e-9).all()
    assert tier2.run(**given_each_year, start=steady.pools)[-1] == pytest.approx(steady.pools, rel=1e-9)


def test_less_tillage_and_more_carbon_keep_more() -> None:
    totals = [tier2.steady_state(3.0, 0.5, 1.0, sand=0.3, tillage=word).pools.sum() for word in ("full", "reduced", "no_till")]
    assert totals == sorted(totals)
    assert tier2.steady_state(6.0, 0.5, 1.0, sand=0.3, tillage="full").pools == pytest.approx(
        2 * tier2.steady_state(3.0, 0.5, 1.0, sand=0.3, tillage="full").pools
    )


def test_soils_side_by_side_and_tillage_that_changes() -> None:
    carbon = np.array([[3.0, 3, 4], [2, 2, 2]])
    words = np.array([["full", "full", "no_till"], ["reduced"] * 3])
    both = tier2.run(carbon, 0.5, 1.0, sand=[0.2, 0.4], tillage=words, start=BEFORE)
    alone = tier2.run(carbon[0], 0.5, 1.0, sand=0.2, tillage=words[0], start=BEFORE)
    assert both.shape == (2, 3, 3) and np.array_equal(both[0], alone)


def test_run_in_is_the_steady_state_of_the_first_years_means() -> None:
    carbon, warm = np.arange(1.0, 9.0), np.linspace(0.4, 0.6, 8)
    found = tier2.run_in(carbon, warm, 1.0, **SOIL, years=5)
    assert found == pytest.approx(tier2.steady_state(3.0, warm[:5].mean(), 1.0, **SOIL).pools)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"carbon_input": [-1.0]}, "carbon_input: -1 at [0] is below 0"),
        ({"sand": 25.0}, "sand: 25 is above 1"),
        ({"tillage": "ploughed"}, "tillage: 'ploughed' is not one of full, reduced, no_till"),
        ({"structural": "mine"}, "structural: 'mine' is not one of published, by_tillage"),
        ({"nitrogen": 0.0}, "nitrogen: 0 is not above 0"),
        ({"lignin": np.nan}, "lignin: nan is not a finite number"),
        ({"start": [1.0, 2.0]}, "start: 3 pools (active, slow, passive)"),
        ({"warm": 0.0}, "warm: 0 is not above 0"),
    ],
)
def test_a_bad_input_is_told_in_a_line(change: dict[str, Any], words: str) -> None:
    good = {"carbon_input": [3.0], "warm": [0.5], "wet": [1.0], "start": BEFORE} | SOIL
    with pytest.raises(InputError) as told:
        tier2.run(**(good | change))
    assert words in str(told.value) and "\n" not in str(told.value)


def test_years_and_months_must_be_there() -> None:
    with pytest.raises(InputError, match="years are needed on the last axis"):
        tier2.run(3.0, 0.5, 1.0, **SOIL, start=BEFORE)
    with pytest.raises(InputError, match="12 months of a year are needed on the last axis, found 11"):
        tier2.temperature_factor([10.0] * 11)
    with pytest.raises(InputError, match="a run-in takes 5 to 20, found 4"):
        tier2.run_in([3.0] * 9, 0.5, 1.0, **SOIL, years=4)
    with pytest.raises(InputError, match="a run-in of 9 years needs as many, found 8"):
        tier2.run_in([3.0] * 8, 0.5, 1.0, **SOIL, years=9)
