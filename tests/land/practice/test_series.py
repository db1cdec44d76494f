"""From rows of series.csv to a parcel's looks, and the noise of a run."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from carbonsink.base.records import SeriesPoint
from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.series import Look, between, having, looks_of, lower_median, noise_of, ranked

RULE = read_practices().observation


def point(day: str, layer: str, mean: float, seen: float = 90.0, parcel: str = "P-1", platform: str = "sentinel-2a") -> SeriesPoint:
    return SeriesPoint(day, platform, parcel, layer, mean, seen, 100.0)


def test_looks_come_in_order_of_time_with_their_layers() -> None:
    points = [
        point("2020-06-06", "ndvi", 0.3),
        point("2020-06-01", "ndvi", 0.2),
        point("2020-06-01", "lswi", 0.1),
        point("2020-06-01", "ndvi", 0.5, parcel="P-2"),
    ]
    looks = looks_of(points, RULE)
    assert [(str(look.day), dict(look.value)) for look in looks["P-1"]] == [("2020-06-01", {"ndvi": 0.2, "lswi": 0.1}), ("2020-06-06", {"ndvi": 0.3})]
    assert [str(look.day) for look in having(looks["P-1"], "ndvi", "lswi")] == ["2020-06-01"]
    assert len(between(looks["P-1"], date(2020, 6, 2), date(2020, 6, 6))) == 1


@pytest.mark.parametrize(("seen", "kept"), [(3.9, False), (19.0, False), (20.0, True)])
def test_a_rim_of_the_parcel_is_no_look(seen: float, kept: bool) -> None:
    assert bool(looks_of([point("2020-06-01", "ndvi", 0.2, seen)], RULE)) is kept


def test_two_platforms_of_a_day_are_two_looks() -> None:
    points = [point("2020-06-01", "ndvi", 0.2), point("2020-06-01", "vh", 0.01, platform="sentinel-1a")]
    assert len(looks_of(points, RULE)["P-1"]) == 2


def test_medians_and_ranks_are_lower() -> None:
    assert lower_median([4.0, 1.0, 3.0, 2.0]) == 2.0
    assert ranked([4.0, 1.0, 3.0, 2.0], 75) == 3.0
    assert ranked([5.0], 99) == 5.0


def test_the_noise_of_a_run_is_that_of_its_scatter_whatever_happens_now_and_then() -> None:
    chance = random.Random(3)
    days = [date(2020, 1, 1) + timedelta(days=5 * n) for n in range(73)]
    quiet = [Look(day, "a", {"lswi": 0.001 * n + chance.gauss(0, 0.02) - 0.3 * (n in (30, 31, 50))}) for n, day in enumerate(days)]
    assert noise_of([quiet], "lswi", 30) == pytest.approx(0.02, rel=0.3)
    assert noise_of([quiet[:2], quiet[::20]], "lswi", 30) == 0.0
