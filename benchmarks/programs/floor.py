"""The floor: plain rasterio windows of exactly the needed blocks, decoded and thrown away, one file a task on all cores.

python -m benchmarks.programs.floor JOB
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rasterio
from rasterio.windows import Window

from benchmarks import workload

Task = tuple[Path, list[workload.Window]]


def main() -> None:
    """Read and report."""
    job = workload.read_job(Path(sys.argv[1]))
    needed = job.needed
    tasks: list[Task] = [(path, needed[scene.item][band]) for scene in job.scenes for band, path in scene.files.items()]
    clock = workload.Clock()
    with clock.running(), ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = sum(pool.map(read, tasks))
    workload.report(clock, decoded=decoded)


def read(task: Task) -> int:
    """Decode the windows of one file; the bytes that came out."""
    path, windows = task
    with rasterio.open(path) as source:
        return sum(source.read(1, window=Window(column, row, width, height)).nbytes for row, column, height, width in windows)


if __name__ == "__main__":
    main()
