"""Small whole projects for the tests of carbon, uncertainty and credit: real declarations around a hectare of land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry import box

from carbonsink.base.records import Activity
from carbonsink.declared.area import AreaFile, Land
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import read_toml, validate
from carbonsink.declared.sensor import read_sensor

PIPELINES = Path(__file__).parents[2] / "pipelines"
PIPELINE_OF = {"rice-water-management": "rice-water", "farmland-soil": "farmland-soil", "forest-inventory": "forest-growth"}

RICE = {
    "keys": {"region": "east_asia", "amendment": "straw_lt30d_before_cultivation", "preseason": "non_flooded_lt180d", "cropping": "single"},
    "baseline": {"water_regime": "continuously_flooded"},
    "project": {"water_regime": "multiple_drainage"},
}
RICE_VALUES = ({"symbol": "straw_rate", "value": 5.0, "unit": "t ha^-1"}, {"symbol": "nitrogen_rate", "value": 150.0, "unit": "kg_N ha^-1 yr^-1"})
SOIL = {
    "keys": {"climate": "warm_temperate_moist", "soil": "lac", "land_use": "long_term_cultivated", "moisture": "wet", "nitrogen": "synthetic"},
    "baseline": {"tillage": "full", "input": "low"},
    "project": {"tillage": "reduced", "input": "high_without_manure"},
}
SOIL_VALUES = (
    {"symbol": "nitrogen_rate", "value": 150.0, "unit": "kg_N ha^-1 yr^-1", "scenario": "baseline"},
    {"symbol": "nitrogen_rate", "value": 180.0, "unit": "kg_N ha^-1 yr^-1", "scenario": "project"},
    {"symbol": "change_year", "value": 2018.0, "unit": "yr"},
)
FOREST = {
    "keys": {
        "continent": "europe",
        "ecozone": "temperate_continental",
        "origin": "natural",
        "age": "gt20y",
        "leaf": "broadleaf",
        "species": "quercus",
        "agb_class": "gt125",
    }
}


def area_file(strata: Mapping[str, Any], values: Sequence[Mapping[str, Any]] = (), years: Sequence[int] = (2020,), pipeline: str = "rice-water") -> AreaFile:
    """A declared area with these strata and values."""
    words = {"zh": "地块", "en": "land"}
    raw = {
        "id": "trial-area",
        "name": words,
        "country": "CN",
        "pipeline": pipeline,
        "period": {"start": date(min(years), 1, 1), "end": date(max(years), 12, 31)},
        "land": {"file": "parcels.geojson"},
        "strata": {name: {"cover": "cropland", "name": words} | dict(stratum) for name, stratum in strata.items()},
        "value": [{"source": "farm records", "place": "page 1"} | dict(value) for value in values],
    }
    return validate(raw, AreaFile, "area.toml")


def project(methodology: str, strata: Mapping[str, Any], values: Sequence[Mapping[str, Any]] = (), years: Sequence[int] = (2020,)) -> Plan:
    """A whole plan of a methodology; its land is a square nobody asks about."""
    pipeline = PIPELINE_OF[methodology]
    return Plan(
        folder=Path(),
        area=area_file(strata, values, years, pipeline),
        land=Land(boundary=box(117.0, 24.0, 117.01, 24.01), parcels=(), source_crs="EPSG:4326", encoding=None, area_m2=1.0, digest=""),
        pipeline=read_toml(PIPELINES / f"{pipeline}.toml", Pipeline),
        sensor=read_sensor("sentinel-2-l2a"),
        methodology=read_methodology(methodology),
        vintages=tuple(years),
    )


def rice(years: Sequence[int] = (2020,)) -> Plan:
    """Paddies under alternate wetting and drying, the project of Longshan town."""
    return project("rice-water-management", {"paddy": RICE}, RICE_VALUES, years)


def soil(years: Sequence[int] = (2020,)) -> Plan:
    """Farmland turned to reduced tillage and more residues, with 30 kg N/ha more fertiliser."""
    return project("farmland-soil", {"field": SOIL}, SOIL_VALUES, years)


def hectares(plan: Plan, area: float = 1.0, standard_error: float = 0.0, method: str = "parcels") -> tuple[Activity, ...]:
    """The same area in both scenarios of every stratum and year."""
    scenarios, strata = ("baseline", "project"), plan.area.strata
    return tuple(Activity(year, scenario, name, area, standard_error, method) for year in plan.vintages for scenario in scenarios for name in strata)


def declaring(plan: Plan, **change: Any) -> Plan:
    """The plan with other fields of its methodology."""
    return replace(plan, methodology=plan.methodology.model_copy(update=change))
