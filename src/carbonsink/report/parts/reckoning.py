"""T5 to T8: parameters, equations worked, flows, emissions, leakage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from carbonsink.base.notation import readable, symbol
from carbonsink.base.reckon import read_inputs
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.base.units import symbols
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results, source_words
from carbonsink.report.tabular import Asked, Row, Table, gas_words, headed, number, table, unit_words

MARKS = {"recalled": "grave", "transcribed": "warn"}
BEFORE = "_before"  # ends an argument that takes the baseline's practice
YEAR = "yr"
MOST_INPUTS = 8  # that vary from row to row and have a column each


@dataclass(frozen=True)
class Shared:
    """A symbol that has one value in every row of an equation's table."""

    symbol: Markup
    value: str
    unit: str
    meaning: str


def reckoning(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and formulas of T5 to T8."""
    parameters = [v for v in results.factors if v.status != "declared"]
    declared = [v for v in results.factors if v.status == "declared"]
    return {
        "parameters": _variables(parameters, w),
        "declared": _variables(declared, w),
        "equations": [_equation(plan, results, rows, w) for rows in _blocks(results.worksheet)],
        "stocks": _stocks(plan, results, w),
        "emissions": _emissions(plan, results, w),
        "leakage": _leakage(plan, w),
    }


def notation(argument: str) -> Markup:
    """A symbol in the letters of its document; the baseline's practice is marked by a zero."""
    known = symbols().get(argument.removesuffix(BEFORE))
    letters = known.ipcc if known else argument
    if letters.replace(".", "").isdigit():  # a document's bare number is one value of the symbol, not its name
        letters = argument
    mark = Markup("<sup>0</sup>") if argument.endswith(BEFORE) else Markup("")
    if letters[0].isdigit():
        head, _, power = letters.partition("^")
        return Markup("{}{}").format(head.replace("/", " ⁄ "), Markup("<sup>{}</sup>").format(power.replace("-", "−")) if power else "") + mark
    return symbol(letters) + mark


def meaning(argument: str, w: Language) -> str:
    """A symbol's meaning in words."""
    known = symbols().get(argument.removesuffix(BEFORE))
    words = known.meaning[w.code] if known else argument
    return w("parameters.before", meaning=words) if argument.endswith(BEFORE) else words


def _variables(variables: Iterable[Variable], w: Language) -> Table:
    columns = headed(w, "symbol", "meaning", "value:", "unit", "interval:", "source", "status!", "row#")
    return Table(columns, [Row(_variable(v, w), MARKS.get(v.status, "")) for v in variables])


def _variable(v: Variable, w: Language) -> tuple[object, ...]:
    value = (amount(v.value, v.unit, w), unit_words(v.unit), _interval(v, w))
    return (notation(v.symbol), meaning(v.symbol, w), *value, f"{source_words(v.source)}, {v.place}", w(f"status.{v.status}"), v.id)


def _interval(v: Variable, w: Language) -> str:
    return "–" if v.low is None or v.high is None else f"{w.significant(v.low)} – {w.significant(v.high)}"


def amount(value: float, unit: str, w: Language) -> str:
    """A value as it is read in its unit: a calendar year without grouped digits."""
    return str(int(value)) if unit == YEAR and value.is_integer() else w.significant(value)


def _blocks(rows: Sequence[WorksheetRow]) -> list[list[WorksheetRow]]:
    """Rows of one flow and equation together, in the order of the worksheet."""
    blocks: dict[tuple[str, str, str], list[WorksheetRow]] = {}
    for row in rows:
        blocks.setdefault((row.flow, row.equation, row.formula), []).append(row)
    return list(blocks.values())


def _equation(plan: Plan, results: Results, rows: Sequence[WorksheetRow], w: Language) -> dict[str, Any]:
    """A flow's equation: its formula, the values that are the same in every row, and a table of the others."""
    first = rows[0]
    values = [{one.argument: one.value for one in read_inputs(row.inputs)} for row in rows]
    same = [name for name in values[0] if len(rows) > 1 and len({v[name] for v in values}) == 1]
    units = {one.argument: unit_words(results.by_id[one.variable].unit) for one in read_inputs(first.inputs)}
    return {
        "name": flow_name(plan, first.flow, w),
        "gas": unit_words(first.unit),
        "left": "ΔC" if first.kind == "removal" else gas_words(first.gas),
        "formula": readable(first.formula, notation),
        "text": first.formula,
        "cites": cited(first.cites),
        "shared": [Shared(notation(n), amount(values[0][n], units[n], w), units[n], meaning(n, w)) for n in same],
        "table": _worked(plan, results, rows, {n: units[n] for n in values[0] if n not in same}, w),
        "units": units,
        "rows": rows,
    }


def _worked(plan: Plan, results: Results, rows: Sequence[WorksheetRow], varying: Mapping[str, str], w: Language) -> Table:
    """Row by row: the inputs that vary, by name and unit, the result, and its CO2 equivalent."""
    rate = number(notation(results.by_id[rows[0].to_co2e_variable].symbol))
    inputs = [number(notation(name), unit) for name, unit in varying.items()]
    result = number(w("column.result"), unit_words(rows[0].unit))
    cells = []
    for r in rows:
        values = {one.argument: amount(one.value, varying[one.argument], w) for one in read_inputs(r.inputs) if one.argument in varying}
        told = [values[name] for name in varying] if len(varying) <= MOST_INPUTS else [_listed(values, varying)]
        names = (str(r.year), w(f"scenario.{r.scenario}"), stratum_name(plan, r.stratum, w))
        cells.append((*names, *told, w.number(r.result, 3), w.significant(r.to_co2e), Asked(w.number(r.co2e_t, 1), r.id)))
    shown = inputs if len(inputs) <= MOST_INPUTS else headed(w, "values")
    return table([*headed(w, "year!", "scenario!", "stratum"), *shown, result, rate, *headed(w, "co2e:tonnes")], cells)


def _listed(values: Mapping[str, str], units: Mapping[str, str]) -> Markup:
    """More inputs than a table has room for, in one cell: each with its name, value and unit."""
    whole = Markup('<span class="whole">{} = {}{}</span>')
    unit_of = {name: Markup(' <span class="unit">{}</span>').format(unit) if unit else "" for name, unit in units.items()}
    return Markup(", ").join(whole.format(notation(name), values[name], unit) for name, unit in unit_of.items())


def stratum_name(plan: Plan, stratum: str, w: Language) -> str:
    """A stratum in words; what holds for all of them together has none of its own."""
    return w.of(plan.area.strata[stratum].name) if stratum else w("plots.all")


def cited(text: str) -> str:
    """Citations with their documents spelled out: `ipcc-2019-v4 eq 2.25; ipcc-2019-v4 eq 11.6` by the table of sources."""
    parts = [part.partition(" ") for part in text.split("; ")]
    return "; ".join(f"{source_words(document)}, {place}" if place else source_words(document) for document, _, place in parts)


def flow_name(plan: Plan, flow: str, w: Language) -> str:
    """A flow of the methodology in words; one it doesn't know keeps its id."""
    return next((w.of(f.name) for f in plan.methodology.flow if f.id == flow), flow)


def _stocks(plan: Plan, results: Results, w: Language) -> Table:
    scenarios = [number(w(f"scenario.{name}"), w("unit.tonnes")) for name in ("baseline", "project")]
    columns = [*headed(w, "year!", "flow", "kind!", "gas!"), *scenarios, *headed(w, "difference:tonnes")]
    rows = []
    for year, flow in sorted({(s.year, s.flow) for s in results.stock_changes}):
        of = {s.scenario: s for s in results.stock_changes if (s.year, s.flow) == (year, flow)}
        one = next(iter(of.values()))
        before, after = (of[name].co2e_t if name in of else 0.0 for name in ("baseline", "project"))
        names = (str(year), flow_name(plan, flow, w), w(f"kind.{one.kind}"), gas_words(one.gas))
        rows.append((*names, *(w.number(value, 1) for value in (before, after, after - before))))
    return table(columns, rows)


def _emissions(plan: Plan, results: Results, w: Language) -> Table:
    columns = headed(w, "year!", "scenario!", "flow", "gas!", "co2e:tonnes")
    emitted = [s for s in results.stock_changes if s.kind == "emission"]
    rows = [(str(s.year), w(f"scenario.{s.scenario}"), flow_name(plan, s.flow, w), gas_words(s.gas), w.number(s.co2e_t, 1)) for s in emitted]
    return table(columns, rows)


def _leakage(plan: Plan, w: Language) -> Table:
    columns = headed(w, "rate:%", "of!", "source", "status!")
    rules = [d for d in plan.methodology.deduction if d.rule == "leakage"]
    origins = [(f"{source_words(d.source)}, {d.place}", w(f"status.{d.status}")) for d in rules]
    return table(columns, [(w.number((d.rate or 0.0) * 100, 1), w(f"of.{d.of}"), *origin) for d, origin in zip(rules, origins, strict=True)])
