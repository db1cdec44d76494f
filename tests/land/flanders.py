"""The real Flanders scenes as monthly composites, made straight from the shared test data's files."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import box

from carbonsink.base.geometry import geodesic_area_m2
from carbonsink.base.rasters import Grid
from carbonsink.declared.area import AreaFile, Land
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import load_toml, read_toml
from carbonsink.declared.sensor import read_sensor
from tests.land.trial import MISSING, lonlat, write_composites

PROJECT = Path(__file__).parents[2]
GRID = Grid("EPSG:32631", 501_360.0, 5_629_680.0, 10.0, 64, 64)
NAMES = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08", "rededge1": "B05", "rededge2": "B06", "swir16": "B11", "swir22": "B12"}
CLEAR = (4, 5, 6, 7, 11)  # vegetation, bare soil, water, unclassified, snow


def flanders_plan() -> Plan:
    """The Flanders area as declared in tests/aoi, its ground the labelled square."""
    folder = PROJECT / "tests" / "aoi" / "flanders"
    area = AreaFile.model_validate(load_toml(folder / "area.toml"))
    declared = read_toml(PROJECT / "pipelines" / "farmland-soil.toml", Pipeline)
    pipeline = declared.model_copy(update={"land": declared.land.model_copy(update={"trees": 30})})  # for speed; a hundred give about the same
    boundary = lonlat(box(*GRID.bounds), GRID.crs)
    land = Land(boundary, (), GRID.crs, None, geodesic_area_m2(boundary), "")
    return Plan(folder, area, land, pipeline, read_sensor("sentinel-2-l2a"), Methodology.model_construct(), (2018,))


def write_flanders(shared: Path, run: Path, plan: Plan) -> None:
    """Monthly medians of 2018 with the pipeline's bands and indices, whole numbers, clouds masked by SCL."""
    catalogue = shared / "imagery" / "flanders-2018" / "sentinel-2-l2a"
    months: dict[str, list[Path]] = defaultdict(list)
    for item in sorted(catalogue.glob("*/*.json")):
        taken = date.fromisoformat(json.loads(item.read_text())["properties"]["datetime"][:10])
        if taken.year == 2018:
            months[f"{taken:%Y-%m}"].append(item.parent)
    layers = (*plan.pipeline.composites.bands, *plan.pipeline.composites.indices)
    composites = {}
    for month, folders in sorted(months.items()):
        days = [observation(folder) for folder in folders]
        composites[month] = {name: median([day[name] for day in days]) for name in layers}
    write_composites(run, composites, GRID)


def observation(folder: Path) -> dict[str, NDArray[np.float64]]:
    """One date's bands and indices in counts, NaN where cloudy."""
    clear = np.isin(band(folder, "SCL"), CLEAR)
    b = {name: np.where(clear, band(folder, file), np.nan) for name, file in NAMES.items()}
    ratio = {"ndvi": ("nir", "red"), "ndmi": ("nir", "swir16"), "lswi": ("nir", "swir16"), "nbr": ("nir", "swir22")}
    indices = {name: (b[one] - b[other]) / (b[one] + b[other]) * 10_000 for name, (one, other) in ratio.items()}
    evi = 2.5 * (b["nir"] - b["red"]) / (b["nir"] + 6 * b["red"] - 7.5 * b["blue"] + 10_000) * 10_000
    return {**b, **indices, "evi": np.clip(evi, -10_000, 10_000)}


def band(folder: Path, file: str) -> NDArray[np.float64]:
    """A band on the 10 m grid, coarser pixels repeated."""
    import rasterio

    with rasterio.open(folder / f"{file}.tif") as source:
        values: NDArray[np.float64] = source.read(1).astype(np.float64)
    times = GRID.height // values.shape[0]
    return values.repeat(times, axis=0).repeat(times, axis=1)


def median(days: list[NDArray[np.float64]]) -> NDArray[np.int16]:
    """The lower median of the clear days, MISSING where there is none."""
    ordered = np.sort(np.stack(days), axis=0)  # NaN last
    clear = np.isfinite(ordered).sum(axis=0)
    middle = np.take_along_axis(ordered, np.maximum(clear - 1, 0)[None] // 2, axis=0)[0]
    return np.where(clear > 0, np.rint(middle), MISSING).astype(np.int16)
