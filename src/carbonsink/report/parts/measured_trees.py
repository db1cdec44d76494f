"""T4's planting units and matched controls: who lives and what it weighs; how alike the controls are, and how fast both grow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from carbonsink.base.measurements import Measurements
from carbonsink.base.records import Balance, BenchmarkYear, CensusStock, MatchedControl
from carbonsink.declared.language import Language
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.reckoning import stratum_name
from carbonsink.report.results import source_words
from carbonsink.report.tabular import Row, Table, headed, maybe, table

SHOWN_PLOTS = 12  # with their controls; the rest stands in areas/matches.csv
INDEX_PLACES = 5


def census(plan: Plan, found: Measurements, w: Language) -> Iterator[dict[str, Any]]:
    """The block of the census; nothing where no units were counted."""
    declared, rule = plan.area.census, read_measured_settings().census.uncertainty
    if declared is None or not found.census:
        return
    origin = {"source": source_words(rule.source), "place": rule.place, "status": w(f"status.{rule.status}")}
    level = {"level": w.number(rule.percent, 0), "free": w.number(rule.tolerance * 100, 0)}
    ratio = w("census.ratio", planted=w.date(declared.planted), ratio=w.significant(declared.root_shoot), source=declared.root_shoot_source)
    notes = [w("census.note", **level, **origin), ratio, w("plots.source", sources=declared.source)]
    yield {"heading": w("census.heading"), "notes": notes, "tables": [_census(plan, found.census, w)]}


def controls(plan: Plan, found: Measurements, w: Language) -> Iterator[dict[str, Any]]:
    """The block of matched controls; nothing where none were matched."""
    declared, tests = plan.area.stocking, read_measured_settings().stocking.tests
    if declared is None or not found.matches:
        return
    origin = {"source": source_words(tests.source), "place": tests.place, "status": w(f"status.{tests.status}")}
    limits = {"most": w.significant(tests.most_difference), "z": w.significant(tests.least_z)}
    plots = {row.plot for row in found.matches}
    counts = {"plots": w.number(len(plots), 0), "controls": w.number(declared.controls, 0), "start": declared.start}
    notes = [w("controls.note", **counts, **limits, **origin), w("plots.source", sources=declared.source)]
    tables = [_benchmarks(found.benchmarks, w), _balance(found.balance, w), _matches(found.matches, w)]
    yield {"heading": w("controls.heading"), "notes": notes, "tables": tables}


def _census(plan: Plan, rows: Sequence[CensusStock], w: Language) -> Table:
    columns = headed(w, "day!", "stratum", "planted-units:", "sampled:", "living:", "mortality:%", "unit-biomass:kg", "stock:carbon", "deducted:%")
    lines = []
    for row in rows:
        weight = maybe(w, row.mean_kg, 2) + ("" if row.standard_error_kg is None else f" ± {w.number(row.standard_error_kg, 2)}")
        carbon = f"{w.number(row.carbon_t, 3)} ± {w.number(row.half_width_t, 3)}"
        counts = (w.number(row.counted, 0), w.number(row.sampled, 0), w.number(row.living, 0), maybe(w, row.mortality, 1, 100))
        names = (w.date(date.fromisoformat(row.day)), stratum_name(plan, row.stratum, w))
        lines.append(Row((*names, *counts, weight, carbon, maybe(w, row.deduction_share, 2, 100)), "" if row.stratum else "chosen"))
    return Table(columns, lines, w("census.caption"))


def _benchmarks(rows: Sequence[BenchmarkYear], w: Language) -> Table:
    columns = headed(w, "year!", "index-values:", "project-growth:index", "control-growth:index", "z:", "benchmark:")
    lines = [
        (
            str(row.year), w.number(row.sets, 0), _slope(row.project_slope, row.project_error, w), _slope(row.control_slope, row.control_error, w),
            maybe(w, row.z, 2), w.significant(row.benchmark, 4),
        )
        for row in rows
    ]  # fmt: skip
    return table(columns, lines, w("controls.benchmarks"))


def _slope(value: float, error: float, w: Language) -> str:
    return f"{w.number(value, INDEX_PLACES)} ± {w.number(error, INDEX_PLACES)}"


def _balance(rows: Sequence[Balance], w: Language) -> Table:
    columns = headed(w, "index-of!", "pool-difference:", "matched-difference:", "allowed:")
    lines = [(str(row.year), maybe(w, row.before, 3), w.number(row.after, 3), w.number(row.most, 2)) for row in rows]
    return table(columns, lines, w("controls.balance"))


def _matches(rows: Sequence[MatchedControl], w: Language) -> Table:
    """A line a plot: its controls from near to far, each with distance and weight."""
    plots = list(dict.fromkeys(row.plot for row in rows))
    lines = []
    for plot in plots[:SHOWN_PLOTS]:
        mine = [row for row in rows if row.plot == plot]
        told = "; ".join(w("controls.one", control=one.control, distance=w.number(one.distance, 3), weight=w.number(one.weight, 3)) for one in mine)
        lines.append((plot, told))
    return table(headed(w, "plot", "matched"), lines, w("controls.matches", shown=len(lines), all=len(plots)))
