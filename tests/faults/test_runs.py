"""Whole runs that are disturbed (F42, F43, F48, F52 to F55): killed, short of room, beside others, edited under their hands."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from carbonsink.base.evidence import read_json, write_bytes
from carbonsink.base.problems import Exit
from carbonsink.cli import app
from carbonsink.declared.load import load
from carbonsink.run import Means, estimate, estimate_all, run_name
from carbonsink.run.holding import holding, lock_of
from tests.bad.area import Area, good_area
from tests.conftest import REPOSITORY
from tests.faults.runs_child import KILLS
from tests.faults.shim import Shim
from tests.ledger.making import refused


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@dataclass
class Tiny:
    """The tiny area, a store, and what a calm run of it came to."""

    area: Area
    home: Path
    calm: dict[str, Any]

    def estimate(self, progress: Any = quiet, runs: str = "runs") -> Path:
        return estimate(self.area.folder, self.home / runs, Means(self.home / "store"), progress)

    @property
    def run(self) -> Path:
        return self.home / "runs" / run_name(load(self.area.folder))


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A calm run and the store it leaves; nothing may be changed in it."""
    home = tmp_path_factory.mktemp("runs")
    area = good_area(home)
    area.declare("end = 2021-12-31", "end = 2020-12-31")
    made = Tiny(area, home, {})
    made.calm = read_json(made.estimate() / "manifest.json")
    return made


@pytest.fixture
def tiny(kept: Tiny, tmp_path: Path) -> Tiny:
    """A copy of the area, the store and the calm run."""
    shutil.copytree(kept.home, tmp_path / "home")
    return Tiny(Area(tmp_path / "home" / kept.area.folder.relative_to(kept.home)), tmp_path / "home", kept.calm)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """What a process that kills its children says, by job: the calm run, those killed at borders, those killed at random times, and their end."""
    command = [sys.executable, "-m", "tests.faults.runs_child", str(tmp_path_factory.mktemp("killed"))]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {job: [one for one in said if one["job"] == job] for job in ("calm", "borders", "random", "end")}


def test_f42_a_run_killed_at_any_border_of_its_stages_is_finished_with_the_same_result(killed: dict[str, list[dict[str, Any]]], record_property: Any) -> None:
    (calm,) = killed["calm"]
    expected = {"scenes", "composites", "land", "areas", "carbon", "uncertainty", "credit", "report", "manifest"}
    assert expected <= {one["at"] for one in killed["borders"]}
    for one in killed["borders"]:
        assert one["status"] == -signal.SIGKILL and not one["claims"], one  # N4
        assert one["again"] == 0 and one["found"] == calm["found"], one  # N2, N3
    record_property("injected", len(killed["borders"]))


def test_f43_a_run_killed_at_random_times_leaves_nothing_torn_and_is_finished_with_the_same_result(
    killed: dict[str, list[dict[str, Any]]], record_property: Any
) -> None:
    (calm,), (end,) = killed["calm"], killed["end"]
    assert len(killed["random"]) == KILLS and all(one["whole"] for one in killed["random"])
    assert end["again"] == 0 and end["found"] == calm["found"]
    record_property("injected", sum(one["status"] == -signal.SIGKILL for one in killed["random"]))


