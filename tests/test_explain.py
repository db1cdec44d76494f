"""What explain says of accounts, parcels, points and classes; the way down to real scenes is tested on whole runs (test_whole_way)."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from carbonsink.base.evidence import write_json
from carbonsink.base.problems import Refusal
from carbonsink.base.records import ClassArea, EstimatorArea, ParcelShare, SampleLabel, Transition
from carbonsink.base.tables import write_csv
from carbonsink.explain import explain
from carbonsink.report.tracing.node import Node, interned
from carbonsink.report.tracing.statement import QUANTITIES
from tests.report.conftest import RICE, Maker
from tests.report.conftest import make as make


def test_areas_are_explained_by_parcel_point_and_class(make: Maker) -> None:
    _, run = make(RICE, 1)
    write_json(run / "manifest.json", {})
    with pytest.raises(Refusal, match="E-EXP-001"):
        explain(run, "p1")
    out = ParcelShare(2020, "LS-001", "single-rice", 0.03, 0.45, None, "paddy", 0.9, 1.0, False, 1, 0.9, "weighted", "too-small")
    write_csv(run / "areas/parcels.csv", [out], ParcelShare)
    write_csv(run / "areas/samples.csv", [SampleLabel(2020, "p1", 117.4, 24.6, "paddy", 0.01, "paddy", "water", "water", "water", True)], SampleLabel)
    adjusted = ClassArea(2020, "sample", True, "paddy", 20.0, 18.5, 0.8, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 40, 17.0, 20.0)
    write_csv(run / "areas/classes.csv", [adjusted], ClassArea)
    write_csv(run / "areas/estimators.csv", [EstimatorArea(2020, "parcel", "regression", "paddy", 18.7, 0.7, 17.2, 20.2, 9, False)], EstimatorArea)
    write_csv(run / "areas/transitions.csv", [Transition(2020, 2021, "paddy", "water", 1.0, 0.8, 0.2, 0.5, 1.3, 12)], Transition)
    assert explain(run, "LS-001").under[0].text.endswith("not counted: below the minimum parcel")
    assert explain(run, "p1").under[0].text == "2020 p1 at 117.4 24.6: map paddy, seen as paddy and water, arbitrated as water; label water"
    assert [node.text for node in explain(run, "paddy").under] == [
        "2020 by drawn sample (used): 20.0 ha mapped, 18.5 ha +- 0.8 (17.0 to 20.0 at 95 %)",
        "2020 Regression on the map, whole parcels: 18.7 ha +- 0.7 (17.2 to 20.2 at 95 %)",
        "2020 paddy to 2021 water: 1.0 ha mapped, 0.8 ha +- 0.2 (0.5 to 1.3 at 95 %) by 12 points",
    ]


@pytest.fixture
def finished(make: Maker) -> Path:
    run = make(RICE, 1)[1]
    write_json(run / "manifest.json", {})
    return run


def test_every_account_is_explained_in_both_languages(finished: Path) -> None:
    for name in QUANTITIES:
        en, zh = explain(finished, f"{name}:2021"), explain(finished, f"{name}:2021", "zh")
        assert en.text.startswith("2021 ") and zh.text.startswith("2021 年") and en.text != zh.text
        assert len(list(en.lines())) == len(list(zh.lines())) and (en.under or name in ("removals", "baseline"))


def test_an_account_is_asked_for_in_several_ways(finished: Path) -> None:
    asked = [explain(finished, what) for what in ("issued:2021", "2021/issued", "Issued:2021", "签发:2021", "签发：2021")]
    assert len({node.text for node in asked}) == 1
    assert [node.text[:4] for node in explain(finished, "issued").under] == ["2020", "2021", "2022"]


def test_the_sum_in_words_is_the_statements(finished: Path) -> None:
    text = explain(finished, "withheld:2021").text
    told = [Decimal(number) for number in re.findall(r"(?<= )[\d.]+(?= |$)", text.partition(" = ")[2])]
    assert told[0] - sum(told[1:]) == Decimal(text.split()[2])


def test_from_what_is_issued_down_to_equation_table_row_parcel_and_scene(finished: Path) -> None:
    lines = list(explain(finished, "issued:2021").lines())
    for said in (
        "equation rice.methane [2019 Refinement",
        "row ipcc-2019/rice.csv:4; transcribed]",
        "LS-001",
        "S2A_50RMN_2021",
        "withheld because the imagery is simulated",
    ):
        assert any(said in line for line in lines), said


def test_what_was_told_above_is_told_once(finished: Path) -> None:
    node = explain(finished, "issued:2021")
    assert len(list(node.lines("as above"))) < len(list(node.lines()))
    assert any(line.endswith("(as above)") for line in node.lines("as above"))


def test_a_sentence_that_many_stand_on_is_kept_once() -> None:
    leaf = Node("a")
    tree = interned({"x": Node("x", (leaf, Node("a"))), "y": leaf})
    assert tree == {"nodes": [["a", []], ["x", [0, 0]]], "roots": {"x": 1, "y": 0}}


def test_what_is_not_there_is_refused_with_what_can_be_asked(finished: Path) -> None:
    with pytest.raises(Refusal, match=r"E-EXP-001 issued:1999.*vintages 2020, 2021, 2022; accounts gross"):
        explain(finished, "issued:1999")
    (finished / "manifest.json").unlink()
    with pytest.raises(Refusal, match="E-EXP-002"):
        explain(finished, "issued:2021")
