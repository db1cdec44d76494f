"""What the page says of parcels: which count in which vintage, why others don't, and how long a list it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.records import ParcelShare
from carbonsink.base.tables import write_csv
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Declared
from carbonsink.report.parts.parcels import Outcome, outcomes, parcels, spans
from carbonsink.report.render import render
from tests.report.conftest import RICE, Maker, make_plan

EN, ZH = read_languages(["en", "zh"])


def parcel(year: int, name: str, reason: str = "", **more: Any) -> ParcelShare:
    facts: dict[str, Any] = {
        "year": year, "parcel": name, "stratum": "single-rice", "area_ha": 0.5, "area_mu": 7.5, "declared_mu": 7.4, "land_class": "paddy",
        "share": 0.31 if reason == "condition" else 0.97, "monitored_share": 1.0, "counted": not reason, "whole_px": 30, "edge_share": 0.2, "reason": reason,
    }  # fmt: skip
    return ParcelShare(**(facts | more))


ROWS = (
    parcel(2020, "A"),
    parcel(2020, "B", "too-small", area_ha=0.03, area_mu=0.45),
    parcel(2020, "C", "condition"),
    parcel(2021, "A"),
    parcel(2021, "B", "too-small", area_ha=0.03, area_mu=0.45),
    parcel(2021, "C"),
    parcel(2022, "A", "not-monitored", share=0.0, monitored_share=0.0),
    parcel(2022, "B", "too-small", area_ha=0.03, area_mu=0.45),
    parcel(2022, "C", "condition"),
)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(RICE, 1)


def declaring(plan: Plan, **areas: object) -> Plan:
    section: Declared = plan.pipeline.areas.model_copy(update=areas)
    return replace(plan, pipeline=plan.pipeline.model_copy(update={"areas": section}))


def test_parcels_and_hectares_are_summed_by_reason() -> None:
    assert outcomes(ROWS)[:3] == [Outcome(2020, "counted", 1, 0.5), Outcome(2020, "too-small", 1, 0.03), Outcome(2020, "condition", 1, 0.5)]
    assert [(o.outcome, o.parcels) for o in outcomes(ROWS) if o.year == 2022] == [("too-small", 1), ("not-monitored", 1), ("condition", 1)]


def test_the_sums_are_said_in_hectares_mu_and_percent(plan: Plan) -> None:
    told = parcels(plan, ROWS, EN)["parcels"]["outcomes"]
    assert told.rows[0].cells == ("2020", "counted", "1", "0.50", "7.5", "48.5") and not told.rows[0].mark
    assert told.rows[1].cells[1] == "below the minimum parcel" and told.rows[1].mark == "warn"
    assert parcels(plan, ROWS, ZH)["parcels"]["outcomes"].rows[1].cells[1] == "小于最小地块面积"


def test_a_short_list_stands_there_whole_with_its_reasons(plan: Plan) -> None:
    lines = parcels(plan, ROWS, EN)["parcels"]["list"].rows
    assert [(line.cells[0], line.cells[-1], line.mark) for line in lines] == [
        ("A", "2022: not monitored: imagery never saw it clear", "warn"),
        ("B", "below the minimum parcel", "warn"),
        ("C", "2020, 2022: too little of it shows its class", "warn"),
    ]
    assert lines[2].cells[5] == "31.0–97.0"  # the share, from the least to the most of the vintages
    assert parcels(plan, ROWS, ZH)["parcels"]["list"].rows[2].cells[-1] == "2020, 2022：目标地类占比不足"


def test_of_hundreds_only_those_left_out_are_listed_the_largest_first(plan: Plan) -> None:
    many = [parcel(2022, f"P{n:03d}", "condition" if n % 3 == 0 else "", area_ha=1 + n / 100) for n in range(400)]
    told = parcels(plan, many, EN)["parcels"]["list"]
    assert len(told.rows) == 60 and [line.cells[0] for line in told.rows[:2]] == ["P399", "P396"]
    assert "60 of 134 shown, of 400 parcels" in told.caption
    assert told.foot[2] == EN.number(sum(p.area_ha for p in many if not p.counted), 2)  # of all 134


def test_of_hundreds_that_all_count_none_is_listed(plan: Plan) -> None:
    assert not parcels(plan, [parcel(2022, f"P{n:03d}") for n in range(400)], EN)["parcels"]["list"].rows


def test_the_rule_says_the_least_parcel_and_whose_it_is(plan: Plan) -> None:
    rule = parcels(plan, ROWS, EN)["parcels"]["rules"][0]
    assert "at least 400 m² (0.60 mu; CCER-14-001-V01" in rule and "transcribed" in rule and "at least 50 %" in rule
    declared = parcels(declaring(plan, minimum_parcel_m2=667.0), ROWS, EN)["parcels"]["rules"][0]
    assert "667 m² (1.00 mu; as the pipeline declares)" in declared


def test_how_edge_pixels_were_read_is_said(plan: Plan) -> None:
    weighted = parcels(plan, ROWS, EN)["parcels"]["rules"][-1]
    assert "They hold 20.0 % of the parcels' area" in weighted
    rows = [parcel(2022, "A", pixels="whole"), parcel(2022, "B", pixels="weighted", edge_share=1.0)]
    whole = parcels(declaring(plan, edge_pixels="whole"), rows, EN)["parcels"]["rules"][-1]
    assert "so on 1 parcels. 1 parcels have fewer than 4 such pixels" in whole and "60.0 %" in whole


def test_where_areas_are_no_sums_of_parcels_it_is_said_first(plan: Plan) -> None:
    assert "not sums of parcels (error-adjusted)" in parcels(declaring(plan, method="error_adjusted"), ROWS, EN)["parcels"]["rules"][0]


def test_land_without_parcels_has_nothing_to_say(plan: Plan) -> None:
    assert parcels(plan, [], EN) == {"parcels": None}


@pytest.mark.parametrize(("years", "said"), [([2020], "2020"), ([2022, 2020, 2021], "2020–2022"), ([2019, 2021, 2022], "2019, 2021–2022")])
def test_years_are_listed_as_people_do(years: list[int], said: str) -> None:
    assert spans(years) == said


def test_the_report_carries_the_reasons_on_the_page_and_for_machines(make: Maker) -> None:
    plan, run = make(RICE, columns=1)
    write_csv(run / "areas/parcels.csv", ROWS, ParcelShare)
    render(plan, run)
    page = (run / "report/report.html").read_text()
    assert all(word in page for word in ("未监测：无有效影像", "not monitored: imagery never saw it clear", "目标地类占比不足"))
    value = json.loads((run / "report/report.json").read_text())
    assert value["parcels"][1] == {"year": 2020, "outcome": "too-small", "parcels": 1, "area_ha": "0.03"}
    assert [(row["year"], row["parcel"], row["reason"]) for row in value["left_out"]][:2] == [(2020, "B", "too-small"), (2020, "C", "condition")]


def test_a_run_s_own_page_names_the_parcel_that_is_left_out(rice: tuple[Plan, Path]) -> None:
    page = (rice[1] / "report/report.html").read_text()
    assert "too little of it shows its class" in page and "All 28 parcels" in page
