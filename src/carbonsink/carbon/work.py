"""Stage 5: activity by stratum, factors by key, through each flow's equation, into a worksheet anyone can reckon again.

    areas/activity.csv -> carbon/variables.csv, carbon/worksheet.csv, carbon/stock_change.csv

A number has one id whoever uses it: a table row, a declared value, an area. Strata and scenarios that share a row share the
variable, so what both sides of a difference have in common neither widens its interval nor drops out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.reckon import Input, write_inputs
from carbonsink.base.records import Activity, StockChange, Variable, WorksheetRow
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import BEFORE, Equation, symbol_of
from carbonsink.declared.area import Value
from carbonsink.declared.factors import SPREADS, faults, read_factors
from carbonsink.declared.methodology import Flow
from carbonsink.declared.plan import Plan

PLACES = 9  # decimals of a tonne at this stage's border
Areas = Mapping[tuple[int, str, str], Variable]  # by year, scenario and stratum


def work(plan: Plan, run: Path) -> None:
    """Write the run's carbon folder; a Refusal lists every factor that is missing."""
    rows, variables = worksheet(plan, read_csv(run / "areas" / "activity.csv", Activity))
    write_csv(run / "carbon" / "variables.csv", variables, Variable)
    write_csv(run / "carbon" / "worksheet.csv", rows, WorksheetRow)
    write_csv(run / "carbon" / "stock_change.csv", stock_changes(rows), StockChange)


def worksheet(plan: Plan, activity: Sequence[Activity]) -> tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]:
    """Every flow of every stratum, scenario and year, and the variables they use by id; a Refusal lists all that is missing."""
    areas, problems = area_variables(activity), list(declared_problems(plan))
    rows: list[WorksheetRow] = []
    used: dict[str, Variable] = {}
    for one, flow in _cells(plan, activity):
        try:
            row, variables = _work_flow(plan, areas, one, flow)
        except Refusal as refusal:
            problems += [problem for problem in refusal.problems if problem not in problems]
        else:
            rows.append(row)
            used |= {variable.id: variable for variable in variables}
    if problems:
        raise Refusal(problems)
    return tuple(rows), tuple(used[name] for name in sorted(used))


def missing(plan: Plan) -> tuple[Problem, ...]:
    """What stops the worksheet whatever the areas turn out to be: asked for before any scene is fetched."""
    hectare = [Activity(plan.vintages[0], scenario, stratum, 1.0, 0.0, "") for scenario in ("baseline", "project") for stratum in plan.area.strata]
    try:
        worksheet(plan, hectare)
    except Refusal as refusal:
        return refusal.problems
    return ()


def stock_changes(rows: Sequence[WorksheetRow]) -> tuple[StockChange, ...]:
    """The worksheet's t CO2e summed over strata, by year, scenario and flow."""

    def key(row: WorksheetRow) -> tuple[int, str, str, str, str, str]:
        return row.year, row.scenario, row.flow, row.pool, row.gas, row.kind

    grouped = groupby(sorted(rows, key=key), key)
    return tuple(StockChange(*name, quantise(total(row.co2e_t for row in group), PLACES)) for name, group in grouped)


def area_variables(activity: Sequence[Activity]) -> dict[tuple[int, str, str], Variable]:
    """Each area as a variable: one for both scenarios where they have the same hectares, which is one estimate used twice."""
    alike: dict[tuple[int, str], set[tuple[float, float]]] = {}
    for one in activity:
        alike.setdefault((one.year, one.stratum), set()).add((one.area_ha, one.standard_error_ha))
    found = {}
    for one in activity:
        name = f"area:{one.stratum}:{one.year}" + ("" if len(alike[one.year, one.stratum]) == 1 else f":{one.scenario}")
        found[one.year, one.scenario, one.stratum] = _area_variable(name, one)
    return found


def declared_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the project's declared values."""
    tables, seen = read_factors(plan.methodology.edition), set()
    for value in plan.area.value:
        variable, where = declared_variable(value), f"area.toml [[value]] {value.symbol}"
        yield from (Problem("E-FAC-004", where, {"why": why}) for why in faults(variable))
        if tables.constant(value.symbol):
            yield Problem("E-FAC-005", where, {"symbol": value.symbol})
        if variable.id in seen:
            yield Problem("E-FAC-006", where, {"id": variable.id})
        seen.add(variable.id)


