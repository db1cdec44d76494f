"""VH of paddies: what it says of the ground beside NDVI and without it, the seasons it shows behind clouds, and how the two kinds of looks join."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.records import PracticeEvidence
from carbonsink.declared.practice import Anchor, read_practices
from carbonsink.land.practice.gather import rows
from carbonsink.land.practice.radar import Calendar, by_calendar, by_ndvi, calendar_of, closed_canopy, ndvi_on, rises
from carbonsink.land.practice.seasons import Growth
from carbonsink.land.practice.series import Look
from carbonsink.land.practice.wetness import Belief
from tests.land.practice.paddy import DRY_FROM, FLOODED_FROM, Spells, canopy, looks
from tests.land.practice.test_gather import plan_of
from tests.land.practice.test_water import REGIMES

RULES = read_practices()
RADAR, OPTICAL = RULES.water.radar, RULES.water.optical
PADDY_VH, MUD_VH, SOIL_VH = 0.0225, 0.0045, 0.012  # closed rice, ground under water, dry ground [power]


def vh(day: int, dry: Spells, flooded: bool = True) -> float:
    """A field on a day of the year, its plants hiding the ground there and back as a water cloud."""
    wet = flooded and FLOODED_FROM <= day < DRY_FROM and not any(first <= day <= last for first, last in dry)
    shown = (1 - 0.6 * canopy(day)) ** 2
    return PADDY_VH * (1 - shown) / (1 - 0.16) + (MUD_VH if wet else SOIL_VH) * shown


def radar_looks(year: int, dry: Spells, every: int = 12, flooded: bool = True) -> list[Look]:
    days = range(4, 366, every)
    return [Look(date(year, 1, 1) + timedelta(days=day - 1), "SENTINEL-1A", {"vh": vh(day, dry, flooded)}) for day in days]


def ratios(beliefs: list[Belief]) -> dict[int, float]:
    return {belief.day.timetuple().tm_yday: belief.wet / belief.dry for belief in beliefs}


# --- beside NDVI ---


@pytest.mark.parametrize(("decibel", "side"), [(-24.0, 1), (-22.5, 1), (-19.0, -1), (-18.0, -1)])
def test_of_bare_ground_vh_is_dark_over_water_and_bright_over_soil(decibel: float, side: int) -> None:
    green = [Look(date(2020, 5, 20), "a", {"ndvi": 0.08}), Look(date(2020, 6, 10), "a", {"ndvi": 0.1}), Look(date(2020, 8, 1), "a", {"ndvi": 0.8})]
    (belief,) = by_ndvi([*green, Look(date(2020, 6, 1), "S1A", {"vh": 10 ** (decibel / 10)})], RADAR, OPTICAL)
    ratio = belief.wet / belief.dry
    assert (ratio > 3) if side > 0 else (ratio < 0.33)


def test_growing_rice_over_water_isnt_taken_for_dry_ground_though_it_is_brighter_than_bare_soil() -> None:
    season = [look for look in looks(2020, [], noise=0.0) if date(2020, 5, 1) <= look.day <= date(2020, 9, 20)]
    flooded = ratios(by_ndvi([*season, *radar_looks(2020, [])], RADAR, OPTICAL))
    assert vh(172, []) > RADAR.dry and flooded[172] > 3
    drained = ratios(by_ndvi([*season, *radar_looks(2020, [(150, 200)])], RADAR, OPTICAL))
    assert drained[160] < 1 / 5 and drained[172] < 1


def test_a_closed_canopy_hides_the_ground_and_a_ripe_one_says_nothing() -> None:
    season = [look for look in looks(2020, [], noise=0.0) if look.day <= date(2020, 9, 20)]
    found = ratios(by_ndvi([*season, *radar_looks(2020, [(215, 240)])], RADAR, OPTICAL))
    assert all(0.3 < ratio < 3 for day, ratio in found.items() if 222 <= day <= 240)
    assert max(found) <= 252


def test_vh_far_from_any_ndvi_is_not_judged_by_it() -> None:
    green = [Look(date(2020, 5, 1), "a", {"ndvi": 0.1}), Look(date(2020, 8, 1), "a", {"ndvi": 0.8})]
    assert by_ndvi([*green, Look(date(2020, 6, 1), "S1A", {"vh": 0.004})], RADAR, OPTICAL) == []
    assert by_ndvi([Look(date(2020, 6, 1), "S1A", {"vh": 0.004})], RADAR, OPTICAL) == []


@given(st.integers(0, 20), st.floats(0, 1), st.floats(0, 1))
def test_ndvi_between_two_looks_lies_on_their_line(day: int, first: float, last: float) -> None:
    green = [Look(date(2020, 6, 1), "a", {"ndvi": first}), Look(date(2020, 6, 21), "a", {"ndvi": last})]
    found = ndvi_on(date(2020, 6, 1) + timedelta(days=day), green, 20)
    assert found == pytest.approx(first + (last - first) * day / 20)
    assert ndvi_on(date(2020, 6, 10), green, 19) is None and ndvi_on(date(2020, 6, 22), green, 30) is None


# --- without NDVI ---


def test_vh_shows_the_season_of_a_paddy_and_none_of_upland_or_weeds() -> None:
    (growth,) = rises(radar_looks(2020, []), RULES)
    assert date(2020, 6, 8) <= growth.start <= date(2020, 7, 5) and date(2020, 9, 20) <= growth.end <= date(2020, 10, 20)
    assert growth.gap == 12
    assert rises(radar_looks(2020, [], flooded=False), RULES) == [], "no flooding before it"
    weeds = [replace(look, value={"vh": min(look.value["vh"], 0.013)}) for look in radar_looks(2020, [])]
    assert rises(weeds, RULES) == [], "no closed canopy in it"


def test_the_calendar_is_of_all_fields_and_tells_the_canopy_of_each_day() -> None:
    fields = [[*radar_looks(2020, []), *looks(2020, [], noise=0.0)] for _ in range(3)]
    calendar = calendar_of(((growth, field) for field in fields for growth in rises(field, RULES)), RULES)
    assert calendar is not None and calendar.canopy is not None
    assert 25 <= calendar.rise_days <= 60 and calendar.canopy.ndvi == pytest.approx(0.77, abs=0.05)
    growth = Growth(date(2020, 6, 20), date(2020, 8, 1), date(2020, 9, 30))
    days = (date(2020, 5, 1), date(2020, 6, 20), growth.start + timedelta(days=calendar.rise_days), date(2020, 9, 1))
    assert [calendar.share(growth, day, RULES.crops) for day in days] == [0.0, 0.2, 1.0, 1.0]
    assert calendar_of([], RULES) is None


def test_by_the_calendar_water_and_drained_ground_are_told_before_the_canopy_closes() -> None:
    growth, calendar = Growth(date(2020, 6, 20), date(2020, 8, 1), date(2020, 9, 30)), Calendar(42, None)
    flooded, drained = (ratios(by_calendar(radar_looks(2020, dry), growth, calendar, RULES)) for dry in ([], [(140, 200)]))
    early = [day for day in flooded if 145 <= day <= 185]
    assert flooded[148] > 10 and flooded[172] > 1 and all(flooded[day] > 5 * drained[day] for day in early)
    assert max(flooded) <= (growth.end - timedelta(days=RULES.water.season.ripening_days)).timetuple().tm_yday
    assert closed_canopy(growth, calendar, RULES) is None
    assert closed_canopy(growth, Calendar(42, Anchor(ndvi=0.8, lswi=0.4)), RULES).ripening == date(2020, 8, 31)  # type: ignore[union-attr]


# --- joined, by the stage ---


def of_fields(dry: Spells, cloud: float, with_radar: bool, fields: int = 20) -> list[PracticeEvidence]:
    """Evidence on fields that all drain alike, each with clouds of its own."""
    names = [f"F{n:02d}" for n in range(fields)]
    radar = radar_looks(2020, dry) if with_radar else []
    series = {name: sorted([*looks(2020, dry, cloud=cloud, seed=n), *radar], key=lambda look: look.day) for n, name in enumerate(names)}
    return [row for row in rows(plan_of(dict.fromkeys(names, "rice"), "water_regime"), series) if row.year == 2020]


def test_optical_and_radar_looks_need_not_share_days_and_are_counted_apart() -> None:
    alone, joined = (of_fields(REGIMES["single_drainage"], 0.4, with_radar, 4) for with_radar in (False, True))
    assert all(row.radar == 0 for row in alone)
    for before, after in zip(alone, joined, strict=True):
        assert after.radar > 5 and after.observations == before.observations + after.radar


@pytest.mark.parametrize("regime", REGIMES)
def test_behind_clouds_more_seasons_are_right_with_radar_and_no_honest_record_is_contradicted(regime: str) -> None:
    alone, joined = (sum(row.found == regime for row in of_fields(REGIMES[regime], 0.7, with_radar)) for with_radar in (False, True))
    assert joined >= alone
    found = of_fields(REGIMES[regime], 0.85, True)
    honest = [replace(row, verdict="") if row.declared != regime else row for row in found]
    assert sum(row.verdict == "contradicts" for row in honest) <= 1


def test_a_season_that_only_radar_shows_has_its_row_and_needs_better_odds() -> None:
    seen = {"A": radar_looks(2020, REGIMES["continuously_flooded"])}
    (row,) = (row for row in rows(plan_of({"A": "rice"}, "water_regime"), seen) if row.year == 2020)
    assert (row.season, row.radar) == (1, row.observations) and row.probability is not None
    assert (row.found == "") == (row.probability < RULES.verdict.found_by_radar_at)
    bolder = RULES.model_copy(update={"verdict": RULES.verdict.model_copy(update={"found_by_radar_at": 0.0})})
    (told,) = (row for row in rows(plan_of({"A": "rice"}, "water_regime"), seen, bolder) if row.year == 2020)
    assert told.found == "continuously_flooded"


def test_a_season_that_ndvi_shows_well_is_never_replaced_by_radars() -> None:
    dry = REGIMES["multiple_drainage"]
    clear = rows(plan_of({"A": "rice"}, "water_regime"), {"A": looks(2020, dry)})
    both = rows(plan_of({"A": "rice"}, "water_regime"), {"A": [*looks(2020, dry), *radar_looks(2020, dry)]})
    assert [(row.season, row.start, row.end) for row in both] == [(row.season, row.start, row.end) for row in clear]


def test_looks_in_whatever_order_give_the_same_rows() -> None:
    dry = REGIMES["single_drainage"]
    forward = sorted([*looks(2020, dry, cloud=0.6, seed=1), *radar_looks(2020, dry)], key=lambda look: look.day)
    plan = plan_of({"A": "rice", "B": "rice"}, "water_regime")
    assert rows(plan, {"A": forward, "B": forward}) == rows(plan, {"B": forward, "A": forward})
