"""Stages 1 and 2 in full, the lock given: assets over HTTP to chips, chips to composites.

python -m benchmarks.programs.fetching AREA LOCK URL OUT
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks import workload
from carbonsink.base.evidence import read_json
from carbonsink.composites.compose import compose
from carbonsink.declared.load import load
from carbonsink.scenes.fetch import fetch


def main() -> None:
    """Fetch, reduce, report."""
    area, lock, url, out = Path(sys.argv[1]), read_json(Path(sys.argv[2])), sys.argv[3], Path(sys.argv[4])
    plan = load(area)
    clock = workload.Clock()
    with clock.running():
        start = time.perf_counter()
        fetch(plan, lock, url, out / "store", out / "run" / "scenes", quiet)
        fetched = time.perf_counter() - start
        compose(plan, out / "run", block=512, scheduler="threads", workers=None, progress=quiet)
    chips = sum(path.stat().st_size for path in (out / "run" / "scenes" / "chips").rglob("*.tif"))
    workload.report(clock, fetched=fetched, chips_mb=chips / 1e6)


def quiet(*_: object) -> None:
    """Progress nobody watches."""


if __name__ == "__main__":
    main()
