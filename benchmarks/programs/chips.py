"""The job's files as our own chips, as stage 1 would lay them: python -m benchmarks.programs.chips JOB OUT"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import rasterio
from rasterio.windows import Window

from benchmarks import jobs, workload
from benchmarks.workload import Job
from carbonsink.base.outline import part
from carbonsink.base.rasters import Raster, grid_of, write_raster
from carbonsink.scenes.chips import tile_of


def main() -> None:
    """Cut, write, and lay a job that reads them."""
    job, out = workload.read_job(Path(sys.argv[1])), Path(sys.argv[2])
    files = {(scene.item, band): cut(job, path, band, out / scene.item / f"{band}.tif") for scene in job.scenes for band, path in scene.files.items()}
    jobs.of_files(job, out, files)


def cut(job: Job, path: Path, band: str, chip: Path) -> Path:
    """Write the job's window of one file."""
    with rasterio.open(path) as source:
        times = int(source.transform.a / 10)
        row, column, height, width = (n // times for n in job.window)
        pixels = source.read(1, window=Window(column, row, width, height))
        grid = part(grid_of(source), (row, column, height, width))
    write_raster(chip, Raster(grid, (band,), pixels[None], 0), tile_of(grid, replace(grid, resolution=10.0)))
    return chip


if __name__ == "__main__":
    main()
