"""What the programs are asked to do, laid in folders: dates and window of the collection, 200 polygons, chips of our own.

work(collection, window)  ->  folder with job.json, polygons.geojson, needed.json
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from shapely.geometry import Polygon

from benchmarks.collection import EPSG, NORTH, SEED, WEST, Collection, item_id
from benchmarks.workload import BANDS, MASK, Job, Scene, Window, read_job, write_job

POLYGONS = 200
CORNERS = 9
SMALLEST, LARGEST = 0.03, 0.55  # radii, of the distance between two polygons: some overlap


def work(collection: Collection, window: Window | None = None) -> Job:
    """The job on a window of the tile, or all of it."""
    window = window or (0, 0, collection.side, collection.side)
    folder = collection.folder.parent / "jobs" / f"{len(collection.days)}-{'-'.join(map(str, window))}"
    if not (folder / "needed.json").is_file():
        scenes = tuple(Scene(str(day), item_id(day), {band: collection.file(day, band) for band in (*BANDS, MASK)}) for day in collection.days)
        write_job(Job(folder, EPSG, WEST, NORTH, collection.side, window, scenes, collection.folder), polygons(window))
    return read_job(folder)


def of_files(job: Job, folder: Path, files: dict[tuple[str, str], Path]) -> Job:
    """The same job on other files, by item and band."""
    scenes = tuple(replace(s, files={band: files[s.item, band] for band in s.files}) for s in job.scenes)
    write_job(replace(job, folder=folder, scenes=scenes), job.polygons)
    return read_job(folder)


def polygons(window: Window, seed: int = SEED) -> list[Polygon]:
    """Ragged polygons of very different size, spread over every part of the window; some overlap, none leaves it [m]."""
    row, column, height, width = window
    chance = np.random.default_rng(seed)
    across = math.ceil(math.sqrt(POLYGONS))
    apart = min(height, width) / across
    centres = [((n % across + 0.5) * width / across, (n // across + 0.5) * height / math.ceil(POLYGONS / across)) for n in range(POLYGONS)]
    return [_ragged(chance, (column + x, row + y), apart) for x, y in centres]


def _ragged(chance: np.random.Generator, centre: tuple[float, float], apart: float) -> Polygon:
    radius = apart * math.exp(chance.uniform(math.log(SMALLEST), math.log(LARGEST)))
    angles = (np.arange(CORNERS) + chance.uniform(0, 0.8, CORNERS)) * (2 * math.pi / CORNERS)
    reach = radius * chance.uniform(0.5, 0.9, CORNERS)
    x, y = (centre[0] + reach * np.cos(angles)), (centre[1] + reach * np.sin(angles))
    return Polygon(np.column_stack([WEST + 10 * x, NORTH - 10 * y]))
