"""Inventories of plots as tree_carbon_gain: the tool's interval at 90 % becomes one of two standard deviations, shared out over the years."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from carbonsink.areas.measured.forest import half_width
from carbonsink.base.records import Measured, PlotChange, PlotEstimate
from carbonsink.base.tables import write_csv
from tests.areas.measured.tables import measured, plan


def estimate(year: int, stock: float, percent: float, degrees: int) -> PlotEstimate:
    return PlotEstimate(year, "project", "", "stratified", degrees + 2, 100.0, 40.0, 1.0, degrees, percent, stock, 1.0, 0.0, stock)


def gains(folder: Path, change: PlotChange, *estimates: PlotEstimate) -> list[Measured]:
    write_csv(folder / "areas" / "plots.csv", estimates, PlotEstimate)
    write_csv(folder / "areas" / "plot_changes.csv", [change], PlotChange)
    return measured(plan(folder, range(2020, 2027)), folder)


INDEPENDENT = PlotChange(2020, 2025, "project", "independent", 30, 2000.0, 400.0, 30.8058, 1.0, 1383.884)
STOCKS = (estimate(2020, 3000.0, 12.0, 14), estimate(2025, 5000.0, 10.0, 10))


def test_two_inventories_of_other_plots(tmp_path: Path) -> None:
    """W15c: 3,000 t at 12 % and 5,000 t at 10 % are 2,000 t at 30.8058 %, at 90 %."""
    whole = {(row.year, row.scenario): row for row in STOCKS}
    assert half_width(INDEPENDENT, whole, 90) == pytest.approx(2000 * 0.308058, abs=1e-3)
    found = gains(tmp_path, INDEPENDENT, *STOCKS)
    assert [row.year for row in found] == [2021, 2022, 2023, 2024, 2025]
    assert {(row.symbol, row.stratum, row.scenario, row.unit) for row in found} == {("tree_carbon_gain", "", "project", "t_C yr^-1")}
    assert [row.value for row in found] == pytest.approx([400 * 12 / 44] * 5)
    low, high = found[0].low or 0.0, found[0].high or 0.0
    halves = [stock.stock_t_co2 * stock.uncertainty_percent / 100 * stats.t.ppf(0.97725, stock.degrees) / stats.t.ppf(0.95, stock.degrees) for stock in STOCKS]
    assert (high - low) / 2 == pytest.approx((halves[0] ** 2 + halves[1] ** 2) ** 0.5 / 5 * 12 / 44)
    assert "inventories of 2020 and 2025" in found[0].place


def test_the_same_plots_again_widen_by_their_own_t(tmp_path: Path) -> None:
    change = PlotChange(2020, 2022, "project", "remeasured", 12, 660.0, 330.0, 10.0, 0.0, 660.0)
    row = gains(tmp_path, change, estimate(2020, 3000.0, 12.0, 14), estimate(2022, 3660.0, 10.0, 10))[0]
    assert row.value == pytest.approx(90.0)
    assert (row.high or 0) - row.value == pytest.approx(9.0 * stats.t.ppf(0.97725, 10) / stats.t.ppf(0.95, 10))


def test_nothing_is_written_where_nothing_was_measured(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        measured(plan(tmp_path, [2020]), tmp_path)
