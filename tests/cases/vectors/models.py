"""Published series of models that step through time: RothC-26.3, the Tier 2 soil model, the twenty-year transition."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from carbonsink.carbon import rothc, soil_tier2, transition
from tests.cases.kinds import Pair, pair
from tests.cases.run import shared

Case = Mapping[str, Any]
SERIES = ("temperature", "rain", "evaporation", "carbon_input", "manure", "covered")
POOLS = ("DPM", "RPM", "BIO", "HUM", "IOM", "SOC")
YEARLY = {"carbon_input": "CI", "warm": "tfac", "wet": "wfac", "lignin": "LC", "nitrogen": "NC"}


def rothc_months(case: Case) -> Iterator[Pair]:
    """Five pools and their sum in every month after the run to equilibrium."""
    start, after = _settled(case)
    course = rothc.run(**after, clay=case["clay"], depth=case["depth"], start=start.pools)
    ours = np.concatenate([course.pools, course.total[:, None]], axis=1)
    published = np.loadtxt(shared() / case["needs"] / "month_results.csv", delimiter=",", skiprows=1)
    for row, values in zip(published, ours, strict=True):
        for name, value, expected in zip(POOLS, values, row[2:8], strict=True):
            yield pair(f"{name} {row[0]:.0f}-{row[1]:02.0f}", value, expected)


def rothc_equilibrium(case: Case) -> Iterator[Pair]:
    """The pools at equilibrium, and after how many months they stand there."""
    start, _ = _settled(case)
    for name, value, expected in zip(POOLS, [*start.pools.carbon, start.pools.total], case["pools"], strict=True):
        yield pair(name, value, expected)
    yield pair("months", float(start.years) * 12, case["months"])


def tier2_years(case: Case) -> Iterator[Pair]:
    """Organic carbon of every year from the published input, climate factors and pools of the year before the first."""
    rows = _rows(shared() / case["needs"] / "outputs.csv", "Year")
    inputs: dict[str, Any] = {name: [float(row[column]) for row in rows] for name, column in YEARLY.items()}
    pools = soil_tier2.run(**inputs, sand=case["sand"], tillage=case["tillage"], start=case["start"])
    for row, total in zip(rows, pools.sum(axis=-1), strict=True):
        yield pair(row["Year"], total, float(row["SOCy"]))


def tier2_first_year(case: Case) -> Iterator[Pair]:
    """Steady states and pools of one year."""
    inputs: dict[str, Any] = {name: [case[name]] for name in YEARLY}
    soil = {"sand": case["sand"], "tillage": case["tillage"]}
    found = [*soil_tier2.steady_state(**inputs, **soil).pools[0], *soil_tier2.run(**inputs, **soil, start=case["start"])[0]]
    for name, value, expected in zip(("A*", "S*", "P*", "A", "S", "P"), found, case["pools"], strict=True):
        yield pair(name, value, expected)


def tier2_months(case: Case) -> Iterator[Pair]:
    """The effects of every month's temperature and water."""
    rows = _rows(shared() / case["needs"] / "Tier2TestData.csv", "Month")
    warmth, rain, wanted = (np.array([float(row[name]) for row in rows]) for name in ("AvgTAvg", "SumRain", "SumEvap"))
    for row, t, w in zip(rows, soil_tier2.temperature_effect(warmth), soil_tier2.water_effect(rain, wanted), strict=True):
        yield pair(f"T {row['YearMonth']}", t, float(row["Ti"]))
        yield pair(f"W {row['YearMonth']}", w, float(row["Wi"]))


def climate_factors(case: Case) -> Iterator[Pair]:
    """Yearly factors of temperature and water, months without rain and evapotranspiration among them."""
    given = json.loads((shared() / case["needs"] / "climate_factors.json").read_text(encoding="utf-8"))
    for number, one in enumerate(given["temperature_factor_annual"]):
        yield pair(f"tfac {number}", float(soil_tier2.temperature_factor(one["t_monthly_c"])), one["expected"])
    for number, one in enumerate(given["water_factor_annual"]):
        yield pair(f"wfac {number}", float(soil_tier2.water_factor(one["p_mm"], one["pet_mm"])), one["expected"])


def land_units(case: Case) -> Iterator[Pair]:
    """Stocks of land units whose practice changes, some before the line of the last change has ended."""
    rows = _rows(shared() / case["needs"] / "land_units.csv", "year")
    for unit in sorted({row["land_unit"] for row in rows}):
        own = [row for row in rows if row["land_unit"] == unit]
        stocks = transition.stocks([float(row["soc_equilibrium_tC_ha"]) for row in own], [int(row["year"]) for row in own], case["transition_time"])
        for row, stock in zip(own, stocks, strict=True):
            yield pair(f"unit {unit}, {row['year']}", stock, float(row["expected_soc_tC_ha"]))


def _settled(case: Case) -> tuple[rothc.Years, dict[str, Any]]:
    table = np.loadtxt(shared() / case["needs"] / "RothC_input.dat", skiprows=7).T
    series = dict(zip(SERIES, table[3:9], strict=True))
    first: dict[str, Any] = {name: values[:12] for name, values in series.items()}
    start = rothc.equilibrium(**first, clay=case["clay"], depth=case["depth"], inert=case["inert"])
    return start, {name: values[12:] for name, values in series.items()}


def _rows(path: Path, needed: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row[needed]]
