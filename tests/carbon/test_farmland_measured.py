"""VM0042 from soil samples in tables to whole tonnes: what stage 4 measures is what stage 5 asks for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.records import Measured, Spread
from carbonsink.base.tables import read_csv
from carbonsink.carbon.work import missing
from tests.areas.measured.tables import SITES, SOIL, good_soil, measured, plan, sites, soil, write
from tests.carbon.farmland_projects import CHANGED, KEPT, SAMPLED, nitrogen, planned, rating, run

YEARS = (2020, 2021, 2022, 2023, 2024)
VALUES = [nitrogen(120.0), CHANGED, KEPT, rating(0.15), {"symbol": "look_back_years", "value": 4.0, "unit": "yr"}]


def sampled(folder: Path, rows: list[dict[str, object]]) -> list[Measured]:
    write(folder, "soil_samples.csv", rows)
    write(folder, "soil_sites.csv", sites())
    return measured(plan(folder, YEARS, soil_samples=SOIL), folder / "run")


def test_samples_without_error_are_credited_whole_less_the_buffer(tmp_path: Path) -> None:
    """2.25 t C/ha in 1,461 days, 365 of them in 2021, on 100 ha; 15 % to the buffer."""
    pairs = {site: [(13.0 + n, 13.8 + n if site == "P1" else 13.2 + n) for n in range(3)] for site in SITES}
    rows = sampled(tmp_path, soil(pairs))
    posted = run(planned("vm0042", {"upper": SAMPLED}, VALUES, (2021,)), tmp_path / "run", 100.0, rows)
    gross = 100 * 2.25 * 365 / 1461 * 44 / 12
    assert float(-posted["removals"]) == pytest.approx(gross, abs=1e-5)
    assert float(posted["buffer"]) == pytest.approx(0.15 * gross, abs=1e-5)
    assert posted["issued"] == int(0.85 * gross)


def test_the_standard_error_of_the_samples_is_what_is_deducted(tmp_path: Path) -> None:
    rows = sampled(tmp_path, good_soil())
    posted = run(planned("vm0042", {"upper": SAMPLED}, VALUES, (2021,)), tmp_path / "run", 100.0, rows)
    gain = next(row for row in rows if row.year == 2021)
    assert gain.low is not None and gain.high is not None
    error = (gain.high - gain.low) / 4
    assert float(posted["uncertainty"]) == pytest.approx(100 * error * 0.431644 * 44 / 12, rel=1e-4)
    spreads = read_csv(tmp_path / "run" / "uncertainty" / "uncertainty.csv", Spread)
    assert {(s.approach, s.level_percent) for s in spreads} == {(1, 33.4), (1, 95.0), (2, 95.0)}


def test_samples_that_are_declared_stand_in_before_anything_is_fetched(tmp_path: Path) -> None:
    made = planned("vm0042", {"upper": SAMPLED}, VALUES, (2021,))
    assert {problem.facts["symbol"] for problem in missing(made)} == {"soc_gain_measured"}
    declared = plan(tmp_path, YEARS, soil_samples=SOIL).area.soil_samples
    assert missing(replace(made, area=made.area.model_copy(update={"soil_samples": declared}))) == ()