def declared_variable(value: Value) -> Variable:
    """A declared value as a variable, its id made of what it is declared for."""
    scope = [value.scenario] if value.scenario != "both" else []
    name = ":".join(["declared", value.symbol, *scope, *([value.stratum] if value.stratum else [])])
    return Variable(name, value.symbol, value.value, value.unit, value.low, value.high, value.distribution, value.source, value.place, "declared")


def _cells(plan: Plan, activity: Sequence[Activity]) -> Iterator[tuple[Activity, Flow]]:
    for one in sorted(activity, key=lambda a: (a.year, a.scenario, a.stratum)):
        if one.scenario == "project" or plan.methodology.baseline == "practice":
            yield from ((one, flow) for flow in plan.methodology.flow)


def _work_flow(plan: Plan, areas: Areas, one: Activity, flow: Flow) -> tuple[WorksheetRow, list[Variable]]:
    made: Equation = equations()[flow.equation]
    inputs = _find_all(plan, areas, one, [*made.arguments, flow.to_co2e])
    conversion = inputs[flow.to_co2e]
    result = made(**{argument: inputs[argument].value for argument in made.arguments})
    row = WorksheetRow(
        id=f"{one.year}/{one.scenario}/{one.stratum}/{flow.id}",
        year=one.year,
        scenario=one.scenario,
        stratum=one.stratum,
        flow=flow.id,
        pool=flow.pool,
        gas=flow.gas,
        kind=flow.kind,
        equation=made.name,
        cites=made.cites,
        formula=made.formula,
        inputs=write_inputs(Input(argument, inputs[argument].value, inputs[argument].id) for argument in made.arguments),
        result=quantise(result, PLACES),
        unit=made.returns.unit,
        to_co2e=conversion.value,
        to_co2e_variable=conversion.id,
        co2e_t=quantise(result * conversion.value, PLACES),
    )
    return row, list(inputs.values())


def _find_all(plan: Plan, areas: Areas, one: Activity, arguments: Sequence[str]) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    problems: list[Problem] = []
    for argument in arguments:
        try:
            found[argument] = _find(plan, areas, one, argument)
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    return found


def _find(plan: Plan, areas: Areas, one: Activity, argument: str) -> Variable:
    if argument == "area":
        return areas[one.year, one.scenario, one.stratum]
    stratum = plan.area.strata.get(one.stratum)
    if stratum is None:
        raise Refusal(Problem("E-FAC-007", "activity.csv", {"stratum": one.stratum, "known": ", ".join(plan.area.strata)}))
    scenario = "baseline" if argument.endswith(BEFORE) else one.scenario
    symbol = symbol_of(argument)
    practice = stratum.baseline if scenario == "baseline" else stratum.project
    keys = stratum.keys | practice | {"gwp": plan.methodology.gwp}
    where = f"area.toml [strata.{one.stratum}] {scenario}"
    return _declared(plan, symbol, scenario, one.stratum) or read_factors(plan.methodology.edition).find(symbol, keys, where)


def _declared(plan: Plan, symbol: str, scenario: str, stratum: str) -> Variable | None:
    fitting = [v for v in plan.area.value if v.symbol == symbol and v.scenario in ("both", scenario) and v.stratum in (None, stratum)]
    # What is declared for the stratum goes before what is declared for the scenario, and both before what is declared for all.
    best = max(fitting, key=lambda v: (v.stratum is not None, v.scenario != "both"), default=None)
    return declared_variable(best) if best else None


def _area_variable(name: str, one: Activity) -> Variable:
    half = SPREADS * one.standard_error_ha
    low, high, distribution = (one.area_ha - half, one.area_ha + half, "normal") if half else (None, None, "exact")
    place = f"{one.year} {one.stratum}, {one.method}"
    return Variable(name, "area", one.area_ha, "ha", low, high, distribution, "areas/activity.csv", place, "measured")
