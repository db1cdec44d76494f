"""Whole runs that are killed: python -m tests.faults.runs_child FOLDER -> one JSON line a kill, the calm run's digest first.

Everything is imported and compiled once, by a run whose own results nobody looks at; each attempt is a fork of it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import file_sha256
from carbonsink.base.manifest import read_manifest, stated_files
from carbonsink.run import Means, estimate
from tests.bad.area import good_area
from tests.faults.child import forked

KILLS = 10
SEED = 43
LAST = "manifest"  # the border after the last stage
STORED = "composites"  # after this stage a run keeps nothing more in the store


def work(folder: Path, home: Path, dies_at: str = "") -> Path:
    """A run of the tiny area, in one thread; killed at the border of a stage."""

    def progress(stage: str, *_: object) -> None:
        if stage == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    if dies_at == LAST:
        import carbonsink.run.line as line

        line.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment]
    return estimate(folder, home / "runs", Means(home / "store", scheduler="synchronous"), progress)


def found(run: Path) -> dict[str, Any]:
    """What a finished run says: its results, what isn't as its manifest says, what lies about."""
    manifest = read_manifest(run)
    torn = [path for path, sha in stated_files(manifest).items() if file_sha256(run / path) != sha]
    left = [path.name for path in run.parent.rglob("*") if ".part" in path.name or path.name.endswith(".lock")]
    return {"results": manifest["results"], "torn": torn, "left": left}


def say(**said: Any) -> None:
    print(json.dumps(said), flush=True)


def borders(folder: Path, home: Path, seen: list[str]) -> None:
    """Killed at every border, then run again. What a run has in the store by the later borders is what the calm run left there, so it's copied."""
    stages = [*dict.fromkeys(seen), LAST]
    for number, stage in enumerate(stages):
        place = home / stage.replace("/", "-")
        if number > stages.index(STORED):
            shutil.copytree(home / "calm" / "store", place / "store")
        status, _none = forked(lambda place=place, stage=stage: bool(work(folder, place, stage)), home)  # type: ignore[misc]
        claims = bool(list(place.rglob("manifest.json")))
        again, after = forked(lambda place=place: found(work(folder, place)), home)  # type: ignore[misc]
        say(job="borders", at=stage, status=status, claims=claims, again=again, found=after)
        shutil.rmtree(place)


def moments(folder: Path, home: Path, seconds: float) -> None:
    """Killed at random times, one after another in the same folders, then run to the end; a run that ends sooner says how long the next may take."""
    chance = random.Random(SEED)
    place = home / "random"
    for _number in range(KILLS):
        wait = chance.uniform(0, seconds)
        began = time.monotonic()
        run = get_context("fork").Process(target=work, args=(folder, place))
        run.start()
        run.join(wait)
        if run.exitcode is not None:
            seconds = time.monotonic() - began
        run.kill()
        run.join()
        whole = all(not found(one.parent)["torn"] for one in place.rglob("manifest.json"))
        say(job="random", at=round(wait, 2), status=run.exitcode, whole=whole)
    again, after = forked(lambda: found(work(folder, place)), home)
    say(job="end", again=again, found=after)


if __name__ == "__main__":
    home = Path(sys.argv[1])
    area = good_area(home)
    area.declare("end = 2021-12-31", "end = 2020-12-31")
    area.recipe("max_cloud_cover = 90.0", "max_cloud_cover = 20.0")
    stages: list[str] = []

    def warm(stage: str, *_: object) -> None:
        stages.append(stage)

    def stop(*_: object) -> None:  # what sets documents has threads of its own, which a fork of this process would wait for in vain
        raise KeyboardInterrupt

    with suppress(KeyboardInterrupt), pytest.MonkeyPatch.context() as patched:
        patched.setattr("carbonsink.report.document.typeset._fonts", stop)
        estimate(area.folder, home / "warm" / "runs", Means(home / "warm" / "store", scheduler="synchronous"), warm)
    began = time.monotonic()
    _status, calm = forked(lambda: found(work(area.folder, home / "calm")), home)
    took = time.monotonic() - began
    say(job="calm", found=calm, seconds=round(took, 2))
    borders(area.folder, home, stages)
    moments(area.folder, home, took)
