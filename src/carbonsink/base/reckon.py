"""The worksheet reckoned again from its own text: by the uncertainty stage over draws, by the verifier over floats.

reckon(rows, {"ipcc-2019/rice.csv:4": 1.32, ...})      t CO2e of every row
quantities(rows, results)                              gross and net of every year
balance(rows, sums(in_turn(rows), of))                 the same, one row's result at a time
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from carbonsink.base.formula import FUNCTIONS, evaluate
from carbonsink.base.records import WorksheetRow

SEPARATOR = " ; "
SumOf = tuple[int, str, str]  # year, flow, scenario


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
    return {row.id: co2e(row, values) for row in rows}


def co2e(row: WorksheetRow, values: Mapping[str, Any]) -> Any:
    """One row's t CO2e."""
    return result(row, values) * values[row.to_co2e_variable]


def result(row: WorksheetRow, values: Mapping[str, Any]) -> Any:
    """One row's result in its own unit."""
    return evaluate(row.formula, {one.argument: values[one.variable] for one in read_inputs(row.inputs)}, FUNCTIONS)


def quantities(rows: Sequence[WorksheetRow], results: Mapping[str, Any]) -> dict[tuple[int, str], Any]:
    """`gross` and `net` of every year [t CO2e] from each row's t CO2e by row id."""
    return balance(rows, sums(in_turn(rows), lambda row: results[row.id]))


def in_turn(rows: Iterable[WorksheetRow]) -> list[WorksheetRow]:
    """Rows in the order in which they are added up: each sum takes its rows by id, and the first rows of all sums come first.

    Strata stand at the same place of every sum, so the rows that share a stratum's area lie side by side.
    """
    taken: Counter[SumOf] = Counter()
    placed: list[tuple[int, str, WorksheetRow]] = []
    for row in sorted(rows, key=lambda row: row.id):
        placed.append((taken[sum_of(row)], row.id, row))
        taken[sum_of(row)] += 1
    return [row for _, _, row in sorted(placed, key=lambda one: one[:2])]


def sums(rows: Iterable[WorksheetRow], of: Callable[[WorksheetRow], Any]) -> dict[SumOf, Any]:
    """What `of` gives for rows in turn, added by year, flow and scenario; a row's own result isn't kept."""
    # Arrays have no fsum: the order of addition is fixed, the same on every machine.
    found: dict[SumOf, Any] = {}
    for row in rows:
        found[sum_of(row)] = found.get(sum_of(row), 0.0) + of(row)
    return found


def sum_of(row: WorksheetRow) -> SumOf:
    """The sum a row goes into: year, flow, scenario."""
    return row.year, row.flow, row.scenario


def balance(rows: Iterable[WorksheetRow], summed: Mapping[SumOf, Any]) -> dict[tuple[int, str], Any]:
    """`gross` and `net` of every year [t CO2e]: removals and avoided gas against the baseline, net of emissions that rise."""
    kinds = {(row.year, row.flow): row.kind for row in rows}
    found: dict[tuple[int, str], Any] = {}
    for year in sorted({year for year, _ in kinds}):
        change = {flow: _against_baseline(summed, year, flow) for flow in sorted(flow for y, flow in kinds if y == year)}
        signed = {flow: SIGNS[kinds[year, flow]](value) for flow, value in change.items()}
        gross = sum(value for flow, value in signed.items() if kinds[year, flow] != "emission")
        found[year, "gross"] = gross
        found[year, "net"] = gross - sum(value for flow, value in signed.items() if kinds[year, flow] == "emission")
    return found


def _against_baseline(summed: Mapping[SumOf, Any], year: int, flow: str) -> Any:
    return summed.get((year, flow, "project"), 0.0) - summed.get((year, flow, "baseline"), 0.0)


SIGNS: dict[str, Callable[[Any], Any]] = {"removal": lambda x: x, "avoided": lambda x: 0 - x, "emission": lambda x: np.maximum(x, 0)}
