"""What the page says of plot inventories: estimators beside one another, what images gain, and the discount."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.records import PlotChange, PlotEstimate
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import Plots
from carbonsink.report.parts.plots import plots
from carbonsink.report.results import Results, gather

EN, ZH = read_languages(["en", "zh"])


def estimate(estimator: str, error: float, **more: Any) -> PlotEstimate:
    facts: dict[str, Any] = {
        "year": 2022, "scenario": "project", "stratum": "", "estimator": estimator, "plots": 24, "area_ha": 300.0, "mean_t_ha": 101.234,
        "standard_error_t_ha": error, "degrees": 23, "uncertainty_percent": 12.7, "stock_t_co2": 52327.9, "stock_error_t_co2": 4275.0,
        "discount_share": 0.25, "discounted_t_co2": 50666.5,
    }  # fmt: skip
    return PlotEstimate(**(facts | more))


ROWS = (estimate("stratified", 7.5), estimate("stratified", 7.5, stratum="single-rice"), estimate("two-phase", 7.9), estimate("regression", 3.75))
CHANGE = PlotChange(2017, 2022, "project", "remeasured", 24, 1520.4, 304.08, 14.2, 0.25, 1466.1)


@pytest.fixture(scope="module")
def results(rice: tuple[Plan, Path]) -> Results:
    return gather(*rice)


def shown(rice: tuple[Plan, Path], results: Results, **tables: Any) -> dict[str, Any]:
    told: dict[str, Any] = plots(rice[0], replace(results, **tables), EN)["plots"]
    return told


def test_every_estimator_stands_with_its_error_uncertainty_and_discount(rice: tuple[Plan, Path], results: Results) -> None:
    told = shown(rice, results, plots=ROWS)["estimates"]
    assert told.rows[0].cells == (
        "2022", "Project", "all strata", "plot means alone", "24", "101.23 ± 7.50", "12.7", "52,327.9 ± 4,275.0", "25", "50,666.5",
    )  # fmt: skip
    assert [(line.cells[2], line.cells[3], line.mark) for line in told.rows[1:]] == [
        ("single rice", "plot means alone", ""), ("all strata", "two phases", "chosen"), ("all strata", "regression on images", "chosen"),
    ]  # fmt: skip


def test_what_images_gain_is_said_in_plots(rice: tuple[Plan, Path], results: Results) -> None:
    notes = shown(rice, results, plots=ROWS)["notes"]
    assert "regression on images: the standard error falls from 7.50 to 3.75 t d.m./ha, as if 4.0 times as many plots" in notes[-1]
    assert "two phases: the standard error is 7.90 against 7.50" in notes[-2] and "nothing is gained (0.9)" in notes[-2]
    told = plots(rice[0], replace(results, plots=ROWS), ZH)["plots"]
    assert "相当于样地数增至 4.0 倍" in told["notes"][-1] and told["estimates"].rows[2].cells[3] == "双重抽样"


def test_the_tool_s_level_and_free_width_and_that_no_tonne_hangs_on_plots_are_said(rice: tuple[Plan, Path], results: Results) -> None:
    first, second, *_ = shown(rice, results, plots=ROWS)["notes"]
    assert "90 % interval" in first and "Above 10 %" in first and "transcribed" in first
    assert "the statement is not made from them" in second


def test_who_measured_is_said(rice: tuple[Plan, Path], results: Results) -> None:
    area = rice[0].area.model_copy(update={"plots": [Plots(year=2022, file="plots.csv", source="county forestry station")]})
    told = plots(replace(rice[0], area=area), replace(results, plots=ROWS), EN)["plots"]
    assert "Source: 2022: county forestry station." in told["notes"]


def test_a_stock_of_none_has_no_relative_uncertainty(rice: tuple[Plan, Path], results: Results) -> None:
    assert shown(rice, results, plots=(estimate("stratified", 0.0, uncertainty_percent=1e6),))["estimates"].rows[0].cells[6] == "–"


def test_the_change_between_two_inventories_stands_there(rice: tuple[Plan, Path], results: Results) -> None:
    told = shown(rice, results, plots=ROWS, plot_changes=(CHANGE,))["changes"]
    assert told.rows[0].cells == ("2017–2022", "Project", "same plots measured again", "24", "1,520.4", "304.1", "14.2", "25", "1,466.1")
    assert shown(rice, results, plots=ROWS)["changes"] is None


def test_without_plots_nothing_is_said(rice: tuple[Plan, Path], results: Results) -> None:
    assert plots(rice[0], results, EN) == {"plots": None}
