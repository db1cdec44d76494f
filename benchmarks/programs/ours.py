"""The same work by stage 2 itself: blocks as tasks of `carbonsink.composites`, worked by a pool, by dask, or on a cluster.

python -m benchmarks.programs.ours JOB [--reader direct|rasterio] [--by pool|dask|cluster] [--written FOLDER]

With --written, blocks go through a store and composites are put together as `carbonsink estimate` does, by dask threads.
"""

from __future__ import annotations

import argparse
import calendar
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks import workload
from benchmarks.workload import Job, Means
from carbonsink.base.outline import part
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.composites import compose, keep
from carbonsink.composites.block import Recipe, Result, Task, work
from carbonsink.composites.compose import Work
from carbonsink.composites.grid import Chip, Scene, aligned_blocks
from carbonsink.composites.means import Sums
from carbonsink.composites.parcels import weights_of
from carbonsink.composites.periods import Period, period
from carbonsink.composites.schedule import Compute, computing
from carbonsink.declared.indices import read_indices
from carbonsink.declared.sensor import read_sensor

SIDE = 512  # pixels along a block
SCALE = 1e-4
INDICES = ("ndvi", "evi")
Run = Callable[[Sequence[Task]], Iterable[tuple[int, Result]]]


def gathered(compute: Compute[Task, Result]) -> Run:
    """Tasks to all their results."""

    def run(tasks: Sequence[Task]) -> Iterable[tuple[int, Result]]:
        results: dict[int, Result] = {}
        compute(work, tasks, results.__setitem__)
        return results.items()

    return run


def main() -> None:
    """Warm up, work, report."""
    asked = arguments()
    job = workload.read_job(asked.job)
    with {"pool": pool, "dask": dask_threads, "cluster": cluster}[asked.by]() as (run, workers_cpu):
        all_work = work_of(job)
        for _ in run([small(task, asked) for task in all_work.tasks()][:4]):  # compiles, imports, connects
            pass
        clock, before = workload.Clock(), workers_cpu()
        with clock.running():
            all_work = work_of(job)
            sums, reasons = write(all_work, asked.written) if asked.written else added(all_work, run, asked)
            means = means_of(all_work, sums)
        clock.cpu += workers_cpu() - before
    workload.report(clock, means, fell_back=sorted(reasons))


def arguments() -> argparse.Namespace:
    """What is asked on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("job", type=Path)
    parser.add_argument("--reader", choices=["direct", "rasterio"], default="direct")
    parser.add_argument("--by", choices=["pool", "dask", "cluster"], default="pool")
    parser.add_argument("--written", type=Path)
    return parser.parse_args()


def work_of(job: Job) -> Work:
    """What stage 2 would be handed for the job: NDVI and EVI by lower median, in calendar months, over the polygons."""
    tile = Grid(f"EPSG:{job.epsg}", job.west, job.north, 10.0, job.side, job.side)
    grid = part(tile, job.window)
    scenes = [scene_of(scene, tile) for scene in job.scenes]
    outlines, boxes, library = job.polygons, aligned_blocks(grid, SIDE, scenes), read_indices()
    recipe = Recipe(read_sensor("sentinel-2-l2a"), (), {name: library.index[name] for name in INDICES}, library.denominator.smallest)
    everywhere = np.broadcast_to(np.True_, (grid.height, grid.width))
    names = tuple(map(str, range(len(outlines))))
    return Work(grid, everywhere, recipe, tuple(periods(job, scenes)), (), names, tuple(boxes), tuple(weights_of(grid, outlines, boxes)))


def periods(job: Job, scenes: Sequence[Scene]) -> Iterator[Period]:
    """Calendar months with their scenes."""
    for month in job.months:
        year, number = map(int, month.split("-"))
        yield period(month, date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]), scenes, "")


def scene_of(scene: workload.Scene, tile: Grid) -> Scene:
    """A scene of the job as stage 1 would hand it on."""
    chips = {band: Chip(path, *((20.0, 1.0) if band == workload.MASK else (10.0, SCALE)), 0.0) for band, path in scene.files.items()}
    return Scene(scene.item, scene.day, "sentinel-2a", "", tile, chips)


def small(task: Task, asked: argparse.Namespace) -> Task:
    """A corner of a task."""
    return replace(task, block=part(task.block, (0, 0, 64, 64)), weights=None, by_gdal=asked.reader == "rasterio")


def added(all_work: Work, run: Run, asked: argparse.Namespace) -> tuple[Sums, set[str]]:
    """The sums of all tasks, with nothing kept of the pixels; and why files were not read directly."""
    sums, reasons = empty(all_work), set()
    tasks = [replace(task, keep=False, by_gdal=asked.reader == "rasterio") for task in all_work.tasks()]
    for number, result in run(tasks):
        sums.add(all_work.weights[number].parcels, result.sums, result.covered)
        reasons |= set(result.by_gdal.values())
    return sums, reasons


def write(all_work: Work, folder: Path) -> tuple[Sums, set[str]]:
    """Blocks to a store, composites and tables out of it; the sums come from there too."""
    with computing("threads", None) as compute, tempfile.TemporaryDirectory(dir=folder.parent) as place:
        store, sums = Store(Path(place)), empty(all_work)
        receipts: dict[int, keep.Receipt] = {}
        compute(keep.fill, [keep.order(task, store, False) for task in all_work.tasks()], receipts.__setitem__)
        objects = [store.path(receipts[number].sha256) for number in range(len(receipts))]
        compose.put_together(all_work, objects, folder)
        for weights, path in zip(all_work.weights, objects, strict=True):
            sums.add(weights.parcels, *keep.unpacked(path, (-2, -1)))
    return sums, {why for receipt in receipts.values() for why in receipt.by_gdal.values()}


def empty(all_work: Work) -> Sums:
    """Nothing added yet."""
    return Sums.empty(len(all_work.periods), len(all_work.recipe.layers), len(all_work.parcels))


def means_of(all_work: Work, sums: Sums) -> Means:
    """Parcel means by period and index."""
    parcels = range(len(all_work.parcels))
    return {span.name: {index: [sums.mean(p, k, n) for n in parcels] for k, index in enumerate(INDICES)} for p, span in enumerate(all_work.periods)}


@contextmanager
def pool() -> Iterator[tuple[Run, Callable[[], float]]]:
    """Plain threads, one a core."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        yield lambda tasks: enumerate(threads.map(work, tasks)), lambda: 0.0


@contextmanager
def dask_threads() -> Iterator[tuple[Run, Callable[[], float]]]:
    """The scheduler that `carbonsink estimate` uses unless told otherwise."""
    with computing("threads", None) as compute:
        yield gathered(compute), lambda: 0.0


@contextmanager
def cluster() -> Iterator[tuple[Run, Callable[[], float]]]:
    """Two worker processes of dask.distributed, reached by address as `--scheduler` does; their CPU seconds count too."""
    import distributed

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as workers,  # type: ignore[no-untyped-call]
        distributed.Client(workers) as client,  # type: ignore[no-untyped-call]
        computing(workers.scheduler_address, None) as compute,
    ):
        yield gathered(compute), lambda: sum(client.run(time.process_time).values())


if __name__ == "__main__":
    main()
