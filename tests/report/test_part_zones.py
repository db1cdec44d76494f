"""What the page says of zones: found by rules, by a layer or declared; an override shows both sides and its reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.zones import KINDS, read_zones
from carbonsink.report.parts.zones import zones
from carbonsink.report.tabular import Row
from tests.report.conftest import RICE, SOIL, make_plan
from tests.report.measured_runs import WHY, planned, soil_area

EN, ZH = read_languages(["en", "zh"])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Climate by a station's facts, which the upper stratum contradicts; soil by a layer; the ecological zone declared."""
    return planned(tmp_path_factory.mktemp("zones"), soil_area(), "vm0042", (2020, 2021))


def told(plan: Plan, w: Any = EN) -> Sequence[Row]:
    rows: Sequence[Row] = zones(plan, w)["zones"]["table"].rows
    return rows


def texts(row: Row) -> list[str]:
    return [unescape(str(cell)) for cell in row.cells]


def test_facts_are_told_with_the_rule_they_met(plan: Plan) -> None:
    kind, stratum, word, by, why, source = texts(told(plan)[1])
    assert (kind, stratum, by, source) == ("climate zone", "lower fields", "the Guidelines' rules", "county weather station, means of 1991 to 2020")
    assert word == "tropical moist<br><small>tropical_moist</small>"
    assert why.startswith("mat > 18, frost_days <= 7, map > 1000<br>")
    assert "mat = 19.8 (mean annual temperature [degC]), map = 1,700 (" in why


def test_an_override_is_marked_and_shows_what_was_found_and_why_not(plan: Plan) -> None:
    row = told(plan)[0]
    _, stratum, word, by, why, _ = texts(row)
    assert (row.mark, stratum, by) == ("warn", "upper terraces", "declared, against what was found")
    assert word.startswith("warm temperate moist<br>")
    assert why.startswith(f"{WHY}<br>") and "found: tropical moist (the Guidelines' rules): mat > 18" in why


def test_a_layer_is_told_with_the_share_of_each_word(plan: Plan) -> None:
    row = told(plan)[2]
    assert texts(row)[:2] == ["soil class", "all strata"] and texts(row)[3] == "most of the land in soil.tif"
    shares = plan.zones[-1].shares
    assert list(shares) == ["lac", "wetland"] and sum(shares.values()) == pytest.approx(1)
    assert row.cells[4] == f"low-activity clay soil {shares['lac'] * 100:.1f} %, wetland soil {shares['wetland'] * 100:.1f} %"


def test_a_declared_zone_shows_its_reason_or_that_there_is_none(plan: Plan) -> None:
    bare, reasoned = told(plan)[3:]
    assert [(row.mark, *texts(row)[3:]) for row in (bare, reasoned)] == [
        ("warn", "declared by the project", "no reason given", "–"), ("", "declared by the project", "map of the zones", "–"),
    ]  # fmt: skip


def test_the_rules_document_and_its_status_are_named(plan: Plan) -> None:
    notes = zones(plan, EN)["zones"]["notes"]
    assert len(notes) == 2 and "Rules of the climate zone: 2006 IPCC Guidelines" in notes[1] and notes[1].endswith("(recalled).")


def test_it_is_said_in_chinese_too(plan: Plan) -> None:
    found = [" ".join(texts(row)) for row in told(plan, ZH)]
    assert "气候带 上部梯田 暖温带湿润" in found[0] and "判定结果：热带湿润（《指南》规则判定）" in found[0]
    assert "低活性黏土" in found[2] and "未说明理由" in found[3]


def test_an_area_without_zones_says_nothing_and_declared_ones_stand_alone() -> None:
    assert zones(make_plan(RICE, 1), EN) == {"zones": None}
    assert [texts(row)[0] for row in told(make_plan(SOIL))] == ["climate zone", "soil class"]


def test_every_zone_of_the_library_has_words_in_both_languages() -> None:
    names = [f"zone.{kind}.{word.replace('_', '-')}" for kind in KINDS for word in read_zones()[kind].words]
    assert not [name for name in names for w in (EN, ZH) if not w.has(name)]


def test_every_ecological_zone_of_the_factor_tables_has_words_in_both_languages() -> None:
    tables = [csv.DictReader(path.read_text(encoding="utf-8").splitlines()) for path in (LIBRARY / "factors").rglob("*.csv")]
    found = {word for table in tables for row in table for word in (row.get("ecozone") or "").split("|") if word}
    assert "mangrove_subtropical" in found
    assert not [word for word in found for w in (EN, ZH) if not w.has(f"zone.ecozone.{word.replace('_', '-')}")]
