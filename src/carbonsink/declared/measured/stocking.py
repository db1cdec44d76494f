"""Plots of a project and of a donor pool with their stocking index by year, read and held against VM0047's Appendix 1.

    stocking.csv   plot, kind (project | donor), jurisdiction, ecoregion, policy, tenure, area_ha, distance_km (of a donor, from the
                   middle of the project's plots), inside_share (of a project plot), and a column a calendar year: the index

A cell of a year may be empty: a donor without history is no donor, and a matched set without an index in a year is left out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.tables import total
from carbonsink.declared.measured.declarations import Stocking
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.table import Column, Row, is_year, read_table, twice

COLUMNS = (
    Column("plot"),
    Column("kind", words=("project", "donor")),
    Column("jurisdiction"),
    Column("ecoregion"),
    Column("policy"),
    Column("tenure"),
    Column("area_ha", float, over=0),
    Column("distance_km", float, needed=False, least=0),
    Column("inside_share", float, needed=False, least=0, most=1),
)
WHERE = "area.toml [stocking"


@dataclass(frozen=True)
class StockPlot:
    """A plot: the facts a donor must share, its distance [km] (0 for the project's own), its index by year."""

    id: str
    facts: tuple[str, ...]
    area_ha: float
    distance_km: float
    index: Mapping[int, float]


@dataclass(frozen=True)
class StockTables:
    """The project's plots and its donor pool, in the order of ids; the years of history and of monitoring."""

    project: tuple[StockPlot, ...]
    donors: tuple[StockPlot, ...]
    history: tuple[int, ...]
    monitored: tuple[int, ...]


def read_stocking(declared: Stocking, path: Path, vintages: Sequence[int]) -> StockTables:
    """The plots, donors already those of the pool; a Refusal lists every problem of them."""
    found: list[Problem] = []
    rows = read_table(path, declared.file, COLUMNS, found, years=True)
    years = sorted({int(name) for row in rows for name in row.numbers if is_year(name)})
    if not found:  # a table that lacks rows says nothing of how many there are
        found += [*_year_problems(declared, years, vintages), *_plot_problems(declared, rows)]
    found += [*twice((declared.file, row.texts["plot"]) for row in rows), *_radius_problems(declared)]
    tables = _tables(declared, rows, years)
    found += _history_problems(declared, tables)
    if found:
        raise Refusal(found)
    return tables


def _tables(declared: Stocking, rows: Sequence[Row], years: Sequence[int]) -> StockTables:
    first = min(low for low, _ in read_measured_settings().stocking.history.windows)
    history = tuple(year for year in years if declared.start + first <= year <= declared.start)
    monitored = tuple(year for year in years if year > declared.start)
    ordered = sorted(rows, key=lambda row: row.texts["plot"])
    project = tuple(_plot(row) for row in ordered if row.texts["kind"] == "project")
    donors = tuple(_plot(row) for row in ordered if row.texts["kind"] == "donor")
    return StockTables(project, tuple(_pool(declared, project, donors, history)), history, monitored)


def _plot(row: Row) -> StockPlot:
    facts = tuple(row.texts[name] for name in read_measured_settings().stocking.donors.same)
    index = {int(name): value for name, value in row.numbers.items() if is_year(name)}
    return StockPlot(row.texts["plot"], facts, row.numbers["area_ha"], row.numbers.get("distance_km", 0.0), index)


def _pool(declared: Stocking, project: Sequence[StockPlot], donors: Sequence[StockPlot], history: Sequence[int]) -> Iterator[StockPlot]:
    """Donors near enough, of the size of the project's plots, that share all facts with one of them, and whose history is known (Step 2)."""
    rules = read_measured_settings().stocking
    radius = declared.radius_km or rules.donors.radius_km
    facts, size = {plot.facts for plot in project}, total(plot.area_ha for plot in project) / max(len(project), 1)
    for donor in donors:
        alike = donor.facts in facts and abs(donor.area_ha - size) <= rules.plots.size_tolerance * size
        if alike and donor.distance_km <= radius and set(history) <= donor.index.keys():
            yield donor


def _radius_problems(declared: Stocking) -> Iterator[Problem]:
    step = read_measured_settings().stocking.donors.radius_km
    if declared.radius_km is not None and (declared.radius_km < step or declared.radius_km % step):
        yield Problem("E-MEA-049", f"{WHERE}.radius_km]", {"found": declared.radius_km, "step": step})


def _year_problems(declared: Stocking, years: Sequence[int], vintages: Sequence[int]) -> Iterator[Problem]:
    """Windows of history without a year, vintages after the start that weren't monitored."""
    for low, high in read_measured_settings().stocking.history.windows:
        if not any(declared.start + low <= year <= declared.start + high for year in years):
            yield Problem("E-MEA-040", declared.file, {"first": declared.start + low, "last": declared.start + high})
    lacking = [year for year in vintages if year > declared.start and year not in years]
    if lacking:
        yield Problem("E-MEA-044", declared.file, {"years": ", ".join(map(str, lacking))})


def _plot_problems(declared: Stocking, rows: Sequence[Row]) -> Iterator[Problem]:
    """Too few plots of the project, plots too small, too large or too far outside, donors without a distance."""
    rules = read_measured_settings().stocking.plots
    mine = [row for row in rows if row.texts["kind"] == "project"]
    if len(mine) < rules.least:
        yield Problem("E-MEA-041", declared.file, {"count": len(mine), "least": rules.least})
    for row in mine:
        if not rules.least_ha <= row.numbers["area_ha"] <= rules.most_ha:
            facts = {"column": "area_ha", "found": row.numbers["area_ha"], "wanted": f"{rules.least_ha:g} .. {rules.most_ha:g}"}
            yield Problem("E-MEA-042", row.where, facts)
        if row.numbers.get("inside_share", 0.0) < rules.least_inside:
            facts = {"column": "inside_share", "found": row.numbers.get("inside_share", "-"), "wanted": f">= {rules.least_inside:g}"}
            yield Problem("E-MEA-042", row.where, facts)
    for row in rows:
        if row.texts["kind"] == "donor" and "distance_km" not in row.numbers:
            yield Problem("E-MEA-042", row.where, {"column": "distance_km", "found": "-", "wanted": ">= 0"})


def _history_problems(declared: Stocking, tables: StockTables) -> Iterator[Problem]:
    for plot in tables.project:
        if lacking := [year for year in tables.history if year not in plot.index]:
            yield Problem("E-MEA-043", f"{declared.file} {plot.id}", {"years": ", ".join(map(str, lacking))})
