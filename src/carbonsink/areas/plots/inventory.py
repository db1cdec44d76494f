"""plots.csv and trees.csv as people hand them in: read, held against the area and the library, every problem told at once.

    plots.csv   plot, stratum, longitude, latitude, area_m2; biomass_t_ha where no trees are given; secondary, a cheaper variable
    trees.csv   plot, species, dbh_cm, height_m

A plot without biomass and without trees in a two-phase inventory was only looked at: its secondary variable is known, no more.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import shapely

from carbonsink.areas.plots.trees import Tree, plot_biomass
from carbonsink.base.formula import names_in
from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.allometry import read_plot_settings, read_species, read_tree_equations
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import Plots
from carbonsink.declared.schema import nearest

PLOT_COLUMNS = ("plot", "stratum", "longitude", "latitude", "area_m2")
PLOT_EXTRAS = ("biomass_t_ha", "secondary")
TREE_COLUMNS = ("plot", "species", "dbh_cm", "height_m")
MOST_BYTES = 50_000_000
POSITIVE = ("area_m2", "dbh_cm", "height_m")  # the others may be zero


@dataclass(frozen=True)
class Plot:
    """One plot: its centre [degrees], its area [m2], its biomass [t d.m./ha] and secondary variable where they are known."""

    id: str
    stratum: str
    longitude: float
    latitude: float
    area_m2: float
    biomass: float | None
    secondary: float | None


@dataclass(frozen=True)
class _Row:
    """A line of a table: where it stands, its texts, its numbers; None in a cell that is empty."""

    where: str
    texts: Mapping[str, str]
    numbers: Mapping[str, float | None]


def read_inventory(plan: Plan, declared: Plots) -> tuple[Plot, ...]:
    """The plots in the order of their ids; a Refusal lists every problem of both files."""
    found: list[Problem] = []
    rows = _table(plan, declared.file, PLOT_COLUMNS, PLOT_EXTRAS, ("plot", "stratum"), found)
    trees = _trees(plan, declared, {row.texts["plot"] for row in rows}, found) if declared.trees else {}
    found += _plot_problems(plan, rows)
    if found:
        raise Refusal(found)
    plots = tuple(sorted((_plot(row, declared, trees.get(row.texts["plot"], ())) for row in rows), key=lambda plot: plot.id))
    if problems := list(_count_problems(plan, declared, plots)):
        raise Refusal(problems)
    return plots


def _plot(row: _Row, declared: Plots, trees: Sequence[Tree]) -> Plot:
    n = {name: value if value is not None else math.nan for name, value in row.numbers.items()}
    biomass = row.numbers.get("biomass_t_ha")
    seen_only = declared.trees is not None and not trees and row.numbers.get("secondary") is not None and biomass is None
    if declared.trees is not None and not seen_only and biomass is None:
        biomass = plot_biomass(trees, n["area_m2"], declared)
    return Plot(row.texts["plot"], row.texts["stratum"], n["longitude"], n["latitude"], n["area_m2"], biomass, row.numbers.get("secondary"))


def _plot_problems(plan: Plan, rows: Sequence[_Row]) -> Iterator[Problem]:
    """Plots twice, of no stratum, outside the land."""
    for name, count in Counter(row.texts["plot"] for row in rows).items():
        if count > 1:
            yield Problem("E-ARE-024", name, {"count": count})
    for row in rows:
        if row.texts["stratum"] not in plan.area.strata:
            known = list(plan.area.strata)
            yield Problem("E-ARE-025", row.where, {"stratum": row.texts["stratum"], "nearest": nearest(row.texts["stratum"], known)})
        x, y = row.numbers["longitude"], row.numbers["latitude"]
        if x is not None and y is not None and not plan.land.boundary.covers(shapely.Point(x, y)):
            yield Problem("E-ARE-026", row.where, {"plot": row.texts["plot"], "x": x, "y": y})


def _count_problems(plan: Plan, declared: Plots, plots: Sequence[Plot]) -> Iterator[Problem]:
    """Strata with too few measured plots, and plots of which nothing is known."""
    yield from (Problem("E-ARE-027", f"{declared.file} {p.id}", {}) for p in plots if p.biomass is None and p.secondary is None)
    least = read_plot_settings().inventory.least_plots
    for stratum in plan.area.strata:
        measured = sum(p.stratum == stratum and p.biomass is not None for p in plots)
        if measured < least and any(p.stratum == stratum for p in plots):
            yield Problem("E-ARE-028", stratum, {"plots": measured, "least": least})


def _trees(plan: Plan, declared: Plots, plots: set[str], found: list[Problem]) -> dict[str, list[Tree]]:
    rows = _table(plan, declared.trees or "", TREE_COLUMNS, (), ("plot", "species"), found)
    trees: dict[str, list[Tree]] = {}
    for row in rows:
        problems = list(_tree_problems(row, declared, plots))
        found += problems
        if not problems:
            tree = Tree(row.texts["plot"], row.texts["species"], row.numbers["dbh_cm"] or 0.0, row.numbers["height_m"] or 0.0)
            trees.setdefault(tree.plot, []).append(tree)
    return trees


def _tree_problems(row: _Row, declared: Plots, plots: set[str]) -> Iterator[Problem]:
    """Trees of no plot, of a species that nobody knows, without an equation, without the height their equation asks for."""
    species = row.texts["species"]
    if row.texts["plot"] not in plots:
        yield Problem("E-ARE-029", row.where, {"plot": row.texts["plot"]})
    if species not in read_species() and (declared.route == "volume" or declared.roots == "species"):
        yield Problem("E-ARE-030", row.where, {"species": species, "nearest": nearest(species, list(read_species()))})
    equation = read_tree_equations().get((declared.equations.get(species, species), declared.route))
    if equation is None:
        known = sorted(name for name, kind in read_tree_equations() if kind == declared.route)
        yield Problem("E-ARE-031", row.where, {"species": species, "route": declared.route, "known": ", ".join(known)})
    elif "height" in names_in(equation.formula) and row.numbers["height_m"] is None:
        yield Problem("E-ARE-032", row.where, {"species": species})


def _table(plan: Plan, file: str, columns: Sequence[str], extras: Sequence[str], texts: Sequence[str], found: list[Problem]) -> list[_Row]:
    """A table's rows; problems of its columns and cells go to `found`."""
    path = plan.path(file)
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        found.append(Problem("E-ARE-021", file, {"limit": MOST_BYTES}))
        return []
    reader = csv.DictReader(io.StringIO(_text(path), newline=""))
    names = reader.fieldnames or []
    lacking, unknown = [c for c in columns if c not in names], [n for n in names if n not in (*columns, *extras)]
    if lacking or unknown or len(set(names)) < len(names):
        found.append(Problem("E-ARE-022", file, {"lacking": ", ".join(lacking) or "-", "unknown": ", ".join(unknown) or "-"}))
        return []
    return [_row(f"{Path(file).name}:{reader.line_num}", raw, texts, found) for raw in reader]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig", errors="replace")


def _row(where: str, raw: Mapping[str, str | None], texts: Sequence[str], found: list[Problem]) -> _Row:
    cells = {name: (raw[name] or "").strip() for name in raw if name is not None}
    numbers = {name: _number(where, name, text, found) for name, text in cells.items() if name not in texts}
    return _Row(where, {name: cells[name] for name in texts}, numbers)


def _number(where: str, column: str, text: str, found: list[Problem]) -> float | None:
    """A cell as a number; an empty one is None where the table may do without it."""
    if not text and column in (*PLOT_EXTRAS, "height_m"):
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    signed = column in ("longitude", "latitude", "secondary")
    if not math.isfinite(value) or (value < 0 and not signed) or (value == 0 and column in POSITIVE):
        found.append(Problem("E-ARE-023", where, {"column": column, "found": text}))
        return None
    return value
