"""Plot inventories of the plan, by every estimator their data allow, beside one another.

area.toml [[plots]], areas/activity.csv, land/cover_<year>.tif, composites/ -> areas/plots.csv, areas/plot_changes.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from carbonsink.areas.interval import Array
from carbonsink.areas.plots.change import Total, a_year, difference, remeasured
from carbonsink.areas.plots.discount import discount_share, discounted
from carbonsink.areas.plots.imagery import at_plots, features_of, over_strata
from carbonsink.areas.plots.inventory import Plot, read_inventory
from carbonsink.areas.plots.means import Mean, Strata, stratified, two_phase
from carbonsink.areas.regression import mean_by_regression
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import Activity, PlotChange, PlotEstimate
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.declared.allometry import read_plot_settings
from carbonsink.declared.factors import editions, read_factors
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import Plots

PLACES = 6


@dataclass(frozen=True)
class Inventory:
    """One inventory with its strata: those that hold plots, each with its hectares and their error."""

    declared: Plots
    plots: tuple[Plot, ...]
    strata: tuple[str, ...]
    area_ha: Array
    area_error_ha: Array

    @property
    def measured(self) -> tuple[Plot, ...]:
        """Plots whose biomass is known."""
        return tuple(plot for plot in self.plots if plot.biomass is not None)

    @property
    def weights(self) -> Array:
        """Shares of the land."""
        return np.asarray(self.area_ha / self.area_ha.sum())

    def biomass(self, plots: Sequence[Plot]) -> Array:
        """Biomass of measured plots [t d.m./ha]."""
        return np.array([plot.biomass for plot in plots], np.float64)

    def numbers(self, plots: Sequence[Plot]) -> Strata:
        """The number of each plot's stratum."""
        return np.array([self.strata.index(plot.stratum) for plot in plots], np.int64)


def write_plots(plan: Plan, run: Path) -> None:
    """Write the plots' tables; nothing where no inventory is declared."""
    if not plan.area.plots:
        return
    activity = read_csv(run / "areas" / "activity.csv", Activity)
    inventories = [inventory_of(plan, declared, activity) for declared in sorted(plan.area.plots, key=lambda p: (p.scenario, p.year))]
    rows = [row for inventory in inventories for row in estimates(plan, run, inventory)]
    write_csv(run / "areas" / "plots.csv", rows, PlotEstimate)
    pairs = [pair for pair in pairwise(inventories) if pair[0].declared.scenario == pair[1].declared.scenario]
    write_csv(run / "areas" / "plot_changes.csv", [change_row(*pair) for pair in pairs], PlotChange)


def inventory_of(plan: Plan, declared: Plots, activity: Sequence[Activity]) -> Inventory:
    """A declared inventory read and joined to the hectares of its strata; strata without plots are no part of it."""
    plots = read_inventory(plan, declared)
    held = {plot.stratum for plot in plots}
    rows = {a.stratum: a for a in activity if (a.year, a.scenario) == (declared.year, declared.scenario) and a.stratum in held}
    if not total(row.area_ha for row in rows.values()) > 0:
        raise refuse("E-ARE-034", f"area.toml [[plots]] {declared.file}", year=declared.year, strata=", ".join(sorted(held)))
    strata = tuple(name for name in plan.area.strata if name in rows)
    return Inventory(declared, plots, strata, *(np.array([getattr(rows[s], column) for s in strata]) for column in ("area_ha", "standard_error_ha")))


def estimates(plan: Plan, run: Path, inventory: Inventory) -> Iterator[PlotEstimate]:
    """Every estimate of an inventory: plot means alone first, then of each stratum, then with what else is known."""
    alone = plots_alone(inventory)
    yield _row(inventory, "", "stratified", alone)
    for number, stratum in enumerate(inventory.strata):
        part = inventory.biomass([p for p in inventory.measured if p.stratum == stratum])
        mean = stratified(part, np.zeros(len(part), np.int64), np.ones(1))
        yield _row(inventory, stratum, "stratified", mean, number)
    if any(plot.biomass is None for plot in inventory.plots):
        yield _row(inventory, "", "two-phase", in_two_phases(inventory))
    if inventory.declared.features:
        yield _row(inventory, "", "regression", with_images(plan, run, inventory))


def plots_alone(inventory: Inventory) -> Mean:
    """AR-TOOL14 section 8.1.1."""
    return stratified(inventory.biomass(inventory.measured), inventory.numbers(inventory.measured), inventory.weights)


