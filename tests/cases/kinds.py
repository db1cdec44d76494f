"""How a case's number is made: one function a kind, from the case's table to pairs of ours and published."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from carbonsink.base.formula import evaluate
from carbonsink.base.reckon import Input, write_inputs
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.base.units import symbols, unit
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import BEFORE, symbol_of
from carbonsink.carbon.work import worksheet
from carbonsink.declared.factors import read_factors
from carbonsink.uncertainty import approach_1, half_widths, totals
from tests.carbon import projects

PROJECTS = {"rice-water-management": projects.rice, "farmland-soil": projects.soil}


@dataclass(frozen=True)
class Pair:
    """One number of ours beside the published one, or beside the range it has to lie in."""

    label: str
    ours: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """How far ours is off: zero inside a range, infinite where it is no number."""
        off = max(self.low - self.ours, 0.0, self.ours - self.high)
        return math.inf if math.isnan(self.ours) else off


def pair(label: str, ours: float, published: float) -> Pair:
    """One number of ours beside one published."""
    return Pair(label, float(ours), float(published), float(published))


def pairs(case: Mapping[str, Any]) -> list[Pair]:
    """What a case compares; a case of vectors as many as its reader finds."""
    if case["kind"] == "vector":
        return list(by_vector(case))
    low, high = case["range"] if "range" in case else (case["expect"], case["expect"])
    return [Pair("", KINDS[case["kind"]](case), low, high)]


def by_vector(case: Mapping[str, Any]) -> Iterable[Pair]:
    """`reader = "topic.function"` of tests/cases/vectors/, called with the case."""
    topic, _, name = case["reader"].partition(".")
    read: Callable[[Mapping[str, Any]], Iterable[Pair]] = getattr(import_module(f"tests.cases.vectors.{topic}"), name)
    return read(case)


def by_equations(case: Mapping[str, Any]) -> float:
    """The sum of `[[term]]`s, each an equation over given numbers and rows looked up by keys."""
    return sum(term(case, one) for one in case["term"])


def term(case: Mapping[str, Any], one: Mapping[str, Any]) -> float:
    """One term; `before` are the keys of the baseline's practice, `times` and `to_co2e` what its result is multiplied by."""
    made, given, keys = equations()[one["equation"]], one.get("given", {}), one.get("keys", {})
    tables = read_factors(case.get("edition", "ipcc-2019"), tuple(case.get("tables", ())))

    def value(argument: str) -> float:
        under = keys | one.get("before", {}) if argument.endswith(BEFORE) else keys
        if argument not in given and symbols()[symbol_of(argument)].optional:
            return 0.0  # an amount that isn't there
        return float(given[argument] if argument in given else tables.find(symbol_of(argument), under).value)

    result = made(**{argument: value(argument) for argument in made.arguments})
    return float(result) * float(one.get("times", 1.0)) * (value(one["to_co2e"]) if "to_co2e" in one else 1.0)


def by_propagation(case: Mapping[str, Any]) -> float:
    """The half-width [%] of a formula's result by error propagation."""
    variables = [
        Variable(name, name, centre, "1", centre - centre * percent / 100, centre + centre * percent / 100, "normal", "case", "case", "declared")
        for name, (centre, percent) in case["variables"].items()
    ]
    one = Variable("one", "one", 1.0, "1", None, None, "exact", "case", "case", "declared")
    inputs = write_inputs(Input(variable.symbol, variable.value, variable.id) for variable in variables)
    row = WorksheetRow("1", 2020, "project", "s", "f", "p", "CO2", "removal", "e", "c", case["formula"], inputs, 0.0, "1", 1.0, "one", 0.0)
    known = [*variables, one]
    return next(iter(approach_1([row], known, half_widths([row], known)))).half_width_percent


def by_units(case: Mapping[str, Any]) -> float:
    """A formula over quantities, in the unit asked for."""
    quantities = {name: number * unit(text) for name, (number, text) in case["quantities"].items()}
    return float(evaluate(case["formula"], quantities).to(unit(case["unit"])).magnitude)


def by_project(case: Mapping[str, Any]) -> float:
    """A methodology over hectares of one stratum: `gross` or `net` of its year."""
    plan = PROJECTS[case["methodology"]]()
    rows, variables = worksheet(plan, projects.hectares(plan, case["hectares"]))
    return float(totals(rows, {variable.id: variable.value for variable in variables})[2020, case["quantity"]])


KINDS: dict[str, Callable[[Mapping[str, Any]], float]] = {
    "equations": by_equations,
    "propagation": by_propagation,
    "units": by_units,
    "project": by_project,
}
