"""Stage 5: numbers, equations, tonnes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Variable:
    """carbon/variables.csv: one number of the reckoning, whoever uses it: a table row, a declared value, an area."""

    id: str  # "ipcc-2019/rice.csv:12", "area:single-rice:2020", "declared:straw_rate:project"
    symbol: str
    value: float
    unit: str
    low: float | None  # bounds of the 95 % interval
    high: float | None
    distribution: str  # normal | lognormal | triangular | pert | uniform | empirical | exact
    source: str
    place: str
    status: str  # confirmed | transcribed | recalled | declared | measured
    least: float | None = None  # bounds beyond which nothing is drawn, where some are declared
    most: float | None = None
    quantiles: str = ""  # of an empirical one: "probability=value" joined by " ; "
    shared: str = ""  # of what is part of one measured change: the change's id and its weight, "id=weight" joined by " ; "


@dataclass(frozen=True)
class WorksheetRow:
    """carbon/worksheet.csv: one equation, worked once, with everything it used."""

    id: str  # "2020/project/single-rice/rice_methane"
    year: int
    scenario: str
    stratum: str
    flow: str
    pool: str
    gas: str  # CO2 | CH4 | N2O
    kind: str  # removal | avoided | emission
    equation: str
    cites: str
    formula: str
    inputs: str  # "symbol=value@variable" joined by " ; "
    result: float
    unit: str
    to_co2e: float
    to_co2e_variable: str
    co2e_t: float  # in the direction of the gas flow: a removal counts as removal, an emission as emission


@dataclass(frozen=True)
class StockChange:
    """carbon/stock_change.csv: t CO2e of a flow, summed over strata."""

    year: int
    scenario: str
    flow: str
    pool: str
    gas: str
    kind: str
    co2e_t: float