def test_f48_a_disk_that_is_full_in_the_report_alone_keeps_the_results_and_the_report_is_made_alone(tiny: Tiny, record_property: Any) -> None:
    shutil.rmtree(tiny.run)
    with Shim(tiny.run / "report", 2, errno.ENOSPC) as shim, pytest.raises(OSError, match="No space") as error:
        tiny.estimate()
    assert shim.fired and error.value.errno == errno.ENOSPC
    assert (tiny.run / "credit" / "statement.csv").is_file() and not (tiny.run / "manifest.json").exists()
    scenes = {path: path.stat().st_mtime_ns for path in (tiny.run / "scenes").rglob("*") if path.is_file()}
    done = CliRunner().invoke(app, ["report", str(tiny.run), "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["results"] == tiny.calm["results"]
    assert read_json(tiny.run / "manifest.json") == tiny.calm  # to the byte what an undisturbed run writes
    assert scenes == {path: path.stat().st_mtime_ns for path in (tiny.run / "scenes").rglob("*") if path.is_file()}
    record_property("injected", 1)


def test_f48_a_report_that_was_lost_is_made_again_and_one_of_altered_results_is_not(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    shutil.rmtree(tiny.run / "report")
    done = CliRunner().invoke(app, ["report", str(tiny.run), "--json"])
    assert done.exit_code == 0 and not json.loads(done.stdout)["changed"]
    assert read_json(tiny.run / "manifest.json") == tiny.calm
    statement = tiny.run / "credit" / "statement.csv"
    write_bytes(statement, statement.read_bytes() + b" ")
    done = CliRunner().invoke(app, ["report", str(tiny.run)])
    assert done.exit_code == Exit.INTEGRITY and done.stderr.startswith("E-RUN-008")
    assert read_json(tiny.run / "manifest.json") == tiny.calm


def test_f48_what_has_no_stages_before_its_report_is_said(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert done.exit_code == Exit.USAGE and done.stderr.startswith("E-RUN-007")


def test_f52_a_folder_with_another_runs_files_is_refused_and_left_alone(tiny: Tiny) -> None:
    shutil.rmtree(tiny.run)
    tiny.run.mkdir()
    (tiny.run / "a thesis.docx").write_text("years of work")
    assert refused(tiny.estimate, "E-RUN-004").exit_code == Exit.USAGE
    write_bytes(tiny.run / "plan.json", b"{}")
    refused(tiny.estimate, "E-RUN-004")
    assert (tiny.run / "a thesis.docx").read_text() == "years of work"
    assert not lock_of(tiny.run).exists()


def test_f53_files_edited_while_running_change_nothing_of_the_run_and_are_told_at_its_end(tiny: Tiny, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(tiny.run)
    parcels = tiny.area.folder / "parcels.geojson"

    def editing(stage: str, *_: object) -> None:
        if stage == "composites" and "P-1" in parcels.read_text():
            parcels.write_text(parcels.read_text().replace("P-1", "P-9"))
            tiny.area.declare("value = 5.0", "value = 9.0")

    run = tiny.run
    assert tiny.estimate(editing) == run
    assert read_json(run / "manifest.json") == tiny.calm
    said = capsys.readouterr().err
    assert [line.split(":")[0] for line in said.splitlines()] == ["W-RUN-005 area.toml", "W-RUN-005 parcels.geojson"]


def test_f53_a_file_that_changes_between_its_reading_and_its_copying_is_refused(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    import carbonsink.run.line as line

    real = line.copy_declared

    def late(plan: Any, out: Path) -> None:
        real(plan, out)
        tiny.area.declare("value = 5.0", "value = 9.0")

    monkeypatch.setattr(line, "copy_declared", late)
    refused(tiny.estimate, "E-RUN-006")


def test_f53_tables_of_the_library_that_change_under_a_run_refuse_it(tiny: Tiny, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import carbonsink.run.line as line

    other = Path(shutil.copytree(line.LIBRARY, tmp_path / "library"))
    table = sorted(other.rglob("factors/**/*.csv"))[0]
    monkeypatch.setattr(line, "LIBRARY", other)
    write_bytes(table, table.read_bytes() + b"\n")
    before = read_json(tiny.run / "manifest.json")
    assert refused(tiny.estimate, "E-RUN-009").exit_code == Exit.INTEGRITY
    assert read_json(tiny.run / "manifest.json") == before, "the finished run stays"


def test_f54_a_second_run_of_the_same_plan_is_refused_with_the_pid_of_the_first(tiny: Tiny) -> None:
    before = read_json(tiny.run / "manifest.json")
    with holding(tiny.run):
        refusal = refused(tiny.estimate, "E-RUN-003")
        (many,) = estimate_all([tiny.area.folder], tiny.home / "runs", Means(tiny.home / "store"), quiet)
    assert refusal.exit_code == Exit.RESOURCES and refusal.problems[0].facts["pid"] == str(os.getpid())
    assert many.refusal and many.refusal.problems[0].code == "E-RUN-003"
    assert read_json(tiny.run / "manifest.json") == before  # the first one's files are untouched


def test_f54_the_lock_of_a_process_that_was_killed_is_free_again(tiny: Tiny) -> None:
    holder = f"import os, signal; from pathlib import Path; from carbonsink.run.holding import holding; h = holding(Path({str(tiny.run)!r})); h.__enter__()"
    command = [sys.executable, "-c", f"{holder}; print('held', flush=True); os.kill(os.getpid(), signal.SIGKILL)"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "held\n") and lock_of(tiny.run).exists()
    with holding(tiny.run):
        assert lock_of(tiny.run).read_text() == str(os.getpid())
    assert not lock_of(tiny.run).exists()


def test_f54_of_many_who_want_a_folder_at_once_one_has_it_at_a_time(tmp_path: Path) -> None:
    inside, most, refusals = 0, 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most, refusals
        for _ in range(50):
            try:
                with holding(tmp_path / "run"):
                    with guard:
                        inside += 1
                        most = max(most, inside)
                    with guard:
                        inside -= 1
            except Exception:
                with guard:
                    refusals += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1 and refusals < 400


def test_f55_two_runs_at_once_with_one_store_come_to_what_each_comes_to_alone(tiny: Tiny) -> None:
    other = Area(Path(shutil.copytree(tiny.area.folder, tiny.home / "other")))
    other.declare('id = "tiny-paddies"', 'id = "other-paddies"')
    alone = read_json(estimate(other.folder, tiny.home / "alone", Means(tiny.home / "store-alone"), quiet) / "manifest.json")
    shutil.rmtree(tiny.run)
    shutil.rmtree(tiny.home / "store")
    program = (
        "import sys; from pathlib import Path; from carbonsink.run import Means, estimate; area, runs, store = map(Path, sys.argv[1:]);"
        "estimate(area, runs, Means(store), lambda *_: None)"
    )
    commands = [[sys.executable, "-c", program, str(folder), str(tiny.home / "runs"), str(tiny.home / "store")] for folder in (tiny.area.folder, other.folder)]
    running = [subprocess.Popen(command, cwd=REPOSITORY) for command in commands]
    assert [one.wait(300) for one in running] == [0, 0]
    found = {path.parent.name: read_json(path) for path in (tiny.home / "runs").rglob("manifest.json")}
    assert found == {run_name(load(other.folder)): alone, tiny.run.name: tiny.calm}
