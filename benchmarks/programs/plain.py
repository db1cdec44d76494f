"""The same work in plain rasterio and numpy, slow and obvious: the means that all others are held against.

python -m benchmarks.programs.plain JOB
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from benchmarks import workload
from benchmarks.workload import BANDS, CLEAR, FILL, MASK, SMALLEST, Job, Scene

NOTHING = 32767
Pixels = NDArray[Any]


def main() -> None:
    """Work and report."""
    job = workload.read_job(Path(sys.argv[1]))
    clock = workload.Clock()
    with clock.running():
        zones = workload.Zones(job)
        means = {month: {layer: zones.means(median) for layer, median in medians(scenes, job).items()} for month, scenes in job.months.items()}
    workload.report(clock, means)


def medians(scenes: list[Scene], job: Job) -> dict[str, Pixels]:
    """Lower median of each index over a month's scenes; NaN where nothing was clear."""
    seen = [observe(scene, job) for scene in scenes]
    return {layer: lower_median(np.stack([one[layer] for one in seen])) for layer in ("ndvi", "evi")}


def observe(scene: Scene, job: Job) -> dict[str, Pixels]:
    """One scene's indices in ten-thousandths; NOTHING where it gives none."""
    counts = {band: read(scene.files[band], job.window) for band in BANDS}
    classes = read(scene.files[MASK], tuple(n // 2 for n in job.window)).repeat(2, 0).repeat(2, 1)
    clear = np.isin(classes, CLEAR) & np.all([values > FILL for values in counts.values()], axis=0)
    blue, red, nir = (counts[band] / 10_000.0 for band in BANDS)
    parts = {"ndvi": (nir - red, nir + red), "evi": (2.5 * (nir - red), nir + 6 * red - 7.5 * blue + 1)}
    return {layer: index(above, below, clear) for layer, (above, below) in parts.items()}


def index(above: Pixels, below: Pixels, clear: Pixels) -> Pixels:
    """A quotient, where its denominator allows one, within -1 and 1, in ten-thousandths."""
    good = clear & (np.abs(below) >= SMALLEST)
    value = np.clip(above / np.where(good, below, 1.0), -1, 1)
    return np.where(good, np.rint(value * 10_000), NOTHING).astype(np.int16)


def lower_median(stack: Pixels) -> Pixels:
    """The lower median over time of what isn't NOTHING, as an index."""
    count = (stack != NOTHING).sum(axis=0)
    middle = np.maximum(count - 1, 0) // 2
    found = np.take_along_axis(np.sort(stack, axis=0), middle[None], axis=0)[0]
    return np.where(count > 0, found / 10_000.0, np.nan)


def read(path: Path, window: tuple[int, ...]) -> Pixels:
    """A window of a file."""
    row, column, height, width = window
    with rasterio.open(path) as source:
        pixels: Pixels = source.read(1, window=Window(column, row, width, height))
    return pixels


if __name__ == "__main__":
    main()
