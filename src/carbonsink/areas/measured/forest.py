"""Inventories of plots as a symbol: what trees gained between two of them (AR-TOOL14 version 04.2, sections 6.1, 6.2 and 8.4).

    areas/plots.csv, areas/plot_changes.csv -> tree_carbon_gain [t C/yr] of every vintage after one inventory up to the next

The tool's uncertainty is at 90 %; the interval here is at 95 %, by the t of the same degrees of freedom. The tool's discount is
taken from the interval by the rule of deduction, not here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from carbonsink.areas.interval import quantile
from carbonsink.areas.measured.rows import bounded
from carbonsink.base.pairs import write_pairs
from carbonsink.base.records import Measured, PlotChange, PlotEstimate
from carbonsink.base.tables import read_if_there
from carbonsink.declared.allometry import read_plot_settings
from carbonsink.declared.factors import editions, read_factors
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.plan import Plan

Whole = Mapping[tuple[int, str], PlotEstimate]  # plots alone, all strata together, by year and scenario


def forest_rows(plan: Plan, run: Path) -> Iterator[Measured]:
    """The gain of every scenario and vintage; nothing without two inventories."""
    estimates = read_if_there(run / "areas" / "plots.csv", PlotEstimate)
    whole = {(row.year, row.scenario): row for row in estimates if row.estimator == "stratified" and not row.stratum}
    carbon = 1 / read_factors(editions()[0]).find("co2_per_c", {}).value
    for row in read_if_there(run / "areas" / "plot_changes.csv", PlotChange):
        years = row.after - row.before
        half = half_width(row, whole, read_measured_settings().interval.percent) * carbon / years
        place = f"inventories of {row.before} and {row.after}, {row.plots} plots, {row.method}"
        shared = write_pairs([(f"change:tree_carbon_gain:{row.scenario}:{row.before}..{row.after}", 1.0)])
        for year in plan.vintages:
            if row.before < year <= row.after:
                yield bounded(year, "", "tree_carbon_gain", row.a_year_t_co2 * carbon, half, place, row.scenario, shared)


def half_width(change: PlotChange, whole: Whole, percent: float) -> float:
    """Half of a change's interval [t CO2] at another level than the tool's: the same plots by their t, two inventories each by its own."""
    after, before = whole[change.after, change.scenario], whole[change.before, change.scenario]
    if change.method == "remeasured":
        return abs(change.change_t_co2) * change.uncertainty_percent / 100 * _wider(after.degrees, percent)
    return math.hypot(*(row.stock_t_co2 * row.uncertainty_percent / 100 * _wider(row.degrees, percent) for row in (before, after)))


def _wider(degrees: int, percent: float) -> float:
    """How much wider an interval is at a level than at the tool's."""
    return float(quantile(percent, degrees) / quantile(read_plot_settings().level.percent, degrees))
