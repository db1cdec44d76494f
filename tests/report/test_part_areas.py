"""What the page says of hectares: both errors and the interval, estimators side by side, what changed class."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.areas.measure import measure
from carbonsink.base.records import ClassArea, EstimatorArea, Transition
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.areas import areas
from carbonsink.report.render import render
from carbonsink.report.results import Results, gather
from tests.report.conftest import RICE, SOIL, Maker, make_plan

EN, ZH = read_languages(["en", "zh"])


@pytest.fixture(scope="module")
def results(rice: tuple[Plan, Path]) -> Results:
    """Any run's tables, into which a test puts its own."""
    return gather(*rice)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(SOIL)


def class_row(year: int, split: str, used: bool, name: str = "annual-crops", **more: Any) -> ClassArea:
    errors: dict[str, Any] = {"low_ha": 17.1, "high_ha": 20.3, "cautious_error_ha": None if split == "parcel" else 1.25}
    accuracy = (0.9, 0.01, 0.9, 0.01, 0.9, 0.01)
    return ClassArea(year, split, used, name, 20.0, 18.5, 0.8, *accuracy, 40, **(errors | more))


def bare(year: int, name: str = "annual-crops", hectares: float = 20.0, used: bool = False) -> ClassArea:
    return ClassArea(year, "none", used, name, hectares, hectares, None, None, None, None, None, None, None, 0)


def shown(plan: Plan, results: Results, **tables: Any) -> dict[str, Any]:
    return areas(plan, replace(results, **tables), EN)


def test_a_class_stands_with_both_errors_and_its_interval(plan: Plan, results: Results) -> None:
    told = shown(plan, results, classes=(class_row(2018, "pixel", False), class_row(2018, "sample", True)))["classes"]
    assert [line.cells for line in told.rows] == [("2018", "Annual crops", "40", "20.00", "18.50", "0.80", "1.25", "17.10 – 20.30")]
    assert [c.name for c in told.columns][-3:] == ["Standard error", "Cautious error", "95 % interval"]


def test_samples_in_parcels_have_no_cautious_error(plan: Plan, results: Results) -> None:
    told = shown(plan, results, classes=(class_row(2018, "parcel", True),))
    assert told["classes"].rows[0].cells[5:] == ("0.80", "17.10 – 20.30") and "Cautious error" not in [c.name for c in told["classes"].columns]
    assert "leaving out one parcel after another" in told["area_notes"][1]
    both = shown(plan, results, classes=(class_row(2018, "parcel", True), class_row(2019, "sample", True)))
    assert [line.cells[6] for line in both["classes"].rows] == ["–", "1.25"] and len(both["area_notes"]) == 4


def test_which_samples_were_used_is_said_with_the_reason(plan: Plan, results: Results) -> None:
    (why, error) = shown(plan, results, classes=(class_row(2018, "sample", True),))["area_notes"]
    assert "the sample that was drawn for them" in why and "Two standard errors" in error
    mixed = shown(plan, results, classes=(class_row(2018, "parcel", True), class_row(2019, "parcel", True), class_row(2020, "sample", True)))["area_notes"]
    assert mixed[0].startswith("2018–2019: Areas stand on the split by whole parcels") and mixed[1].startswith("2020: Areas stand on the sample")


def test_which_error_goes_on_to_the_tonnes_is_said(plan: Plan, results: Results) -> None:
    for error, words in (("published", "The published one (Olofsson et al. 2014) goes on"), ("cautious", "the larger of the two goes on")):
        assert words in shown(declaring(plan, error), results, classes=(class_row(2018, "sample", True),))["area_notes"][1]


def test_without_samples_classes_stand_by_year_and_nothing_is_said_of_errors(plan: Plan, results: Results) -> None:
    told = shown(plan, results, classes=(bare(2018), bare(2018, "not monitored", 1.5), bare(2019, hectares=21.0), bare(2019, "not monitored", 0.0)))
    assert [line.cells for line in told["classes"].rows] == [("Annual crops", "20.00", "21.00"), ("not monitored", "1.50", "–")]
    assert told["area_notes"] == [EN("areas.beside")]


def declaring(plan: Plan, error: str) -> Plan:
    section = plan.pipeline.areas.model_copy(update={"error": error})
    return replace(plan, pipeline=plan.pipeline.model_copy(update={"areas": section}))


def test_surveyed_parcels_show_the_samples_known_best(plan: Plan, results: Results) -> None:
    told = shown(plan, results, classes=(class_row(2018, "parcel", False), class_row(2018, "pixel", False)))
    assert told["classes"].rows[0].cells[5:] == ("0.80", "17.10 – 20.30") and told["area_notes"] == [EN("areas.beside")]


def estimator(name: str, value: float, low: float, high: float, land_class: str = "annual-crops", used: bool = False) -> EstimatorArea:
    return EstimatorArea(2018, "parcel", name, land_class, value, 0.9, low, high, 19, used)


