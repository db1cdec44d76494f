"""Practice evidence in the report: counted, contradictions listed and stamped on page one, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.records import PracticeEvidence
from carbonsink.base.tables import write_csv
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import Practice
from carbonsink.report.parts.practice import practice
from carbonsink.report.render import render
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps
from tests.report.conftest import RICE, Maker

ZH, EN = read_languages(["zh", "en"])


def row(parcel: str, found: str, verdict: str, **more: Any) -> PracticeEvidence:
    facts: dict[str, Any] = {
        "year": 2020, "parcel": parcel, "stratum": "single-rice", "practice": "water_regime", "season": 1, "start": "2020-05-01", "end": "2020-10-01",
        "found": found, "declared": "multiple_drainage", "verdict": verdict, "probability": 0.97, "declared_probability": 0.02, "flooded_days": 80,
        "drained_days": 40, "drainages": 0, "value": None, "observations": 18, "dates": "",
    }  # fmt: skip
    return PracticeEvidence(**(facts | more))


ROWS = [
    row("LS-001", "multiple_drainage", "supports", declared_probability=0.99, drainages=3, dates="2020-06-27/2020-07-05 2020-07-15/2020-07-24"),
    row("LS-002", "continuously_flooded", "contradicts"),
    row("LS-003", "", "unclear", probability=None, declared_probability=None, flooded_days=None, drained_days=None, drainages=None, observations=2),
    row("LS-003", "1+winter", "undeclared", practice="crops", declared="", season=0),
]


@pytest.fixture
def run(make: Maker) -> tuple[Plan, Path]:
    plan, run = make(RICE, columns=2)
    write_csv(run / "land" / "practice.csv", ROWS, PracticeEvidence)
    return plan, run


def declaring(plan: Plan, contradiction: str) -> Plan:
    section = Practice.model_validate({"evidence": ["water_regime", "crops"], "contradiction": contradiction})
    return replace(plan, pipeline=plan.pipeline.model_copy(update={"practice": section}))


def test_seasons_are_counted_by_verdict_and_contradictions_listed(run: tuple[Plan, Path]) -> None:
    plan = declaring(run[0], "show")
    view = practice(plan, gather(plan, run[1]), EN)["practice"]
    assert [line.cells for line in view["summary"].rows] == [("2020", "crops a year", "0", "0", "0", "1"), ("2020", "water regime", "1", "1", "1", "0")]
    assert [line.cells[:5] for line in view["against"].rows] == [("2020", "LS-002", "water regime", "multiple drainage", "continuously flooded")]
    assert [line.cells[1] for line in view["water"].rows] == ["can't be told", "continuously flooded", "multiple drainage"]
    assert practice(plan, gather(plan, run[1]), ZH)["practice"]["against"].rows[0].cells[3] == "多次排水"


@pytest.mark.parametrize(("contradiction", "grave"), [("show", False), ("withhold", True)])
def test_contradictions_are_stamped_on_page_one(run: tuple[Plan, Path], contradiction: str, grave: bool) -> None:
    plan = declaring(run[0], contradiction)
    (stamp,) = [s for s in stamps(plan, gather(plan, run[1])) if s.code == "PRACTICE_CONTRADICTED"]
    assert stamp.grave is grave
    assert stamp.rows == ("2020: LS-002",)
    assert "1 parcels (1 seasons)" in stamp.said(EN)


def test_the_page_shows_the_evidence_in_both_languages(run: tuple[Plan, Path]) -> None:
    plan = declaring(run[0], "show")
    render(plan, run[1])
    page = (run[1] / "report" / "report.html").read_text()
    assert all(word in page for word in ("Evidence on practice", "耕作措施证据", "PRACTICE_CONTRADICTED", "continuously flooded", "持续淹水"))


def test_without_evidence_nothing_is_said(make: Maker) -> None:
    plan, folder = make(RICE, columns=2)
    bare = replace(plan, pipeline=plan.pipeline.model_copy(update={"practice": None}))
    assert practice(bare, gather(bare, folder), EN) == {"practice": None}
    assert not [s for s in stamps(bare, gather(bare, folder)) if s.code.startswith("PRACTICE")]
