"""Which run speaks for an area, and every reason why none does: each in one line, in both languages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit, Refusal
from carbonsink.portfolio import roll_up
from carbonsink.portfolio.find import find
from tests.portfolio.making import finished_run, quiet, rice_area


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two areas with their runs, to be broken."""
    for number, name in enumerate(("one-area", "two-area")):
        finished_run(rice_area(tmp_path / "aoi" / name, name, 3 * number).folder, tmp_path / "runs")
    return tmp_path


def run_of(folder: Path, name: str) -> Path:
    return next((folder / "runs").glob(f"{name}-*"))


def told(folder: Path, *places: Path) -> list[str]:
    """The problems' lines; in Chinese they have the same code and place."""
    problems = roll_up(places or [folder / "aoi"], folder / "runs", quiet).problems
    assert all(one.line("zh").split(":")[0] == one.line("en").split(":")[0] for one in problems)
    return [one.line("en") for one in problems]


def test_a_folder_of_areas_an_area_and_a_run_are_the_same(two: Path) -> None:
    by_folder, problems = find([two / "aoi"], two / "runs", quiet)
    assert [one.plan.area.id for one in by_folder] == ["one-area", "two-area"] and not problems
    one_by_one, _ = find([run_of(two, "two-area"), two / "aoi" / "one-area"], two / "runs", quiet)
    assert [one.run for one in one_by_one] == [one.run for one in by_folder]
    assert find([two / "runs"], Path("nowhere"), quiet)[0][1].run == by_folder[1].run


def test_a_folder_without_areas_or_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"E-PTF-001 .*area\.toml"):
        find([tmp_path], tmp_path, quiet)


def test_an_area_without_a_run_is_named_and_the_others_are_counted(two: Path) -> None:
    shutil.rmtree(run_of(two, "two-area"))
    made = roll_up([two / "aoi"], two / "runs", quiet)
    assert [member.id for member in made.members] == ["one-area"] and made.exit_code == Exit.SOURCE
    (line,) = told(two)
    assert line.startswith("E-PTF-003 two-area") and f"carbonsink estimate {two / 'aoi' / 'two-area'}" in line


def test_a_run_without_a_manifest_is_not_finished(two: Path) -> None:
    (run_of(two, "two-area") / "manifest.json").unlink()
    assert told(two)[0].startswith("E-PTF-003 two-area")


def test_a_run_of_other_declarations_is_stale(two: Path) -> None:
    path = two / "aoi" / "two-area" / "area.toml"
    path.write_text(path.read_text().replace("value = 150.0", "value = 151.0"))
    (line,) = told(two)
    assert line.startswith("E-PTF-004 two-area") and run_of(two, "two-area").name in line


def test_broken_declarations_are_counted_and_the_first_is_shown(two: Path) -> None:
    path = two / "aoi" / "two-area" / "area.toml"
    path.write_text(path.read_text().replace('country = "CN"', 'county = "CN"'))
    (line,) = told(two)
    assert line.startswith("E-PTF-002 two-area") and "2 problems" in line and "E-CFG-00" in line


def test_a_run_whose_own_declarations_give_another_plan_is_not_counted(two: Path) -> None:
    run = run_of(two, "two-area")
    write_json(run / "manifest.json", read_json(run / "manifest.json") | {"plan": "0" * 64})
    assert told(two, two / "runs")[0].startswith(f"E-PTF-005 {run.name}: the manifest states plan 0000000000")


def test_a_run_whose_declarations_cannot_be_read_is_not_counted(two: Path) -> None:
    path = next(run_of(two, "two-area").glob("declared/*/area.toml"))
    path.write_text(path.read_text().replace('pipeline = "tiny"', 'pipeline = "other"'))
    assert told(two, two / "runs")[0].startswith("E-PTF-013 two-area")


def test_two_runs_of_one_area_count_neither(two: Path) -> None:
    shutil.copytree(run_of(two, "two-area"), two / "copy" / "second-run")
    (line,) = told(two, two / "runs", two / "copy")
    assert line.startswith("E-PTF-006 two-area") and "second-run" in line


@pytest.mark.parametrize("file", ["carbon/worksheet.csv", "credit/statement.csv", "areas/transitions.csv", "report/report.json"])
def test_a_table_that_changed_afterwards_is_not_counted(two: Path, file: str) -> None:
    path = run_of(two, "two-area") / file
    path.write_text(path.read_text().replace("2", "3", 1) + " ")
    (line,) = told(two)
    assert line.startswith("E-PTF-008 two-area") and file in line


def test_a_manifest_that_changed_afterwards_is_not_believed(two: Path) -> None:
    path = run_of(two, "two-area") / "manifest.json"
    write_json(path, read_json(path) | {"simulated": True})
    assert "manifest.json changed" in told(two)[0] and told(two)[0].startswith("E-PTF-008")


def test_an_alert_file_put_in_afterwards_is_not_believed(two: Path) -> None:
    (run_of(two, "two-area") / "land").mkdir()
    (run_of(two, "two-area") / "land" / "alerts.csv").write_text("id\n")
    assert told(two)[0].startswith("E-PTF-008")


def test_a_missing_table_is_named(two: Path) -> None:
    (run_of(two, "two-area") / "carbon" / "variables.csv").unlink()
    assert told(two)[0].startswith("E-PTF-007") and "carbon/variables.csv" in told(two)[0]


def test_where_nothing_can_be_counted_every_problem_is_told(two: Path) -> None:
    shutil.rmtree(two / "runs")
    with pytest.raises(Refusal) as refused:
        roll_up([two / "aoi"], two / "runs", quiet)
    assert [one.code for one in refused.value.problems] == ["E-PTF-003"] * 2 and refused.value.exit_code == Exit.SOURCE