def in_two_phases(inventory: Inventory) -> Mean:
    """AR-TOOL14 section 8.1.2; refuses measured plots whose secondary variable isn't known."""
    lacking = [plot.id for plot in inventory.plots if plot.secondary is None]
    if lacking:
        raise refuse("E-ARE-035", inventory.declared.file, plots=", ".join(lacking))
    secondary = [np.array([p.secondary for p in inventory.plots if p.stratum == s], np.float64) for s in inventory.strata]
    measured = inventory.measured
    cheap = np.array([plot.secondary for plot in measured], np.float64)
    means, counts = np.array([part.mean() for part in secondary]), np.array([part.size for part in secondary])
    return two_phase(inventory.biomass(measured), cheap, inventory.numbers(measured), inventory.weights, means, counts)


def with_images(plan: Plan, run: Path, inventory: Inventory) -> Mean:
    """Plot biomass regressed on image features that are known everywhere; refuses too few plots and features not seen."""
    declared, plots = inventory.declared, inventory.measured
    needed = len(inventory.strata) + read_plot_settings().inventory.plots_a_feature * len(declared.features)
    if len(plots) < needed:
        raise refuse("E-ARE-036", declared.file, plots=len(plots), features=len(declared.features), needed=needed)
    rasters = features_of(run, declared.features, declared.year)
    seen = at_plots(rasters, plots)
    means = over_strata(plan, rasters, read_raster(run / "land" / f"cover_{declared.year}.tif"), inventory.strata)
    unseen = [p.id for p, row in zip(plots, seen, strict=True) if np.isnan(row).any()] + [
        s for s, row in zip(inventory.strata, means, strict=True) if np.isnan(row).any()
    ]
    if unseen:
        raise refuse("E-ARE-037", declared.file, places=", ".join(unseen), features=", ".join(declared.features))
    found = mean_by_regression(inventory.biomass(plots), seen, inventory.numbers(plots), inventory.weights, means)
    return Mean(found.mean, found.error, found.degrees)


def change_row(before: Inventory, after: Inventory) -> PlotChange:
    """The change from one inventory to the next of the same scenario: by its plots where they are the same, else by the two stocks."""
    same = _same_plots(before, after)
    level, area, per = read_plot_settings().level.percent, float(after.area_ha.sum()), _co2_per_biomass()
    if same:
        one, other = ([{p.id: p for p in i.measured}[name] for name in same] for i in (before, after))
        mean = remeasured(before.biomass(one), after.biomass(other), after.numbers(other), after.weights)
        found, count, method = Total(float(mean.value) * area * per, float(mean.uncertainty_percent(level))), len(same), "remeasured"
    else:
        found, method, count = difference(_stock(before), _stock(after)), "independent", len(before.measured) + len(after.measured)
    years = after.declared.year - before.declared.year
    value, percent = quantise(found.value, PLACES), quantise(min(found.uncertainty_percent, 1e6), PLACES)
    careful = quantise(discounted(value, percent, after.declared.scenario), PLACES)
    return PlotChange(
        before.declared.year, after.declared.year, after.declared.scenario, method, count, value, quantise(a_year(value, years), PLACES), percent,
        discount_share(percent), careful,
    )  # fmt: skip


def _same_plots(before: Inventory, after: Inventory) -> list[str]:
    """The plots of both inventories, where every measured plot of the later one was measured before in the same stratum."""
    known = {(p.id, p.stratum) for p in before.measured}
    pairs = [(p.id, p.stratum) for p in after.measured]
    return [name for name, _ in pairs] if all(pair in known for pair in pairs) else []


def _stock(inventory: Inventory) -> Total:
    mean = plots_alone(inventory)
    percent = float(mean.uncertainty_percent(read_plot_settings().level.percent))
    return Total(float(mean.value) * float(inventory.area_ha.sum()) * _co2_per_biomass(), percent)


def _row(inventory: Inventory, stratum: str, estimator: str, mean: Mean, number: int | None = None) -> PlotEstimate:
    part = slice(None) if number is None else slice(number, number + 1)
    area, area_error = float(inventory.area_ha[part].sum()), float(np.sqrt((inventory.area_error_ha[part] ** 2).sum()))
    value, error, per = float(mean.value), float(mean.error), _co2_per_biomass()
    percent = quantise(min(float(mean.uncertainty_percent(read_plot_settings().level.percent)), 1e6), PLACES)
    stock = quantise(value * area * per, PLACES)
    plots = sum(p.stratum == stratum or not stratum for p in inventory.measured)
    return PlotEstimate(
        inventory.declared.year, inventory.declared.scenario, stratum, estimator, plots, quantise(area, PLACES), quantise(value, PLACES),
        quantise(error, PLACES), mean.degrees, percent, stock, quantise(per * float(np.hypot(area * error, value * area_error)), PLACES),
        discount_share(percent), quantise(discounted(stock, percent, inventory.declared.scenario), PLACES),
    )  # fmt: skip


def _co2_per_biomass() -> float:
    """t CO2 of a tonne of dry matter: CF x 44/12 (eq 12)."""
    return read_plot_settings().carbon_fraction.value * read_factors(editions()[0]).find("co2_per_c", {}).value
