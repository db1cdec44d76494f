"""Worksheets of a few rows, made by hand: variables by name, formulas over them."""

from __future__ import annotations

from typing import Any

from carbonsink.base.pairs import write_pairs
from carbonsink.base.reckon import Input, write_inputs
from carbonsink.base.records import Variable, WorksheetRow

ONE = Variable("one", "co2_per_c", 1.0, "t_CO2e t_CO2e^-1", None, None, "exact", "definition", "1", "confirmed")
POINTS = ((0.0, 2.0), (0.1, 5.0), (0.5, 10.0), (0.9, 12.0), (1.0, 30.0))


def variable(kind: str, value: float = 10.0, low: float | None = 5.0, high: float | None = 20.0, name: str = "x", **more: Any) -> Variable:
    """A stock of soil carbon, of a distribution."""
    quantiles = write_pairs(POINTS) if kind == "empirical" else ""
    return Variable(name, "soc_ref", value, "t_C ha^-1", low, high, kind, "s", "p", "declared", **{"quantiles": quantiles} | more)


def gain(kind: str, value: float, low: float, high: float, name: str, **more: Any) -> Variable:
    """A gain, which may be a loss: its draws are not cut at zero."""
    return Variable(name, "soc_gain_measured", value, "t_C ha^-1 yr^-1", low, high, kind, "s", "p", "measured", **more)


def row(formula: str, *names: str, year: int = 2020, scenario: str = "project", kind: str = "removal", flow: str = "stock") -> WorksheetRow:
    """A row whose formula's arguments are the variables of the same names."""
    return WorksheetRow(
        id=f"{year}/{scenario}/{flow}/{formula}",
        year=year,
        scenario=scenario,
        stratum="field",
        flow=flow,
        pool="soil",
        gas="CO2",
        kind=kind,
        equation="made.up",
        cites="nowhere",
        formula=formula,
        inputs=write_inputs(Input(name, 0.0, name) for name in names),
        result=0.0,
        unit="t_CO2e",
        to_co2e=1.0,
        to_co2e_variable="one",
        co2e_t=0.0,
    )
