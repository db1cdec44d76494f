"""Worked examples of forests with several numbers each: plots and their errors, roots, a census from weights to units."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np

from carbonsink.areas.interval import quantile
from carbonsink.areas.measured.census import Stock, deduction_share, mortality, relative_half_width, stratum_carbon
from carbonsink.areas.plots.change import Total
from carbonsink.areas.plots.change import difference as change_of
from carbonsink.areas.plots.discount import discounted
from carbonsink.areas.plots.means import stratified
from carbonsink.carbon.book import equations
from carbonsink.carbon.work import worksheet
from carbonsink.declared.factors import read_factors
from carbonsink.declared.measured.census import UnitSample
from carbonsink.declared.measured.settings import read_measured_settings
from tests.carbon.forest_projects import UNCERTAINTY_LEVEL, measured, posted, small
from tests.carbon.projects import hectares
from tests.cases.kinds import Pair, pair

Case = Mapping[str, Any]


def roots(case: Case) -> Iterator[Pair]:
    """Root-shoot ratios by above-ground biomass, parameters from the tools' tables."""
    tables, made = read_factors("ipcc-2006", ("ar-tools",)), equations()["trees.roots"]
    known = {name: tables.find(name, {}).value for name in made.arguments if name != "above_ground"}
    for above, published in zip(case["above_ground"], case["expect"], strict=True):
        yield pair(f"{above:g} t d.m./ha", made(above_ground=above, **known), published)


def plot_uncertainty(case: Case) -> Iterator[Pair]:
    """The tool's example of 34 plots, and its example of a discount on either side."""
    half = float(quantile(UNCERTAINTY_LEVEL, 33)) * 12.776 / math.sqrt(34)
    yield pair("half-width", half, 3.707)
    yield pair("uncertainty", half / 45.328 * 100, 8.18)
    yield pair("project", discounted(60.0, 15.0, "project"), 57.75)
    yield pair("baseline", discounted(60.0, 15.0, "baseline"), 62.25)


def stratified_plots(case: Case) -> Iterator[Pair]:
    """Mean, uncertainty, stock and discounted stock of two strata of plots."""
    areas = np.array(case["areas"])
    values = np.concatenate([np.array(part) for part in case["plots"]])
    numbers = np.repeat(np.arange(len(areas)), [len(part) for part in case["plots"]])
    mean = stratified(values, numbers, areas / areas.sum())
    percent = float(mean.uncertainty_percent(UNCERTAINTY_LEVEL))
    per_c = read_factors("ipcc-2006").find("co2_per_c", {}).value
    stock = float(equations()["trees.stock"](area=areas.sum(), tree_biomass=float(mean.value), carbon_fraction=0.47)) * per_c
    found = (float(mean.value), percent, stock, discounted(stock, percent, "project"))
    for label, ours, published in zip(("mean", "uncertainty", "stock", "discounted"), found, case["expect"], strict=True):
        yield pair(label, ours, published)


def difference(case: Case) -> Iterator[Pair]:
    """The change between two stocks and its uncertainty."""
    found = change_of(Total(3000.0, 12.0), Total(5000.0, 10.0))
    yield from (
        pair(label, *both)
        for label, both in zip(("change", "uncertainty"), zip((found.value, found.uncertainty_percent), case["expect"], strict=True), strict=True)
    )


def census(case: Case) -> Iterator[Pair]:
    """A census of planting units: stocks, their uncertainty, the change after it, emissions, buffer, and whole units."""
    expect, per_c = case["expect"], read_factors("ipcc-2019").find("co2_per_c", {}).value
    now, before = (UnitSample("all", date(year, 5, 31), tuple(case[name]), case[f"sampled_{name}"]) for name, year in (("now", 2027), ("before", 2022)))
    fraction = read_measured_settings().census.carbon_fraction.value
    stocks = [Stock(s.on, stratum_carbon(s, case["counted"], case["root_shoot"], fraction), 0.0).value * per_c for s in (now, before)]
    relative = [relative_half_width(sample, UNCERTAINTY_LEVEL) for sample in (now, before)]
    careful = [stock * (1 - deduction_share(width)) for stock, width in zip(stocks, relative, strict=True)]
    yield pair("mortality", mortality(now), expect["mortality"])
    for label, ours in zip(("stock", "previous", "relative", "relative_previous"), (*stocks, *relative), strict=True):
        yield pair(label, ours, expect[label])
    yield pair("change", careful[0] - careful[1], expect["change"])
    yield from _issued(case, (stocks[0] - stocks[1]) / per_c, (stocks[0] - stocks[1] - careful[0] + careful[1]) / per_c)


def _issued(case: Case, gain: float, taken: float) -> Iterator[Pair]:
    """The same change, with what is taken off it, through the methodology's worksheet and statement."""
    expect, area = case["expect"], case["hectares"]
    standing = case["counted"] * float(np.mean(case["before"])) / 1000 / area
    plan = small(
        "vm0047-census",
        fuel_load=standing,
        burned_share=case["burnt_share"],
        nitrogen_rate=case["nitrogen"]["synthetic"] / area,
        organic_nitrogen_rate=case["nitrogen"]["organic"] / area,
    )
    trees = measured("tree_carbon_gain", gain), measured("tree_carbon_deduction", taken)
    rows, _ = worksheet(plan, hectares(plan, area), trees)
    emitted = {name: sum(row.co2e_t for row in rows if row.flow.startswith(name)) for name in ("fire", "n2o")}
    found = posted(plan, area, *trees)[2020]
    yield pair("burning", emitted["fire"], expect["burning"])
    yield pair("fertiliser", emitted["n2o"], expect["fertiliser"])
    yield pair("net", float(-found["removals"] - found["emissions"]), expect["net"])
    yield pair("buffer", float(found["buffer"]), expect["buffer"])
    yield pair("issued", float(found["issued"]), expect["issued"])
