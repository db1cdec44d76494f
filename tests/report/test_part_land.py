"""What the page says beside the cover maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.records import ConsistencyChange, MapTile
from carbonsink.base.tables import write_csv
from carbonsink.declared.covermap import CoverMap
from carbonsink.declared.land import Land
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.land import land
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps
from tests.land.maps import CLASSES
from tests.report.conftest import RICE, make_plan

EN, ZH = read_languages(["en", "zh"])


def with_land(plan: Plan, **given: object) -> Plan:
    declared = Land.model_validate({"method": "rules", "classes": CLASSES, **given})
    return replace(plan, pipeline=plan.pipeline.model_copy(update={"land": declared}))


@pytest.fixture
def plan() -> Plan:
    return make_plan(RICE, 1)


def test_classes_stand_in_both_systems(plan: Plan, tmp_path: Path) -> None:
    told = land(with_land(plan), tmp_path, ZH)["cover_classes"]
    assert [list(row.cells) for row in told.rows] == [
        ["试", "农地", "0101 水田", ZH("status.transcribed")],
        ["试", "林地", "0301 乔木林地", ZH("status.recalled")],
        ["试", "湿地", "–", "–"],
    ]
    assert "0101 paddy field" in land(with_land(plan), tmp_path, EN)["cover_classes"].rows[0].cells


def test_a_published_map_names_its_maker_its_years_and_what_stands_in(plan: Plan, tmp_path: Path) -> None:
    write_csv(tmp_path / "scenes" / "maps.csv", [MapTile(2020, "maps/a.tif", "0", "maps/2020-01.tif", "0")], MapTile)
    mapped = with_land(plan, method="published", published={"legend": "clcd"})
    maps = CoverMap.model_validate({"files": [{"file": "maps/a.tif", "year": 2020}], "stands_in": {"2021": 2020, "2022": 2020}})
    mapped = replace(mapped, area=mapped.area.model_copy(update={"cover_map": maps}))
    for w in (EN, ZH):
        said = " ".join(land(mapped, tmp_path, w)["cover_source"])
        assert all(word in said for word in ("CLCD", "maps/a.tif", "2020", "2021", "2022", "CC BY 4.0", w("status.recalled")))


def test_rules_of_consistency_are_said_and_counted(plan: Plan, tmp_path: Path) -> None:
    changes = [ConsistencyChange(2021, "minimum-unit", "wood", "paddy", 1200)]
    write_csv(tmp_path / "land" / "consistency.csv", changes, ConsistencyChange)
    choices = [
        {"smoother": "majority", "minimum_unit_m2": 400.0, "allowed": {"water": []}},
        {"smoother": "hidden-markov"},
        {"smoother": "hidden-markov", "markov": {"transitions": "estimated", "emission": "declared"}},
    ]
    for choice in choices:
        for w in (EN, ZH):
            told = land(with_land(plan, consistency=choice), tmp_path, w)["consistency"]
            assert len(told["rules"]) >= 3 and "1,200" in told["changes"].rows[0].cells
    assert land(with_land(plan), tmp_path, EN)["consistency"] is None


def test_a_trained_map_s_accuracy_is_that_before_the_rules(plan: Plan, tmp_path: Path) -> None:
    write_csv(tmp_path / "land" / "consistency.csv", [], ConsistencyChange)
    told = land(with_land(plan, method="classifier", consistency={"smoother": "majority"}), tmp_path, EN)["consistency"]
    assert EN("consistency.unmended") in told["rules"] and not told["changes"].rows


def test_a_legend_and_classes_nobody_saw_in_print_are_stamped(rice: tuple[Plan, Path]) -> None:
    results = gather(*rice)
    assert not [s for s in stamps(rice[0], results) if s.code == "RECALLED_CLASSES"]
    mapped = with_land(rice[0], method="published", published={"legend": "clcd"})
    (stamp,) = [s for s in stamps(mapped, results) if s.code == "RECALLED_CLASSES"]
    assert stamp.grave and len(stamp.rows) == 2 and "0301" in stamp.rows[1] and "0101" not in " ".join(stamp.rows)
    assert stamp.said(EN).endswith(": 2.") and "2 项" in stamp.said(ZH)
