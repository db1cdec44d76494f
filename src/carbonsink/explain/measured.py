"""What an explanation says of a measured number: the files its place names, samples, units, controls and plots."""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.measurements import Measurements
from carbonsink.base.records import BenchmarkYear, CensusStock, SoilChange, Variable, WorksheetRow
from carbonsink.explain.evidence import Evidence
from carbonsink.explain.land import width
from carbonsink.explain.node import Node


def files_of(evidence: Evidence, variable: Variable) -> Iterator[Node]:
    """The run's copies of the files a measured number's place names."""
    yield from (Node(copy) for text, copy in evidence.declared.items() if text in variable.place)


def measured(found: Measurements, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """What a symbol was measured by, in the vintage and stratum of a row."""
    match symbol:
        case "soc_gain_measured":
            yield from (Node(_soil(c), tuple(_sites(found, c))) for c in found.soil_changes if c.stratum == row.stratum and c.before <= row.year <= c.after)
        case "tree_carbon_gain" | "tree_carbon_deduction":
            yield from (Node(_census(c)) for c in found.census)
        case "performance_benchmark":
            yield from (Node(_benchmark(b)) for b in found.benchmarks if b.year == row.year)
            yield from (Node(f"index of {b.year}: standardised difference {b.before} from all donors, {b.after} matched") for b in found.balance)
            yield from (Node(f"{m.plot}: control {m.control}, distance {m.distance}, weight {m.weight}") for m in found.matches)


def inventories(evidence: Evidence, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """The inventories of plots a gain of trees is made of."""
    for c in evidence.plot_changes:
        if symbol == "tree_carbon_gain" and c.scenario == row.scenario and c.before < row.year <= c.after:
            yield Node(f"{c.before} to {c.after}, {c.plots} plots, {c.method}: {c.change_t_co2} t CO2 +- {c.uncertainty_percent} %, areas/plots.csv")


def _soil(c: SoilChange) -> str:
    return f"{c.before} to {c.after}, {c.kind}: {c.change_t_ha} t C/ha{width(c.standard_error_t_ha, c.low_t_ha, c.high_t_ha)}"


def _sites(found: Measurements, change: SoilChange) -> Iterator[Node]:
    """The sites of a side in both campaigns."""
    for s in found.soil_sites:
        if (s.stratum, s.kind) == (change.stratum, change.kind) and s.site and s.campaign in (change.before, change.after):
            yield Node(f"{s.campaign} {s.site}: {s.stock_t_ha} t C/ha of {s.units} samples on {s.mass_t_ha} t/ha of soil ({s.found_mass_t_ha} found)")


def _census(c: CensusStock) -> str:
    counts = f"{c.day} {c.stratum or 'all strata'}: {c.living} of {c.sampled} sampled units live, {c.counted} counted"
    taken = "" if c.deduction_share is None else f", UNC {c.deduction_share:.2%}"
    return f"{counts}; {c.carbon_t} t C +- {c.half_width_t}{taken}"


def _benchmark(b: BenchmarkYear) -> str:
    slopes = f"project {b.project_slope} +- {b.project_error}, controls {b.control_slope} +- {b.control_error} a year"
    return f"{b.year}: {slopes}; Z {b.z}, benchmark {b.benchmark}"
