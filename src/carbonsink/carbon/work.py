"""Stage 5: activity by stratum, factors by key, through each flow's equation, into a worksheet anyone can reckon again.

    areas/activity.csv, areas/measured.csv, [[model]] -> carbon/modelled.csv, carbon/variables.csv, carbon/worksheet.csv, carbon/stock_change.csv

A number has one id whoever uses it: a table row, a declared value, a measurement, an area. Strata and scenarios that share a row share
the variable, so what both sides of a difference have in common neither widens its interval nor drops out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from carbonsink.base.measurements import read_numbers
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.reckon import Input, write_inputs
from carbonsink.base.records import Activity, Measured, StockChange, Variable, WorksheetRow
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.carbon.book import equations
from carbonsink.carbon.expected import expected
from carbonsink.carbon.modelled import modelled
from carbonsink.carbon.resolve import NOTHING, WHOLE, Cell, Lookup, Worked, declared_variable, reckoned
from carbonsink.declared.agreement import unknown
from carbonsink.declared.factors import SPREADS, faults
from carbonsink.declared.methodology import Flow, Methodology, area_flows, flows_of, tables_of
from carbonsink.declared.plan import Plan

PLACES = 9  # decimals of a tonne at this stage's border


def work(plan: Plan, run: Path) -> None:
    """Write the run's carbon folder; a Refusal lists every factor that is missing."""
    if plan.area.model:
        write_csv(run / "carbon" / "modelled.csv", modelled(plan), Measured)
    rows, variables = worksheet(plan, read_csv(run / "areas" / "activity.csv", Activity), read_numbers(run))
    write_csv(run / "carbon" / "variables.csv", variables, Variable)
    write_csv(run / "carbon" / "worksheet.csv", rows, WorksheetRow)
    write_csv(run / "carbon" / "stock_change.csv", stock_changes(rows), StockChange)


def worksheet(plan: Plan, activity: Sequence[Activity], measured: Sequence[Measured] = ()) -> tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]:
    """Every flow of every stratum, scenario and year, and the variables they use by id; a Refusal lists all that is missing."""
    if strange := list(strange_equations(plan.methodology)):
        raise Refusal(strange)
    lookup, problems = Lookup(plan, area_variables(activity), measured), list(declared_problems(plan))
    rows: list[WorksheetRow] = []
    used: dict[str, Variable] = {}
    for cell, flow in _cells(plan, activity, problems):
        try:
            worked = lookup.work(cell, equations()[flow.equation])
            if worked.formula == NOTHING:  # nobody declares an amount of it
                continue
            row, variables = _work_flow(lookup, cell, flow, worked)
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
    try:
        foreseen(plan)
    except Refusal as refusal:
        return refusal.problems
    return ()


def foreseen(plan: Plan) -> tuple[Variable, ...]:
    """The variables of a worksheet over one hectare a stratum, with stand-ins for what will be measured; a Refusal lists what is missing."""
    hectare = [Activity(year, scenario, name, 1.0, 0.0, "") for year in plan.vintages for scenario in ("baseline", "project") for name in plan.area.strata]
    return worksheet(plan, hectare, expected(plan))[1]


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


def strange_equations(methodology: Methodology) -> Iterator[Problem]:
    """Equations that the methodology's flows and derived symbols name, and the book doesn't have."""
    named = {f"flow.{flow.id}.equation": flow.equation for flow in methodology.flow} | {f"derive.{symbol}": name for symbol, name in methodology.derive.items()}
    yield from (unknown(name, equations(), f"{methodology.id}.toml [{place}]") for place, name in named.items() if name not in equations())


def declared_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the project's declared values."""
    tables, seen = tables_of(plan.methodology), set()
    for value in plan.area.value:
        variable, where = declared_variable(value), f"area.toml [[value]] {value.symbol}"
        yield from (Problem("E-FAC-004", where, {"why": why}) for why in faults(variable))
        if tables.constant(value.symbol):
            yield Problem("E-FAC-005", where, {"symbol": value.symbol})
        if variable.id in seen:
            yield Problem("E-FAC-006", where, {"id": variable.id})
        seen.add(variable.id)


def _cells(plan: Plan, activity: Sequence[Activity], problems: list[Problem]) -> Iterator[tuple[Cell, Flow]]:
    """Every cell with the flows that are worked in it; what can't be told of a stratum's flows joins the problems."""
    flows: dict[str, list[Flow]] = {}
    for name in (WHOLE, *plan.area.strata):
        try:
            flows[name] = area_flows(plan.methodology, plan.area) if name == WHOLE else flows_of(plan.methodology, plan.area, name)
        except Refusal as refusal:
            problems += [problem for problem in refusal.problems if problem not in problems]
            flows[name] = []  # what would be missing in flows that may not be worked is no use to anybody
    whole = {(one.year, one.scenario, WHOLE) for one in activity}
    for year, scenario, stratum in sorted(whole | {(one.year, one.scenario, one.stratum) for one in activity}):
        if scenario == "project" or plan.methodology.baseline == "practice":
            known = flows.get(stratum, [flow for flow in plan.methodology.flow if flow.scope == "stratum"])
            yield from ((Cell(year, scenario, stratum), flow) for flow in known if flow.scenario in ("both", scenario))


def _work_flow(lookup: Lookup, cell: Cell, flow: Flow, worked: Worked) -> tuple[WorksheetRow, list[Variable]]:
    made = equations()[flow.equation]
    worked = lookup.of_vintage(cell, worked)
    conversion = lookup.tabled(cell, flow.to_co2e)
    result = reckoned(cell, made, worked)
    row = WorksheetRow(
        id=f"{cell.year}/{cell.scenario}/{cell.stratum}/{flow.id}",
        year=cell.year,
        scenario=cell.scenario,
        stratum=cell.stratum,
        flow=flow.id,
        pool=flow.pool,
        gas=flow.gas,
        kind=flow.kind,
        equation=made.name,
        cites="; ".join(worked.cites),
        formula=worked.formula,
        inputs=write_inputs(Input(name, variable.value, variable.id) for name, variable in worked.inputs.items()),
        result=quantise(result, PLACES),
        unit=made.returns.unit,
        to_co2e=conversion.value,
        to_co2e_variable=conversion.id,
        co2e_t=quantise(result * conversion.value, PLACES),
    )
    return row, [*worked.inputs.values(), conversion]


def _area_variable(name: str, one: Activity) -> Variable:
    half = SPREADS * one.standard_error_ha
    low, high, distribution = (one.area_ha - half, one.area_ha + half, "normal") if half else (None, None, "exact")
    place = f"{one.year} {one.stratum}, {one.method}"
    return Variable(name, "area", one.area_ha, "ha", low, high, distribution, "areas/activity.csv", place, "measured")
