"""What an explanation says of a worksheet row and of the numbers it uses."""

from __future__ import annotations

from collections.abc import Iterable

from carbonsink.base import reckon
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.explain.evidence import Evidence
from carbonsink.explain.land import areas
from carbonsink.explain.measured import files_of, inventories, measured
from carbonsink.explain.node import Node


def worked(evidence: Evidence, row: WorksheetRow) -> Node:
    """A worksheet row: its result, formula and citation, and every number it uses."""
    numbers = tuple(_input(evidence, row, one.argument, one.variable) for one in reckon.read_inputs(row.inputs))
    return Node(f"{row.id}: {row.result} {row.unit} = {row.formula}  [{row.cites}]", numbers)


def _input(evidence: Evidence, row: WorksheetRow, symbol: str, name: str) -> Node:
    variable = evidence.variables[name]
    under: Iterable[Node] = ()
    if name.startswith("area:"):
        under = areas(evidence, row)
    elif name.startswith("measured:"):
        under = (*files_of(evidence, variable), *measured(evidence.measured, row, variable.symbol), *inventories(evidence, row, variable.symbol))
    return Node(f"{symbol}: {number(variable)}", tuple(under))


def number(variable: Variable) -> str:
    """A number with its interval, unit, id, source, place and status."""
    spread = "" if variable.low is None else f" ({variable.low} to {variable.high})"
    return f"{variable.value}{spread} {variable.unit} [{variable.id}; {variable.source}, {variable.place}; {variable.status}]"
