"""Small whole projects of the farmland methodologies, and the way from hectares to the statement without imagery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Problem
from carbonsink.base.records import Activity, Measured, Posting, WorksheetRow
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.declared.area import ImagerySource
from carbonsink.declared.methodology import check_applicability, rated, read_methodology
from carbonsink.declared.plan import Plan
from carbonsink.uncertainty import propagate
from tests.carbon.projects import area_file, hectares, project
from tests.signing import confirming

Values = Sequence[Mapping[str, Any]]
CHANGED = {"symbol": "change_year", "value": 2020.0, "unit": "yr"}
KEPT = {"symbol": "yield_ratio", "value": 1.0, "unit": "1"}
UPLAND = {"climate": "warm_temperate_moist", "soil": "lac", "moisture": "wet", "nitrogen": "synthetic"}

FIELD = {
    "keys": UPLAND | {"land_use": "long_term_cultivated"},
    "baseline": {"tillage": "full", "input": "low"},
    "project": {"tillage": "reduced", "input": "high_without_manure"},
}
GARDEN = {
    "keys": UPLAND | {"land_use": "perennial_tree_crop", "woody_approach": "inventory", "soil_approach": "default_factors"},
    "baseline": {"tillage": "full", "input": "low"},
    "project": {"tillage": "full", "input": "medium"},
}
PASTURE = {
    "keys": UPLAND | {"category": "grassland", "land_change": "remaining", "livestock": "sheep_and_others"},
    "baseline": {"grazing": "severely_degraded"},
    "project": {"grazing": "nominal"},
}
SAMPLED = {
    "keys": UPLAND | {"category": "cropland", "soil_approach": "measure_and_remeasure"},
    "baseline": {"tillage": "full", "input": "low"},
    "project": {"tillage": "no_till", "input": "low"},
}


def nitrogen(kilograms: float, scenario: str = "both") -> dict[str, Any]:
    """Synthetic nitrogen a hectare and year."""
    return {"symbol": "nitrogen_rate", "value": kilograms, "unit": "kg_N ha^-1 yr^-1", "scenario": scenario}


def rating(share: float) -> dict[str, Any]:
    """The project's own non-permanence rating."""
    return {"symbol": "non_permanence_rating", "value": share, "unit": "1"}


def planned(methodology: str, strata: Mapping[str, Any], values: Values, years: Sequence[int] = (2020,)) -> Plan:
    """A whole plan whose imagery nobody simulated and whose clauses somebody confirmed."""
    plan = project("farmland-soil", strata, values, years)
    area = plan.area.model_copy(update={"imagery": ImagerySource(catalogue="catalogue")})
    return confirming(replace(plan, area=area, methodology=rated(read_methodology(methodology), area)))


def run(plan: Plan, folder: Path, area: float = 100.0, measured: Sequence[Measured] = ()) -> dict[str, Decimal]:
    """Stages 5 to 7 over surveyed parcels: the first vintage's postings by account."""
    write_csv(folder / "areas" / "activity.csv", hectares(plan, area), Activity)
    if measured:
        write_csv(folder / "areas" / "measured.csv", measured, Measured)
    work(plan, folder)
    propagate(plan, folder)
    credit(plan, folder)
    return {posting.account: posting.co2e_t for posting in read_csv(folder / "credit" / "statement.csv", Posting) if posting.vintage == plan.vintages[0]}


def rows(folder: Path) -> dict[tuple[str, str], WorksheetRow]:
    """The worksheet of a run by flow and scenario, of one stratum and year."""
    return {(row.flow, row.scenario): row for row in read_csv(folder / "carbon" / "worksheet.csv", WorksheetRow)}


def unmet(methodology: str, stratum: Mapping[str, Any], values: Values, years: Sequence[int] = (2020,)) -> list[str]:
    """The clauses an area doesn't meet."""
    found: list[Problem] = check_applicability(read_methodology(methodology), area_file({"field": stratum}, values, years))
    return [str(problem.facts.get("clause", problem.code)) for problem in found]
