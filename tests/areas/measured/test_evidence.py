"""What is written beside the measured numbers: enough to reckon each of them again by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.measured.matching import unmatched
from carbonsink.base.records import Balance, BenchmarkYear, CensusStock, MatchedControl, Measured, SoilChange, SoilStock
from carbonsink.base.tables import read_csv
from tests.areas.measured import test_census as census
from tests.areas.measured.tables import CENSUS, SITES, SOIL, STOCKING, good_soil, measured, plan, sites, soil, stocking, write

YEARS = (2020, 2021, 2022, 2023, 2024)


def soil_run(folder: Path, rows: list[dict[str, object]]) -> tuple[tuple[SoilStock, ...], tuple[SoilChange, ...]]:
    write(folder, "soil_samples.csv", rows)
    write(folder, "soil_sites.csv", sites())
    measured(plan(folder, YEARS, soil_samples=SOIL), folder / "run")
    out = folder / "run" / "areas"
    return read_csv(out / "soil_sites.csv", SoilStock), read_csv(out / "soil_changes.csv", SoilChange)


def test_stocks_stand_on_one_mass_by_site_and_side(tmp_path: Path) -> None:
    """3,750 t/ha at 13, 14 and 15 g/kg hold 48.75, 52.5 and 56.25 t C/ha; the three control sites are the units of their side."""
    stocks, _ = soil_run(tmp_path, soil({site: [(13 + n, 13.8 + n if site == "P1" else 13.2 + n) for n in range(3)] for site in SITES}))
    assert {row.mass_t_ha for row in stocks} == {row.found_mass_t_ha for row in stocks} == {3750.0}
    told = {(row.campaign, row.kind, row.site): row for row in stocks}
    first, controls = told[2020, "project", "P1"], told[2024, "control", ""]
    assert (first.units, first.stock_t_ha) == (3, pytest.approx(52.5))
    assert first.standard_error_t_ha == pytest.approx(3.75 / 3**0.5)
    assert (controls.units, controls.stock_t_ha, controls.standard_error_t_ha) == (3, pytest.approx(53.25), pytest.approx(0))


def test_looser_soil_is_told_beside_the_mass_it_is_compared_on(tmp_path: Path) -> None:
    rows = [row | {"bulk_density_g_cm3": 1.1 if row["site"] == "C1" else 1.25} for row in good_soil()]
    stocks, _ = soil_run(tmp_path, rows + [row | {"depth_cm": 50} for row in rows])
    assert {(row.found_mass_t_ha, row.mass_t_ha) for row in stocks if row.site == "C1"} == {(3300.0, 3750.0)}


def test_changes_of_either_side_and_their_difference_are_the_measured_gain(tmp_path: Path) -> None:
    _, changes = soil_run(tmp_path, good_soil())
    project, control, net = changes
    assert [row.kind for row in changes] == ["project", "control", "net"]
    assert net.change_t_ha == pytest.approx(project.change_t_ha - control.change_t_ha, abs=1e-8)
    assert net.standard_error_t_ha == pytest.approx((project.standard_error_t_ha**2 + control.standard_error_t_ha**2) ** 0.5, abs=1e-8)
    rows = [row for row in read_csv(tmp_path / "run" / "areas" / "measured.csv", Measured) if row.scenario == "project"]
    assert sum(row.value for row in rows) == pytest.approx(net.change_t_ha, abs=1e-8)
    assert sum(row.high or 0.0 for row in rows) == pytest.approx(net.high_t_ha, abs=1e-8)


def test_every_census_day_is_told_by_stratum_and_whole(tmp_path: Path) -> None:
    """W18: of ten sampled units two are dead, the living weigh 50.25 kg on average, and UNC is 22.21605 %."""
    write(tmp_path, "census.csv", census.published())
    measured(plan(tmp_path, range(2019, 2028), census=CENSUS), tmp_path / "run")
    whole, upper = read_csv(tmp_path / "run" / "areas" / "census.csv", CensusStock)[-2:]
    assert (upper.stratum, upper.counted, upper.sampled, upper.living, upper.mortality, upper.mean_kg) == ("upper", 400, 10, 8, 0.2, 50.25)
    assert (whole.stratum, whole.mean_kg, whole.deduction_share) == ("", None, pytest.approx(0.2221605, abs=5e-8))
    assert whole.carbon_t * 44 / 12 == pytest.approx(34.639, abs=5e-7)
    assert (upper.carbon_t, upper.half_width_t) == (whole.carbon_t, whole.half_width_t)
    taken = [row for row in read_csv(tmp_path / "run" / "areas" / "measured.csv", Measured) if row.symbol == "tree_carbon_deduction" and row.year == 2022]
    assert {row.place for row in taken if row.scenario == "project"} == {"census.csv: UNC"}, "two changes in one year, one place"


def test_matches_their_balance_and_slopes(tmp_path: Path) -> None:
    write(tmp_path, "stocking.csv", stocking())
    rows = measured(plan(tmp_path, (2021, 2022, 2023), stocking=STOCKING), tmp_path / "run")
    out = tmp_path / "run" / "areas"
    matches, balance = read_csv(out / "matches.csv", MatchedControl), read_csv(out / "balance.csv", Balance)
    assert len(matches) == len({match.control for match in matches}) == 60
    for plot in {match.plot for match in matches}:
        near, far = (match for match in matches if match.plot == plot)
        assert near.distance <= far.distance and near.weight + far.weight == pytest.approx(1)
    assert [row.year for row in balance] == [2011, 2016, 2020]
    assert all(row.after <= row.most for row in balance)
    benchmarks = read_csv(out / "benchmarks.csv", BenchmarkYear)
    assert [(row.year, row.benchmark) for row in benchmarks] == [(row.year, row.value) for row in rows]
    last = benchmarks[-1]
    assert last.sets == 30 * 4 and last.benchmark == pytest.approx(last.control_slope / last.project_slope, abs=1e-7)
    assert last.z is not None and last.z == pytest.approx(
        (last.project_slope - last.control_slope) / (last.project_error**2 + last.control_error**2) ** 0.5, rel=1e-4
    )


def test_a_pool_that_is_far_off_before_matching_is_near_after_it(tmp_path: Path) -> None:
    """Half of the donors stand where no plot of the project does."""
    table = stocking()
    for row in table[-60:]:
        row |= {year: float(str(row[year])) + 0.3 for year in ("2011", "2016", "2020", "2021", "2022", "2023")}
    write(tmp_path, "stocking.csv", table)
    measured(plan(tmp_path, (2021,), stocking=STOCKING), tmp_path / "run")
    assert all((row.before or 0) > 1 > 0.25 > row.after for row in read_csv(tmp_path / "run" / "areas" / "balance.csv", Balance))


def test_a_pool_that_never_spreads_has_no_standardised_difference() -> None:
    assert unmatched(np.full((3, 1), 2.0), np.full((5, 1), 3.0)) == [np.inf]
    assert unmatched(np.full((3, 1), 2.0), np.full((5, 1), 2.0)) == [0.0]


def test_nothing_is_written_of_what_nobody_measured(tmp_path: Path) -> None:
    soil_run(tmp_path, good_soil())
    assert {path.name for path in (tmp_path / "run" / "areas").iterdir()} == {"activity.csv", "measured.csv", "soil_sites.csv", "soil_changes.csv"}
