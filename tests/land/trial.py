"""Small whole areas for the tests of land and areas: real declarations, hand-made composites on a few pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import transform
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import geodesic_area_m2
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import write_csv
from carbonsink.declared.area import AreaFile, Land, Parcel
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import read_sensor

GRID = Grid("EPSG:32650", 500_000.0, 2_720_000.0, 10.0, 12, 12)
WORDS = {"zh": "试", "en": "trial"}
CLASSES = (("paddy", 1), ("tea", 2), ("forest", 3))
MISSING = -32768
Layers = Mapping[str, NDArray[Any] | float]


def plan(folder: Path, **given: Any) -> Plan:
    """A plan with the given parts: tables of the pipeline (`land`, `areas`, `composites`, `imagery`), and what of the area is named below."""
    classes = [{"id": name, "code": code, "ipcc": "cropland", "name": WORDS, "colour": "#7cb342"} for name, code in given.get("classes", CLASSES)]
    years = given.get("years", (2020,))
    pipeline = Pipeline.model_validate(
        {
            "id": "trial",
            "name": WORDS,
            "imagery": {"sensor": "sentinel-2-l2a", **given.get("imagery", {})},
            "composites": {"period": "month", "bands": ["nir"], "indices": ["ndvi", "lswi"], **given.get("composites", {})},
            "land": {"method": "rules", "classes": classes, **given.get("land", {})},
            "areas": {"method": "pixel_count", **given.get("areas", {})},
            "carbon": {"methodology": "trial"},
            "uncertainty": {},
            "report": {"languages": ["en"]},
        }
    )
    strata = {name: {"cover": cover, "name": WORDS} for name, cover in given.get("strata", {"rice": "paddy"}).items()}
    area = AreaFile.model_validate(
        {
            "id": "trial",
            "name": WORDS,
            "country": "CN",
            "pipeline": "trial",
            "period": {"start": date(years[0], 1, 1), "end": date(years[-1], 12, 31)},
            "land": {"file": "boundary.geojson"},
            "strata": strata,
            "reference": given.get("reference"),
            "plots": given.get("plots", []),
            "changes": given.get("changes", []),
        }
    )
    return Plan(folder, area, given.get("ground", ground()), pipeline, read_sensor("sentinel-2-l2a"), Methodology.model_construct(), years)


def ground(outline: BaseGeometry | None = None, parcels: Sequence[Parcel] = ()) -> Land:
    """Land inside an outline in metres of the trial grid, the whole grid where none is given."""
    boundary = lonlat(outline if outline is not None else box(*GRID.bounds))
    return Land(boundary, tuple(parcels), "EPSG:4326", None, geodesic_area_m2(boundary), "")


def parcel(name: str, outline: BaseGeometry, stratum: str = "rice") -> Parcel:
    """A surveyed parcel, drawn in metres of the trial grid."""
    geometry = lonlat(outline)
    return Parcel(name, stratum, geometry, geodesic_area_m2(geometry), None)


def lonlat(outline: BaseGeometry, crs: str = GRID.crs) -> BaseGeometry:
    """An outline in metres as longitude and latitude."""
    carry = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    return transform(outline, lambda points: np.column_stack(carry(points[:, 0], points[:, 1])))


def write_composites(run: Path, periods: Mapping[str, Layers], grid: Grid = GRID) -> None:
    """Composites by period: each layer an array in counts (reflectance or index times 10,000), or one value for all pixels."""
    rows = []
    for period, layers in periods.items():
        pixels = np.stack([np.broadcast_to(np.asarray(layer), (grid.height, grid.width)) for layer in layers.values()]).astype(np.int16)
        count = (pixels != MISSING).any(axis=0).astype(np.int16)
        write_raster(run / "composites" / f"{period}.tif", Raster(grid, (*layers, "count"), np.concatenate((pixels, count[None])), MISSING))
        start = f"{period}-01" if len(period) > 4 else f"{period}-01-01"
        rows.append(CompositePeriod(period, start, start, f"{period}.tif", 1, 1.0, 1))
    write_csv(run / "composites" / "composites.csv", rows, CompositePeriod)


def write_features(run: Path, year: int, features: Layers, grid: Grid = GRID) -> None:
    """Features of a year's series as the composites stage makes them, in whole numbers, one value for all pixels or an array."""
    pixels = np.stack([np.broadcast_to(np.asarray(whole), (grid.height, grid.width)) for whole in features.values()]).astype(np.int16)
    write_raster(run / "composites" / f"features_{year}.tif", Raster(grid, tuple(features), pixels, MISSING))


def write_labels(path: Path, values: NDArray[Any], grid: Grid = GRID) -> None:
    """A reference raster as a bureau would hand it in."""
    write_raster(path, Raster(grid, ("label",), values.astype(np.uint16)[None], 0))
