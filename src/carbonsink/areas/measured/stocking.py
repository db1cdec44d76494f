"""Stocking indices of plots and donors -> the performance benchmark of every vintage after the start (VM0047 v1.1, area-based).

    stocking.csv -> performance_benchmark [1]; what trees would have gained anyway is its part of the project's gain, so the baseline's is 0

Its uncertainty is zero by the methodology (section 8.5), so the row is exact; how good the match is, and Z, stand in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.areas.interval import Array
from carbonsink.areas.measured.benchmark import Benchmark, Slope, benchmark, slope
from carbonsink.areas.measured.matching import Match, differences, mahalanobis, optimal
from carbonsink.areas.measured.rows import OVER_BASELINE, bounded
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.records import Measured
from carbonsink.declared.measured.declarations import Stocking
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.stocking import StockPlot, StockTables
from carbonsink.declared.plan import Plan


def stocking_rows(plan: Plan, declared: Stocking, tables: StockTables) -> Iterator[Measured]:
    """The benchmark of every vintage after the start; refuses too few donors, a poor match, and years with too few whole sets."""
    match = matched(declared, tables)
    worst = float(differences(indices(tables.project, tables.history), indices(tables.donors, tables.history), match).max())
    for year in (year for year in plan.vintages if year > declared.start):
        found = benchmark_of(declared, tables, match, year)
        place = (
            f"{declared.file}: {declared.start} to {year}, {len(tables.project)} plots, {declared.controls} controls each of {len(tables.donors)} donors, "
            f"difference {worst:.3f}, Z {found.z:.2f}"
        )
        yield bounded(year, "", "performance_benchmark", found.value, 0.0, place, "both")
        yield bounded(year, "", "tree_carbon_gain", 0.0, 0.0, OVER_BASELINE, "baseline")


def matched(declared: Stocking, tables: StockTables) -> Match:
    """The match of the project's plots with the donor pool (Steps 2 and 3)."""
    rules, needed = read_measured_settings().stocking, len(tables.project) * declared.controls
    if len(tables.donors) < needed:
        raise refuse("E-MEA-045", declared.file, donors=len(tables.donors), needed=needed, controls=declared.controls)
    project, donors = (indices(plots, tables.history) for plots in (tables.project, tables.donors))
    allowed = np.array([[plot.facts == donor.facts for donor in tables.donors] for plot in tables.project])
    match = optimal(mahalanobis(project, donors), allowed, declared.controls)
    if match is None:
        raise refuse("E-MEA-046", declared.file, facts=", ".join(rules.donors.same))
    far = [(year, found) for year, found in zip(tables.history, differences(project, donors, match), strict=True) if found > rules.tests.most_difference]
    if far:
        facts = {"limit": rules.tests.most_difference, "step": rules.donors.radius_km}
        raise Refusal(Problem("E-MEA-047", declared.file, {"years": year, "found": round(float(found), 3), **facts}) for year, found in far)
    return match


def benchmark_of(declared: Stocking, tables: StockTables, match: Match, year: int) -> Benchmark:
    """The benchmark of the series from the start up to a year."""
    mine, theirs, _ = growth(declared, tables, match, year)
    return benchmark(mine, theirs)


def growth(declared: Stocking, tables: StockTables, match: Match, year: int) -> tuple[Slope, Slope, int]:
    """Slopes [index a year] of the project and of its controls up to a year, over sets whose every member has an index, and how many those are."""
    least = read_measured_settings().stocking.plots.least
    years = [declared.start, *(y for y in tables.monitored if y <= year)]
    project, controls = indices(tables.project, years), indices(tables.donors, years)[match.controls]
    whole = ~(np.isnan(project) | np.isnan(controls).any(axis=1))  # (plot, year)
    for counted, count in zip(years, whole.sum(axis=0).tolist(), strict=True):
        if count < least:
            raise refuse("E-MEA-048", declared.file, year=counted, count=count, least=least)
    times = np.broadcast_to(np.array(years, np.float64) - declared.start, whole.shape)
    mine = slope(times[whole], project[whole], np.ones(int(whole.sum())))
    return mine, _control_slope(times, controls, match.weights, whole), int(whole.sum())


def indices(plots: Sequence[StockPlot], years: Sequence[int]) -> Array:
    """Indices (plot, year), NaN where there is none."""
    return np.array([[plot.index.get(year, np.nan) for year in years] for plot in plots], np.float64)


def _control_slope(times: Array, controls: Array, weights: Array, whole: NDArray[np.bool_]) -> Slope:
    """The slope of controls (plot, k, year) of whole sets, each by its weight in its set: eq A5 (the factor of eq A3 is one for all)."""
    every = np.broadcast_to(whole[:, None, :], controls.shape)
    return slope(np.broadcast_to(times[:, None, :], controls.shape)[every], controls[every], np.broadcast_to(weights[:, :, None], controls.shape)[every])
