"""Growth curves of a stand: their known points, their order, and what a yield table doesn't say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.carbon import stand
from carbonsink.carbon.inputs import InputError

TABLE: dict[str, Any] = {"ages": [0, 5, 10, 20], "volumes": [0, 30, 90, 210]}


def test_chapman_richards_at_known_points() -> None:
    assert stand.chapman_richards(0, most=300, rate=0.05, shape=2) == 0
    assert stand.chapman_richards(np.log(2) / 0.05, most=300, rate=0.05, shape=2) == pytest.approx(300 / 4)
    assert stand.chapman_richards(1000, most=300, rate=0.05, shape=2) == pytest.approx(300)


def test_logistic_at_known_points() -> None:
    assert stand.logistic(0, most=300, rate=0.1, shift=9) == pytest.approx(30)
    assert stand.logistic(np.log(9) / 0.1, most=300, rate=0.1, shift=9) == pytest.approx(150)


@given(st.floats(10, 900), st.floats(0.001, 0.5), st.floats(0.1, 9))
def test_a_stand_never_shrinks_nor_outgrows_its_most(most: float, rate: float, other: float) -> None:
    ages = np.arange(200)
    for volume in (stand.chapman_richards(ages, most=most, rate=rate, shape=other), stand.logistic(ages, most=most, rate=rate, shift=other)):
        assert (np.diff(volume) >= 0).all() and volume[-1] <= most * (1 + 1e-12)


def test_a_table_is_read_between_its_rows() -> None:
    assert stand.by_table([0, 5, 7.5, 20], **TABLE) == pytest.approx([0, 30, 60, 210])
    assert stand.growth(30, 90, 5) == pytest.approx(12)


def test_sites_side_by_side() -> None:
    assert stand.chapman_richards(np.arange(10), most=[[200], [300]], rate=0.05, shape=2).shape == (2, 10)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: stand.by_table(21, **TABLE), "age: 21 is outside of the table, which goes from 0 to 20"),
        (lambda: stand.by_table(1, ages=[0, 5, 5], volumes=[0, 1, 2]), "two or more rising ages"),
        (lambda: stand.by_table(1, ages=[0, 5], volumes=[0, -1]), "volumes: -1 at [1] is below 0"),
        (lambda: stand.chapman_richards(-1, most=300, rate=0.05, shape=2), "age: -1 is below 0"),
        (lambda: stand.chapman_richards(1, most=300, rate=0, shape=2), "rate: 0 is not above 0"),
        (lambda: stand.chapman_richards([1, 2], most=[1, 2, 3], rate=1, shape=2), "shapes don't go together: age (2,), most (3,)"),
        (lambda: stand.logistic(1, most=300, rate=1, shift=np.nan), "shift: nan is not a finite number"),
        (lambda: stand.growth(30, 90, 0), "years: 0 is not above 0"),
    ],
)
def test_a_bad_input_is_told_in_a_line(call: Any, words: str) -> None:
    with pytest.raises(InputError) as told:
        call()
    assert words in str(told.value) and "\n" not in str(told.value)
