"""The command: what it prints, the codes it leaves with, and a province of three hundred areas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Exit
from carbonsink.cli import app
from carbonsink.declared.load import explain_plan
from carbonsink.ledger.submission import load_copies
from tests.bad.area import Area, feature, square
from tests.portfolio.making import finished_run, rice_area, sealed

MANY = 300


def call(*arguments: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `carbonsink portfolio`."""
    result = CliRunner().invoke(app, ["portfolio", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("language", "word", "steps"),
    [
        ("en", "20 areas, 89.7 ha: gross", ["plans", "tables", "draws", "write"]),
        ("zh", "20 个项目区，89.7 公顷：扣减前总量", ["读取计划", "读取各表", "合并抽样", "写入"]),
    ],
)
def test_it_says_the_sums_in_the_user_s_language(
    county: Path, tmp_path: Path, language: str, word: str, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", language)
    code, said, progress = call(county / "aoi", "--runs", county / "runs", "--out", tmp_path / "out")
    assert code == Exit.WELL and said.startswith(word) and str(tmp_path / "out" / "portfolio.html") in said
    assert progress.split() == steps


def test_json_is_one_object_with_the_digest(county: Path, tmp_path: Path) -> None:
    code, said, _ = call(county / "runs", "--out", tmp_path / "out", "--json")
    found = json.loads(said)
    assert code == Exit.WELL and found["complete"] and found["digest"] == read_json(tmp_path / "out" / "manifest.json")["digest"]
    assert found["totals"] == read_json(tmp_path / "out" / "portfolio.json")["totals"]


def test_an_account_that_is_not_whole_leaves_with_a_code(county: Path, tmp_path: Path) -> None:
    shutil.copytree(county / "runs", tmp_path / "runs")
    shutil.rmtree(next((tmp_path / "runs").glob("soil-00-*")))
    code, said, told = call(county / "aoi", "--runs", tmp_path / "runs", "--out", tmp_path / "out")
    assert code == Exit.SOURCE and "INCOMPLETE: 1 problems" in said and "E-PTF-003 soil-00" in told
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_what_cannot_be_written_is_told_before_anything_is_read(county: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    code, said, told = call(county / "aoi", "--runs", county / "runs", "--out", tmp_path)
    assert (code, said) == (Exit.USAGE, "") and told.startswith("E-PTF-012")


def test_a_folder_of_nothing_is_a_wrong_call(tmp_path: Path) -> None:
    code, said, told = call(tmp_path, "--out", tmp_path / "out")
    assert (code, said) == (Exit.USAGE, "") and told.splitlines()[-1].startswith("E-PTF-001") and not (tmp_path / "out").exists()


def test_three_hundred_areas_are_rolled_up(tmp_path: Path) -> None:
    pattern = finished_run(rice_area(tmp_path / "pattern", "area-000", 0).folder, tmp_path / "runs")
    for number in range(1, MANY):
        _moved(pattern, tmp_path / "runs" / f"area-{number:03d}-tiny", f"area-{number:03d}", number)
    code, said, told = call(tmp_path / "runs", "--out", tmp_path / "out")
    assert code == Exit.WELL, told
    one = read_json(tmp_path / "out" / "portfolio.json")
    assert one["totals"]["areas"] == MANY and "300 areas" in said
    assert (tmp_path / "out" / "portfolio.html").stat().st_size < 5e6


def _moved(pattern: Path, run: Path, name: str, number: int) -> None:
    """The same run of an area elsewhere, under another id."""
    shutil.copytree(pattern, run)
    declared = Area(next(run.glob("declared/*/area.toml")).parent)
    declared.declare('id = "area-000"', f'id = "{name}"')
    ring = [[[round(x + 0.009 * (number % 20), 6), round(y + 0.004 * (number // 20), 6)] for x, y in square(step)] for step in (0, 1)]
    land = Area(next(run.glob("declared/*/parcels.geojson")).parent)
    land.features(feature(ring[0], "P-1"), feature(ring[1], "P-2"))
    plan = explain_plan(load_copies(run))
    write_json(run / "plan.json", plan)
    sealed(run, digest(plan), simulated=False)
