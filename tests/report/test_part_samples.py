"""What the page says of a drawn sample: points by class, how far two people agree, what a third settled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.records import Agreement, ClassArea, SampleLabel
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.sampling import Samples
from carbonsink.report.parts.evidence import evidence
from carbonsink.report.parts.samples import samples
from carbonsink.report.results import Results, gather

EN, ZH = read_languages(["en", "zh"])
Run = tuple[Plan, Path]


def point(name: str, mapped: str, first: str, second: str | None, label: str, certain: bool = True) -> SampleLabel:
    arbitrated = label if second is not None and first != second else None
    return SampleLabel(2020, name, 117.4, 24.6, mapped, 0.00125, first, second, arbitrated, label, certain)


LABELS = (
    point("p1", "paddy", "paddy", "paddy", "paddy"),
    point("p2", "paddy", "paddy", "water", "water", certain=False),
    point("p3", "paddy", "?", "?", "?", certain=False),
    point("p4", "water", "water", "water", "water"),
)
AGREEMENT = (Agreement(2020, "wang", "li", "chen", 4, 3, 0.6, 0.25, 1, 1),)


@pytest.fixture(scope="module")
def results(rice: Run) -> Results:
    return gather(*rice)


def shown(rice: Run, results: Results, **tables: Any) -> dict[str, Any]:
    told: dict[str, Any] = samples(rice[0], replace(results, **tables), EN)["samples"]
    return told


def test_agreement_stands_with_kappa_and_its_error(rice: Run, results: Results) -> None:
    told = shown(rice, results, labels=LABELS, agreement=AGREEMENT)
    assert told["agreement"].rows[0].cells == ("2020", "wang, li", "chen", "4", "3", "75.0", "0.600 ± 0.250", "1", "1")
    assert any("beyond chance" in note for note in told["notes"])


def test_one_interpreter_s_agreement_is_not_known_and_said_to_be_so(rice: Run, results: Results) -> None:
    alone = tuple(replace(s, second=None, arbitrated=None) for s in LABELS)
    told = shown(rice, results, labels=alone, agreement=(Agreement(2020, "wang", None, None, 4, None, None, None, 0, 1),))
    assert told["agreement"].rows[0].cells[1:7] == ("wang", "–", "4", "–", "–", "–")
    assert "interpreted by one person" in told["notes"][1] and told["between"] == [] and not told["settled"].rows
    assert told["strata"].rows[0].cells[4] == "–"


def test_points_are_counted_by_map_class_in_the_pipeline_s_order(rice: Run, results: Results) -> None:
    told = shown(rice, results, labels=LABELS, agreement=AGREEMENT)["strata"]
    assert [line.cells for line in told.rows] == [("2020", "Paddy", "3", "0.00125", "2", "1", "2", "1"), ("2020", "Water", "1", "0.00125", "1", "0", "0", "0")]


def test_what_the_two_said_stands_in_a_square(rice: Run, results: Results) -> None:
    (matrix,) = shown(rice, results, labels=LABELS, agreement=AGREEMENT)["between"]
    assert [c.name for c in matrix.columns] == ["First ↓ second →", "Paddy", "Water", "cannot be told"]
    assert [line.cells for line in matrix.rows] == [("Paddy", "1", "1", "0"), ("Water", "0", "1", "0"), ("cannot be told", "0", "0", "1")]


def test_disputed_points_are_listed_with_what_was_settled(rice: Run, results: Results) -> None:
    told = shown(rice, results, labels=LABELS, agreement=AGREEMENT)["settled"]
    assert [line.cells for line in told.rows] == [("2020", "p2", "117.40000, 24.60000", "Paddy", "Paddy", "Water", "Water")]
    many = tuple(replace(LABELS[1], id=f"p{n}") for n in range(80))
    assert "(30 of 80; " in shown(rice, results, labels=many, agreement=AGREEMENT)["settled"].caption
    zh = samples(rice[0], replace(results, labels=LABELS, agreement=AGREEMENT), ZH)["samples"]["settled"]
    assert zh.rows[0].cells[3:] == ("水田", "水田", "水体", "水体")


def test_who_interpreted_is_said(rice: Run, results: Results) -> None:
    declared = Samples(year=2020, file="s.gpkg", labels=["a.csv"], source="county bureau, photographs of 0.2 m")
    plan = replace(rice[0], area=rice[0].area.model_copy(update={"samples": [declared]}))
    told = samples(plan, replace(results, agreement=AGREEMENT, labels=LABELS), EN)["samples"]
    assert told["notes"][-1] == "Interpreted 2020: county bureau, photographs of 0.2 m."


def test_the_drawn_sample_has_its_confusion_matrix_and_its_count(rice: Run, results: Results) -> None:
    judged = ClassArea(2020, "sample", True, "paddy", 50.0, 48.0, 1.0, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 3)
    told = evidence(rice[0], replace(results, labels=LABELS, classes=(judged,)), EN)["accuracy"]
    assert told["overall"].rows[0].cells[:3] == ("2020", "drawn sample", "3")
    (matrix,) = told["matrices"]
    assert [line.cells for line in matrix.rows] == [("Paddy", "1", "1"), ("Water", "0", "1")]  # p3 is left out


def test_without_a_sample_nothing_is_said(rice: Run, results: Results) -> None:
    assert samples(rice[0], results, EN) == {"samples": None}
