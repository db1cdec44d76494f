"""What one observation says of the ground."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.series import Look
from carbonsink.land.practice.wetness import Belief, likelihood, optical
from tests.land.practice.paddy import CLOSED, TRANSPLANTED, looks

WATER = read_practices().water


def ratio(belief: Belief) -> float:
    return belief.wet / belief.dry


def beliefs(dry: list[tuple[int, int]]) -> dict[int, Belief]:
    return {belief.day.timetuple().tm_yday: belief for belief in optical(looks(2020, dry, every=1, noise=0.0), WATER.optical, 0.0)}


def test_open_water_and_bare_soil_are_told_apart_and_a_closed_canopy_hides_both() -> None:
    flooded, drained = beliefs([]), beliefs([(TRANSPLANTED, CLOSED + 20)])
    assert ratio(flooded[TRANSPLANTED + 5]) > 50
    assert ratio(drained[TRANSPLANTED + 5]) < 1 / 50
    assert ratio(drained[TRANSPLANTED + 25]) < 1 / 20
    assert 0.2 < ratio(flooded[CLOSED + 10]) < 5


def test_a_noisy_run_says_less() -> None:
    series = looks(2020, [(180, 190)], every=1, noise=0.0)
    quiet, loud = ({b.day.timetuple().tm_yday: ratio(b) for b in optical(series, WATER.optical, noise)} for noise in (0.0, 0.1))
    assert all(quiet[day] < loud[day] < 1 for day in range(181, 190))
    assert all(quiet[day] > loud[day] > 1 for day in range(150, 175))


def test_looks_without_both_layers_say_nothing() -> None:
    assert optical([Look(date(2020, 6, 1), "a", {"ndvi": 0.4})], WATER.optical, 0.0) == []


@given(st.floats(0, 10), st.floats(0, 10), st.floats(0.01, 1))
def test_farther_is_less_likely_and_never_impossible(near: float, more: float, scatter: float) -> None:
    assert 1 >= likelihood(near, scatter) >= likelihood(near + more, scatter) > 0
    assert likelihood(-near, scatter) == 1
