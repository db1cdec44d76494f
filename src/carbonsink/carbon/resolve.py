"""Where an equation's arguments come from: the area, the project's declarations, measurements, other equations, the tables.

    Lookup(plan, areas, measured).work(cell, equation)     -> Worked: one formula text, its variables by argument

A symbol that the methodology derives is worked by another equation in the same stratum and scenario: that equation's formula is
put in place of the symbol, so that a worksheet row stays one formula over variables that name their source.

An amount that is optional in the vocabulary (lime, compost, diesel) and that nobody declares in the whole area isn't there: the
terms it is a factor of are left out of the row's formula. Declared anywhere, it must be declared wherever it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from carbonsink.base.bounds import bounds_of
from carbonsink.base.formula import FUNCTIONS, FormulaError, evaluate, names_in, put_in, without
from carbonsink.base.pairs import write_pairs
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.records import Measured, Variable
from carbonsink.base.units import symbols
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import BEFORE, Equation, symbol_of
from carbonsink.declared.area import Value
from carbonsink.declared.methodology import tables_of
from carbonsink.declared.period import held
from carbonsink.declared.plan import Plan

Areas = Mapping[tuple[int, str, str], Variable]  # by year, scenario and stratum
Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)
WHOLE = ""  # the stratum of what was measured for the whole area
NOTHING = "0"  # the formula of what has no term left
HELD = "vintage_held"  # the symbol of the share of a year's days that its vintage holds


@dataclass(frozen=True)
class Cell:
    """One year of one stratum under one scenario."""

    year: int
    scenario: str
    stratum: str  # WHOLE: all strata together


@dataclass(frozen=True)
class Worked:
    """An equation with everything it needs: one formula text, its variables by argument, the places it cites."""

    formula: str
    inputs: Mapping[str, Variable]
    cites: tuple[str, ...]


@dataclass(frozen=True)
class Lookup:
    """The numbers a plan's equations may ask for."""

    plan: Plan
    areas: Areas
    measured: Sequence[Measured] = ()

    @cached_property
    def _declared(self) -> Mapping[tuple[str, str | None], Sequence[Value]]:
        """Declared values by symbol and stratum, None for those of every stratum."""
        return _grouped(self.plan.area.value, lambda value: (value.symbol, value.stratum))

    @cached_property
    def _measured(self) -> Mapping[tuple[str, int, str], Sequence[Measured]]:
        """Measured numbers by symbol, year and stratum."""
        return _grouped(self.measured, lambda row: (row.symbol, row.year, row.stratum))

    def work(self, cell: Cell, equation: Equation) -> Worked:
        """An equation's formula with derived symbols worked in place; a Refusal lists every argument that nothing gives."""
        present = self._present(cell, equation)
        parts = self._arguments(cell, equation, present)
        derived = {argument: part.formula for argument, part in parts.items() if part.formula != argument}
        inputs = {name: variable for part in parts.values() for name, variable in part.inputs.items()}
        cites = dict.fromkeys((equation.cites, *(cited for part in parts.values() for cited in part.cites)))
        return Worked(put_in(present, derived) if derived else present, inputs, tuple(cites))

    def absent(self, cell: Cell, argument: str, within: Equation) -> bool:
        """Whether an argument is an optional amount that nobody declares, measures or derives in the whole area."""
        symbol = symbol_of(argument)
        name = self.plan.methodology.derive.get(symbol)
        if not symbols()[symbol].optional or symbol in self._told:
            return False
        return name is None or name == within.name or self._present(cell, equations()[name]) == NOTHING

    @cached_property
    def _told(self) -> frozenset[str]:
        """The symbols that the area declares, or that were measured, for some stratum, scenario or year."""
        return frozenset({value.symbol for value in self.plan.area.value} | {row.symbol for row in self.measured})

    def argument(self, cell: Cell, argument: str, within: Equation) -> Worked:
        """One argument: a variable under its own name, or the formula of the equation it is derived by."""
        symbol = symbol_of(argument)
        variable = self.given(cell, argument)
        name = self.plan.methodology.derive.get(symbol)
        if variable is None and name is not None and name != within.name:
            return self._derived(cell, equations()[name], argument.endswith(BEFORE))
        return Worked(argument, {argument: variable or self.tabled(cell, argument)}, ())

    def of_vintage(self, cell: Cell, worked: Worked) -> Worked:
        """A year's amount as its vintage's: times the share of the year's days that the period holds, where it doesn't hold all."""
        share = held(self.plan.area.period, cell.year)
        if share == 1:
            return worked
        place = f"{share.numerator} of {share.denominator} parts of the year's days lie in the period"
        variable = Variable(f"{HELD}:{cell.year}", HELD, float(share), "1", None, None, "exact", "definition", place, "confirmed")
        return Worked(f"({worked.formula})*{HELD}", {**worked.inputs, HELD: variable}, worked.cites)

    def given(self, cell: Cell, argument: str) -> Variable | None:
        """What the area, the project or a measurement says of a symbol, in this order; None where nobody says anything."""
        symbol, scenario = symbol_of(argument), "baseline" if argument.endswith(BEFORE) else cell.scenario
        if symbol == "area" and cell.stratum != WHOLE:
            return self.areas[cell.year, scenario, cell.stratum]
        if symbol == "vintage":
            return Variable(f"vintage:{cell.year}", symbol, float(cell.year), "yr", None, None, "exact", "definition", "the calendar year", "confirmed")
        asked = Cell(cell.year, scenario, cell.stratum)
        return self._of_declared(symbol, asked) or self._of_measured(symbol, asked)

    def tabled(self, cell: Cell, argument: str) -> Variable:
        """The most specific row of the tables for the stratum's keys; a Refusal where there is none."""
        scenario = "baseline" if argument.endswith(BEFORE) else cell.scenario
        tables, keys = tables_of(self.plan.methodology), {"gwp": self.plan.methodology.gwp}
        if cell.stratum == WHOLE:
            return tables.find(symbol_of(argument), self._shared_keys() | keys, "area.toml")
        stratum = self.plan.area.strata.get(cell.stratum)
        if stratum is None:
            raise refuse("E-FAC-007", "activity.csv", stratum=cell.stratum, known=", ".join(self.plan.area.strata))
        practice = stratum.baseline if scenario == "baseline" else stratum.project
        return tables.find(symbol_of(argument), stratum.keys | practice | keys, f"area.toml [strata.{cell.stratum}] {scenario}")

    def _of_declared(self, symbol: str, cell: Cell) -> Variable | None:
        known = [value for stratum in (None, cell.stratum) for value in self._declared.get((symbol, stratum), ())]
        fitting = [v for v in known if v.scenario in ("both", cell.scenario) and v.year in (None, cell.year)]
        # What is declared for the stratum goes before what is declared for the scenario, that before the year, and all before what holds everywhere.
        best = max(fitting, key=lambda v: (v.stratum is not None, v.scenario != "both", v.year is not None), default=None)
        return declared_variable(best) if best else None

    def _of_measured(self, symbol: str, cell: Cell) -> Variable | None:
        fitting = [row for row in self._measured.get((symbol, cell.year, cell.stratum), ()) if row.scenario in ("both", cell.scenario)]
        best = max(fitting, key=lambda row: row.scenario != "both", default=None)
        return measured_variable(best) if best else None

    def _shared_keys(self) -> dict[str, str]:
        """The keys on which all strata agree: what may be asked for the whole area."""
        first, *others = (stratum.keys for stratum in self.plan.area.strata.values())
        return {key: word for key, word in first.items() if all(other.get(key) == word for other in others)}

    def _present(self, cell: Cell, equation: Equation) -> str:
        """An equation's formula without what isn't there."""
        absent = [argument for argument in equation.arguments if self.absent(cell, argument, equation)]
        return without(equation.formula, absent) if absent else equation.formula

    def _arguments(self, cell: Cell, equation: Equation, formula: str) -> dict[str, Worked]:
        found: dict[str, Worked] = {}
        problems: list[Problem] = []
        asked = names_in(formula)
        for argument in (argument for argument in equation.arguments if argument in asked):
            try:
                found[argument] = self.argument(cell, argument, equation)
            except Refusal as refusal:
                problems += refusal.problems
        if problems:
            raise Refusal(problems)
        return found

    def _derived(self, cell: Cell, equation: Equation, before: bool) -> Worked:
        asked = Cell(cell.year, "baseline", cell.stratum) if before else cell
        worked = self.work(asked, equation)
        reckoned(asked, equation, worked)
        if not before:
            return worked
        inputs = {_before(name): variable for name, variable in worked.inputs.items()}
        return Worked(put_in(worked.formula, {name: _before(name) for name in worked.inputs}), inputs, worked.cites)


