"""What an explanation says of a measured number: the files its place names, samples, units, controls and plots."""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.records import BenchmarkYear, CensusStock, SoilChange, Variable, WorksheetRow
from carbonsink.report.tracing.evidence import Evidence
from carbonsink.report.tracing.land import width
from carbonsink.report.tracing.node import Node


def files_of(evidence: Evidence, variable: Variable) -> Iterator[Node]:
    """The run's copies of the files a measured number's place names."""
    yield from (Node(copy) for text, copy in evidence.declared.items() if text in variable.place)


def measured(evidence: Evidence, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """What a symbol was measured by, in the vintage and stratum of a row."""
    found, w = evidence.measured, evidence.w
    match symbol:
        case "soc_gain_measured":
            changes = (c for c in found.soil_changes if c.stratum == row.stratum and c.before <= row.year <= c.after)
            yield from (Node(_soil(evidence, c), tuple(_sites(evidence, c))) for c in changes)
        case "tree_carbon_gain" | "tree_carbon_deduction":
            yield from (Node(_census(evidence, c)) for c in found.census)
        case "performance_benchmark":
            yield from (Node(_benchmark(evidence, b)) for b in found.benchmarks if b.year == row.year)
            yield from (Node(w("trace.balance", year=b.year, before=b.before, after=b.after)) for b in found.balance)
            matches = [Node(w("trace.match", plot=m.plot, control=m.control, distance=m.distance, weight=m.weight)) for m in found.matches]
            yield from evidence.cut(matches, "areas/matches.csv")


def inventories(evidence: Evidence, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """The inventories of plots a gain of trees is made of."""
    for c in evidence.plot_changes:
        if symbol == "tree_carbon_gain" and c.scenario == row.scenario and c.before < row.year <= c.after:
            facts = {"before": c.before, "after": c.after, "plots": c.plots, "method": c.method}
            yield Node(evidence.w("trace.inventory", change=c.change_t_co2, percent=c.uncertainty_percent, **facts))


def _soil(evidence: Evidence, c: SoilChange) -> str:
    error = width(c.standard_error_t_ha, c.low_t_ha, c.high_t_ha, evidence.w)
    return evidence.w("trace.soil", before=c.before, after=c.after, kind=c.kind, change=c.change_t_ha, error=error)


def _sites(evidence: Evidence, change: SoilChange) -> Iterator[Node]:
    """The sites of a side in both campaigns."""
    for s in evidence.measured.soil_sites:
        if (s.stratum, s.kind) == (change.stratum, change.kind) and s.site and s.campaign in (change.before, change.after):
            facts = {"campaign": s.campaign, "site": s.site, "stock": s.stock_t_ha, "units": s.units, "mass": s.mass_t_ha, "found": s.found_mass_t_ha}
            yield Node(evidence.w("trace.site", **facts))


def _census(evidence: Evidence, c: CensusStock) -> str:
    w = evidence.w
    taken = "" if c.deduction_share is None else f", UNC {c.deduction_share:.2%}"
    facts = {"day": c.day, "living": c.living, "sampled": c.sampled, "counted": c.counted, "carbon": c.carbon_t, "width": c.half_width_t}
    return w("trace.census", stratum=c.stratum or w("trace.all-strata"), taken=taken, **facts)


def _benchmark(evidence: Evidence, b: BenchmarkYear) -> str:
    facts = {"year": b.year, "project": b.project_slope, "project_error": b.project_error, "control": b.control_slope, "control_error": b.control_error}
    return evidence.w("trace.benchmark", z=b.z, benchmark=b.benchmark, **facts)
