"""What was measured in the field or by matched controls: in T4 the samples, units and plots; the numbers made of them before T6.

In: areas/measured.csv, carbon/modelled.csv and the tables beside them. Out: sentences and tables, in the order of `docs/measured.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from carbonsink.base.records import Measured
from carbonsink.base.units import symbols
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.measured_soil import soil
from carbonsink.report.parts.measured_trees import census, controls
from carbonsink.report.parts.reckoning import meaning, stratum_name
from carbonsink.report.results import Results
from carbonsink.report.tabular import Row, Table, headed, unit_words

SHOWN_NUMBERS = 60  # of a symbol; the rest stands in areas/measured.csv or carbon/modelled.csv


def measured(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The blocks of T4 and the numbers before T6; None where nothing was measured or modelled."""
    blocks = [*soil(plan, results.measured, w), *census(plan, results.measured, w), *controls(plan, results.measured, w)]
    numbers = _numbers(plan, results, w) if results.measured.numbers else None
    return {"measured": {"blocks": blocks, "numbers": numbers} if blocks or numbers else None}


def _numbers(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    rows = results.measured.numbers
    names = list(dict.fromkeys(row.symbol for row in rows))
    used = {v.symbol for v in results.variables if v.status == "measured"}
    unused = [w("measured.unused", meaning=meaning(name, w)) for name in names if name not in used]
    tables = [_symbol(plan, name, [row for row in rows if row.symbol == name], w) for name in names]
    return {"notes": [w("measured.note"), *unused], "tables": tables}


def _symbol(plan: Plan, name: str, rows: Sequence[Measured], w: Language) -> Table:
    """A symbol's numbers by year; the baseline's zeros are said once, above."""
    told = [row for row in rows if row.scenario != "baseline" or row.value]
    columns = headed(w, "year!", "scenario!", "stratum", "value:", "interval:", "measured-by")
    lines = [Row(cells) for cells in _lines(plan, told[:SHOWN_NUMBERS], w)]
    left = w("measured.shown", shown=len(lines), all=len(told)) if len(told) > len(lines) else ""
    unit = unit_words(symbols()[name].unit)
    return Table(columns, lines, f"{meaning(name, w)}{f' ({unit})' if unit else ''}{left}")


def _lines(plan: Plan, rows: Sequence[Measured], w: Language) -> Iterator[tuple[str, ...]]:
    for row in rows:
        interval = w("measured.exact") if row.low is None or row.high is None else f"{w.significant(row.low)} – {w.significant(row.high)}"
        yield str(row.year), w(f"scenario.{row.scenario}"), stratum_name(plan, row.stratum, w), w.significant(row.value), interval, row.place
