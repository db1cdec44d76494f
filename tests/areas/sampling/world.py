"""A small finished run whose truth is known: a map with errors, a year of composites, and people who label well or badly."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.areas.sampling.design import Stratum, allocate
from carbonsink.areas.sampling.draw import counted, draw
from carbonsink.areas.sampling.frame import frame_of
from carbonsink.areas.sampling.points import Point, name_of, write_points
from carbonsink.areas.sampling.returned import COLUMNS
from carbonsink.base.evidence import write_json
from carbonsink.base.outline import projected
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.records import CompositePeriod, Confusion
from carbonsink.base.tables import write_csv
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.run.copies import copy_declared
from tests.bad.area import Area, feature, good_area, square

YEAR = 2020
CRS = "EPSG:32650"
CLASSES = {1: "paddy", 2: "water"}
LAYERS = ("blue", "green", "red", "nir", "ndvi", "count")
MARGIN = 30  # pixels of the grid around the fields
ERROR_STEP = 12  # every so many pixels the map is wrong


@dataclass(frozen=True)
class World:
    """The area's folder, its plan, the run folder, the map and the truth (class codes on the map's grid)."""

    area: Area
    plan: Plan
    run: Path
    cover: Raster
    truth: NDArray[np.uint8]

    def true(self, point: Point) -> str:
        """What is truly at a point."""
        grid = self.cover.grid
        return CLASSES[int(self.truth[int((grid.north - point.y) // 10), int((point.x - grid.west) // 10)])]

    def sample(self, points: int = 60, seed: int = 1, minimum: int = 20) -> tuple[Point, ...]:
        """A drawn sample."""
        return sample_of(self.plan, self.cover, points, seed, minimum)


def sample_of(plan: Plan, cover: Raster, points: int, seed: int, minimum: int = 20, way: Any = "proportional") -> tuple[Point, ...]:
    frame = frame_of(plan, cover)
    shares = counted(plan, frame)
    counts = allocate(points, [Stratum(s.land_class, s.pixels, s.drawable, 0.3) for s in shares], way, minimum)
    return draw(frame, cover, YEAR, [replace(s, points=n) for s, n in zip(shares, counts, strict=True)], seed)


def make_world(folder: Path) -> World:
    """A run as `estimate` leaves it, as far as sampling reads it."""
    (folder / "area").mkdir(parents=True)
    area = good_area(folder / "area")
    area.recipe('bands = ["red", "nir"]', 'bands = ["blue", "green", "red", "nir"]')
    area.declare('parcel_area_mu = "mu"\n', "")
    area.features(feature(square(0, 0.004, 0.003), "P-1", None), feature(square(2, 0.004, 0.003), "P-2", None))
    area.declare('declared_area = { value = 67.3, unit = "mu" }\n', "")
    plan = load(area.folder)
    cover, truth = _map(plan)
    run = folder / "run"
    copy_declared(plan, run / "declared")
    write_json(run / "manifest.json", {})
    for year in plan.vintages:
        write_raster(run / "land" / f"cover_{year}.tif", cover)
    write_csv(run / "land" / "confusion.csv", [], Confusion)
    _composites(run, cover.grid, truth)
    return World(area, plan, run, cover, truth)


def _map(plan: Plan) -> tuple[Raster, NDArray[np.uint8]]:
    west, south, east, north = projected(plan.land.boundary, CRS).bounds
    left, top = math.floor(west / 10) * 10 - MARGIN * 10, math.ceil(north / 10) * 10 + MARGIN * 10
    grid = Grid(CRS, float(left), float(top), 10.0, math.ceil((top - south) / 10) + MARGIN, math.ceil((east - left) / 10) + MARGIN)
    row, column = np.mgrid[: grid.height, : grid.width]
    truth = np.where((row // 7 + column // 9) % 3 == 0, 2, 1).astype(np.uint8)
    codes = np.where((3 * row + 5 * column) % ERROR_STEP == 0, 3 - truth, truth).astype(np.uint8)
    return Raster(grid, ("cover",), codes[None], 0), truth


def _composites(run: Path, grid: Grid, truth: NDArray[np.uint8]) -> None:
    rows = []
    for year in (YEAR, YEAR + 1):
        for month in range(1, 13):
            green = np.where(truth == 1, 2000 + 5500 * math.sin(math.pi * month / 13), -1500)
            layers = [700 + 0 * green, 900 + 0.02 * green, 1200 - 0.08 * green, 1500 + 0.3 * green, green, 2 + 0 * green]
            pixels = np.stack(layers).astype(np.int16)
            pixels[:, : grid.height // 2, :] = -32768 if month == 6 else pixels[:, : grid.height // 2, :]  # a cloudy June in the north
            name = f"{year}-{month:02d}"
            write_raster(run / "composites" / f"{name}.tif", Raster(grid, LAYERS, pixels, -32768))
            rows.append(CompositePeriod(name, f"{name}-01", f"{name}-28", f"{name}.tif", 2, 1.0, 2))
    write_csv(run / "composites" / "composites.csv", rows, CompositePeriod)


def written(path: Path, points: tuple[Point, ...], interpreter: str, label: Callable[[Point], str], change: Mapping[str, Any] | None = None) -> Path:
    """A table as the sheet saves it; `change` gives columns of every row other values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = [
        {"sample": name_of(points), "id": p.id, "interpreter": interpreter, "lon": p.lon, "lat": p.lat, "label": label(p), "certain": "true", "remark": ""}
        | dict(change or {})
        for p in points
    ]
    return rewritten(path, rows)


def rewritten(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def kept(folder: Path, points: tuple[Point, ...]) -> Path:
    """The sample as a file."""
    write_points(folder / "sample.gpkg", points)
    return folder / "sample.gpkg"
