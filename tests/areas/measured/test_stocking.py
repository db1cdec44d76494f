"""Stocking indices from their table to the performance benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.areas.measured.benchmark import benchmark, slope
from carbonsink.areas.measured.matching import mahalanobis, optimal
from carbonsink.areas.measured.stocking import matched
from carbonsink.base.evidence import file_sha256
from carbonsink.base.records import Measured
from carbonsink.declared.measured.declarations import Stocking
from carbonsink.declared.measured.stocking import StockTables, read_stocking
from tests.areas.measured.tables import STOCKING, Cells, measured, plan, stocking, write

YEARS = (2021, 2022, 2023)


def rows(folder: Path, table: list[Cells], years: tuple[int, ...] = YEARS, run: str = "run", **declared: Any) -> list[Measured]:
    write(folder, "stocking.csv", table)
    return measured(plan(folder, years, stocking=STOCKING | declared), folder / run)


def tables(folder: Path, table: list[Cells], **declared: Any) -> StockTables:
    write(folder, "stocking.csv", table)
    return read_stocking(Stocking.model_validate(STOCKING | declared), folder / "stocking.csv", YEARS)


def test_the_benchmark_is_what_the_land_truly_grew(tmp_path: Path) -> None:
    """Donors grow 0.02 a year where the project grows 0.05: two fifths would have come anyway."""
    found = rows(tmp_path, stocking())
    told = [(row.year, row.scenario, row.symbol, row.unit, row.distribution, row.low) for row in found]
    assert told == [(year, "both", "performance_benchmark", "1", "exact", None) for year in YEARS]
    assert found[-1].value == pytest.approx(0.4, abs=0.05)
    assert "30 plots, 2 controls each of 120 donors" in found[-1].place


def test_land_that_would_have_grown_alike_leaves_no_credit(tmp_path: Path) -> None:
    assert {row.value for row in rows(tmp_path, stocking(0.03, 0.03))} == {1.0}


def test_land_that_would_not_have_grown_takes_nothing(tmp_path: Path) -> None:
    assert {row.value for row in rows(tmp_path, stocking(0.05, -0.01))} == {0.0}


def test_the_start_itself_has_no_benchmark(tmp_path: Path) -> None:
    assert [row.year for row in rows(tmp_path, stocking(), (2019, 2020, 2021))] == [2021]


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    table = stocking()
    rows(tmp_path, table, run="one")
    rows(tmp_path, table[::-1], run="other")
    assert file_sha256(tmp_path / "one" / "areas" / "measured.csv") == file_sha256(tmp_path / "other" / "areas" / "measured.csv")


def test_the_donor_pool_holds_what_is_near_and_like(tmp_path: Path) -> None:
    strange: list[Cells] = [{"tenure": "state"}, {"policy": "subsidy"}, {"distance_km": 101}, {"area_ha": 0.31}, {"2016": ""}]
    table = stocking()
    for row, change in zip(table[-5:], strange, strict=True):
        row |= change
    assert len(tables(tmp_path, table).donors) == 115
    assert len(tables(tmp_path, table, radius_km=200.0).donors) == 116


def test_controls_share_the_facts_of_their_plot(tmp_path: Path) -> None:
    table = stocking()
    for number, row in enumerate(table):
        row["tenure"] = "state" if number % 2 else "collective"
    found = tables(tmp_path, table)
    match = matched(Stocking.model_validate(STOCKING), found)
    for plot, controls in zip(found.project, match.controls.tolist(), strict=True):
        assert {found.donors[number].facts for number in controls} == {plot.facts}


def test_a_set_with_a_gap_is_left_out_of_that_year_alone(tmp_path: Path) -> None:
    table = stocking(plots=32)
    table[0]["2022"] = ""
    assert [row.year for row in rows(tmp_path, table)] == list(YEARS)


def test_by_chance_alone_hardly_any_land_is_credited() -> None:
    """Project and donors grow alike, each plot at a rate of its own: the test may find a difference in 1 of 20."""
    random, trials, found = np.random.default_rng(11), 100, 0
    times = np.arange(6.0)
    for _ in range(trials):
        level, rate = random.normal(0.4, 0.08, 240), random.normal(0.03, 0.01, 240)
        series = level[:, None] + rate[:, None] * times + random.normal(0, 0.02, (240, 6))
        history = level[:, None] + random.normal(0, 0.02, (240, 3))
        match = optimal(mahalanobis(history[:40], history[40:]), np.ones((40, 200), bool), 2)
        assert match is not None
        controls = series[40:][match.controls]
        weight = np.broadcast_to(match.weights[:, :, None], controls.shape)
        slopes = slope(np.tile(times, 40), series[:40].ravel(), np.ones(240)), slope(np.tile(times, 80), controls.ravel(), weight.ravel())
        found += benchmark(*slopes).value < 1
    assert found <= trials / 20
