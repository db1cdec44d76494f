"""The twenty-year transition of soil: the published land units, both formulations of Equation 2.25, and where a line begins."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.carbon import transition
from carbonsink.carbon.inputs import InputError

YEARS = [1990, 1995, 2000, 2005, 2010, 2015, 2020]
HECTARES = st.lists(st.floats(0.1, 1e4), min_size=4, max_size=4)


def test_all_42_published_stocks(shared: Path) -> None:
    with (shared / "cases" / "ipcc2019_tier1_soc" / "land_units.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    ours = transition.stocks(np.reshape([float(row["soc_equilibrium_tC_ha"]) for row in rows], (6, 7)), YEARS, 20)
    published = np.reshape([float(row["expected_soc_tC_ha"]) for row in rows], (6, 7))
    assert ours.size == 42 and np.abs(ours - published).max() < 0.001


def test_a_second_change_starts_from_the_stock_reached() -> None:
    stocks = transition.stocks([77, 70.84, 70.84, 70.84, 80.85, 80.85, 80.85], YEARS, 20)
    assert stocks[3] == pytest.approx(72.38) and stocks[4] == pytest.approx(72.38 + (80.85 - 72.38) / 4)
    from_old_equilibrium = 70.84 + (80.85 - 70.84) / 4
    assert abs(stocks[4] - from_old_equilibrium) > 1


def test_a_line_ends_at_its_equilibrium_and_stays() -> None:
    years = list(range(2000, 2051))
    stocks = transition.stocks([50.0] + [60.0] * 50, years, 20)
    assert stocks[1] == pytest.approx(50.5) and (stocks[20:] == 60.0).all()
    assert np.diff(stocks[:21]) == pytest.approx(np.full(20, 0.5))


def test_a_soil_may_start_off_its_equilibrium() -> None:
    assert transition.stocks([60.0] * 3, [2000, 2010, 2030], 20, start=40.0) == pytest.approx([40, 50, 60])


def test_land_units_side_by_side_are_each_by_themselves() -> None:
    targets = np.array([[77, 70.84, 70.84], [77, 77, 80.85]])
    both = transition.stocks(targets, [1990, 1995, 2000], 20)
    assert np.array_equal(both, [transition.stocks(row, [1990, 1995, 2000], 20) for row in targets])


@given(HECTARES, st.floats(10, 100), st.floats(10, 100), st.integers(1, 30))
def test_parcels_and_strata_agree_where_parcels_keep_their_stratum(area: list[float], low: float, high: float, interval: int) -> None:
    # Two climates, each with land under two practices; one parcel of each changes practice and stays in its climate.
    stock = [low, 1.2 * low, high, 1.2 * high]
    a = transition.by_parcels(area, stock, [stock[1], stock[1], stock[3], stock[3]], interval=interval, transition_time=20)
    after = [0.0, area[0] + area[1], 0.0, area[2] + area[3]]
    b = transition.by_strata(area, after, stock, interval=interval, transition_time=20)
    assert a == pytest.approx(b, rel=1e-9, abs=1e-9)


def test_the_guidelines_example_of_a_million_hectares() -> None:
    stock = [88 * 0.69 * f for f in (0.92, 1.0, 1.08, 1.15)]  # full tillage low input, full, reduced, no-till medium
    change = transition.by_strata([4e5, 6e5, 0, 0], [2e5, 0, 7e5, 1e5], stock, interval=20, transition_time=20)
    assert change == pytest.approx(264_132)


def test_an_interval_longer_than_the_transition_divides_by_itself() -> None:
    assert transition.by_parcels([1.0], [50.0], [60.0], interval=25, transition_time=20) == pytest.approx(0.4)
    assert transition.by_parcels([1.0], [50.0], [60.0], interval=5, transition_time=20) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: transition.stocks([50.0, -1.0], [2000, 2005], 20), "equilibrium: -1 at [1] is below 0"),
        (lambda: transition.stocks([50.0, 60.0], [2005, 2000], 20), "years: rising years are needed"),
        (lambda: transition.stocks([50.0], [2000, 2005], 20), "2 inventory years are needed on the last axis, found shape (1,)"),
        (lambda: transition.stocks([50.0, 60.0], [2000, 2005], 0), "transition_time: 0 is not above 0"),
        (lambda: transition.by_parcels([1.0, 2.0], [1.0] * 3, [2.0] * 3, interval=1, transition_time=20), "one value a parcel is needed"),
        (lambda: transition.by_strata([1.0], [1.0, 2.0], [1.0], interval=1, transition_time=20), "one value a stratum is needed"),
        (lambda: transition.by_strata([100.0], [90.0], [50.0], interval=1, transition_time=20), "area_before is 100 ha in all and area_after 90 ha"),
    ],
)
def test_a_bad_input_is_told_in_a_line(call: Any, words: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert words in str(told.value) and "\n" not in str(told.value)
