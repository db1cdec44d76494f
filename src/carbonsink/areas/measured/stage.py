"""Everything measured, as symbols that equations ask for: inventories of plots, soil samples, a census, matched controls.

area.toml [[plots]], [soil_samples], [census], [stocking]; areas/plots.csv, plot_changes.csv, activity.csv
    -> areas/measured.csv; for the verifier soil_sites.csv, soil_changes.csv, census.csv, matches.csv, balance.csv, benchmarks.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from carbonsink.areas.measured.census import census_rows
from carbonsink.areas.measured.census_evidence import census_evidence
from carbonsink.areas.measured.forest import forest_rows
from carbonsink.areas.measured.soil import soil_rows
from carbonsink.areas.measured.soil_evidence import change_rows, site_rows
from carbonsink.areas.measured.stocking import matched, stocking_rows
from carbonsink.areas.measured.stocking_evidence import balance_rows, benchmark_rows, match_rows
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Activity, Balance, BenchmarkYear, CensusStock, MatchedControl, Measured, SoilChange, SoilStock
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.measured.census import read_census
from carbonsink.declared.measured.declarations import Census, SoilSamples, Stocking
from carbonsink.declared.measured.soil import read_soil
from carbonsink.declared.measured.stocking import read_stocking
from carbonsink.declared.plan import Plan


def measure_all(plan: Plan, run: Path) -> None:
    """Write what was measured; nothing where nothing was. Refuses a number that is measured in two ways."""
    rows = sorted([*forest_rows(plan, run), *_declared_rows(plan, run)], key=_key)
    problems = [_twice(list(part)) for _, part in groupby(rows, _key)]
    if found := [problem for problem in problems if problem]:
        raise Refusal(found)
    if rows:
        write_csv(run / "areas" / "measured.csv", rows, Measured)


def _declared_rows(plan: Plan, run: Path) -> Iterator[Measured]:
    """The rows of each declared way of measuring, whose own tables are written beside them."""
    area = plan.area
    if area.soil_samples:
        yield from _soil(plan, area.soil_samples, run / "areas")
    if area.census:
        yield from _census(plan, area.census, run / "areas")
    if area.stocking:
        yield from _stocking(plan, area.stocking, run / "areas")


def _soil(plan: Plan, declared: SoilSamples, out: Path) -> Iterator[Measured]:
    tables = read_soil(declared, plan.path(declared.file), plan.path(declared.sites), list(plan.area.strata))
    yield from soil_rows(plan, declared, tables)
    write_csv(out / "soil_sites.csv", site_rows(tables.samples, declared.depth_cm), SoilStock)
    write_csv(out / "soil_changes.csv", change_rows(tables.samples, declared.depth_cm), SoilChange)


def _census(plan: Plan, declared: Census, out: Path) -> Iterator[Measured]:
    samples = read_census(declared, plan.path(declared.file), list(plan.area.strata))
    yield from census_rows(plan, declared, samples, read_csv(out / "activity.csv", Activity))
    write_csv(out / "census.csv", census_evidence(declared, samples), CensusStock)


def _stocking(plan: Plan, declared: Stocking, out: Path) -> Iterator[Measured]:
    tables = read_stocking(declared, plan.path(declared.file), plan.vintages)
    yield from stocking_rows(plan, declared, tables)
    match = matched(declared, tables)
    write_csv(out / "matches.csv", list(match_rows(tables, match)), MatchedControl)
    write_csv(out / "balance.csv", list(balance_rows(tables, match)), Balance)
    write_csv(out / "benchmarks.csv", list(benchmark_rows(plan, declared, tables, match)), BenchmarkYear)


def _key(row: Measured) -> tuple[int, str, str, str]:
    return row.year, row.scenario, row.stratum, row.symbol


def _twice(rows: Sequence[Measured]) -> Problem | None:
    if len(rows) == 1:
        return None
    return Problem("E-MEA-050", rows[0].stratum or "-", {"symbol": rows[0].symbol, "year": rows[0].year, "one": rows[0].place, "other": rows[1].place})
