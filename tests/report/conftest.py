"""Runs as they come to the report: small rasters and tables of the first four stages, the real reckoning after them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod
from shapely import box, normalize, union_all

from carbonsink.base import records as r
from carbonsink.base.evidence import digest, write_json
from carbonsink.base.rasters import Grid, Raster, pixel_digest, write_raster
from carbonsink.base.tables import write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.declared.area import AreaFile, Land, Parcel
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import read_toml
from carbonsink.declared.sensor import read_sensor
from carbonsink.report.render import render
from carbonsink.uncertainty import propagate

PIPELINES = Path(__file__).parents[2] / "pipelines"
SIDE = 0.002  # degrees of a parcel
GRID = Grid("EPSG:32650", 540000.0, 2722000.0, 10.0, 120, 160)

RICE: dict[str, Any] = {
    "id": "longshan",
    "name": {"zh": "南靖县龙山镇稻田水分管理示范区", "en": "Longshan town rice water management demonstration, Nanjing county"},
    "country": "CN",
    "pipeline": "rice-water",
    "period": {"start": date(2020, 1, 1), "end": date(2022, 12, 31)},
    "imagery": {"catalogue": "simulated"},
    "land": {"file": "parcels.geojson", "parcel_id": "parcel_id", "parcel_area_mu": "declared_mu", "declared_area": {"value": 6400.0, "unit": "mu"}},
    "strata": {
        "single-rice": {
            "cover": "paddy",
            "name": {"zh": "单季稻", "en": "single rice"},
            "keys": {"region": "east_asia", "amendment": "straw_lt30d_before_cultivation", "preseason": "non_flooded_lt180d", "cropping": "single"},
            "baseline": {"water_regime": "continuously_flooded"},
            "project": {"water_regime": "multiple_drainage"},
        }
    },
    "value": [
        {"symbol": "straw_rate", "value": 5.0, "unit": "t ha^-1", "low": 4.0, "high": 6.0, "distribution": "normal", "source": "survey", "place": "form 3"},
        {"symbol": "nitrogen_rate", "value": 150.0, "unit": "kg_N ha^-1 yr^-1", "source": "survey", "place": "form 4"},
    ],
    "published": {"quantity": "gross", "value": 2300.0, "unit": "t_CO2e yr^-1", "source": "news of 22 July 2022", "place": "third paragraph"},
}
SOIL: dict[str, Any] = {
    "id": "flanders",
    "name": {"zh": "弗兰德斯农田", "en": "Flanders farmland"},
    "country": "BE",
    "pipeline": "farmland-soil",
    "period": {"start": date(2018, 1, 1), "end": date(2018, 12, 31)},
    "imagery": {"catalogue": "mirror/flanders"},
    "land": {"file": "boundary.geojson"},
    "reference": {"file": "labels.tif", "legend": {"11": "annual-crops"}, "year": 2018, "source": "parcels of a farm register", "place": "labels.tif"},
    "strata": {
        "arable": {
            "cover": "annual-crops",
            "name": {"zh": "旱作农田", "en": "Arable land"},
            "keys": {"climate": "cool_temperate_moist", "soil": "hac", "land_use": "long_term_cultivated", "moisture": "wet", "nitrogen": "synthetic"},
            "baseline": {"tillage": "full", "input": "medium"},
            "project": {"tillage": "reduced", "input": "high_without_manure"},
        }
    },
    "value": [
        {"symbol": "nitrogen_rate", "value": 150.0, "unit": "kg_N ha^-1 yr^-1", "scenario": "baseline", "source": "assumed", "place": "-"},
        {"symbol": "nitrogen_rate", "value": 180.0, "unit": "kg_N ha^-1 yr^-1", "scenario": "project", "source": "assumed", "place": "-"},
    ],
}


def make_plan(area: dict[str, Any], columns: int = 0, folder: Path = Path()) -> Plan:
    """A plan over square parcels, so many columns of them, or over one boundary."""
    pipeline = read_toml(PIPELINES / f"{area['pipeline']}.toml", Pipeline)
    declared = AreaFile.model_validate(area)
    years = range(declared.period.start.year, declared.period.end.year + 1)
    land = _land(list(declared.strata), columns)
    return Plan(folder, declared, land, pipeline, read_sensor(pipeline.imagery.sensor), read_methodology(pipeline.carbon.methodology), tuple(years))


def _land(strata: list[str], columns: int) -> Land:
    west, south = 117.3972, 24.6022
    geod = Geod(ellps="GRS80")
    corners = [(west + i * SIDE * 1.15, south + j * SIDE * 1.2) for i in range(columns) for j in range(4)]
    squares = [box(x, y, x + SIDE, y + SIDE) for x, y in corners]
    parcels = []
    for n, square in enumerate(squares):
        area = abs(geod.geometry_area_perimeter(square)[0])
        parcels.append(Parcel(f"LS-{n + 1:03d}", strata[n % len(strata)], square, area, round(area / 10000 * 15, 2)))
    boundary = normalize(union_all(squares)) if squares else box(west, south, west + 0.006, south + 0.006)
    area = sum(p.area_m2 for p in parcels) or abs(geod.geometry_area_perimeter(boundary)[0])
    return Land(boundary, tuple(parcels), "EPSG:4490", "GBK" if parcels else None, area, digest(boundary.wkt))


def make_run(plan: Plan, run: Path) -> Path:
    """A whole run folder up to the report."""
    _scenes(plan, run)
    _composites(plan, run)
    _land_cover(plan, run)
    _areas(plan, run)
    work(plan, run)
    propagate(plan, run)
    credit(plan, run)
    return run


def rendered(plan: Plan, run: Path) -> Path:
    """A whole run folder with its report."""
    make_run(plan, run)
    render(plan, run)
    return run


def _days(plan: Plan) -> Iterator[date]:
    first, last = plan.imagery_span
    day = first + timedelta(days=4)
    while day <= last:
        if not (day.year == first.year and day.month in (6, 7)):  # a summer without a clear day
            yield day
        day += timedelta(days=15)


def _scenes(plan: Plan, run: Path) -> None:
    assets, budget = [], []
    chip = Raster(Grid(GRID.crs, GRID.west, GRID.north, 10.0, 4, 4), ("red",), np.full((1, 4, 4), 400, np.uint16), 0)
    for day in _days(plan):
        item = f"S2A_50RMN_{day:%Y%m%d}_0_L2A"
        path = f"chips/{item}/red.tif"
        write_raster(run / "scenes" / path, chip)
        time = f"{day}T02:45:10Z"
        asset = ("sentinel-2a", "50RMN", "red", f"catalogue:/{item}/red.tif", 900, "0" * 64, path, pixel_digest(chip))
        assets.append(r.SceneAsset(item, time, *asset, 1e-4, 0.0, "no offset"))
        budget.append(r.PixelBudget(item, "red", 16, 11, 4, "9:4", 1, 0, 0))
    dropped = [{"id": "S2A_50RMN_20200606_0_L2A", "reason": "cloud cover", "detail": "97 %"}, {"id": "x", "reason": "same scene again", "detail": "y"}]
    first = plan.imagery_span[0].year
    gaps = [{"tile": "50RMN", "start": f"{first}-05-29", "end": f"{first}-08-12", "days": 75}]
    write_json(
        run / "scenes/lock.json", {"schema": "carbonsink-lock/1", "items": [], "dropped": dropped, "gaps": gaps, "matched": len(assets) + 2, "returned": 2}
    )
    write_csv(run / "scenes/scenes.csv", assets, r.SceneAsset)
    write_csv(run / "scenes/pixel_budget.csv", budget, r.PixelBudget)


def _codes(plan: Plan) -> np.ndarray[Any, Any]:
    classes = [c.code for c in plan.pipeline.land.classes]
    row, column = np.mgrid[: GRID.height, : GRID.width]
    wave = np.sin(row / 17.0) + np.cos(column / 23.0) + 0.4 * np.sin((row + 2 * column) / 9.0)
    codes = np.asarray(classes, np.uint8)[np.clip(((wave + 2.4) / 4.8 * len(classes)).astype(int), 0, len(classes) - 1)]
    codes[20:95, 15:140] = classes[0]
    return codes


def _composites(plan: Plan, run: Path) -> None:
    first, last = plan.imagery_span
    codes, rows = _codes(plan), []
    layers = (*plan.pipeline.composites.bands, *plan.pipeline.composites.indices, "count")
    month = first
    while month <= last:
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        pixels = np.full((len(layers), *codes.shape), -32768, np.int16)
        gap = month.year == first.year and month.month in (6, 7)
        if not gap:
            green = 2600 + 900 * codes.astype(np.int16) + np.int16(2500 * np.sin((month.month - 3) / 12 * 6.28))
            pixels[layers.index("ndvi")] = green
        write_raster(run / f"composites/{month:%Y-%m}.tif", Raster(GRID, layers, pixels, -32768))
        seen = (0, 0.0, 0) if gap else (2, 0.9 + 0.008 * month.month, 2)
        rows.append(r.CompositePeriod(f"{month:%Y-%m}", str(month), str(after - timedelta(days=1)), f"{month:%Y-%m}.tif", *seen))
        month = after
    write_csv(run / "composites/composites.csv", rows, r.CompositePeriod)


def _land_cover(plan: Plan, run: Path) -> None:
    codes = _codes(plan)
    for year in plan.vintages:
        write_raster(run / f"land/cover_{year}.tif", Raster(GRID, ("cover",), np.roll(codes, year % 7, axis=1)[None], 0))
    write_csv(run / "land/confusion.csv", _confusion(plan) if plan.area.reference else [], r.Confusion)


def _confusion(plan: Plan) -> list[r.Confusion]:
    classes = [c.id for c in plan.pipeline.land.classes]
    good = {"pixel": 93, "parcel": 61}
    return [
        r.Confusion(plan.vintages[0], split, cluster, mapped, reference, good[split] if mapped == reference else 4)
        for split, clusters in (("pixel", ("",)), ("parcel", ("P1", "P2")))
        for cluster in clusters
        for mapped in classes
        for reference in classes
    ]


def _areas(plan: Plan, run: Path) -> None:
    stratum, declared = next(iter(plan.area.strata.items()))
    hectares = 429.0 if plan.simulated else 24.5
    standard_error = 0.0 if plan.land.parcels else 1.1
    method = plan.pipeline.areas.method
    activity = [r.Activity(y, s, stratum, hectares, standard_error, method) for y in plan.vintages for s in ("baseline", "project")]
    write_csv(run / "areas/activity.csv", activity, r.Activity)
    parcels = [
        r.ParcelShare(
            y,
            p.id,
            p.stratum,
            p.area_m2 / 10000,
            p.area_m2 / 10000 * 15,
            p.declared_mu,
            declared.cover,
            0.3 if n == 5 else 0.97,
            1.0,
            n != 5,
            16,
            0.4,
            "weighted",
            "condition" if n == 5 else "",
        )
        for y in plan.vintages
        for n, p in enumerate(plan.land.parcels)
    ]
    write_csv(run / "areas/parcels.csv", parcels, r.ParcelShare)
    write_csv(run / "areas/classes.csv", list(_classes(plan)), r.ClassArea)


def _classes(plan: Plan) -> Iterator[r.ClassArea]:
    for year in plan.vintages:
        for n, c in enumerate(plan.pipeline.land.classes):
            if plan.area.reference is None:
                yield r.ClassArea(year, "none", False, c.id, 50.0 + n, 50.0 + n, None, None, None, None, None, None, None, 0)
                continue
            yield r.ClassArea(year, "pixel", False, c.id, 20.0 + n, 19.5 + n, 0.4, 0.93, 0.01, 0.94, 0.01, 0.931, 0.008, 303)
            yield r.ClassArea(year, "parcel", True, c.id, 20.0 + n, 18.2 + n, 1.1, 0.71, 0.05, 0.68, 0.06, 0.702, 0.061, 402)


@pytest.fixture(scope="session")
def rice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    """Three simulated vintages of rice over parcels, like Longshan."""
    plan = make_plan(RICE, columns=7)
    return plan, rendered(plan, tmp_path_factory.mktemp("rice"))


@pytest.fixture(scope="session")
def soil(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    """One vintage of soil carbon over a trained map with reference samples, like Flanders."""
    plan = make_plan(SOIL)
    return plan, rendered(plan, tmp_path_factory.mktemp("soil"))


Maker = Callable[..., tuple[Plan, Path]]


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    """Another run, not rendered yet: `make(area, columns=2)`."""

    def made(area: dict[str, Any], columns: int = 0) -> tuple[Plan, Path]:
        plan = make_plan(area, columns)
        return plan, make_run(plan, tmp_path / "run")

    return made
