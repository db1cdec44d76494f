"""Stages 1 and 2 in full, the lock given: assets over HTTP to chips, chips to composites.

python -m benchmarks.programs.fetching AREA LOCK OUT NEAR URL      warms up with a corner of the area, from the server at NEAR
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from shapely import box

from benchmarks import workload
from carbonsink.base.evidence import read_json
from carbonsink.composites.compose import compose
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.scenes.fetch import fetch

CORNER = 1 / 48  # of the area's sides


def main() -> None:
    """Warm up, fetch, reduce, report."""
    area, lock, out, near, url = Path(sys.argv[1]), read_json(Path(sys.argv[2])), Path(sys.argv[3]), *sys.argv[4:]
    plan = load(area)
    both(corner(plan), lock, near, out / "corner")  # compiles, imports
    clock = workload.Clock()
    with clock.running():
        fetched = both(plan, lock, url, out / "whole")
    chips = sum(path.stat().st_size for path in (out / "whole" / "run" / "scenes" / "chips").rglob("*.tif"))
    workload.report(clock, fetched=fetched, chips_mb=chips / 1e6)


def both(plan: Plan, lock: dict[str, Any], url: str, out: Path) -> float:
    """Both stages, into a store of their own; the seconds of the first."""
    start = time.perf_counter()
    fetch(plan, lock, url, out / "store", out / "run" / "scenes", quiet)
    fetched = time.perf_counter() - start
    compose(plan, out / "run", block=512, scheduler="threads", workers=None, progress=quiet)
    return fetched


def corner(plan: Plan) -> Plan:
    """The same for a corner of the area."""
    west, south, east, north = plan.land.boundary.bounds
    here = box(west, north - CORNER * (north - south), west + CORNER * (east - west), north)
    return replace(plan, land=replace(plan.land, boundary=plan.land.boundary & here))


def quiet(*_: object) -> None:
    """Progress nobody watches."""


if __name__ == "__main__":
    main()
