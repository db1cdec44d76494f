"""T4's soil samples: what each stratum's stock changed, and the stocks it stands on, all on one mass of soil."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from carbonsink.base.measurements import Measurements
from carbonsink.base.records import SoilChange, SoilStock
from carbonsink.declared.language import Language
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.reckoning import stratum_name
from carbonsink.report.results import source_words
from carbonsink.report.tabular import Row, Table, headed

SHOWN_STOCKS = 80  # the rest stands in areas/soil_sites.csv


def soil(plan: Plan, found: Measurements, w: Language) -> Iterator[dict[str, Any]]:
    """The block of soil samples; nothing where no soil was sampled."""
    declared, rules = plan.area.soil_samples, read_measured_settings().soil.controls
    if declared is None or not found.soil_sites:
        return
    origin = {"source": source_words(rules.source), "place": rules.place, "status": w(f"status.{rules.status}")}
    notes = [w("soil.note", depth=w.significant(declared.depth_cm), **origin), w("soil.units"), w("plots.source", sources=declared.source)]
    yield {"heading": w("soil.heading"), "notes": notes, "tables": [_changes(plan, found.soil_changes, w), _stocks(plan, found.soil_sites, w)]}


def _changes(plan: Plan, rows: Sequence[SoilChange], w: Language) -> Table:
    columns = headed(w, "stratum", "campaigns!", "side", "change:soil-carbon", "interval:", "degrees:")
    lines = []
    for row in rows:
        names = (stratum_name(plan, row.stratum, w), f"{row.before}–{row.after}", w(f"side.{row.kind}"))
        interval = f"{w.number(row.low_t_ha, 2)} – {w.number(row.high_t_ha, 2)}"
        change = f"{w.number(row.change_t_ha, 2)} ± {w.number(row.standard_error_t_ha, 2)}"
        lines.append(Row((*names, change, interval, w.number(row.degrees, 1)), "chosen" if row.kind == "net" else ""))
    return Table(columns, lines, w("soil.changes"))


def _stocks(plan: Plan, rows: Sequence[SoilStock], w: Language) -> Table:
    columns = headed(w, "stratum", "campaign!", "side", "site", "units:", "mass-found:soil", "mass:soil", "stock:soil-carbon")
    lines = []
    for row in rows[:SHOWN_STOCKS]:
        names = (stratum_name(plan, row.stratum, w), str(row.campaign), w(f"side.{row.kind}"), row.site or w("soil.all"))
        error = "" if row.standard_error_t_ha is None else f" ± {w.number(row.standard_error_t_ha, 2)}"
        masses = (w.number(row.found_mass_t_ha, 0), w.number(row.mass_t_ha, 0))
        lines.append(Row((*names, w.number(row.units, 0), *masses, w.number(row.stock_t_ha, 2) + error), "" if row.site else "chosen"))
    return Table(columns, lines, w("soil.stocks", shown=len(lines), all=len(rows)))
