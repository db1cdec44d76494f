"""Strata of an inventory of all land: one of each category that stays, one conversion to each category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.plan import Plan
from tests.carbon.projects import area_file, soil

PLACE = {"climate": "warm_temperate_moist", "soil": "lac", "moisture": "wet", "continent": "asia", "ecozone": "subtropical_humid", "fuel": "none"}
FOREST = {
    "category": "forest_land",
    "lifeform": "forest",
    "leaf": "broadleaf",
    "species": "other",
    "origin": "natural",
    "agb_class": "gt125",
    "harvest": "no",
    "disturbance": "no",
}
CROPS = {"category": "cropland", "lifeform": "annual_crops", "land_use": "long_term_cultivated", "tillage": "full", "input": "medium"}
ORCHARD = {"category": "cropland", "lifeform": "perennial_crops", "land_use": "perennial_tree_crop", "tillage": "no_till", "input": "medium"}
GRASS = {"category": "grassland", "lifeform": "grass", "grazing": "nominal"}
BARE = {"lifeform": "none"}
SETTLEMENT, WETLAND, OTHER = ({"category": name} | BARE for name in ("settlements", "wetlands", "other_land"))

STANDING = [
    {"symbol": "change_year", "value": 1990.0, "unit": "yr"},
    {"symbol": "nitrogen_rate", "value": 0.0, "unit": "kg_N ha^-1 yr^-1"},
]


def remaining(practice: Mapping[str, str], **more: str) -> dict[str, Any]:
    """Land that is what it was."""
    return {"keys": PLACE | {"land_change": "remaining"} | practice | more}


def converted(before: Mapping[str, str], after: Mapping[str, str], **more: str) -> dict[str, Any]:
    """Land of one use until the year of change, of another since."""
    return {"keys": PLACE | {"land_change": "converted"} | more, "baseline": dict(before), "project": dict(after)}


def value(symbol: str, number: float, unit: str, stratum: str | None = None, **more: str) -> dict[str, Any]:
    """A declared number."""
    return {"symbol": symbol, "value": number, "unit": unit, **({"stratum": stratum} if stratum else {}), **more}


def changed_in(year: int, stratum: str) -> dict[str, Any]:
    """The year of change of one stratum."""
    return value("change_year", float(year), "yr", stratum)


def factors(stratum: str, f_land_use: float, scenario: str = "project") -> list[dict[str, Any]]:
    """Stock change factors that no table has: of settlements and other land."""
    numbers = {"f_land_use": f_land_use, "f_management": 1.0, "f_input": 1.0}
    return [value(name, number, "1", stratum, scenario=scenario) for name, number in numbers.items()]


def inventory(strata: Mapping[str, Any], values: Sequence[Mapping[str, Any]] = (), years: Sequence[int] = (2020,)) -> Plan:
    """A plan of the inventory."""
    return replace(
        soil(years), area=area_file(strata, [*STANDING, *values], years, "forest-growth"), methodology=read_methodology("ipcc-inventory"), vintages=tuple(years)
    )
