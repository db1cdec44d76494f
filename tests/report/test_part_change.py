"""Change on the page: alerts with their pictures, both languages, and nothing where nothing was looked for."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import write_csv
from carbonsink.declared.change import Change, Protection
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.change import SHOWN_ALERTS, changing
from carbonsink.report.render import render
from tests.report.conftest import RICE, Maker, make_plan

EN, ZH = read_languages(["en", "zh"])
NAME = {"zh": "龙山生态保护红线", "en": "Longshan ecological red line"}
CUT = LandChange(
    "2021-07-31-001", "felling", "2021-07-31", "2021-07-01", "2021-08-31", "2021-06-30", "2021-07-31", 80, 0.800613, 117.366686, 24.604092, "", 0.0,
    "ndvi", -0.5047, 0.4284, "moderate-low", 0.25, 380, "forest", "tea",
)  # fmt: skip
ALERT = Alert(
    "eco-2021-07-31-001", "eco", CUT.id, "felling", CUT.date, CUT.earliest, CUT.latest, 0.6, "LS-001", 117.366686, 24.604092, "2021-06", "2021-09",
    "alerts/before.png", "alerts/after.png", "red green blue",
)  # fmt: skip


def watched(plan: Plan) -> Plan:
    line = Protection.model_validate({"id": "eco", "kind": "ecological", "name": NAME, "file": "red.geojson", "source": "plan", "place": "sheet"})
    pipeline = plan.pipeline.model_copy(update={"land": plan.pipeline.land.model_copy(update={"change": Change()})})
    return replace(plan, pipeline=pipeline, area=plan.area.model_copy(update={"protection": [line]}))


def write(run: Path, alerts: int = 1) -> None:
    write_csv(run / "land" / "changes.csv", [CUT, replace(CUT, id="b", kind="built-up", dnbr=None, severity="", area_ha=2.0)], LandChange)
    write_csv(run / "land" / "alerts.csv", [ALERT] * alerts, Alert)
    (run / "land" / "alerts").mkdir(exist_ok=True)
    for name, red in (("before", 20), ("after", 200)):
        picture = np.full((64, 64, 3), (red, 60, 40), np.uint8)
        (run / "land" / "alerts" / f"{name}.png").write_bytes(bytes(imagecodecs.png_encode(picture)))


@pytest.fixture
def plan() -> Plan:
    return watched(make_plan(RICE, 1))


def test_without_its_section_the_part_is_empty(tmp_path: Path) -> None:
    assert changing(make_plan(RICE, 1), tmp_path, EN) == {"change": None}


def test_changes_stand_largest_first_in_words(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path)
    told = changing(plan, tmp_path, EN)["change"]
    rows = [list(row.cells) for row in told["changes"].rows]
    assert [row[2] for row in rows] == ["conversion to built-up land", "felling"]
    assert rows[1] == ["2021-07-31", "2021-07-01 – 2021-08-31", "felling", "0.80", "–", "−0.50", "moderate-low", "25"]
    assert [list(row.cells) for row in told["kinds"].rows][1] == ["felling", "1", "0.80", "12.0"]
    assert changing(plan, tmp_path, ZH)["change"]["changes"].rows[1].cells[2] == "采伐"


def test_the_way_and_its_limits_are_said(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path)
    for w, words in (
        (EN, ("12 months", "OLS-MOSUM", "1 %", "NDVI", "0.20", "400 m²", "1 red lines", "history")),
        (ZH, ("12 个月", "移动和", "1 条红线", "历史期")),
    ):
        said = " ".join(changing(plan, tmp_path, w)["change"]["sentences"])
        assert all(word in said for word in words), said


def test_alerts_beyond_those_shown_are_counted(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path, SHOWN_ALERTS + 3)
    told = changing(plan, tmp_path, EN)["change"]
    assert (len(told["shots"]), told["left"], len(told["alerts"].rows)) == (SHOWN_ALERTS, 3, SHOWN_ALERTS + 3)


def test_the_page_shows_alerts_with_their_pictures_and_page_one_says_so(make: Maker) -> None:
    plan, run = make(RICE, 2)
    plan = watched(plan)
    write(run)
    render(plan, run)
    text = (run / "report" / "report.html").read_text(encoding="utf-8")
    assert len(re.findall(r'<img src="data:image/png;base64,', text)) == 4, "two pictures in each language"
    for words in (
        NAME["zh"],
        NAME["en"],
        "RED_LINE_ALERT",
        "红线（eco）内发现 1 处变化",
        "1 changes lie inside red lines (eco)",
        "变化前：2021-06",
        "Before: 2021-06",
    ):
        assert words in text, words
