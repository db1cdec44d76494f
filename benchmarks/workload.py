"""The work that every program does alike: clear pixels by SCL, NDVI and EVI, their monthly median, means over 200 polygons.

job.json  ->  Job(scenes, window, polygons, needed blocks)      Zones(polygons, window).means(layer)

Only numpy, shapely, rasterio and exactextract are imported here: the compared programs live in an environment of their own.
"""

from __future__ import annotations

import gc
import json
import math
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping

BANDS = ("blue", "red", "nir")
MASK = "scl"
CLEAR = (4, 5, 6)
FILL = 1  # counts at or below it are fill, as the sensor's file says
SMALLEST = 0.001  # a denominator nearer to zero gives no index
BLOCK = 512
PACKAGES = (
    "carbonsink",
    "numpy",
    "numba",
    "rasterio",
    "tifffile",
    "imagecodecs",
    "dask",
    "distributed",
    "xarray",
    "odc-stac",
    "stackstac",
    "rioxarray",
    "bottleneck",
)
Floats = NDArray[np.floating[Any]]
Window = tuple[int, int, int, int]  # row, column, height, width in pixels of 10 m
Means = dict[str, dict[str, list[float | None]]]  # period, layer, polygon


@dataclass(frozen=True)
class Scene:
    """One date: its day, its item, and its files by band."""

    day: str
    item: str
    files: Mapping[str, Path]


@dataclass(frozen=True)
class Job:
    """What is asked: scenes in order of time, the window of the tile [pixels of 10 m], polygons [m]."""

    folder: Path
    epsg: int
    west: float
    north: float
    side: int
    window: Window
    scenes: tuple[Scene, ...]
    catalogue: Path

    @property
    def months(self) -> dict[str, list[Scene]]:
        """Scenes by month."""
        return {month: list(some) for month, some in groupby(self.scenes, lambda scene: scene.day[:7])}

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the window [m]."""
        row, column, height, width = self.window
        return (self.west + column * 10, self.north - (row + height) * 10, self.west + (column + width) * 10, self.north - row * 10)

    @property
    def polygons(self) -> list[Any]:
        """The polygons, in order."""
        content = json.loads((self.folder / "polygons.geojson").read_text())
        return [shapely.geometry.shape(feature["geometry"]) for feature in content["features"]]

    @property
    def needed(self) -> dict[str, dict[str, list[Window]]]:
        """Windows that must be decoded, by item and band, in the band's own pixels."""
        content: dict[str, dict[str, list[Window]]] = json.loads((self.folder / "needed.json").read_text())
        return content


def read_job(folder: Path) -> Job:
    """The job laid in a folder."""
    raw = json.loads((folder / "job.json").read_text())
    scenes = tuple(Scene(s["day"], s["item"], {band: Path(path) for band, path in s["files"].items()}) for s in raw.pop("scenes"))
    return Job(folder=folder, scenes=scenes, catalogue=Path(raw.pop("catalogue")), window=tuple(raw.pop("window")), **raw)


