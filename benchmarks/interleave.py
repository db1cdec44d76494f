"""Commands run as separate processes in turn, A B C A B C ..., so that every ratio is between neighbours in time.

interleave(commands, rounds)  ->  {name: [Taken, ...]}  ->  ratio(of, to) = median of the per-round ratios

A run from which a host took processors that its machine was to have is done again, a few times; the least disturbed counts.
A command's last line on stdout is JSON: {"wall": seconds, "cpu": seconds, ...}, its own clock around its work, without the
interpreter's start, imports and compiling; for one that says nothing the whole process counts. The kernel's CPU seconds
and the peak memory of the whole tree are measured here.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from carbonsink.base.environment import GDAL_ENVIRONMENT

REPOSITORY = Path(__file__).parent.parent
EVERY = 0.02  # seconds between two looks at a tree's memory
PAGE = os.sysconf("SC_PAGE_SIZE")
QUIET = 0.03  # of the busy processors' time: more taken by the host, and a run is disturbed
PAUSE = 5.0  # seconds before it is tried again
USER, NICE, SYSTEM, IRQ, SOFT_IRQ, STEAL = 0, 1, 2, 5, 6, 7  # columns of the first line of /proc/stat
SESSION, RESIDENT = 3, 21  # fields of /proc/<pid>/stat behind the command's name


@dataclass(frozen=True)
class Command:
    """One command; `before` is called, unmeasured, ahead of every run of it."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)  # besides ours
    before: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Taken:
    """What one run took: its own clock [s], the kernel's [s], peak memory of the tree [MB], the rest of what it said, and the share
    of the busy processors' time that the host kept for others meanwhile.
    """

    wall: float
    cpu: float
    kernel_cpu: float
    peak_mb: float
    said: dict[str, Any]
    stolen: float = 0.0


class Failed(Exception):
    """A command ended badly; the text is the end of what it wrote."""


def interleave(commands: Sequence[Command], rounds: int, tell: Callable[[str], None] = lambda _: None, tries: int = 1) -> dict[str, list[Taken]]:
    """Every command once a round, round after round; a disturbed run is tried again, so often in all."""
    taken: dict[str, list[Taken]] = {command.name: [] for command in commands}
    for number in range(rounds):
        for command in commands:
            one = least_disturbed(partial(_prepared, command), tries)
            taken[command.name].append(one)
            figures = f"{one.wall:8.2f} s  {one.cpu:8.2f} CPU s  {one.peak_mb:7.0f} MB  {one.stolen:6.1%} stolen"
            tell(f"round {number + 1}/{rounds}  {command.name:<44} {figures}")
    return taken


def least_disturbed(attempt: Callable[[], Taken], tries: int, pause: float = PAUSE) -> Taken:
    """The first run that was left alone, or the least disturbed of so many."""
    best = attempt()
    for _ in range(tries - 1):
        if best.stolen <= QUIET:
            break
        time.sleep(pause)
        best = min(best, attempt(), key=lambda one: one.stolen)
    return best


def _prepared(command: Command) -> Taken:
    command.before()
    return run(command)


def run(command: Command) -> Taken:
    """Run a command once, in a session of its own, and measure it to its end."""
    ours = {"PYTHONPATH": str(REPOSITORY), **command.environment}
    environment = {name: value for name, value in os.environ.items() if name not in GDAL_ENVIRONMENT} | ours  # what GDAL is told is each program's own to say
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        start, before = time.perf_counter(), processors()
        process = subprocess.Popen(command.argv, stdout=out, stderr=errors, env=environment, cwd=REPOSITORY, start_new_session=True)
        watch = _Watch(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        elapsed, after = time.perf_counter() - start, processors()
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = watch.end()
        said, wrote = _text(out), _text(errors)
    if process.returncode:
        raise Failed(f"{command.name} ended with {process.returncode}:\n{wrote[-4000:]}")
    facts = _last_json(said)
    cpu = usage.ru_utime + usage.ru_stime
    peak_mb, stolen = max(peak, usage.ru_maxrss * 1024) / 1e6, share_stolen(before, after)
    return Taken(facts.pop("wall", elapsed), facts.pop("cpu", cpu), cpu, peak_mb, facts, stolen)


def ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """The median of the per-round ratios."""
    return statistics.median(a / b for a, b in zip(of, to, strict=True))


def processors() -> tuple[int, int]:
    """Ticks that all processors were busy or kept from being so, and those of them that the host kept; zeros where the kernel shows no /proc."""
    try:
        ticks = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    except OSError:
        return 0, 0
    return sum(ticks[column] for column in (USER, NICE, SYSTEM, IRQ, SOFT_IRQ, STEAL)), ticks[STEAL]


def share_stolen(before: tuple[int, int], after: tuple[int, int]) -> float:
    """The host's share of the ticks between two looks."""
    busy, stolen = (end - start for start, end in zip(before, after, strict=True))
    return stolen / busy if busy > 0 else 0.0


class _Watch:
    """The largest sum of resident memory of a session's processes; pages they share count once a process."""

    def __init__(self, session: int) -> None:
        self.session, self.peak, self.over = session, 0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self) -> None:
        while not self.over.wait(EVERY):
            self.peak = max(self.peak, resident(self.session))

    def end(self) -> int:
        """Stop looking; the peak [bytes]."""
        self.over.set()
        self.thread.join()
        return self.peak


def resident(session: int) -> int:
    """Resident memory of all processes of a session [bytes]; 0 where the kernel shows no /proc."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(fields[SESSION]) == session:
            total += int(fields[RESIDENT]) * PAGE
    return total


def _text(stream: Any) -> str:
    stream.seek(0)
    text: str = stream.read().decode(errors="replace")
    return text


def _last_json(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    try:
        facts = json.loads(lines[-1]) if lines else {}
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
