"""T4's plot inventories: the mean biomass by every estimator, the stock it makes, and what its uncertainty costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from carbonsink.base.records import PlotChange, PlotEstimate
from carbonsink.declared.allometry import read_discount, read_plot_settings
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results, source_words
from carbonsink.report.tabular import Row, Table, headed

GAIN = "tree_carbon_gain"  # what two inventories, or a census in their place, give the equations
UNBOUNDED = 1e6  # percent: as the table says that a stock of none has no relative uncertainty


def plots(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The sentences and tables; None where no inventory was measured."""
    if not results.plots:
        return {"plots": None}
    changes = _changes(results.plot_changes, w) if results.plot_changes else None
    return {"plots": {"notes": [*_notes(plan, results, w), *_gains(results.plots, w)], "estimates": _estimates(plan, results.plots, w), "changes": changes}}


def _notes(plan: Plan, results: Results, w: Language) -> list[str]:
    level = read_plot_settings().level
    sources = dict.fromkeys(f"{p.year}: {p.source}" for p in plan.area.plots)
    free = next(band.over_percent for band in read_discount() if band.share > 0)
    told = {"free": w.number(free, 0), "level": w.number(level.percent, 0), "source": source_words(level.source), "status": w(f"status.{level.status}")}
    credited = results.plot_changes and plan.area.census is None and any(v.symbol == GAIN and v.status == "measured" for v in results.variables)
    return [w("plots.note", **told), w("plots.credited" if credited else "plots.beside"), *([w("plots.source", sources="; ".join(sources))] if sources else [])]


def _gains(rows: Sequence[PlotEstimate], w: Language) -> Iterator[str]:
    """What cheap plots or images gain over the measured plots alone: so many times as many plots would give that error."""
    alone = {(p.year, p.scenario): p for p in rows if p.estimator == "stratified" and not p.stratum}
    for p in rows:
        base = alone.get((p.year, p.scenario))
        if p.estimator != "stratified" and base and p.standard_error_t_ha > 0:
            errors = {"error": w.number(p.standard_error_t_ha, 2), "alone": w.number(base.standard_error_t_ha, 2)}
            names = {"year": p.year, "scenario": w(f"scenario.{p.scenario}"), "estimator": w(f"plots.{p.estimator}")}
            times = (base.standard_error_t_ha / p.standard_error_t_ha) ** 2
            yield w("plots.gain" if times > 1 else "plots.no-gain", times=w.number(times, 1), **errors, **names)


def _estimates(plan: Plan, rows: Sequence[PlotEstimate], w: Language) -> Table:
    columns = headed(
        w, "year!", "scenario!", "stratum", "estimator", "plots:", "biomass:dry-matter", "uncertainty:%", "stock:co2",
        "discount:of-half-width", "discounted:co2",
    )  # fmt: skip
    return Table(columns, [Row(_estimate(plan, p, w), "" if p.stratum else "chosen") for p in rows], w("plots.caption"))


def _estimate(plan: Plan, p: PlotEstimate, w: Language) -> tuple[str, ...]:
    stratum = w.of(plan.area.strata[p.stratum].name) if p.stratum else w("plots.all")
    mean = f"{w.number(p.mean_t_ha, 2)} ± {w.number(p.standard_error_t_ha, 2)}"
    stock = f"{w.number(p.stock_t_co2, 1)} ± {w.number(p.stock_error_t_co2, 1)}"
    names = (str(p.year), w(f"scenario.{p.scenario}"), stratum, w(f"plots.{p.estimator}"), w.number(p.plots, 0))
    return (*names, mean, _percent(p.uncertainty_percent, w), stock, w.number(p.discount_share * 100, 0), w.number(p.discounted_t_co2, 1))


def _changes(rows: Sequence[PlotChange], w: Language) -> Table:
    columns = headed(
        w, "between-years!", "scenario!", "method", "plots:", "change:co2", "a-year:co2", "uncertainty:%", "discount:of-half-width", "discounted:co2"
    )
    lines = []
    for c in rows:
        names = (f"{c.before}–{c.after}", w(f"scenario.{c.scenario}"), w(f"plots.{c.method}"), w.number(c.plots, 0))
        tonnes = (w.number(c.change_t_co2, 1), w.number(c.a_year_t_co2, 1))
        lines.append(Row((*names, *tonnes, _percent(c.uncertainty_percent, w), w.number(c.discount_share * 100, 0), w.number(c.discounted_t_co2, 1))))
    return Table(columns, lines, w("plots.changes"))


def _percent(value: float, w: Language) -> str:
    return "–" if value >= UNBOUNDED else w.number(value, 1)
