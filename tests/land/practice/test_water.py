"""The water regime of paddies: found under clouds, beside what is declared, in the words of the rice tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from carbonsink.base.records import PracticeEvidence
from carbonsink.declared.factors import read_factors
from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.seasons import growths
from carbonsink.land.practice.series import Look, noise_of
from carbonsink.land.practice.water import Case, case_of, nothing, water_rows
from tests.land.practice.paddy import Spells, looks, parcel

RULES = read_practices()
REGIMES: dict[str, Spells] = {
    "continuously_flooded": [],
    "single_drainage": [(192, 204)],
    "multiple_drainage": [(180, 188), (198, 207), (217, 225)],
}
FIELDS = 40


def cases_of(series: Sequence[Sequence[Look]]) -> list[Case]:
    noise = noise_of(series, "lswi", 30)
    found = []
    for number, one in enumerate(series):
        found += [case_of(2020, parcel(f"P-{number}"), n, growth, one, RULES, noise) for n, growth in enumerate(growths(one, RULES.crops), 1)]
    return found


def rows_of(regime: str, declared: str = "multiple_drainage", fields: int = FIELDS, **how: float) -> list[PracticeEvidence]:
    series = [looks(2020, REGIMES[regime], seed=n, **how) for n in range(fields)]  # type: ignore[arg-type]
    return list(water_rows(cases_of(series), {"paddy": declared}, RULES))


def rate(regime: str, **how: float) -> float:
    return sum(row.found == regime for row in rows_of(regime, **how)) / FIELDS


@pytest.mark.parametrize("regime", REGIMES)
def test_under_a_clear_sky_seasons_are_right(regime: str) -> None:
    assert rate(regime) >= (0.9 if regime == "single_drainage" else 1.0)


@pytest.mark.parametrize(("regime", "least"), [("continuously_flooded", 0.95), ("single_drainage", 0.35), ("multiple_drainage", 0.85)])
def test_at_40_percent_cloud_most_are_right(regime: str, least: float) -> None:
    """Each date is lost whole with a chance of 40 %; the hard one is to tell that nothing else happened behind the clouds."""
    assert rate(regime, cloud=0.4) >= least


@pytest.mark.parametrize("cloud", [0.4, 0.6, 0.8])
def test_clouds_make_it_unclear_rather_than_wrong(cloud: float) -> None:
    """A record that is true is hardly ever contradicted, however few observations there are."""
    for regime in REGIMES:
        against = [row for row in rows_of(regime, declared=regime, cloud=cloud) if row.verdict == "contradicts"]
        assert len(against) <= 0.05 * FIELDS


def test_water_kept_on_contradicts_a_record_of_drainage() -> None:
    rows = rows_of("continuously_flooded", declared="multiple_drainage", fields=10)
    assert {row.verdict for row in rows} == {"contradicts"}
    assert all(row.declared_probability is not None and row.declared_probability <= RULES.verdict.contradicts_at for row in rows)
    assert all(row.drainages == 0 and row.dates == "" for row in rows)


def test_days_and_dates_are_those_of_the_field() -> None:
    (row,) = rows_of("multiple_drainage", fields=1, every=2)
    assert row.verdict == "supports"
    assert row.drainages == 3
    spans = [tuple(date.fromisoformat(day).timetuple().tm_yday for day in span.split("/")) for span in row.dates.split()]
    for (first, last), (begun, ended) in zip(spans, REGIMES["multiple_drainage"], strict=True):
        assert abs(first - begun) <= 5
        assert abs(last - ended) <= 5
    assert row.flooded_days == pytest.approx(252 - 140 - 28, abs=20)  # when the closed canopy dried for harvest can't be seen


def test_dry_rice_is_upland() -> None:
    (row,) = water_rows(cases_of([looks(2020, [], flooded=False)]), {"paddy": "continuously_flooded"}, RULES)
    assert (row.found, row.verdict, row.drainages) == ("upland", "contradicts", None)


@pytest.mark.parametrize(("declared", "verdict"), [("irrigated_aggregated", "supports"), ("deep_water", "unclear"), ("", "undeclared")])
def test_what_can_t_be_told_from_images_is_unclear(declared: str, verdict: str) -> None:
    (row,) = rows_of("single_drainage", declared=declared, fields=1)
    assert (row.found, row.verdict) == ("single_drainage", verdict)


def test_a_few_observations_say_nothing_of_any_declared_regime() -> None:
    series = looks(2020, [])
    growth = growths(series, RULES.crops)[0]
    few = [look for look in series if look.day.month in (1, 2, 11)] + [look for look in series if look.day.month == 7][:2]
    (row,) = water_rows([case_of(2020, parcel(), 1, growth, few, RULES, 0.0)], {"paddy": "irrigated_aggregated"}, RULES)
    assert (row.found, row.verdict, row.probability, row.flooded_days, row.observations) == ("", "unclear", None, None, 2)


def test_a_year_without_a_season_is_a_row_too() -> None:
    assert (nothing(2020, parcel(), "single_drainage").verdict, nothing(2020, parcel(), "").verdict) == ("unclear", "undeclared")


def test_every_regime_is_one_of_the_rice_tables() -> None:
    known = {word for row in read_factors("ipcc-2019").select("sf_water") for word in row.keys.get("water_regime", ())}
    assert {*RULES.water.regimes.by_name, *RULES.water.wider} <= known
