"""One run of a small area in a process of its own: python -m tests.determinism FOLDER STORE SCHEDULER BLOCK WORKERS -> its digests as JSON.

Imagery comes from the store, if it is there; every block, table and page is worked anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carbonsink.base.evidence import digest, read_json
from carbonsink.base.manifest import describe
from carbonsink.run import Means, Sources, finish, load_complete, prepare, run_name, work_stages
from carbonsink.run.imagery import locks_of
from carbonsink.run.line import bring
from tests.bad.area import GOOD, feature, good_area, square

NORTH = 0.006  # degrees: the second row of fields lies in other blocks than the first


def quiet(*_: object) -> None:
    """Progress nobody watches."""


def small_area(folder: Path) -> None:
    """Four fields over 120 x 80 pixels, one vintage, with what floats are most easily lost in: medians, waves, means."""
    folder.mkdir(parents=True)
    area = good_area(folder)
    far = [[x + 0.006, y + NORTH] for x, y in square(0)], [[x + 0.009, y + NORTH] for x, y in square(0)]
    area.features(*GOOD, *(feature(ring, f"P-{number}") for number, ring in enumerate(far, start=3)))
    area.declare("end = 2021-12-31", "end = 2020-12-31")
    area.declare("value = 67.3", "value = 134.6")
    area.recipe('indices = ["ndvi"]', 'indices = ["ndvi", "ndwi"]\nfeatures = ["ndvi.amplitude1", "ndvi.phase1"]\nseries = ["ndvi"]')
    area.recipe('bands = ["red", "nir"]', 'bands = ["green", "red", "nir"]')


def digests(run: Path) -> dict[str, str]:
    """That of the results, as the manifest has it, and one over every byte of the report."""
    report = {path: file["sha256"] for path, file in describe(run, "report").items()}
    return {"results": read_json(run / "manifest.json")["results"], "report": digest(report)}


@contextmanager
def scheduled(name: str, workers: int) -> Iterator[str]:
    """The scheduler by its name; a cluster's address, its processes started by this one and so under the same environment."""
    if name != "cluster":
        yield name
        return
    from distributed import LocalCluster

    processes = min(workers, 2)
    with LocalCluster(n_workers=processes, threads_per_worker=workers // processes, dashboard_address="127.0.0.1:0", host="127.0.0.1") as local:
        yield local.scheduler_address


def main(folder: Path, store: Path, scheduler: str, block: int, workers: int) -> None:
    small_area(folder)
    plan, plain = load_complete(folder), Means(store, reuse=False)
    run = folder / "runs" / run_name(plan)
    prepare(plan, run)
    with Sources(plain, quiet) as sources:
        bring(plan, locks_of(plan, sources), run, sources, plain, quiet)
    with scheduled(scheduler, workers) as where:
        work_stages(plan, run, Means(store, block, where, workers, reuse=False), quiet)
    finish(plan, run)
    print(json.dumps(digests(run)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
