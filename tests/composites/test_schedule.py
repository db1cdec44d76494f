"""Where tasks run: in the clear only to this machine, never more handed out than asked for, and a worker's death is said plainly."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal, Wrong, refuse
from carbonsink.composites import cluster as cluster_room
from carbonsink.composites import make
from carbonsink.composites.cluster import AHEAD
from carbonsink.composites.schedule import PLAIN, Compute, check_scheduler, computing

DASK = (sys.executable, "-m", "dask")
DEVNULL = subprocess.DEVNULL


def squared(work: int) -> int:
    return work * work


@dataclass(frozen=True)
class Deadly:
    """Work whose task ends the process it runs in, `times` times."""

    folder: Path
    times: int

    needs = {"megabytes": 12}

    def __str__(self) -> str:
        return "block 64 x 64 at 0 0"


def die(work: Deadly) -> str:
    """Done, and only then lost with its worker: what was lost is done again."""
    before = len(list(work.folder.iterdir()))
    (work.folder / str(before)).touch()
    if before < work.times:
        os._exit(1)
    return "done"


def end_process(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def unreadable(path: str) -> None:
    raise refuse("E-COM-017", path, Exit.INTEGRITY, why="cut")


def mistaken(value: float) -> None:
    raise refuse("E-FAC-003", "table.csv:2", why=Wrong("P-VAL-finite", found=value))


def unseen(path: Path) -> None:
    raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))


def all_of(compute: Compute[Any, Any], task: Callable[[Any], Any], works: Sequence[Any]) -> dict[int, Any]:
    results: dict[int, Any] = {}
    compute(task, works, lambda number, result: results.update({number: result}) if number not in results else pytest.fail(f"{number} twice"))
    return results


@pytest.fixture
def cluster() -> Iterator[str]:
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=60
        ) as local,
    ):
        yield local.scheduler_address


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:8786", "tcp://scheduler.example:8786", "tcp://[2001:db8::1]:8786", "tcp://localhost.example:1"])
def test_another_machine_is_not_spoken_to_in_the_clear_unless_it_is_said_so(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PLAIN, raising=False)
    with pytest.raises(Refusal, match="E-COM-018") as caught:
        check_scheduler(address)
    assert caught.value.exit_code == Exit.USAGE
    assert caught.value.problems[0].facts == {"address": address, "variable": PLAIN}
    monkeypatch.setenv(PLAIN, "1")
    check_scheduler(address)


@pytest.mark.parametrize("address", ["threads", "synchronous", "tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://localhost:1", "tls://10.0.0.7:8786"])
def test_this_machine_and_encrypted_ones_are(address: str) -> None:
    check_scheduler(address)


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_every_work_comes_back_once_with_its_number(scheduler: str) -> None:
    works = list(range(3 * AHEAD + 5))
    with computing(scheduler, 2) as compute:
        assert all_of(compute, squared, works) == {n: n * n for n in works}


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
def test_results_are_handed_on_as_they_come_and_a_task_that_fails_ends_it(scheduler: str) -> None:
    came: list[int] = []

    def stop(work: int) -> int:
        return work if len(came) < 3 else refuse_it()

    def refuse_it() -> int:
        raise refuse("E-COM-003", "here", Exit.RESOURCES, address="nowhere", seconds=1)

    with computing(scheduler, 1) as compute, pytest.raises(Refusal, match="E-COM-003"):
        compute(stop, range(10), lambda number, _: came.append(number))
    assert 3 <= len(came) < 10


def test_a_silent_address_is_refused_with_the_time_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carbonsink.composites.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(Refusal, match="E-COM-003") as caught, computing("tcp://127.0.0.1:9", None):
        raise AssertionError("connected")
    assert caught.value.problems[0].facts == {"address": "tcp://127.0.0.1:9", "seconds": 1}


def test_a_server_that_is_no_cluster_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carbonsink.composites.cluster.CONNECT_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"tcp://127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(Refusal, match="E-COM-003"), computing(address, None):
            raise AssertionError("connected")


def test_a_lost_task_is_done_again_and_one_that_kills_its_worker_is_refused(cluster: str, tmp_path: Path) -> None:
    once, always = tmp_path / "once", tmp_path / "always"
    once.mkdir()
    always.mkdir()
    with computing(cluster, None) as compute:
        assert all_of(compute, die, [Deadly(once, 1)]) == {0: "done"}
        assert len(list(once.iterdir())) == 2
        with pytest.raises(Refusal, match="E-COM-019") as caught:
            all_of(compute, die, [Deadly(always, 99)])
    assert caught.value.exit_code == Exit.RESOURCES
    assert caught.value.problems[0].where == "block 64 x 64 at 0 0"
    assert caught.value.problems[0].facts == {"megabytes": 12}


@contextmanager
def of_processes(folder: Path) -> Iterator[tuple[str, int, int]]:
    """A cluster whose scheduler and only worker are processes of their own: its address, and the two processes."""
    told = folder / "scheduler.json"
    scheduler = subprocess.Popen([*DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)], stderr=DEVNULL)
    worker = subprocess.Popen([*DASK, "worker", "--scheduler-file", str(told), "--no-dashboard", "--no-nanny", "--nthreads", "1"], stderr=DEVNULL)
    try:
        while not (told.is_file() and told.stat().st_size):
            time.sleep(0.05)
        yield json.loads(told.read_text())["address"], scheduler.pid, worker.pid
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()


def test_a_cluster_that_goes_away_is_said_in_a_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A task ends its scheduler."""
    with (
        of_processes(tmp_path) as (address, scheduler, _),
        computing(address, None) as compute,
        pytest.raises(Refusal, match="E-COM-030") as caught,
    ):
        all_of(compute, end_process, [scheduler] * 20)
    assert caught.value.exit_code == Exit.RESOURCES
    assert "Traceback" not in capfd.readouterr().err


