"""Months and years are cut at the ends of the imagery; seasons and windows that begin in it are whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from carbonsink.declared.calendar import Span, spans, twelve_months
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.reducing import contradictions
from tests.scenes.plans import lonlat, plan_of


def made(**more: Any) -> Composites:
    return Composites.model_validate({"bands": ["red"], **more})


def named(first: date, last: date, **more: Any) -> dict[str, tuple[date, date]]:
    return {span.name: (span.start, span.end) for span in spans(first, last, made(**more))}


def test_periods_are_calendar_months_and_years_cut_at_the_ends() -> None:
    months = named(date(2017, 11, 1), date(2018, 2, 28), period="month")
    assert list(months) == ["2017-11", "2017-12", "2018-01", "2018-02"]
    assert months["2018-02"] == (date(2018, 2, 1), date(2018, 2, 28))
    years = named(date(2017, 10, 1), date(2019, 12, 31), period="year")
    assert years["2017"] == (date(2017, 10, 1), date(2017, 12, 31))
    assert list(years) == ["2017", "2018", "2019"]


def test_seasons_are_meteorological_and_the_winter_is_named_by_its_december() -> None:
    found = named(date(2019, 1, 1), date(2019, 12, 31), period="season")
    assert list(found) == ["2019-spring", "2019-summer", "2019-autumn", "2019-winter"]
    assert found["2019-spring"] == (date(2019, 3, 1), date(2019, 5, 31))
    assert found["2019-winter"] == (date(2019, 12, 1), date(2020, 2, 29))


def test_a_window_may_cross_new_year_and_come_before_leap_day() -> None:
    windows = [{"name": "cold", "start": "11-15", "end": "02-29"}, {"name": "rice", "start": "05-01", "end": "09-30"}]
    found = named(date(2018, 1, 1), date(2019, 12, 31), period="windows", windows=windows)
    assert list(found) == ["2018-rice", "2018-cold", "2019-rice", "2019-cold"]
    assert found["2018-cold"] == (date(2018, 11, 15), date(2019, 2, 28))
    assert found["2019-cold"] == (date(2019, 11, 15), date(2020, 2, 29))


def test_imagery_reaches_to_the_end_of_every_period_that_begins_in_it() -> None:
    land = lonlat((500000, 5600000, 500100, 5600100), 32631)
    assert plan_of(land, 2018, made(period="month")).imagery_span == (date(2018, 1, 1), date(2018, 12, 31))
    winter = plan_of(land, 2018, made(period="season"), lead_months=1)
    assert winter.imagery_span == (date(2017, 12, 1), date(2019, 2, 28))
    assert [span.name for span in winter.spans] == ["2017-winter", "2018-spring", "2018-summer", "2018-autumn", "2018-winter"]


def test_a_year_of_features_may_begin_in_any_month_and_is_named_by_the_year_it_ends_in() -> None:
    assert twelve_months(2020, 1) == Span("2020", date(2020, 1, 1), date(2020, 12, 31))
    assert twelve_months(2020, 7) == Span("2020", date(2019, 7, 1), date(2020, 6, 30))
    assert twelve_months(2020, 3) == Span("2020", date(2019, 3, 1), date(2020, 2, 29))
    assert twelve_months(2020, 12) == Span("2020", date(2019, 12, 1), date(2020, 11, 30))


def test_imagery_reaches_back_to_the_first_year_of_features_and_periods_do_not() -> None:
    land = lonlat((500000, 5600000, 500100, 5600100), 32631)
    july = plan_of(land, 2018, made(period="month", features=["ndvi.seasons"], features_from=7))
    assert july.imagery_span == (date(2017, 7, 1), date(2018, 12, 31))
    assert [span.name for span in july.spans] == [f"2018-{month:02d}" for month in range(1, 13)]
    assert plan_of(land, 2018, made(period="month", features=["ndvi.seasons"], features_from=7), lead_months=9).imagery_span[0] == date(2017, 4, 1)
    assert plan_of(land, 2018, made(period="month", features_from=7)).imagery_span == (date(2018, 1, 1), date(2018, 12, 31))  # no feature is asked for


WINDOW = {"name": "w", "start": "05-01", "end": "09-30"}


@pytest.mark.parametrize(
    ("declared", "code", "facts"),
    [
        ({"period": "windows"}, "E-COM-010", {"period": "windows", "count": 0}),
        ({"period": "month", "windows": [WINDOW]}, "E-COM-010", {"period": "month", "count": 1}),
        ({"period": "month", "percentile": 20.0}, "E-COM-011", {"found": 20.0, "reducer": "median"}),
        ({"period": "month", "reducer": "max-ndvi", "indices": ["evi"]}, "E-COM-012", {"found": "evi"}),
        ({"period": "windows", "windows": [WINDOW | {"end": "04-31"}]}, "E-COM-013", {"found": "04-31"}),
        ({"period": "windows", "windows": [WINDOW, WINDOW]}, "E-COM-014", {"found": "w", "count": 2}),
        ({"period": "month", "features_from": 7}, "E-COM-020", {"found": 7}),
        ({"period": "month", "bands": ["red", "red"]}, "E-COM-014", {"found": "red", "count": 2}),
        ({"period": "month", "bands": ["count"]}, "E-COM-014", {"found": "count", "count": 2}),
    ],
)
def test_what_contradicts_itself_is_a_problem(declared: dict[str, Any], code: str, facts: dict[str, Any]) -> None:
    (problem,) = contradictions(made(**declared), "p.toml")
    assert (problem.code, problem.facts) == (code, facts)
    assert problem.line("en")
    assert problem.line("zh")


def test_what_agrees_is_none() -> None:
    assert not list(contradictions(made(period="windows", windows=[WINDOW], reducer="percentile", percentile=20.0), "p.toml"))
    assert not list(contradictions(made(period="season", reducer="max-ndvi", indices=["ndvi"]), "p.toml"))
