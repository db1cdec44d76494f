"""Every worked example of tests/cases: published answers, and answers anyone can reckon by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.formula import evaluate
from carbonsink.base.reckon import Input, write_inputs
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.base.units import unit
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import BEFORE, symbol_of
from carbonsink.carbon.work import worksheet
from carbonsink.declared.factors import read_factors
from carbonsink.uncertainty import approach_1, half_widths, totals
from tests.carbon import projects

CASES = sorted((Path(__file__).parents[1] / "cases").glob("*.toml"))
PROJECTS = {"rice-water-management": projects.rice, "farmland-soil": projects.soil}


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    found = KINDS[case["kind"]](case)
    assert case["source"]
    if "range" in case:
        low, high = case["range"]
        assert low <= found <= high
    else:
        assert found == pytest.approx(case["expect"], rel=case.get("tolerance", 1e-9))


def by_equations(case: dict[str, Any]) -> float:
    return sum(term(case.get("edition", "ipcc-2019"), one) for one in case["term"])


def term(edition: str, one: dict[str, Any]) -> float:
    made, given, keys = equations()[one["equation"]], one.get("given", {}), one.get("keys", {})

    def value(argument: str) -> float:
        under = keys | one.get("before", {}) if argument.endswith(BEFORE) else keys
        return given[argument] if argument in given else read_factors(edition).find(symbol_of(argument), under).value

    result = made(**{argument: value(argument) for argument in made.arguments})
    return float(result) * one.get("times", 1.0) * (value(one["to_co2e"]) if "to_co2e" in one else 1.0)


def by_propagation(case: dict[str, Any]) -> float:
    variables = [
        Variable(name, name, centre, "1", centre - centre * percent / 100, centre + centre * percent / 100, "normal", "case", "case", "declared")
        for name, (centre, percent) in case["variables"].items()
    ]
    one = Variable("one", "one", 1.0, "1", None, None, "exact", "case", "case", "declared")
    inputs = write_inputs(Input(variable.symbol, variable.value, variable.id) for variable in variables)
    row = WorksheetRow("1", 2020, "project", "s", "f", "p", "CO2", "removal", "e", "c", case["formula"], inputs, 0.0, "1", 1.0, "one", 0.0)
    known = [*variables, one]
    return next(iter(approach_1([row], known, half_widths([row], known)))).half_width_percent


def by_units(case: dict[str, Any]) -> float:
    quantities = {name: number * unit(text) for name, (number, text) in case["quantities"].items()}
    return float(evaluate(case["formula"], quantities).to(unit(case["unit"])).magnitude)


def by_project(case: dict[str, Any]) -> float:
    plan = PROJECTS[case["methodology"]]()
    rows, variables = worksheet(plan, projects.hectares(plan, case["hectares"]))
    return float(totals(rows, {variable.id: variable.value for variable in variables})[2020, case["quantity"]])


KINDS = {"equations": by_equations, "propagation": by_propagation, "units": by_units, "project": by_project}