def test_a_cluster_that_loses_its_last_worker_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with of_processes(tmp_path) as (address, _, worker), computing(address, None) as compute, pytest.raises(Refusal, match="E-COM-031"):
        monkeypatch.setattr(cluster_room, "WORKER_SECONDS", 1)
        all_of(compute, end_process, [worker])


def test_a_cluster_without_workers_is_not_waited_for_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(cluster_room, "WORKER_SECONDS", 1)
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=60) as empty,
        pytest.raises(Refusal, match="E-COM-031"),
        computing(empty.scheduler_address, None),
    ):
        raise AssertionError("went on")


def test_a_worker_of_another_make_does_nothing_for_us(cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its blocks would stand in the store under our version's name."""
    monkeypatch.setattr(cluster_room, "our_make", lambda: make.our_make() | {"carbonsink": "9.9"})
    with computing(cluster, None) as compute, pytest.raises(Refusal, match=r"E-COM-032 .*carbonsink 9\.9 / ") as caught:
        all_of(compute, squared, [3])
    assert caught.value.exit_code == Exit.RESOURCES


def test_a_refusal_on_a_worker_is_the_refusal_here(cluster: str) -> None:
    with computing(cluster, None) as compute, pytest.raises(Refusal, match="E-COM-017") as caught:
        all_of(compute, unreadable, ["red.tif"])
    assert caught.value.exit_code == Exit.INTEGRITY and caught.value.problems[0].facts == {"why": "cut"}


def test_what_a_worker_says_is_wrong_with_a_value_keeps_its_words_in_both_languages(cluster: str) -> None:
    with computing(cluster, None) as compute, pytest.raises(Refusal) as caught:
        all_of(compute, mistaken, [float("inf")])
    (problem,) = caught.value.problems
    assert "value inf is not finite" in problem.line("en") and "数值 inf 不是有限数值" in problem.line("zh")


def test_a_file_that_only_we_see_is_told_as_such(cluster: str, tmp_path: Path) -> None:
    with computing(cluster, None) as compute, pytest.raises(Refusal, match="E-COM-033") as caught:
        all_of(compute, unseen, [tmp_path])
    assert caught.value.problems[0].where == str(tmp_path)
    with computing(cluster, None) as compute, pytest.raises(FileNotFoundError):
        all_of(compute, unseen, [tmp_path / "nowhere"])
