"""5 and 6. Are the numbers of the worksheet those of their sources, and do its formulas give its tonnes?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from carbonsink.base import reckon
from carbonsink.base.measurements import read_numbers
from carbonsink.base.problems import Problem
from carbonsink.base.records import Activity, StockChange, Variable, WorksheetRow
from carbonsink.base.tables import read_csv, total
from carbonsink.carbon.resolve import HELD, measured_variable
from carbonsink.carbon.work import area_variables
from carbonsink.declared.methodology import tables_of
from carbonsink.declared.period import held
from carbonsink.verify.chips import Chips
from carbonsink.verify.declared import load_declared


def check_variables(run: Path, _: Chips) -> Iterator[Problem]:
    """5. Every number in the worksheet is that of the table row, the declaration or the area it names."""
    plan = load_declared(run)
    known = {row.variable.id: row.variable.value for row in tables_of(plan.methodology).rows}
    known |= {v.id: v.value for v in area_variables(read_csv(run / "areas" / "activity.csv", Activity)).values()}
    known |= {v.id: v.value for v in map(measured_variable, read_numbers(run))}
    known |= {f"vintage:{year}": float(year) for year in plan.vintages}
    known |= {f"{HELD}:{year}": float(held(plan.area.period, year)) for year in plan.vintages}
    variables = {v.id: v for v in read_csv(run / "carbon" / "variables.csv", Variable)}
    declared = {(v.symbol, v.value) for v in plan.area.value}
    for variable in variables.values():
        source = known.get(variable.id)
        if source is None and variable.id.startswith("declared:"):
            source = variable.value if (variable.symbol, variable.value) in declared else None
        if source != variable.value:
            yield Problem("E-VER-017", f"variables.csv {variable.id}", {"stated": repr(variable.value), "source": _exact(source)})
    for row in read_csv(run / "carbon" / "worksheet.csv", WorksheetRow):
        for one in (*reckon.read_inputs(row.inputs), reckon.Input("to_co2e", row.to_co2e, row.to_co2e_variable)):
            stated = variables[one.variable].value if one.variable in variables else None
            if stated != one.value:
                facts: dict[str, object] = {"argument": one.argument, "stated": repr(one.value), "variable": one.variable, "known": _exact(stated)}
                yield Problem("E-VER-018", f"worksheet.csv {row.id}", facts)


def check_worksheet(run: Path, _: Chips) -> Iterator[Problem]:
    """6. Every worksheet row, reckoned again from its formula text, gives its result; rows sum to the stock changes."""
    rows = read_csv(run / "carbon" / "worksheet.csv", WorksheetRow)
    values = {v.id: v.value for v in read_csv(run / "carbon" / "variables.csv", Variable)}
    for row in rows:
        result = reckon.result(row, values)
        co2e = result * values[row.to_co2e_variable]
        if not (_near(result, row.result) and _near(co2e, row.co2e_t)):
            facts: dict[str, object] = {"result": repr(row.result), "unit": row.unit, "co2e": repr(row.co2e_t), "again": repr(result), "co2e_again": repr(co2e)}
            yield Problem("E-VER-019", f"worksheet.csv {row.id}", facts)
    sums: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in rows:
        sums[row.year, row.scenario, row.flow].append(row.co2e_t)
    for change in read_csv(run / "carbon" / "stock_change.csv", StockChange):
        summed = total(sums[change.year, change.scenario, change.flow])
        if not _near(summed, change.co2e_t):
            where = f"stock_change.csv {change.year} {change.scenario} {change.flow}"
            yield Problem("E-VER-020", where, {"stated": repr(change.co2e_t), "summed": repr(summed)})


def _exact(value: float | None) -> str:
    """A number to its last digit, as both sides of a difference are told; a dash where there is none."""
    return "-" if value is None else repr(value)


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))
