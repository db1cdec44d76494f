"""The quantities that get an interval: gross and net of every year, of all years together, and what the last year has over the first.

    rows, values by variable  ->  {(2020, "net"): ..., (0, "net"): ..., (0, "net_change"): ...}

Year 0 stands for the whole period; it comes with the second vintage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from carbonsink.base.reckon import balance, co2e, in_turn, sums
from carbonsink.base.records import WorksheetRow
from carbonsink.base.records.uncertainty import PERIOD

Key = tuple[int, str]  # year, quantity
Totals = Mapping[Key, Any]
QUANTITIES = ("gross", "net")
CHANGE = "_change"


def totals(rows: Sequence[WorksheetRow], values: Mapping[str, Any]) -> Totals:
    """Every quantity [t CO2e] for the variables' values, floats or arrays [draws]."""
    return with_period(balance(rows, sums(in_turn(rows), lambda row: co2e(row, values))))


def with_period(by_year: Totals) -> dict[Key, Any]:
    """Quantities by year with those of the period: sums in the order of years, and last less first."""
    years = sorted({year for year, _ in by_year})
    found = dict(by_year)
    for quantity in QUANTITIES if len(years) > 1 else ():
        summed: Any = 0.0
        for year in years:
            summed = summed + by_year[year, quantity]
        found[PERIOD, quantity] = summed
        found[PERIOD, quantity + CHANGE] = by_year[years[-1], quantity] - by_year[years[0], quantity]
    return found
