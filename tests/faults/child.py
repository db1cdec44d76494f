"""A process that may be killed, or may own a disk: python -m tests.faults.child killed|full FOLDER URL MODE STRIDE -> one JSON line a fault.

It imports everything once and stays single-threaded; each fault is worked in a fork, so that nothing of one is left for the next.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import read_json
from carbonsink.composites.compose import compose
from tests.faults import catalogue, invariants
from tests.faults.invariants import digests, leftovers
from tests.faults.server import Script
from tests.faults.shim import KILL, Shim
from tests.faults.trial import Trial

MOST = 200  # faults, should one never end
RENAMES = frozenset({"rename"})


def trial(folder: Path, url: str, mode: str) -> Trial:
    return Trial(Script(url), folder, pytest.MonkeyPatch(), catalogue.plan(mode), catalogue.scenes(1))


def work(one: Trial, lock: dict[str, Any]) -> None:
    """Stages 1 and 2, the blocks one after another."""
    one.fetch(lock)
    compose(one.plan, one.out.parent, block=64, scheduler="synchronous", workers=None, progress=lambda *_: None)


def forked(job: Callable[[], Any], place: Path) -> tuple[int, Any]:
    """Run a job in a fork: how it ended (negative: the signal), and what it gave."""
    answer = place / "answer.json"
    answer.unlink(missing_ok=True)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            answer.write_text(json.dumps(job()))
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status, json.loads(answer.read_text()) if answer.is_file() else None


def killed(folder: Path, url: str, mode: str, stride: int, lock: dict[str, Any]) -> None:
    """Kill the work before every rename, or every so many; then run it again, and say what is left and what came out."""
    calm = _worked(trial(folder / "calm", url, mode), lock)  # here, so that forks inherit what was compiled
    for number in range(1, MOST, stride):
        one = trial(folder / str(number), url, mode)

        def dying(one: Trial = one, number: int = number) -> bool:
            with Shim(one.folder, number, KILL, RENAMES):
                work(one, lock)
            return True

        status, _ = forked(dying, folder)
        torn = _torn(one)
        again, found = forked(lambda one=one: _worked(one, lock), folder)  # type: ignore[misc]
        same = found is not None and found["digests"] == calm["digests"]
        print(json.dumps({"n": number, "status": status, "again": again, "torn": torn, "same": same, "left": found and found["left"]}), flush=True)
        if status == 0:
            return


def _worked(one: Trial, lock: dict[str, Any]) -> dict[str, Any]:
    work(one, lock)
    found = {name: digest for name, digest in digests(one.out.parent).items() if ".part" not in name}
    return {"digests": found, "left": leftovers(one.store, one.out.parent), "objects": len(list((one.store / "objects").rglob("*")))}


def _torn(one: Trial) -> str:
    """What has its final name and isn't whole."""
    try:
        invariants.n2_finals_are_whole(one.store, one.out)
    except AssertionError as error:
        return str(error)
    return ""


def full(folder: Path, url: str, mode: str, stride: int, lock: dict[str, Any]) -> None:
    """Work on ever larger disks, or every so many of them, until one is large enough; after each failure, see what lies there."""
    calm = trial(folder / "calm", url, mode)
    forked(lambda: _worked(calm, lock), folder)
    needed = sum(path.stat().st_blocks * 512 for path in calm.folder.rglob("*"))
    disk = folder / "disk"
    disk.mkdir()
    for share in (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.5, 2.0, 4.0)[::stride]:
        size = int(needed * share) // 4096 * 4096
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={max(size, 4096)}", "tmpfs", disk], check=True)
        _, found = forked(lambda: _on_disk(trial(disk, url, mode), lock), folder)
        subprocess.run(["umount", disk], check=True)
        print(json.dumps({"share": share, "needed": needed, "found": found}), flush=True)
        if found and found["exit_code"] == 0:
            return


def _on_disk(one: Trial, lock: dict[str, Any]) -> dict[str, Any]:
    outcome = one.attempt(lambda: work(one, lock))
    failed = outcome.exit_code != 0
    claims = failed and any(one.folder.rglob("composites.csv"))
    return asdict(outcome) | {"torn": _torn(one), "left": leftovers(one.store, one.out.parent), "claims": claims}


if __name__ == "__main__":
    what, folder, url, mode, stride = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
    {"killed": killed, "full": full}[what](folder, url, mode, stride, read_json(folder / "lock.json"))
