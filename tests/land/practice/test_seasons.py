"""Growing seasons of NDVI."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.seasons import growths, smooth, turns
from carbonsink.land.practice.series import Look
from tests.land.practice.paddy import HARVESTED, TRANSPLANTED, looks

RULE = read_practices().crops


def of(*values: float, step: int = 10) -> list[Look]:
    return [Look(date(2020, 1, 1) + timedelta(days=step * n), "a", {"ndvi": value}) for n, value in enumerate(values)]


def test_a_rise_and_a_fall_are_a_season_and_scatter_is_none() -> None:
    assert turns([0.2, 0.25, 0.2, 0.8, 0.75, 0.8, 0.3, 0.2, 0.25], 0.25) == [(2, 3, 7)]
    assert turns([0.8, 0.3, 0.2, 0.3], 0.25) == []
    assert turns([0.2, 0.8, 0.2, 0.7, 0.1], 0.25) == [(0, 1, 2), (2, 3, 4)]


def test_a_single_cloud_that_was_missed_makes_no_season() -> None:
    assert len(growths(of(0.2, 0.2, 0.4, 0.8, 0.05, 0.8, 0.8, 0.4, 0.2, 0.2), RULE)) == 1


def test_edges_lie_where_shares_of_the_amplitude_are_reached() -> None:
    (season,) = growths(of(0.2, 0.2, 0.2, 0.7, 0.7, 0.7, 0.2, 0.2, 0.2), RULE)
    assert (season.start, season.end) == (date(2020, 1, 1) + timedelta(days=22), date(2020, 1, 1) + timedelta(days=55))


@pytest.mark.parametrize("seed", range(5))
def test_rice_is_one_season_from_green_up_to_harvest(seed: int) -> None:
    (season,) = growths(looks(2020, [], cloud=0.3, seed=seed), RULE)
    day = season.start.timetuple().tm_yday, season.end.timetuple().tm_yday
    assert TRANSPLANTED < day[0] < TRANSPLANTED + 35
    assert HARVESTED - 25 < day[1] < HARVESTED + 10


def test_flooding_of_the_year_after_makes_no_season_longer() -> None:
    """The stubble's NDVI lies over that of next year's water, down to which the fall is measured."""
    both = [*looks(2020, [], seed=1), *looks(2021, [], seed=1)]
    first, second = growths(both, RULE)
    assert (first.end.year, second.start.year) == (2020, 2021)


def test_too_short_a_series_has_none() -> None:
    assert growths(of(0.2, 0.8), RULE) == []


@given(st.lists(st.floats(-0.2, 0.9), min_size=3, max_size=60), st.floats(0.05, 0.5))
def test_seasons_follow_each_other_and_rise_and_fall_enough(values: list[float], least: float) -> None:
    found = turns(smooth(values), least)
    line = smooth(values)
    for left, peak, right in found:
        assert left < peak < right
        assert line[peak] - max(line[left], line[right]) >= least
    assert all(before[2] <= after[0] for before, after in zip(found, found[1:], strict=False))
    for season in growths(of(*values), RULE):
        assert season.start <= season.peak <= season.end
