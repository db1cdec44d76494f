"""`carbonsink sample` and `carbonsink labels`, as people meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import Result

from carbonsink.areas.sampling.points import name_of, read_points
from tests.areas.sampling.world import World, rewritten, rows_of, written
from tests.command import carbonsink


def drawn(world: World, out: Path, *more: object) -> Result:
    return carbonsink("sample", world.run, "--year", 2020, "--out", out, "--minimum", 5, *more)


EXPECTED = ("--accuracy", "paddy=0.9", "--accuracy", "water=0.8")


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn sample with its sheets."""
    out = tmp_path_factory.mktemp("samples") / "2020"
    assert drawn(world, out, "--standard-error", 0.05, "--seed", 3, *EXPECTED, "--interpreter", "李雷", "--interpreter", "Han Mei").exit_code == 0
    return out


def test_a_sample_comes_with_its_design_and_a_sheet_each(folder: Path) -> None:
    assert sorted(p.name for p in folder.iterdir()) == ["design.json", "sample.gpkg", "sheet-1-李雷.html", "sheet-2-Han-Mei.html"]
    design, points = json.loads((folder / "design.json").read_text()), read_points(folder / "sample.gpkg")
    assert design["sample"] == name_of(points) and design["points"] == len(points) and design["seed"] == 3
    assert design["expected_share"] <= design["target_share"] == 0.05
    assert [c["points"] for c in design["classes"]] == [sum(p.map_class == c["class"] for p in points) for c in design["classes"]]


def test_what_it_says_is_short_and_in_the_users_language(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "20 points of the map of 2020, seed 0, sample " in drawn(world, tmp_path, "--size", 20, *EXPECTED).stdout
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert "2020 年地类图的 20 个样本点" in drawn(world, tmp_path, "--size", 20, *EXPECTED).stdout
    assert json.loads(drawn(world, tmp_path, "--size", 20, *EXPECTED, "--json").stdout)["points"] == 20


def test_a_number_of_points_shared_by_area_needs_no_expectation(world: World, tmp_path: Path) -> None:
    done = drawn(world, tmp_path, "--size", 30, "--allocation", "proportional", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["expected_share"] is None


def test_a_target_may_be_of_one_classs_hectares(world: World, tmp_path: Path) -> None:
    made = json.loads(drawn(world, tmp_path, "--for", "paddy", "--standard-error", 0.8, "--accuracy", "paddy=0.9", "--accuracy", "water=0.2", "--json").stdout)
    assert made["target_of"] == "paddy" and made["target_share"] == pytest.approx(0.8 / (world.plan.land.area_m2 / 1e4))
    assert made["expected_share"] <= made["target_share"]


WRONG = [
    ("E-SMP-006", ("--year", 2019, *EXPECTED), 2),
    ("E-SMP-007", (), 3),
    ("E-SMP-008", ("--accuracy", "rice=0.9"), 3),
    ("E-SMP-008", ("--for", "rice", *EXPECTED), 2),
    ("E-SMP-003", ("--accuracy", "paddy=1", "--accuracy", "water=1"), 3),
    ("E-SMP-004", ("--size", 9, *EXPECTED), 2),
    ("E-SMP-018", ("--interpreter", "A", "--interpreter", "A", *EXPECTED), 2),
]


@pytest.mark.parametrize(("code", "arguments", "exit_code"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wish_that_cannot_be_granted_leaves_nothing(world: World, tmp_path: Path, code: str, arguments: tuple[object, ...], exit_code: int) -> None:
    done = drawn(world, tmp_path / "out", *arguments)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert done.stderr.strip().splitlines()[-1].startswith(code) and not (tmp_path / "out").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    assert carbonsink("sample", tmp_path, "--year", 2020, "--out", tmp_path / "out").stderr.startswith("E-RUN-001")
    assert carbonsink("labels", tmp_path, "sample.gpkg", "a.csv").stderr.startswith("E-RUN-001")


def test_a_sample_is_not_drawn_again_because_of_what_it_gave(world: World, folder: Path) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    done = drawn(world, folder, "--standard-error", 0.05, "--seed", 4, *EXPECTED)
    assert done.exit_code == 2 and "E-SMP-009" in done.stderr
    again = drawn(world, folder, "--standard-error", 0.05, "--seed", 3, *EXPECTED, "--interpreter", "李雷", "--interpreter", "Han Mei")
    assert again.exit_code == 0 and {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.fixture
def tables(world: World, folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    points = read_points(folder / "sample.gpkg")
    first, second = (written(tmp_path / f"{name}.csv", points, name, world.true) for name in ("li", "han"))
    rows = rows_of(second)
    for row in rows[:4]:
        row["label"] = "water" if row["label"] == "paddy" else "paddy"
    return first, rewritten(second, rows)


def test_labels_are_compared_and_the_disputed_ones_go_to_an_arbiter(world: World, folder: Path, tables: tuple[Path, Path], tmp_path: Path) -> None:
    sample = tmp_path / "sample.gpkg"
    sample.write_bytes((folder / "sample.gpkg").read_bytes())
    done = carbonsink("labels", world.run, sample, *tables, "--arbiter", "Wang")
    points = read_points(sample)
    assert done.exit_code == 0, done.stderr
    assert (
        f"{len(points) - 4} of {len(points)} points agree" in done.stdout and "kappa 0." in done.stdout and "4 points are left to a third person" in done.stdout
    )
    page = (tmp_path / "arbitration.html").read_text()
    ids = [p.id for p in points[:4]]
    assert all(name in page for name in ids) and points[4].id not in page
    four = tuple(p for p in points if p.id in ids)
    third = written(tmp_path / "wang.csv", four, "wang", world.true, {"sample": name_of(points)})
    done = carbonsink("labels", world.run, sample, *tables, "--arbitration", third)
    assert "settled: 4 points arbitrated, 0 left out" in done.stdout
    value = json.loads(carbonsink("labels", world.run, sample, *tables, "--arbitration", third, "--json").stdout)
    assert value["settled"] and value["disputed"] == ids and 0 < value["kappa"] < 1


def test_one_table_is_looked_through_too(world: World, folder: Path, tables: tuple[Path, Path]) -> None:
    assert "how far people agree isn't known" in carbonsink("labels", world.run, folder / "sample.gpkg", tables[0]).stdout


def test_a_sample_or_a_table_that_is_not_there_is_said(world: World, folder: Path, tables: tuple[Path, Path], tmp_path: Path) -> None:
    nope = tmp_path / "nope.csv"
    for arguments in ((nope, *tables), (folder / "sample.gpkg", nope), (folder / "sample.gpkg", *tables, "--arbitration", nope)):
        done = carbonsink("labels", world.run, *arguments)
        assert done.exit_code == 3 and done.stderr.startswith(f"E-CFG-015 {nope}"), done.stderr


def test_wrong_tables_are_refused_with_every_problem(world: World, folder: Path, tables: tuple[Path, Path]) -> None:
    for path in tables:
        rewritten(path, rows_of(path)[:-1])
    done = carbonsink("labels", world.run, folder / "sample.gpkg", *tables)
    assert done.exit_code == 3 and done.stdout == ""
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["E-SMP-021", "E-SMP-021"]


def test_every_message_of_this_room_has_a_broken_input() -> None:
    from carbonsink.base.problems import messages

    texts = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert not [code for code in messages() if code.startswith("E-SMP") and code not in texts]
