"""Soil samples from their tables to soc_gain_measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.measured.rows import shares
from carbonsink.areas.measured.soil import gain
from carbonsink.base.evidence import file_sha256
from carbonsink.base.records import Measured
from carbonsink.base.tables import read_csv
from carbonsink.declared.measured.soil import Sample
from carbonsink.declared.period import Period
from tests.areas.measured.tables import DAYS, SITES, SOIL, good_soil, layer, measured, plan, sites, soil, write
from tests.areas.populations import DRAWS, assert_honest, judged

YEARS = (2020, 2021, 2022, 2023, 2024)


def of(folder: Path, rows: list[dict[str, object]], years: tuple[int, ...] = YEARS, run: str = "run") -> dict[int, tuple[float, float, float]]:
    """Value and bounds of each vintage."""
    write(folder, "soil_samples.csv", rows)
    write(folder, "soil_sites.csv", sites())
    found = measured(plan(folder, years, soil_samples=SOIL), folder / run)
    assert {(row.symbol, row.unit, row.stratum, row.scenario) for row in found} == {("soc_gain_measured", "t_C ha^-1 yr^-1", "upper", "project")}
    return {row.year: (row.value, row.low if row.low is not None else row.value, row.high if row.high is not None else row.value) for row in found}


def test_a_gain_by_hand_less_the_controls_shared_out_by_days(tmp_path: Path) -> None:
    """3,750 t/ha of soil: the project gains 0.8 g/kg = 3.0 t C/ha, the controls 0.2 g/kg = 0.75; 1,461 days lie between."""
    pairs = {site: [(13 + n, 13.8 + n if site == "P1" else 13.2 + n) for n in range(3)] for site in SITES}
    found = of(tmp_path, soil(pairs))
    assert sum(value for value, _, _ in found.values()) == pytest.approx(2.25, abs=1e-8)
    assert found[2020][0] == pytest.approx(2.25 * 286 / 1461, abs=1e-8)
    assert found[2021][0] == pytest.approx(2.25 * 365 / 1461, abs=1e-8)
    assert found[2024][0] == pytest.approx(2.25 * 80 / 1461, abs=1e-8)


def test_every_gain_has_its_zero_in_the_baseline(tmp_path: Path) -> None:
    of(tmp_path, good_soil())
    rows = read_csv(tmp_path / "run" / "areas" / "measured.csv", Measured)
    told = {side: [(row.year, row.stratum, row.symbol) for row in rows if row.scenario == side] for side in ("baseline", "project")}
    assert told["baseline"] == told["project"] != []


def test_days_are_shared_out_whole() -> None:
    found = dict(shares(date(2020, 3, 20), date(2024, 3, 20), Period(start=date(2015, 1, 1), end=date(2029, 12, 31))))
    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert list(found) == [2020, 2021, 2022, 2023, 2024]
    assert shares(date(2021, 12, 31), date(2022, 12, 31), Period(start=date(2021, 1, 1), end=date(2022, 12, 31))) == [(2022, 1.0)]


def test_a_vintage_outside_the_period_takes_its_part_with_it(tmp_path: Path) -> None:
    whole, part = of(tmp_path, good_soil()), of(tmp_path, good_soil(), (2021, 2022), "part")
    assert set(part) == {2021, 2022}
    assert part[2021] == whole[2021]


def test_project_and_controls_that_change_alike_give_zero_with_an_interval_around_it(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    base, gained = random.normal(13, 1, 6), random.normal(0.3, 0.2, 6)
    alike = {site: [(round(a, 4), round(a + g, 4)) for a, g in zip(base, gained, strict=True)] for site in SITES}
    for value, low, high in of(tmp_path, soil(alike)).values():
        assert value == 0
        assert low < 0 < high


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    rows = good_soil()
    of(tmp_path, rows, run="one")
    of(tmp_path, rows[::-1], run="other")
    assert file_sha256(tmp_path / "one" / "areas" / "measured.csv") == file_sha256(tmp_path / "other" / "areas" / "measured.csv")


def test_twice_the_density_is_twice_the_gain_and_its_interval(tmp_path: Path) -> None:
    one = of(tmp_path, [row | {"bulk_density_g_cm3": 0.6} for row in good_soil()])
    two = of(tmp_path, [row | {"bulk_density_g_cm3": 1.2} for row in good_soil()])
    assert np.array(list(two.values())) == pytest.approx(2 * np.array(list(one.values())), abs=1e-8)


def test_a_deeper_layer_holds_what_loose_soil_lacks(tmp_path: Path) -> None:
    """The later campaign finds looser soil: on the denser one's mass nothing changed, though 30 cm of it hold less."""
    pairs = {site: [(13.0 + n, 13.0 + n) for n in range(3)] for site in SITES}
    rows = [row | {"bulk_density_g_cm3": 1.25 if row["date"] == DAYS[0] else 1.1} for row in soil(pairs)]
    rows += [row | {"depth_cm": 50} for row in rows]
    found = of(tmp_path, rows)
    assert [value for value, _, _ in found.values()] == pytest.approx([0] * 5, abs=1e-9)


def test_three_campaigns_make_two_changes(tmp_path: Path) -> None:
    last = date(2028, 3, 20)
    rows = good_soil()
    rows += [layer(str(r["sample"]), str(r["site"]), last, float(str(r["organic_carbon_g_kg"])) + 0.5) for r in rows if r["date"] == DAYS[1]]
    found = of(tmp_path, rows, tuple(range(2020, 2029)))
    assert set(found) == set(range(2020, 2029))
    assert sum(found[year][0] for year in range(2025, 2029)) == pytest.approx(0, abs=1e-8)


def test_one_control_site_is_known_by_its_samples_and_more_by_their_sites(tmp_path: Path) -> None:
    """Three sites that agree to the last digit say nothing of how sites differ; their samples alone would."""
    stocks = drawn(np.random.default_rng(1), 0.0)
    several = gain(stocks, 2020, 2024)
    single = gain({sample: stock for sample, stock in stocks.items() if sample.site in ("P", "C0")}, 2020, 2024)
    assert several.degrees != single.degrees


def drawn(random: np.random.Generator, between: float) -> dict[Sample, float]:
    """Stocks of 15 project samples and 6 control sites of 4, each measured twice; the project gains 2, the land of controls 0.5."""
    stocks = {}
    for site, kind, count, expected, spread in [("P", "project", 15, 2.0, 0.0), *((f"C{n}", "control", 4, 0.5, between) for n in range(6))]:
        shift = random.normal(0, spread) if spread else 0.0
        for number, first in enumerate(random.normal(48, 4, count)):
            for day, stock in zip(DAYS, (first, first + expected + shift + random.normal(0, 1.5)), strict=True):
                stocks[Sample(str(number), site, "upper", kind, day, ())] = float(stock)
    return stocks


@pytest.mark.parametrize("between", [0.0, 1.0], ids=["sites alike", "sites that differ"])
def test_intervals_hold_the_truth(between: float) -> None:
    random = np.random.default_rng(17)
    found = [gain(drawn(random, between), 2020, 2024) for _ in range(DRAWS)]
    values, halves = np.array([f.value for f in found]), np.array([f.half_width(95) for f in found])
    assert_honest(judged(values, values - halves, values + halves, np.array(1.5)))