def test_estimators_stand_side_by_side_and_say_where_they_part(plan: Plan, results: Results) -> None:
    rows = (
        estimator("stratified", 18.2, 16.3, 20.1, used=True), estimator("regression", 18.9, 17.0, 20.8), estimator("ratio-to-size", 25.0, 23.1, 26.9),
        estimator("stratified", 5.0, 3.0, 7.0, "grass"), estimator("regression", 5.2, 3.1, 7.2, "grass"),
    )  # fmt: skip
    told = shown(plan, results, estimators=rows)["estimators"]
    assert [c.name for c in told.columns[2:]] == ["Stratified by map class (used)", "Regression on the map", "Ratio to the parcel's size"]
    crops, grass = told.rows
    assert crops.mark == "warn" and str(crops.cells[2]) == "18.20 ± 0.90<br><small>16.30 – 20.10</small>"
    assert grass.mark == "" and grass.cells[4] == "–"
    assert "（采用）" in areas(plan, replace(results, estimators=rows), ZH)["estimators"].columns[2].name


def moved(before: int, a: str, b: str, mapped: float, *adjusted: float, points: int = 0) -> Transition:
    known = dict(zip(("adjusted_ha", "standard_error_ha", "low_ha", "high_ha"), adjusted or (None,) * 4, strict=True))
    return Transition(before, before + 1, a, b, mapped, samples=points, **known)


JUDGED = (
    moved(2018, "annual-crops", "annual-crops", 100.0, 98.0, 2.0, 94.0, 102.0, points=40),
    moved(2018, "annual-crops", "grass", 4.0, 6.0, 1.5, 3.6, 9.8, points=6),
    moved(2018, "grass", "grass", 50.0, 50.0, 1.0, 48.0, 52.0, points=20),
    moved(2018, "not monitored", "not monitored", 1.25),
)


def test_a_matrix_with_points_stands_with_its_errors(plan: Plan, results: Results) -> None:
    told = shown(plan, results, transitions=JUDGED)["transitions"]
    (pair,) = told["matrices"]
    assert told["notes"] == [] and "66 points" in pair["notes"][0] and "1.25 ha are not monitored" in pair["notes"][1]
    assert str(pair["matrix"].rows[0].cells[2]) == "6.00 ± 1.50<br><small>maps: 4.00</small>"
    assert pair["matrix"].rows[1].cells[1:] == ("–", pair["matrix"].rows[1].cells[2], "50.00")
    assert pair["matrix"].foot == ["Total", "98.00", "56.00", "154.00"]
    assert [line.cells for line in pair["changes"].rows] == [("Annual crops", "Grass", "6", "4.00", "6.00", "1.50", "3.60 – 9.80")]


def test_maps_laid_over_one_another_are_no_proof_of_change(plan: Plan, results: Results) -> None:
    rows = [moved(2018, "annual-crops", "grass", 4.0), moved(2018, "not monitored", "not monitored", 0.0)]
    told = shown(plan, results, transitions=tuple(rows))["transitions"]
    assert told["notes"] == [EN("transitions.mapped", pairs="2018–2019")] and "no change may be concluded" in told["notes"][0]
    assert told["matrices"][0]["changes"] is None and told["matrices"][0]["notes"] == []
    assert told["matrices"][0]["matrix"].rows[0].cells == ("Annual crops", "–", "4.00", "4.00")


def test_of_many_vintages_those_with_points_and_the_latest_are_shown(plan: Plan, results: Results) -> None:
    maps = tuple(moved(year, "grass", "grass", 4.0) for year in range(2019, 2026))
    told = shown(plan, results, transitions=JUDGED + maps)["transitions"]
    assert [pair["matrix"].columns[0].name for pair in told["matrices"]] == ["2018 ↓ 2019 →", "2024 ↓ 2025 →", "2025 ↓ 2026 →"]
    assert "2019–2020, 2020–2021" in told["notes"][1]


def test_tables_that_were_not_written_show_nothing(rice: tuple[Plan, Path], results: Results) -> None:
    told = areas(rice[0], results, EN)
    assert told["estimators"] is None and told["transitions"] is None
    page = (rice[1] / "report/report.html").read_text()
    for heading in ("estimator.heading", "transitions.heading", "samples.heading", "plots.heading"):
        assert EN(heading) not in page and ZH(heading) not in page


def test_the_areas_stage_s_own_tables_reach_the_page_and_the_record(make: Maker) -> None:
    plan, run = make(SOIL)
    measure(plan, run)
    render(plan, run)
    page = (run / "report/report.html").read_text()
    assert all(w("estimator.heading") in page and w("areas.error-parcels") in page for w in (EN, ZH))
    value = json.loads((run / "report/report.json").read_text())
    assert {row["estimator"] for row in value["estimators"]} == {"stratified", "regression", "ratio-to-map", "ratio-to-size"}
    assert value["transitions"] == value["plots"] == value["agreement"] == []  # one vintage, no plots, no drawn sample


def test_two_vintages_have_a_matrix_of_the_maps(make: Maker) -> None:
    plan, run = make(RICE, 1)
    measure(plan, run)
    render(plan, run)
    page = (run / "report/report.html").read_text()
    assert EN("transitions.mapped", pairs="2020–2021, 2021–2022") in page and "转移矩阵" in page
