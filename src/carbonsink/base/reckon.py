"""The worksheet reckoned again from its own text: by the uncertainty stage over draws, by the verifier over floats.

reckon(rows, {"ipcc-2019/rice.csv:4": 1.32, ...})      t CO2e of every row
quantities(rows, results)                              gross and net of every year
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from carbonsink.base.formula import FUNCTIONS, evaluate
from carbonsink.base.records import WorksheetRow

SEPARATOR = " ; "


@dataclass(frozen=True)
class Input:
    """One input of a worksheet row: an argument of its formula, the value it had, the variable it came from."""

    argument: str
    value: float
    variable: str


def write_inputs(inputs: Iterable[Input]) -> str:
    """Inputs as a worksheet row holds them."""
    return SEPARATOR.join(f"{one.argument}={one.value!r}@{one.variable}" for one in inputs)


@cache
def read_inputs(text: str) -> tuple[Input, ...]:
    """The inputs of a worksheet row's cell."""
    parts = (part.partition("=") for part in text.split(SEPARATOR))
    return tuple(Input(argument, float(rest.partition("@")[0]), rest.partition("@")[2]) for argument, _, rest in parts)


def variables_of(row: WorksheetRow) -> set[str]:
    """Ids of every variable a row uses, its conversion to CO2e included."""
    return {one.variable for one in read_inputs(row.inputs)} | {row.to_co2e_variable}


def reckon(rows: Sequence[WorksheetRow], values: Mapping[str, Any]) -> dict[str, Any]:
    """Each row's t CO2e by row id, from its formula text and the variables' values, floats or arrays [draws]."""
    return {row.id: result(row, values) * values[row.to_co2e_variable] for row in rows}


def result(row: WorksheetRow, values: Mapping[str, Any]) -> Any:
    """One row's result in its own unit."""
    return evaluate(row.formula, {one.argument: values[one.variable] for one in read_inputs(row.inputs)}, FUNCTIONS)


def quantities(rows: Sequence[WorksheetRow], results: Mapping[str, Any]) -> dict[tuple[int, str], Any]:
    """`gross` and `net` of every year [t CO2e]: removals and avoided gas against the baseline, net of emissions that rise."""
    found: dict[tuple[int, str], Any] = {}
    for year in sorted({row.year for row in rows}):
        credit, emissions = parts([row for row in rows if row.year == year], results)
        gross = sum(credit.values())
        found[year, "gross"], found[year, "net"] = gross, gross - sum(emissions.values())
    return found


def parts(rows: Sequence[WorksheetRow], results: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """One year's flows against the baseline [t CO2e]: what credits, and emissions, which count only where they rise."""
    flows = {row.flow: row.kind for row in rows}
    change = {flow: _of(rows, results, flow, "project") - _of(rows, results, flow, "baseline") for flow in sorted(flows)}
    sign: dict[str, Callable[[Any], Any]] = {"removal": lambda x: x, "avoided": lambda x: 0 - x, "emission": lambda x: np.maximum(x, 0)}
    signed = {flow: sign[flows[flow]](value) for flow, value in change.items()}
    return {f: v for f, v in signed.items() if flows[f] != "emission"}, {f: v for f, v in signed.items() if flows[f] == "emission"}


def _of(rows: Sequence[WorksheetRow], results: Mapping[str, Any], flow: str, scenario: str) -> Any:
    # Arrays have no fsum: rows are added in the order of their ids, the same on every machine.
    return sum((results[row.id] for row in sorted(rows, key=lambda row: row.id) if (row.flow, row.scenario) == (flow, scenario)), 0.0)
