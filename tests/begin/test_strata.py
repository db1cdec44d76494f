"""Several strata, named by a column of the file: each is asked about, one answer may do for all, and each is judged by the clauses."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.begin import Question, begin
from carbonsink.begin.boundary import read_boundary, strata_of, stratum_columns
from carbonsink.run import load_complete
from tests.begin.boundaries import columns, zipped
from tests.begin.test_new import RICE, SOIL, new

SEASONS = ["单季稻", "双季稻", "单季稻", "双季稻"]


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    return zipped(tmp_path / "xinglong.zip", columns() | {"种植制度": SEASONS})


def test_a_column_names_the_strata_and_one_answer_does_for_all_that_have_none_of_their_own(boundary: Path, tmp_path: Path) -> None:
    made = new(
        tmp_path / "xinglong", "--boundary", boundary, "--stratum-column", "种植制度", given=RICE | {"双季稻.cropping": "double", "双季稻.straw_rate": "7"}
    )
    assert made.exit_code == 0, made.stderr
    raw = tomllib.loads((tmp_path / "xinglong" / "area.toml").read_text())
    assert raw["land"]["stratum"] == "种植制度" and list(raw["strata"]) == ["单季稻", "双季稻"]
    assert [stratum["keys"]["cropping"] for stratum in raw["strata"].values()] == ["single", "double"]
    assert [(v["stratum"], v["value"]) for v in raw["value"] if v["symbol"] == "straw_rate"] == [("单季稻", 5.0), ("双季稻", 7.0)]
    parcels = load_complete(tmp_path / "xinglong").land.parcels
    assert {parcel.id: parcel.stratum for parcel in parcels} == dict(zip(("XL001", "XL002", "XL003", "XL004"), SEASONS, strict=True))


def test_the_place_is_asked_once_for_all_strata(boundary: Path, tmp_path: Path) -> None:
    made = new(tmp_path / "north", "--boundary", boundary, "--stratum-column", "种植制度", given=SOIL | {"双季稻.project_tillage": "no_till"})
    assert made.exit_code == 0, made.stderr
    raw = tomllib.loads((tmp_path / "north" / "area.toml").read_text())
    assert raw["zones"].keys() == {"climate", "soil"}
    assert [stratum["project"]["tillage"] for stratum in raw["strata"].values()] == ["reduced", "no_till"]


def test_a_stratum_that_fails_a_clause_is_named_and_so_is_what_would_do(boundary: Path, tmp_path: Path) -> None:
    wrong = RICE | {"双季稻.baseline_water_regime": "single_drainage"}
    made = new(tmp_path / "xinglong", "--boundary", boundary, "--stratum-column", "种植制度", given=wrong)
    assert made.exit_code == 3
    (line,) = made.stderr.splitlines()
    assert line.startswith("E-BEG-012 --answer 双季稻.baseline_water_regime") and "continuously_flooded" in line


def test_a_missing_answer_of_a_stratum_is_asked_for_and_a_strange_stratum_is_said(boundary: Path, tmp_path: Path) -> None:
    some = {name: value for name, value in RICE.items() if name != "cropping"} | {"单季稻.cropping": "single", "三季稻.cropping": "double"}
    made = new(tmp_path / "xinglong", "--boundary", boundary, "--stratum-column", "种植制度", given=some)
    assert [line[:9] for line in made.stderr.splitlines()] == ["E-BEG-002", "E-BEG-005"] and "双季稻.cropping" in made.stderr


def test_a_column_that_is_not_there_is_refused(boundary: Path, tmp_path: Path) -> None:
    made = new(tmp_path / "xinglong", "--boundary", boundary, "--stratum-column", "制度", given=RICE)
    assert made.stderr.startswith("E-BEG-003 --answer stratum_column") and "种植制度" in made.stderr


def test_a_person_is_offered_the_columns_that_could_be_and_the_answer_before(boundary: Path, tmp_path: Path) -> None:
    offered: dict[str, str] = {}

    def person(question: Question) -> str:
        offered[question.name] = question.offered
        answers = RICE | {"stratum_column": "种植制度", "双季稻.cropping": "double"}
        return answers.get(question.name) or question.offered or answers[question.common]

    found = read_boundary(boundary)
    assert stratum_columns(found, "地块编号", "实测面积") == ["种植制度"] and strata_of(found, "种植制度") == ("单季稻", "双季稻")
    begin(tmp_path / "xinglong", found, {}, person)
    assert offered["stratum_column"] == "none"
    assert (offered["单季稻.region"], offered["双季稻.region"], offered["双季稻.straw_rate"]) == ("", "east_asia", "5")


def test_what_the_file_and_the_place_decide_against_is_said_to_a_person_at_once(tmp_path: Path) -> None:
    """Wetland soil bars the methodology: nobody who is asked has to answer the rest first."""
    asked: list[str] = []

    def person(question: Question) -> str:
        asked.append(question.name)
        return (SOIL | {"wrb": "gleysols"})[question.name]

    with pytest.raises(Refusal, match="E-BEG-012 .*soil"):
        begin(tmp_path / "north", read_boundary(zipped(tmp_path / "b.zip")), {}, person)
    assert "source" not in asked


def test_a_clause_of_several_answers_is_judged_with_the_last_of_them(tmp_path: Path) -> None:
    same = SOIL | {"project_tillage": "full", "project_input": "low"}
    made = new(tmp_path / "north", "--boundary", zipped(tmp_path / "b.zip"), given=same)
    assert made.stderr.startswith("E-BEG-012 --answer project_input") and "What would meet it: medium" in made.stderr


def test_a_number_that_fails_a_clause_is_told_what_is_required(tmp_path: Path) -> None:
    made = new(tmp_path / "north", "--boundary", zipped(tmp_path / "b.zip"), given=SOIL | {"change_year": "2023"})
    assert made.stderr.startswith("E-BEG-012 --answer change_year") and "What would meet it: change_year <= first_year" in made.stderr
