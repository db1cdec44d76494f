"""Published figures with several numbers each: error-adjusted areas, a project's vintages, a plot's stock, trades in the news."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from carbonsink.areas.estimate import error_adjusted
from carbonsink.areas.plots.means import relative_percent, stratified
from carbonsink.base.units import unit
from carbonsink.carbon.equation import Number
from carbonsink.credit.rules import Amounts, deduct
from carbonsink.declared.factors import read_factors
from carbonsink.declared.methodology import Deduction
from tests.cases.kinds import Pair, pair
from tests.cases.run import shared

Case = Mapping[str, Any]


def olofsson_areas(case: Case) -> Iterator[Pair]:
    """Areas and accuracies with their half-widths from the error matrix of Olofsson et al. 2014."""
    folder = shared() / case["needs"]
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader((folder / "error_matrix.csv").read_text(encoding="utf-8").splitlines()))
    counts = np.array([[float(row[name["map_class"]]) for name in rows] for row in rows])
    found = error_adjusted(counts, np.array([float(row["mapped_pixels"]) for row in rows]) * expected["pixel_area_ha"])
    for name, ours, theirs in (
        ("area", found.points.areas, "adjusted_area_ha"),
        ("area half-width", expected["z"] * found.errors.areas, "adjusted_area_ci95_ha"),
        ("user's accuracy", found.points.users, "users_accuracy"),
        ("producer's accuracy", found.points.producers, "producers_accuracy"),
        ("overall accuracy", np.atleast_1d(found.points.overall), "overall_accuracy"),
    ):
        for number, (one, other) in enumerate(zip(ours, np.atleast_1d(expected[theirs]), strict=True)):
            yield pair(f"{name} {number + 1}", one, other)


def guardian_vintages(case: Case) -> Iterator[Pair]:
    """Buffer and credit of every year of a cumulative series, by our own deduction of a buffer."""
    rule = Deduction(rule="buffer", of="net", rate=case["buffer"], source=case["source"], place="the series", status="transcribed")
    rows = list(csv.DictReader((shared() / case["needs"] / "net_err_series_2022_2055.csv").read_text(encoding="utf-8").splitlines()))
    for before, after in pairwise(rows):
        net = Decimal(after["NERRWE_cumulative_tCO2e"]) - Decimal(before["NERRWE_cumulative_tCO2e"])
        (buffer,) = deduct([rule], Amounts(net, Decimal(0), Decimal(0)), lambda _: Decimal(0))
        yield pair(f"buffer {after['year']}", float(buffer.co2e_t), float(after["buffer_deduction_tCO2e"]))
        yield pair(f"credit {after['year']}", float(net - buffer.co2e_t), float(after["VCU_tCO2e"]))


def guardian_stratum(case: Case) -> Iterator[Pair]:
    """Biomass and carbon of a stratum by AR-TOOL14, and the relative error of four plots, divided by the mean once."""
    folder = shared() / case["needs"]
    stratum, trap = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("ar_tool_14_stratum4.json", "uncertainty_trap.json"))
    per_c = read_factors("ipcc-2019").find("co2_per_c", {}).value
    biomass = stratum["delta_b_TREE_t_dm_ha"] * stratum["A_ha"]
    yield pair("biomass", biomass, stratum["expected_delta_B_TREE_t_dm"])
    yield pair("carbon", biomass * stratum["CF_TREE"], stratum["expected_delta_C_tC"])
    yield pair("carbon dioxide", biomass * stratum["CF_TREE"] * per_c, stratum["expected_delta_C_TREE_tCO2"])
    plots = stratified(np.array(trap["plots_t_dm_ha"], float), np.zeros(4, np.int64), np.ones(1))
    yield pair("relative error", float(relative_percent(plots.value, trap["t_value"] * plots.error)), trap["relative_uncertainty_pct"])


def traded_rates(case: Case) -> Iterator[Pair]:
    """Tonnes a hectare and year of every published trade that says its area, and the range a farmland rate lies in."""
    trades = json.loads((shared() / case["needs"] / "trades.json").read_text(encoding="utf-8"))
    for trade in (one for one in trades if "area_mu" in one):
        rate = in_unit(trade["tonnes"] * unit("t_CO2e") / (trade["area_mu"] * unit("mu")) / (trade["years"] * unit("yr")), "t_CO2e ha^-1 yr^-1")
        yield pair(trade["id"], rate, trade["derived"]["t_per_ha_yr"])
        yield Pair(f"{trade['id']} plausible", rate, *case["plausible"])


def in_unit(quantity: Number, text: str) -> float:
    """A quantity's number in a unit."""
    return float(quantity.to(unit(text)).magnitude)
