"""Stand-ins for what the stages before this one will measure, so that a number nobody gives is told before any scene is fetched.

area.toml [[plots]], [census], [stocking], [soil_samples], [[model]] -> a row of one for each symbol, year and stratum
"""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.records import Measured
from carbonsink.base.units import symbols
from carbonsink.carbon.resolve import WHOLE
from carbonsink.declared.plan import Plan

GIVES = {
    "plots": ("tree_carbon_gain",),
    "census": ("tree_carbon_gain", "tree_carbon_deduction"),
    "stocking": ("performance_benchmark",),
    "soil_samples": ("soc_gain_measured",),
    "model": ("soc_gain_modelled",),
}


def expected(plan: Plan) -> tuple[Measured, ...]:
    """A row of one for every symbol, year and stratum that something declared will give."""
    given = dict.fromkeys((symbol, year) for field, names in GIVES.items() if getattr(plan.area, field) for symbol in names for year in _years(plan, field))
    return tuple(row for symbol, year in given for row in _rows(plan, symbol, year))


def _years(plan: Plan, field: str) -> tuple[int, ...]:
    """The vintages something may speak of: two inventories of plots tell what lies between them, not the year of the first."""
    if field != "plots":
        return plan.vintages
    years = [inventory.year for inventory in plan.area.plots]
    return tuple(year for year in plan.vintages if min(years) < year <= max(years))


def _rows(plan: Plan, symbol: str, year: int) -> Iterator[Measured]:
    for stratum in (WHOLE, *plan.area.strata):
        yield Measured(year, "both", stratum, symbol, 1.0, symbols()[symbol].unit, None, None, "exact", "will be measured")
