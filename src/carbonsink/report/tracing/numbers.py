"""What an explanation says of a worksheet row and of the numbers it uses."""

from __future__ import annotations

from carbonsink.base import reckon
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.report.parts.reckoning import cited, meaning
from carbonsink.report.results import source_words
from carbonsink.report.tracing.evidence import Evidence
from carbonsink.report.tracing.land import areas
from carbonsink.report.tracing.measured import files_of, inventories, measured
from carbonsink.report.tracing.node import Node


def worked(evidence: Evidence, row: WorksheetRow) -> Node:
    """A worksheet row: its result, formula and citation, and every number it uses, the conversion to CO2e last."""
    return evidence.once(("row", row.id), lambda: _worked(evidence, row))


def _worked(evidence: Evidence, row: WorksheetRow) -> Node:
    w = evidence.w
    numbers = tuple(_input(evidence, row, one.argument, one.variable) for one in reckon.read_inputs(row.inputs))
    turned = w("trace.turned", tonnes=row.co2e_t, result=row.result, unit=row.unit, factor=row.to_co2e)
    conversion = Node(turned, (number(evidence, row.to_co2e_variable),))
    equation = Node(w("trace.equation", name=row.equation, cites=cited(row.cites)))
    return Node(f"{row.id}: {row.result} {row.unit} = {row.formula}", (equation, *numbers, conversion))


def _input(evidence: Evidence, row: WorksheetRow, symbol: str, name: str) -> Node:
    variable = evidence.variables[name]
    under: tuple[Node, ...] = ()
    if name.startswith("area:"):
        under = areas(evidence, row).under
    elif name.startswith("measured:"):
        under = (*files_of(evidence, variable), *measured(evidence, row, variable.symbol), *inventories(evidence, row, variable.symbol))
    of_row = (row.year, row.scenario, row.stratum) if under else ()  # only what was measured differs from row to row
    return evidence.once(("input", symbol, name, *of_row), lambda: Node(f"{symbol}: {_told(evidence, variable, symbol)}", under))


def number(evidence: Evidence, name: str) -> Node:
    """A number by its id, with what it means, its source, place and status."""
    variable = evidence.variables[name]
    return evidence.once(("number", name), lambda: Node(f"{variable.symbol}: {_told(evidence, variable, variable.symbol)}"))


def _told(evidence: Evidence, v: Variable, symbol: str) -> str:
    """A number with its interval and unit, what it means, its source, place, row and status."""
    w = evidence.w
    spread = "" if v.low is None else f" ({w('trace.interval', low=v.low, high=v.high)})"
    unit = "" if v.unit == "1" else f" {v.unit}"
    facts = {"source": source_words(v.source), "place": v.place, "id": v.id, "status": w(f"status.{v.status}")}
    return w("trace.number", value=f"{v.value}{spread}{unit}", meaning=meaning(symbol, w), **facts)