def reckoned(cell: Cell, equation: Equation, worked: Worked) -> float:
    """What an equation comes to in its cell; a Refusal where that is no real number, or none that its symbol can have."""
    where, values = f"area.toml [strata.{cell.stratum}]" if cell.stratum else "area.toml", {name: known.value for name, known in worked.inputs.items()}
    told = [known for known in worked.inputs.values() if known.status == "declared"] or list(worked.inputs.values())
    facts: dict[str, object] = {"equation": equation.name, "values": ", ".join(f"{known.id} = {known.value:g}" for known in told)}
    try:
        with np.errstate(all="ignore"):  # what comes of it is looked at below
            result = float(evaluate(worked.formula, values, FUNCTIONS))
    except (FormulaError, ArithmeticError) as error:
        raise Refusal(Problem("E-FAC-014", where, facts | {"why": str(error)})) from None
    if not math.isfinite(result):
        raise Refusal(Problem("E-FAC-014", where, facts | {"why": result}))
    bounds = bounds_of(equation.returns.name)
    if not bounds.hold(result):
        raise Refusal(Problem("E-FAC-015", where, facts | {"symbol": equation.returns.name, "found": result, "expected": bounds.words}))
    return result


def declared_variable(value: Value) -> Variable:
    """A declared value as a variable, its id made of what it is declared for."""
    scope = [value.scenario] if value.scenario != "both" else []
    stratum, year = [value.stratum] if value.stratum else [], [str(value.year)] if value.year else []
    name = ":".join(["declared", value.symbol, *scope, *stratum, *year])
    told = (value.symbol, value.value, value.unit, value.low, value.high, value.distribution, value.source, value.place, "declared")
    return Variable(name, *told, value.least, value.most, write_pairs(value.points))


def measured_variable(row: Measured) -> Variable:
    """A measured or modelled number as a variable, its id made of what it was measured for."""
    name = ":".join(["measured", row.symbol, row.scenario, row.stratum, str(row.year)])
    table = "carbon/modelled.csv" if row.symbol.endswith("_modelled") else "areas/measured.csv"
    return Variable(name, row.symbol, row.value, row.unit, row.low, row.high, row.distribution, table, row.place, "measured", shared=row.shared)


def _grouped(items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    found: dict[Key, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _before(argument: str) -> str:
    return argument if argument.endswith(BEFORE) else argument + BEFORE
