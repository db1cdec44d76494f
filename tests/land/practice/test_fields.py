"""Crops, winter cover, straw and fire on fields made by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.fields import burning, crops, residue, winter_cover
from carbonsink.land.practice.seasons import Growth, growths
from carbonsink.land.practice.series import Look

RULES = read_practices()
HARVEST = date(2020, 9, 30)
CROP = Growth(date(2020, 6, 1), date(2020, 8, 1), HARVEST)


def at(month: int, day: int, **value: float) -> Look:
    return Look(date(2020, month, day), "a", value)


def year(*humps: tuple[int, int], every: int = 8, start: date = date(2020, 1, 1)) -> list[Look]:
    """NDVI of crops that stand from one day of the year to another, bare soil between."""
    days = range(1, 366, every)
    return [Look(start + timedelta(days=day - 1), "a", {"ndvi": 0.8 if any(a <= day <= b for a, b in humps) else 0.2}) for day in days]


@pytest.mark.parametrize(
    ("humps", "found"),
    [([(150, 260)], "1"), ([(100, 180), (210, 290)], "2"), ([], "0"), ([(20, 120), (170, 270)], "1+winter"), ([(90, 150), (170, 230), (250, 310)], "3")],
)
def test_crops_are_counted_and_one_through_the_winter_told_apart(humps: list[tuple[int, int]], found: str) -> None:
    series = year(*humps)
    assert crops(series, growths(series, RULES.crops), 2020, False, RULES).found == found


def test_in_the_south_summer_is_winter() -> None:
    series = year((150, 260))
    assert crops(series, growths(series, RULES.crops), 2020, True, RULES).found == "0+winter"


def test_a_crop_could_hide_in_a_long_gap() -> None:
    series = [look for look in year((100, 180)) if not 200 <= look.day.timetuple().tm_yday <= 260]
    finding = crops(series, growths(series, RULES.crops), 2020, False, RULES)
    assert (finding.found, finding.value) == ("", 1.0)
    winter = [look for look in year((100, 180)) if look.day.month not in (12, 1, 2)]
    assert crops(winter, growths(winter, RULES.crops), 2020, False, RULES).found == "1"


@pytest.mark.parametrize(("ndvi", "found"), [(0.55, "covered"), (0.35, "partial"), (0.2, "bare")])
def test_winter_cover_by_the_median_of_the_winter_months(ndvi: float, found: str) -> None:
    series = [at(1, 5, ndvi=ndvi), at(2, 5, ndvi=ndvi + 0.01), at(12, 5, ndvi=ndvi - 0.01), at(7, 1, ndvi=0.9)]
    assert (winter_cover(series, 2020, False, RULES).found, winter_cover(series[:2], 2020, False, RULES).found) == (found, "")
    assert winter_cover(series, 2020, False, RULES).value == ndvi


@pytest.mark.parametrize(("ndti", "found"), [(0.17, "retained"), (0.135, "partial"), (0.1, "bare")])
def test_straw_by_ndti_after_harvest(ndti: float, found: str) -> None:
    series = [at(10, day, ndvi=0.2, ndti=ndti) for day in (8, 16, 24)] + [at(10, 30, ndvi=0.6, ndti=0.4), at(6, 1, ndvi=0.2, ndti=0.0)]
    (finding,) = residue(series, [CROP], RULES)
    assert (finding.found, finding.season, finding.observations) == (found, 1, 3)
    assert next(residue(series[:2], [CROP], RULES)).found == ""


def test_fire_is_a_drop_of_nbr_under_the_fields_own_bare_level_after_harvest() -> None:
    bare = [at(month, 10, ndvi=0.2, nbr=0.0) for month in (1, 2, 3, 4)] + [at(6, 10, ndvi=0.05, nbr=0.5)]
    after = [at(10, 8, ndvi=0.2, nbr=-0.25), at(10, 18, ndvi=0.2, nbr=-0.1)]
    (burnt,) = burning([*bare, *after], [CROP], [CROP], RULES)
    assert (burnt.found, burnt.dates, burnt.value) == ("burned", "2020-10-08", 0.25)
    (plain,) = burning([*bare, at(10, 8, ndvi=0.2, nbr=0.02), at(10, 18, ndvi=0.2, nbr=-0.03)], [CROP], [CROP], RULES)
    assert (plain.found, plain.dates) == ("not_burned", "")


def test_a_fire_that_could_not_be_seen_is_not_denied() -> None:
    bare = [at(month, 10, ndvi=0.2, nbr=0.0) for month in (1, 2, 3)]
    assert next(burning([*bare, at(10, 8, ndvi=0.2, nbr=0.0)], [CROP], [CROP], RULES)).found == ""
    assert next(burning([at(10, 8, ndvi=0.2, nbr=-0.3), at(10, 9, ndvi=0.2, nbr=-0.3)], [CROP], [CROP], RULES)).found == ""
    green = [at(10, 8, ndvi=0.7, nbr=-0.3), at(10, 18, ndvi=0.7, nbr=-0.3)]
    assert next(burning([*bare, *green], [CROP], [CROP], RULES)).found == ""
