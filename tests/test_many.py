"""Many areas in one call: each as if alone, one search a neighbourhood, one transfer an asset, and a broken area stops only itself."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping
from typer.testing import CliRunner

from carbonsink.base.evidence import read_json
from carbonsink.base.problems import Exit
from carbonsink.cli import app
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.run import Means, Outcome, Sources, estimate, estimate_all, many
from carbonsink.run.imagery import locks_of
from tests.bad.area import feature, good_area, square
from tests.conftest import REPOSITORY

NEIGHBOURS = {"north": (16.0, 46.0, 16.02, 46.015), "south": (16.0, 45.985, 16.02, 46.0), "east": (16.02, 46.0, 16.04, 46.015)}


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="module")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Three small woods side by side, and a fourth folder whose declaration is broken."""
    folder = tmp_path_factory.mktemp("many")
    shutil.copytree(REPOSITORY / "pipelines", folder / "pipelines")
    text = (REPOSITORY / "tests" / "aoi" / "zagreb" / "area.toml").read_text()
    for name, bounds in NEIGHBOURS.items():
        area = folder / "aoi" / name
        area.mkdir(parents=True)
        (area / "area.toml").write_text(text.replace('id = "zagreb"', f'id = "wood-{name}"'))
        (area / "boundary.geojson").write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": mapping(box(*bounds))}))
    broken = Path(shutil.copytree(folder / "aoi" / "north", folder / "aoi" / "broken"))
    (broken / "area.toml").write_text((broken / "area.toml").read_text().replace('country = "HR"', 'country = "Croatia"'))
    return folder


@pytest.fixture(scope="module")
def outcomes(neighbourhood: Path) -> Iterator[list[Outcome]]:
    folders = [neighbourhood / "aoi" / name for name in (*NEIGHBOURS, "broken")]
    yield estimate_all(folders, neighbourhood / "together", Means(neighbourhood / "store"), quiet)


def test_a_broken_area_is_refused_and_the_others_are_estimated(outcomes: list[Outcome]) -> None:
    assert [outcome.run is not None for outcome in outcomes] == [True, True, True, False]
    assert outcomes[3].refusal and {problem.code for problem in outcomes[3].refusal.problems} == {"E-CFG-007"}


