"""T9 in words: the period beside its vintages, and the table row that a share of variance comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from carbonsink.base.records import Spread, Variable, VarianceShare
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.crediting import crediting
from carbonsink.report.parts.uncertainty import share_words, uncertain, variable_words, year_words
from carbonsink.report.results import Results, gather

ZH, EN = read_languages(("zh", "en"))
GROWTH = Variable("ipcc-2019/biomass.csv:12", "growth", 4.0, "t_dm ha^-1 yr^-1", 2.0, 8.0, "lognormal", "ipcc-2019-v4-growth", "Table 4.9", "transcribed")
STRAW = replace(GROWTH, id="declared:straw_rate", symbol="straw_rate", source="survey of farms", place="form 3")


def seen(years: tuple[int, ...]) -> tuple[Any, Results]:
    spreads = [Spread(2020, "net", 2, 95.0, 100.0, 99.0, 80.0, 120.0, 20.0), Spread(0, "net_change", 2, 95.0, -10.0, -11.0, -30.0, 10.0, 200.0)]
    shares = [
        VarianceShare(year, known.id, known.symbol, share, rank)
        for year in (*years, 0)[: len(years) + (len(years) > 1)]
        for known, share, rank in ((GROWTH, 0.71, 0.83), (STRAW, 0.29, None))
    ]
    results = SimpleNamespace(spreads=spreads, shares=shares, by_id={one.id: one for one in (GROWTH, STRAW)})
    return SimpleNamespace(vintages=years), cast(Results, results)


def test_a_share_names_the_number_its_document_and_its_row() -> None:
    plan, results = seen((2020, 2021))
    rows = [row.cells for row in uncertain(plan, results, EN)["shares"].rows]
    assert rows[0][:2] == ("all years", "71.0") and rows[0][3] == "0.83"
    assert str(rows[0][2]).startswith("71 %: ") and str(rows[0][2]).endswith(", Table 4.9, row 12")
    assert "row" not in str(rows[1][2]).replace("straw", "") and rows[1][3] == "–"


def test_the_only_vintage_s_shares_are_shown_under_its_year() -> None:
    plan, results = seen((2020,))
    assert [row.cells[0] for row in uncertain(plan, results, EN)["shares"].rows] == ["2020", "2020"]


@pytest.mark.parametrize(("code", "words"), [("en", ("all years", "net, last year less first")), ("zh", ("全部年度", "净量，末年减首年"))])
def test_the_period_and_the_trend_stand_beneath_the_years(code: str, words: tuple[str, str]) -> None:
    plan, results = seen((2020, 2021))
    rows = [row.cells for row in uncertain(plan, results, {"en": EN, "zh": ZH}[code])["spreads"].rows]
    assert tuple(rows[1][:2]) == words and rows[0][0] == "2020"
    assert year_words(2020, {"en": EN, "zh": ZH}[code]) == "2020"


@pytest.mark.parametrize(("share", "said"), [(0.71, "71 %: "), (0.0713, "7.1 %: "), (0.00012, "0.012 %: "), (-0.02, "−2 %: ")])
def test_a_share_is_said_to_two_digits(share: float, said: str) -> None:
    assert share_words(VarianceShare(0, GROWTH.id, "growth", share, None), GROWTH, EN).startswith(said)


def test_the_median_of_the_draws_stands_beside_the_mean() -> None:
    plan, results = seen((2020, 2021))
    view = uncertain(plan, results, EN)["spreads"]
    place = [column.name for column in view.columns].index("Median")
    assert [row.cells[place] for row in view.rows] == ["99.0", "−11.0"]


def test_a_row_is_told_in_both_languages() -> None:
    assert variable_words(GROWTH, ZH).endswith("第 12 行")
    assert variable_words(STRAW, EN).endswith("survey of farms, form 3")


def test_crediting_tells_the_period_s_interval_and_deducts_by_vintages_alone(rice: tuple[Plan, Path]) -> None:
    plan, run = rice
    notes = crediting(plan, gather(plan, run), EN)["notes"]
    assert sum(note.startswith("The half-width") for note in notes) == 3 and not any(" of 0 is " in note for note in notes)
    assert sum(note.startswith(("Over all vintages the net is", "From the first vintage to the last the net changes by 0.0")) for note in notes) == 2
