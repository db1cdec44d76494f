"""Everything measured, as symbols that equations ask for: inventories of plots, soil samples, a census, matched controls.

area.toml [[plots]], [soil_samples], [census], [stocking]; areas/plots.csv, plot_changes.csv, activity.csv -> areas/measured.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from carbonsink.areas.measured.census import census_rows
from carbonsink.areas.measured.forest import forest_rows
from carbonsink.areas.measured.soil import soil_rows
from carbonsink.areas.measured.stocking import stocking_rows
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Activity, Measured
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.measured.census import read_census
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
    area, strata = plan.area, list(plan.area.strata)
    if area.soil_samples:
        soil = area.soil_samples
        yield from soil_rows(plan, soil, read_soil(soil, plan.path(soil.file), plan.path(soil.sites), strata))
    if area.census:
        activity = read_csv(run / "areas" / "activity.csv", Activity)
        yield from census_rows(plan, area.census, read_census(area.census, plan.path(area.census.file), strata), activity)
    if area.stocking:
        yield from stocking_rows(plan, area.stocking, read_stocking(area.stocking, plan.path(area.stocking.file), plan.vintages))


def _key(row: Measured) -> tuple[int, str, str, str]:
    return row.year, row.scenario, row.stratum, row.symbol


def _twice(rows: Sequence[Measured]) -> Problem | None:
    if len(rows) == 1:
        return None
    return Problem("E-MEA-050", rows[0].stratum or "-", {"symbol": rows[0].symbol, "year": rows[0].year, "one": rows[0].place, "other": rows[1].place})