def test_an_area_among_many_gives_the_bytes_it_gives_alone(outcomes: list[Outcome], neighbourhood: Path, tmp_path: Path) -> None:
    alone_folder = Path(shutil.copytree(neighbourhood / "aoi" / "south", neighbourhood / "alone" / "south", ignore=shutil.ignore_patterns("*.lock.json")))
    alone = estimate(alone_folder, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    together = outcomes[1].run
    assert together is not None and together.name == alone.name
    ours, theirs = (read_json(run / "manifest.json") for run in (together, alone))
    assert ours["results"] == theirs["results"] and ours["lock"] == theirs["lock"]
    assert (neighbourhood / "aoi" / "south" / "scenes.lock.json").read_bytes() == (alone_folder / "scenes.lock.json").read_bytes()


def test_a_second_call_keeps_what_is_finished_and_does_what_is_not(outcomes: list[Outcome], neighbourhood: Path) -> None:
    first = outcomes[0].run
    assert first is not None
    before = (first / "manifest.json").stat().st_mtime_ns
    unfinished = outcomes[2].run
    assert unfinished is not None
    (unfinished / "manifest.json").unlink()
    folders = [outcome.folder for outcome in outcomes]
    again = estimate_all(folders, neighbourhood / "together", Means(neighbourhood / "store"), quiet, resume=True)
    assert [outcome.kept for outcome in again] == [True, True, False, False]
    assert (first / "manifest.json").stat().st_mtime_ns == before
    assert (unfinished / "manifest.json").is_file()


def test_a_run_that_was_tampered_with_is_not_kept(outcomes: list[Outcome], neighbourhood: Path, tmp_path: Path) -> None:
    from carbonsink.run.line import load_complete
    from carbonsink.run.many import finished

    plan = load_complete(outcomes[1].folder)
    assert outcomes[1].run is not None
    copy = Path(shutil.copytree(outcomes[1].run, tmp_path / "run"))
    assert finished(plan, copy)
    statement = copy / "credit" / "statement.csv"
    whole = statement.read_bytes()
    statement.write_bytes(whole.replace(b"issued,0", b"issued,9", 1))
    assert not finished(plan, copy), "a changed file is no finished run"
    statement.unlink()
    assert not finished(plan, copy), "nor is a lost one"
    statement.write_bytes(whole)
    assert finished(plan, copy)
    text = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(text.replace('"simulated": false', '"simulated": true'))
    assert not finished(plan, copy)


def test_a_folder_that_is_named_twice_is_one_area_and_a_copy_of_it_is_refused(outcomes: list[Outcome], neighbourhood: Path, tmp_path: Path) -> None:
    """Whoever adds up what a call says would count its tonnes twice."""
    north = outcomes[0].folder
    link, copy = tmp_path / "link", neighbourhood / "aoi" / "copy"
    link.symlink_to(north)
    shutil.copytree(north, copy)
    folders = [north, Path(f"{north}/../{north.name}"), link, copy]
    once, other = estimate_all(folders, neighbourhood / "together", Means(neighbourhood / "store"), quiet, resume=True)
    shutil.rmtree(copy)
    assert (once.folder, once.run, once.kept) == (north, outcomes[0].run, True)
    assert other.run is None and other.refusal and other.refusal.exit_code == Exit.USAGE
    assert [(problem.code, problem.where, problem.facts) for problem in other.refusal.problems] == [("E-RUN-020", str(copy), {"other": north})]


@pytest.mark.parametrize(
    ("error", "code", "exit_code"), [(OSError(errno.EIO, "I/O error", "x"), "E-RES-001", Exit.RESOURCES), (KeyError("x"), "E-INT-001", Exit.INTERNAL)]
)
@pytest.mark.parametrize("step", ["load_complete", "keep_lock", "bring", "work_stages"])
def test_whatever_goes_wrong_with_one_area_the_others_are_estimated(
    neighbourhood: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception, code: str, exit_code: Exit
) -> None:
    def at(plan: Plan | Path, *given: Any) -> Any:
        if "south" in str(plan if isinstance(plan, Path) else plan.area.id):
            raise error
        return real[step](plan, *given)

    real = {"load_complete": many.load_complete, "keep_lock": many.keep_lock, "bring": quiet, "work_stages": quiet}
    for name, work in real.items():
        monkeypatch.setattr(many, name, at if name == step else work)
    monkeypatch.setattr(many, "finish", quiet)
    folders = [Path(shutil.copytree(neighbourhood / "aoi" / name, neighbourhood / tmp_path.name / name)) for name in NEIGHBOURS]
    for folder in folders:
        (folder / "scenes.lock.json").unlink(missing_ok=True)
    found = estimate_all(folders, tmp_path, Means(neighbourhood / "store"), quiet)
    assert [outcome.run is not None for outcome in found] == [True, False, True]
    assert found[1].refusal and found[1].refusal.exit_code == exit_code and found[1].refusal.__cause__ is error
    assert [problem.code for problem in found[1].refusal.problems] == [code]


def test_a_finished_run_that_a_killed_call_left_aside_is_kept(outcomes: list[Outcome], neighbourhood: Path) -> None:
    """A call for many areas puts all their runs aside; one that is killed has not come to most of them."""
    run = outcomes[1].run
    assert run is not None
    run.rename(run.with_name(f".{run.name}.before"))
    (run / "declared").mkdir(parents=True)
    (again,) = estimate_all([outcomes[1].folder], neighbourhood / "together", Means(neighbourhood / "store"), quiet, resume=True)
    assert again.kept and again.run == run


def test_two_simulated_areas_of_one_id_see_their_own_scenes(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "other"]
    for home in homes:
        home.mkdir()
    areas = [good_area(home) for home in homes]
    for area in areas:
        area.declare("end = 2021-12-31", "end = 2020-12-31")
    areas[1].features(feature([[x + 0.5, y] for x, y in square(0)], "P-1"))
    areas[1].declare("value = 67.3", "value = 33.65")
    means = Means(tmp_path / "store")
    with Sources(means, quiet) as sources:
        plans = [load(area.folder) for area in areas]
        assert len({sources.of(plan) for plan in plans}) == 2
        found = [locks_of(plan, sources) for plan in plans]
    for plan, home, lock in zip(plans, homes, found, strict=True):
        with Sources(Means(home / "store"), quiet) as sources:
            assert locks_of(plan, sources) == lock


def test_the_command_says_a_line_an_area_and_leaves_with_the_worst_code(neighbourhood: Path, outcomes: list[Outcome]) -> None:
    folders = [str(neighbourhood / "aoi" / name) for name in ("north", "broken")]
    arguments = ["estimate", *folders, "--resume", "--out", str(neighbourhood / "together"), "--store", str(neighbourhood / "store")]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 3
    assert "(kept)" in done.stdout and "broken" in done.stdout and "1 of 2 areas estimated, 1 refused" in done.stdout
    assert done.stderr.splitlines()[-1].startswith("E-CFG-007")
    as_json = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert [area["area"] for area in as_json["areas"]] == ["north", "broken"]
    assert as_json["areas"][1]["problems"][0]["code"] == "E-CFG-007"
