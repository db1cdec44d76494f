"""Small whole forest projects, a methodology each: what an area states, what its plots measured, and the way to the statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from carbonsink.base.records import Measured, Spread
from carbonsink.base.units import symbols
from carbonsink.carbon.work import stock_changes, worksheet
from carbonsink.credit.statement import statement
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.plan import Plan
from tests.carbon.projects import hectares, project

UNCERTAINTY_LEVEL = 90.0

AR_ACM0003 = {
    "keys": {
        "climate": "warm_temperate_moist", "soil": "lac", "land_use": "long_term_cultivated", "tillage": "full", "input": "low",
        "tree_method": "plots", "standing_trees": "counted", "shrubs": "left_out", "dead_matter": "default", "soil_pool": "counted",
        "wetland": "no", "disturbance_limited": "no", "litter_kept": "yes", "displacement": "none",
    }
}  # fmt: skip
AR_ACM0003_VALUES = {
    "years_without_forest": 30.0, "planting_year": 2015.0, "soil_disturbance": 0.0278, "crown_cover": 0.02, "growth": 8.0,
    "burned_share": 0.05, "fuel_load": 20.0, "dead_carbon_density": 1.0,
}  # fmt: skip
CCER_14_001 = {
    "keys": {
        "species": "杉木", "climate": "warm_temperate_moist", "tree_method": "volume", "shrubs": "left_out", "land_title": "certificate", "wetland": "no",
        "standing_trees": "kept", "soil_disturbance_repeated": "no", "burning": "no", "displacement": "none", "forest_use": "timber",
        "additionality": "demonstrated",
    }
}  # fmt: skip
CCER_14_001_VALUES = {
    "years_without_forest": 5.0, "planting_year": 2014.0, "smallest_parcel": 5000.0, "cleared_share": 0.1, "growing_volume": 90.0,
    "growing_volume_earlier": 30.0, "years_between": 5.0,
}  # fmt: skip
CCER_14_002 = {
    "keys": {
        "ecozone": "mangrove_subtropical", "salinity": "lt18", "soil_type": "mineral", "tree_method": "plots", "site": "former_pond",
        "land_title": "approval", "existing_vegetation": "kept",
    }
}  # fmt: skip
CCER_14_002_VALUES = {"planting_year": 2018.0, "mangrove_share": 0.97, "soil_disturbance": 0.05}
VM0047 = {
    "keys": {"wetland": "no", "organic_soil": "no", "water_table": "kept", "required_by_law": "no", "displacement": "none", "barrier": "shown"},
}
VM0047_VALUES = {"years_without_forest": 12.0, "planting_year": 2015.0, "non_permanence_rating": 0.1, "nitrogen_rate": 0.0}
VM0047_CENSUS = {"keys": VM0047["keys"] | {"direct_planting": "yes", "common_practice": "no"}}
VM0047_CENSUS_VALUES = VM0047_VALUES | {"units_per_hectare": 40.0}
AR_CM_003 = {"keys": {"species": "杉木", "planted_forest": "yes", "organic_soil": "no"}}
AR_CM_003_VALUES = {"planting_year": 2000.0, "growth_rate": 0.05, "growth_shape": 2.0}
PROJECTS: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "ar-acm0003": (AR_ACM0003, AR_ACM0003_VALUES),
    "ccer-14-001": (CCER_14_001, CCER_14_001_VALUES),
    "ccer-14-002": (CCER_14_002, CCER_14_002_VALUES),
    "vm0047-census": (VM0047_CENSUS, VM0047_CENSUS_VALUES),
    "vm0047-area": (VM0047, VM0047_VALUES),
    "ar-cm-003": (AR_CM_003, AR_CM_003_VALUES),
}


def declared(values: Mapping[str, float], **more: Any) -> list[dict[str, Any]]:
    """Values as area.toml declares them, each in its symbol's unit."""
    return [{"symbol": symbol, "value": value, "unit": symbols()[symbol].unit} | more for symbol, value in values.items()]


def forest(methodology: str, strata: Mapping[str, Any], values: Sequence[Mapping[str, Any]], years: Sequence[int] = (2020,)) -> Plan:
    """A whole plan of a forest methodology."""
    return replace(project("forest-inventory", strata, values, years), methodology=read_methodology(methodology))


def small(methodology: str, years: Sequence[int] = (2020,), **values: float) -> Plan:
    """The methodology's small project with one stratum, some of its values changed or added."""
    stratum, known = PROJECTS[methodology]
    return forest(methodology, {"slope": stratum}, declared(known | values), years)


def measured(symbol: str, value: float, half: float = 0.0, year: int = 2020, stratum: str = "") -> Measured:
    """A number that stage 4 measured in the project, with half of its 95 % interval."""
    low, high = (value - half, value + half) if half else (None, None)
    return Measured(year, "project", stratum, symbol, value, symbols()[symbol].unit, low, high, "normal" if half else "exact", "plots")


def posted(plan: Plan, area: float, *rows: Measured, width: float = 0.0) -> dict[int, dict[str, Decimal]]:
    """The statement's postings other than zero, by vintage and account, with gross and net known to a half-width [%] at the rule's level."""
    changes = stock_changes(worksheet(plan, hectares(plan, area), rows)[0])
    spreads = [Spread(year, part, 2, UNCERTAINTY_LEVEL, 0.0, 0.0, 0.0, 0.0, width) for year in plan.vintages for part in ("gross", "net")]
    found: dict[int, dict[str, Decimal]] = {year: {} for year in plan.vintages}
    for one in statement(plan.methodology, plan.vintages, changes, spreads, ()):
        found[one.vintage] |= {one.account: one.co2e_t} if one.co2e_t else {}
    return found
