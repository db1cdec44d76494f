"""A run folder while it is worked in: one process's alone, of one plan alone, made of copies that nobody edits meanwhile.

with holding(run):                 E-RUN-003 where another process works in it; the lock of a process that died is free again
    check_own(plan, run)           E-RUN-004 where it holds another run's files
    ...
    edited(plan, run)              W-RUN-005: declared files that were changed since they were copied
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.declared.load import explain_plan
from carbonsink.declared.plan import Plan


def lock_of(run: Path) -> Path:
    """The file by which a run folder is held: beside it, so that it is no part of the run."""
    return run.with_name(f".{run.name}.lock")


@contextmanager
def holding(run: Path) -> Iterator[None]:
    """Hold a run folder; refused (exit 6) with the pid of the process that holds it.

    The system's own lock on an open file (flock): when its holder dies, however, it is gone, so nobody ever has to judge a lock old.
    """
    path = lock_of(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _locked(path)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    """An open and locked descriptor of the file that has this name now: its last holder may have taken it away in between."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace")
            os.close(descriptor)
            raise refuse("E-RUN-003", str(path.with_name(path.name[1 : -len(".lock")])), Exit.RESOURCES, pid=holder or "-") from None
        if path.exists() and os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
        os.close(descriptor)


def check_own(plan: Plan, run: Path) -> None:
    """Refuse (exit 2) a folder that holds files but isn't a run of this plan, finished or not; nothing of it is touched."""
    there = [path.name for path in run.iterdir() if ".part" not in path.name] if run.is_dir() else []
    if there and _stated_plan(run) != digest(explain_plan(plan)):
        raise refuse("E-RUN-004", str(run), Exit.USAGE, found=", ".join(sorted(there)[:5]))


def _stated_plan(run: Path) -> str:
    try:
        return digest(read_json(run / "plan.json"))
    except (OSError, ValueError):
        return ""


def edited(plan: Plan, run: Path) -> list[Problem]:
    """The declared files that aren't as they were copied into the run any more; the run is that of the copies."""
    names = read_json(run / "declared" / "files.json")
    found = []
    for text, paths in plan.declared_files().items():
        copies = run / "declared" / Path(names[text]).parent
        changed = [path.name for path in paths if not path.is_file() or file_sha256(path) != file_sha256(copies / path.name)]
        found += [Problem("W-RUN-005", name, {"text": text}) for name in changed]
    return found
