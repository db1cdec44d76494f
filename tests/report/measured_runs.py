"""Whole runs of projects that measure: soil sampled beside soil modelled (VM0042), a census, and plots with matched controls (VM0047)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from rasterio import Affine

from carbonsink.areas.measured.stage import measure_all
from carbonsink.base.records import Activity, PlotChange, PlotEstimate
from carbonsink.base.tables import write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.declared.methodology import rated, read_methodology
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from carbonsink.declared.zoning import apply_zones, zones_of
from carbonsink.report.render import render
from carbonsink.uncertainty import propagate
from tests.areas.measured import tables
from tests.areas.measured.test_census import published
from tests.carbon.farmland_projects import SAMPLED
from tests.carbon.forest_projects import VM0047, VM0047_CENSUS, VM0047_CENSUS_VALUES, VM0047_VALUES, declared
from tests.carbon.models import test_modelled as model
from tests.declared.test_zones import layer
from tests.report import conftest

HECTARES = 40.0
RATES = {"change_year": 2019.0, "yield_ratio": 1.0, "look_back_years": 4.0, "non_permanence_rating": 0.15, "nitrogen_rate": 120.0}
STATION = {"mat": 19.8, "map": 1700.0, "pet": 1200.0, "elevation": 80.0, "frost_days": 3.0}
CLIMATE = {"facts": STATION, "source": "county weather station", "place": "means of 1991 to 2020"}
MAP = {"file": "soil.tif", "legend": {"1": "lac", "2": "wetland"}, "source": "provincial soil map", "place": "sheet G-50"}
WHY = "the terraces lie 600 m above the station"


def soil_area() -> dict[str, Any]:
    """Two strata: the upper sampled twice, which says another climate than was found; the lower modelled."""
    keys = {name: word for name, word in SAMPLED["keys"].items() if name not in ("climate", "soil")}
    upper = SAMPLED | {"keys": keys | {"climate": "warm_temperate_moist", "ecozone": "subtropical_humid"}, "reasons": {"climate": WHY}}
    lower = SAMPLED | {"keys": keys | {"soil_approach": "measure_and_model", "ecozone": "subtropical_humid"}, "reasons": {"ecozone": "map of the zones"}}
    raw_model = {"kind": "rothc", "file": "soil_model.csv", "strata": {"lower": model.SOIL}, "source": "farm records"}
    return {
        "pipeline": "soil-sampling",
        "strata": {"upper": upper | named("上部梯田", "upper terraces"), "lower": lower | named("下部平田", "lower fields")},
        "zones": {"climate": CLIMATE, "soil": MAP},
        "soil_samples": tables.SOIL,
        "model": [raw_model | {"uncertainty": {"carbon_input_t_ha": 20.0, "gain_t_ha": 0.1}, "draws": 200}],
        "value": values(RATES),
    }


def census_area() -> dict[str, Any]:
    """Trees between fields, all counted, ten of them weighed."""
    strata = {"upper": VM0047_CENSUS | named("坡地", "slopes")}
    return {"pipeline": "tree-planting", "strata": strata, "census": tables.CENSUS, "value": values(VM0047_CENSUS_VALUES)}


def stocking_area() -> dict[str, Any]:
    """A planted slope with plots measured twice, and a donor pool."""
    strata = {"upper": VM0047 | named("坡地", "slopes")}
    return {"pipeline": "tree-planting", "strata": strata, "stocking": tables.STOCKING, "value": values(VM0047_VALUES)}


def named(zh: str, en: str) -> dict[str, Any]:
    return {"name": {"zh": zh, "en": en}, "cover": ""}


def values(known: Mapping[str, float]) -> list[dict[str, Any]]:
    return declared(known, source="farm records", place="page 1")


def planned(folder: Path, given: Mapping[str, Any], methodology: str, years: Sequence[int]) -> Plan:
    """A plan over Longshan's parcels with these declarations; what stage 3 would map is the pipeline's first class."""
    words = {name: conftest.RICE[name] for name in ("country", "imagery")} | {"name": {"zh": "龙山实测示范区", "en": "Longshan, measured"}}
    land = {"file": "parcels.geojson", "parcel_id": "parcel_id"}
    period = {"start": date(years[0], 1, 1), "end": date(years[-1], 12, 31)}
    plan = conftest.make_plan({"id": "longshan-measured", **words, "land": land, "period": period, **given}, 2, folder)
    strata = {name: one.model_copy(update={"cover": plan.pipeline.land.classes[0].id}) for name, one in plan.area.strata.items()}
    area, zones = plan.area.model_copy(update={"strata": strata}), ()
    if area.zones:
        layer(folder, [[1, 1, 1, 2]], "soil.tif", transform=zone_pixels(plan))
        area, zones = apply_zones(area, zones_of(area, plan.land.boundary, Places(folder)))
    return replace(plan, area=area, zones=zones, methodology=rated(read_methodology(methodology), area))


def zone_pixels(plan: Plan) -> Affine:
    """Four pixels across the land, the last of which is other soil."""
    west, south, east, north = plan.land.boundary.bounds
    return Affine((east - west) / 4, 0, west, 0, south - north, north)


def run(plan: Plan, folder: Path) -> Path:
    """The plan's run, with its report."""
    conftest._scenes(plan, folder)
    conftest._composites(plan, folder)
    conftest._land_cover(plan, folder)
    conftest._areas(plan, folder)
    activity = [Activity(y, side, name, HECTARES, 0.0, "parcels") for y in plan.vintages for side in ("baseline", "project") for name in plan.area.strata]
    write_csv(folder / "areas" / "activity.csv", activity, Activity)
    if plan.area.stocking:
        write_plots(folder, plan.vintages[-1])
    measure_all(plan, folder)
    work(plan, folder)
    propagate(plan, folder)
    credit(plan, folder)
    render(plan, folder)
    return folder


def write_plots(folder: Path, last: int) -> None:
    """Two inventories of 30 plots, 600 t CO2 apart."""
    estimates = [
        PlotEstimate(year, "project", "", "stratified", 30, HECTARES, 40.0, 2.0, 28, 9.0, stock, 100.0, 0.0, stock)
        for year, stock in ((2020, 2000.0), (last, 2600.0))
    ]
    write_csv(folder / "areas" / "plots.csv", estimates, PlotEstimate)
    change = PlotChange(2020, last, "project", "remeasured", 30, 600.0, 600.0 / (last - 2020), 12.0, 0.25, 582.0)
    write_csv(folder / "areas" / "plot_changes.csv", [change], PlotChange)


def soil_run(folder: Path) -> tuple[Plan, Path]:
    tables.write(folder, "soil_samples.csv", tables.good_soil())
    tables.write(folder, "soil_sites.csv", tables.sites())
    tables.write(folder, "soil_model.csv", model.table("lower", years=(2019, 2020, 2021)))
    plan = planned(folder, soil_area(), "vm0042", (2020, 2021))
    return plan, run(plan, folder / "run")


def census_run(folder: Path) -> tuple[Plan, Path]:
    tables.write(folder, "census.csv", published())
    plan = planned(folder, census_area(), "vm0047-census", (2022, 2023))
    return plan, run(plan, folder / "run")


def stocking_run(folder: Path) -> tuple[Plan, Path]:
    tables.write(folder, "stocking.csv", tables.stocking())
    plan = planned(folder, stocking_area(), "vm0047-area", (2021, 2022, 2023))
    return plan, run(plan, folder / "run")