def write_job(job: Job, polygons: Iterable[Any]) -> None:
    """Lay a job in its folder, with the windows that it needs."""
    job.folder.mkdir(parents=True, exist_ok=True)
    scenes = [{"day": s.day, "item": s.item, "files": {band: str(path) for band, path in s.files.items()}} for s in job.scenes]
    head = {"epsg": job.epsg, "west": job.west, "north": job.north, "side": job.side, "window": job.window}
    (job.folder / "job.json").write_text(json.dumps(head | {"catalogue": str(job.catalogue), "scenes": scenes}, indent=1))
    features = [{"type": "Feature", "properties": {"id": n}, "geometry": mapping(polygon)} for n, polygon in enumerate(polygons)]
    (job.folder / "polygons.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (job.folder / "needed.json").write_text(json.dumps({scene.item: needed(scene, job) for scene in job.scenes}))


def needed(scene: Scene, job: Job) -> dict[str, list[Window]]:
    """Exactly the file blocks that a scene's part of the answer hangs on: the mask's, and the bands' where a pixel is clear.

    Neighbours in a row are one window: that is how plain code would read them.
    """
    import rasterio
    from rasterio.windows import Window as Part

    row, column, height, width = (n // 2 for n in job.window)
    with rasterio.open(scene.files[MASK]) as source:
        clear = np.isin(source.read(1, window=Part(column, row, width, height)), CLEAR)
    rows = [_cut(down * BLOCK, BLOCK, row, height) for down in range(row // BLOCK, -(-(row + height) // BLOCK))]
    return {MASK: [(top, column, tall, width) for top, tall in rows]} | dict.fromkeys(BANDS, list(_runs(clear, job.window)))


def _runs(clear: NDArray[np.bool_], window: Window) -> Iterator[Window]:
    """Windows of 10 m pixels: runs of neighbouring blocks that hold a clear pixel of 20 m."""
    row, column, height, width = window
    for down in range(row // BLOCK, -(-(row + height) // BLOCK)):
        top, tall = _cut(down * BLOCK, BLOCK, row, height)
        spans = [_cut(right * BLOCK, BLOCK, column, width) for right in range(column // BLOCK, -(-(column + width) // BLOCK))]
        rows = slice((top - row) // 2, (top - row + tall) // 2)
        wanted = [bool(clear[rows, (left - column) // 2 : (left - column + wide) // 2].any()) for left, wide in spans]
        for yes, run in groupby(zip(wanted, spans, strict=True), lambda pair: pair[0]):
            if yes:
                parts = [span for _, span in run]
                yield top, parts[0][0], tall, sum(wide for _, wide in parts)


def _cut(start: int, length: int, first: int, extent: int) -> tuple[int, int]:
    """The part of [start, start + length) within [first, first + extent): start and length."""
    low, high = max(start, first), min(start + length, first + extent)
    return low, high - low


class Zones:
    """Coverage fractions of the polygons on the window's pixels, computed once; then a mean is one weighted count."""

    def __init__(self, job: Job) -> None:
        from exactextract import exact_extract
        from exactextract.raster import NumPyRasterSource

        west, south, east, north = job.bounds
        height, width = job.window[2:]
        source = NumPyRasterSource(np.broadcast_to(np.zeros(1, dtype=np.int8), (height, width)), xmin=west, ymin=south, xmax=east, ymax=north)
        features = [{"type": "Feature", "geometry": mapping(polygon), "properties": {"id": n}} for n, polygon in enumerate(job.polygons)]
        found = [one["properties"] for one in exact_extract(source, features, ["cell_id", "coverage"], output="geojson")]
        self.cells = np.concatenate([np.asarray(one["cell_id"], dtype=np.int64) for one in found])
        self.coverage = np.concatenate([np.asarray(one["coverage"], dtype=np.float64) for one in found])
        self.zone = np.repeat(np.arange(len(found)), [len(one["cell_id"]) for one in found])
        self.count = len(found)

    def means(self, layer: Floats) -> list[float | None]:
        """Area-weighted mean of each polygon over pixels that have a value (not NaN); None where none has."""
        values = layer.ravel()[self.cells].astype(np.float64)
        weight = np.where(np.isnan(values), 0.0, self.coverage)
        total = np.bincount(self.zone, weight * np.nan_to_num(values), minlength=self.count)
        area = np.bincount(self.zone, weight, minlength=self.count)
        return [None if a == 0 else float(t / a) for t, a in zip(total, area, strict=True)]


class Clock:
    """Wall and CPU seconds of this process within `with clock:`."""

    wall = cpu = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure what is inside."""
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu


def report(clock: Clock, means: Means | None = None, **facts: Any) -> None:
    """A program's last line: its clock, the means, the versions of what it works with, and what else it has to say."""
    print(json.dumps({"wall": clock.wall, "cpu": clock.cpu, "means": means, "versions": versions()} | facts))


def versions() -> dict[str, str]:
    """Versions of the packages that this process has imported."""
    found = {name: version(name) for name in PACKAGES if name.replace("odc-stac", "odc.stac") in sys.modules}
    return {"python": platform.python_version()} | found


def difference(one: Means, other: Means) -> float:
    """The largest difference between two programs' means; infinite where one has a mean and the other none."""
    if {month: set(layers) for month, layers in one.items()} != {month: set(layers) for month, layers in other.items()}:
        return math.inf
    pairs = [(a, b) for month in one for layer in one[month] for a, b in zip(one[month][layer], other[month][layer], strict=True)]
    return max((_apart(a, b) for a, b in pairs), default=math.inf)


def _apart(a: float | None, b: float | None) -> float:
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b)
