"""Harvested wood: half is left after a half-life, nothing gets lost, and a pool fed evenly stays as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.carbon import harvested_wood as hwp
from carbonsink.carbon.inputs import InputError

INFLOW = [80.0, 90.0, 100.0, 110.0, 120.0]


@pytest.mark.parametrize(("product", "years"), [("sawnwood", 35), ("wood_panels", 25), ("paper", 2)])
def test_half_is_left_after_a_half_life(product: str, years: int) -> None:
    assert hwp.half_life(product) == years
    assert hwp.stocks([0.0] * years, half_life=years, start=100.0)[-1] == pytest.approx(50)


def test_two_years_of_sawnwood_by_hand() -> None:
    k = np.log(2) / 35
    first = (1 - np.exp(-k)) / k * 100
    assert hwp.stocks([100.0, 100.0], half_life=35) == pytest.approx([first, np.exp(-k) * first + first])


def test_an_even_inflow_keeps_its_steady_start() -> None:
    start = hwp.steady_start([100.0] * 5, hwp.half_life("sawnwood"))
    assert start == pytest.approx(100 * 35 / np.log(2))
    assert hwp.stocks([100.0] * 60, half_life=35, start=start) == pytest.approx(np.full(60, float(start)))
    assert hwp.steady_start(INFLOW, 2.0) == pytest.approx(hwp.steady_start([100.0] * 5, 2.0))


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=40), st.floats(0.5, 100), st.floats(0, 1e5))
def test_what_comes_in_stays_or_leaves(inflow: list[float], half_life: float, start: float) -> None:
    stock = hwp.stocks(inflow, half_life=half_life, start=start)
    leaving = hwp.released(inflow, stock, start)
    assert (leaving >= -1e-6).all() and (stock >= 0).all()
    assert start + sum(inflow) == pytest.approx(stock[-1] + leaving.sum(), rel=1e-9, abs=1e-6)


def test_products_side_by_side() -> None:
    lives = [hwp.half_life(name) for name in hwp.products()]
    both = hwp.stocks(np.tile(INFLOW, (3, 1)), half_life=lives, start=[10.0, 0.0, 0.0])
    assert both.shape == (3, 5) and np.array_equal(both[2], hwp.stocks(INFLOW, half_life=2.0))


def test_carbon_of_a_cubic_metre() -> None:
    assert hwp.carbon("sawnwood", 1000.0) == pytest.approx(229)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hwp.stocks([-1.0], half_life=35), "inflow: -1 at [0] is below 0"),
        (lambda: hwp.stocks([1.0], half_life=0), "half_life: 0 is not above 0"),
        (lambda: hwp.stocks(1.0, half_life=35), "inflow: years are needed"),
        (lambda: hwp.half_life("toothpick"), "product: 'toothpick' is not one of sawnwood, wood_panels, paper"),
        (lambda: hwp.steady_start([1.0] * 4, 35), "the first 5 years make the first stock, found 4"),
    ],
)
def test_a_bad_input_is_told_in_a_line(call: Any, words: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert words in str(told.value) and "\n" not in str(told.value)
