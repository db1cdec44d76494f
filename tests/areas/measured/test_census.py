"""Planting units: the published census to its printed digits, from tables to tree_carbon_gain, and what its intervals hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.measured.census import deduction_share, mortality, relative_half_width, stock, stratum_carbon
from carbonsink.base.evidence import file_sha256
from carbonsink.declared.measured.census import UnitSample
from carbonsink.declared.measured.declarations import Census
from tests.areas.measured.tables import CENSUS, measured, plan, units, write
from tests.areas.populations import DRAWS, assert_honest, judged

TO_CO2 = 44 / 12
ON = date(2027, 5, 31)
NOW = UnitSample("upper", ON, (42, 55, 48, 61, 39, 52, 47, 58), 10)  # 55 of them burned and living, two dead
BEFORE = UnitSample("upper", date(2022, 6, 1), (12, 15, 11, 14, 13, 16, 12.5), 8)
DECLARED = Census(**CENSUS)


def test_the_published_census() -> None:
    """W18, the test of a public VM0047 census module: N 400, R 0.25, CF 0.47."""
    assert mortality(NOW) == pytest.approx(0.2)
    stocks = [stock(DECLARED, [sample], 90) for sample in (NOW, BEFORE)]
    co2 = [one.value * TO_CO2 for one in stocks]
    assert co2 == pytest.approx([34.639, 10.070729], abs=5e-7)
    relative = [one.relative for one in stocks]
    assert relative == pytest.approx([0.3221605, 0.2872349], abs=5e-8)
    taken = [deduction_share(part) for part in relative]
    assert taken == pytest.approx([0.2221605, 0.1872349], abs=5e-8)
    assert co2[0] * (1 - taken[0]) - co2[1] * (1 - taken[1]) == pytest.approx(18.758446, abs=5e-7)


def test_what_is_taken_of_an_uncertainty() -> None:
    """The first tenth is free; above one nothing is credited, though the formula leaves a tenth."""
    assert [deduction_share(part) for part in (0.05, 0.10, 0.35, 1.0, 1.01, 9.0)] == pytest.approx([0, 0, 0.25, 0.9, 1, 1])


def test_strata_add_in_quadrature() -> None:
    both = Census(**CENSUS | {"counted": {"upper": 400, "lower": 400}})
    other = UnitSample("lower", ON, NOW.living_kg, NOW.units)
    one, two = stock(DECLARED, [NOW], 90), stock(both, [NOW, other], 90)
    assert two.value == pytest.approx(2 * one.value)
    assert two.relative == pytest.approx(one.relative / 2**0.5)


def gains(
    folder: Path, rows: list[dict[str, object]], run: str = "run", years: tuple[int, ...] = tuple(range(2019, 2028)), symbol: str = "tree_carbon_gain"
) -> dict[int, tuple[float, ...]]:
    write(folder, "census.csv", rows)
    found = measured(plan(folder, years, census=CENSUS), folder / run)
    assert {(row.symbol, row.unit, row.stratum, row.distribution) for row in found} == {
        ("tree_carbon_gain", "t_C yr^-1", "", "normal"),
        ("tree_carbon_deduction", "t_C yr^-1", "", "exact"),
    }
    return {row.year: (row.value, row.low or 0.0, row.high or 0.0) for row in found if row.symbol == symbol}


def published() -> list[dict[str, object]]:
    return units([*BEFORE.living_kg, None], BEFORE.on) + units([*NOW.living_kg, None, None], NOW.on)


def test_stocks_become_gains_of_vintages(tmp_path: Path) -> None:
    """From planting to the first census and on to the second; 1,825 days, of which 213 lie in 2022."""
    found = gains(tmp_path, published())
    first, second = (stock(DECLARED, [sample], 95.45) for sample in (BEFORE, NOW))
    assert sum(value for value, _, _ in found.values()) == pytest.approx(second.value, abs=1e-8)
    assert found[2023][0] == pytest.approx((second.value - first.value) * 365 / 1825, abs=1e-8)
    half = np.hypot(first.half, second.half) * 365 / 1825
    assert found[2023][2] - found[2023][1] == pytest.approx(2 * half, abs=1e-8)


def test_what_is_taken_off_both_stocks_is_shared_out_like_the_gain(tmp_path: Path) -> None:
    """By the second census all that is taken off is UNC of its stock; between the two, the difference: 18.758446 t CO2e of 24.568 stay."""
    taken = gains(tmp_path, published(), symbol="tree_carbon_deduction")
    first, second = (stock(DECLARED, [sample], 90) for sample in (BEFORE, NOW))
    assert sum(value for value, _, _ in taken.values()) == pytest.approx(second.value * deduction_share(second.relative), abs=1e-8)
    stays = (second.value - first.value) - taken[2023][0] * 1825 / 365
    assert stays * TO_CO2 == pytest.approx(18.758446, abs=1e-6)


def test_a_period_that_begins_after_planting_takes_what_lies_in_it(tmp_path: Path) -> None:
    late, whole = gains(tmp_path, published(), "late", (2024, 2025)), gains(tmp_path, published())
    assert late == {year: whole[year] for year in (2024, 2025)}


def test_the_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    for name, order in (("one", 1), ("other", -1)):
        gains(tmp_path, published()[::order], name)
    assert file_sha256(tmp_path / "one" / "areas" / "measured.csv") == file_sha256(tmp_path / "other" / "areas" / "measured.csv")


def test_heavier_units_scale_the_stock_and_leave_the_relative_width() -> None:
    heavy = UnitSample("upper", ON, tuple(3 * part for part in NOW.living_kg), NOW.units)
    assert stratum_carbon(heavy, 400, 0.25, 0.47) == pytest.approx(3 * stratum_carbon(NOW, 400, 0.25, 0.47))
    assert relative_half_width(heavy, 90) == pytest.approx(relative_half_width(NOW, 90))


def test_more_units_narrow_the_interval() -> None:
    many = UnitSample("upper", ON, NOW.living_kg * 10, 100)
    assert relative_half_width(many, 90) < relative_half_width(NOW, 90) / 3


def test_intervals_hold_the_truth() -> None:
    """60 units drawn of very many, a fifth of them dead, living ones of 45 kg on average."""
    random = np.random.default_rng(5)
    living = random.binomial(60, 0.8, DRAWS)
    draws = [UnitSample("upper", ON, tuple(random.gamma(20, 45 / 20, count).tolist()), 60) for count in living.tolist()]
    found = [stock(DECLARED, [draw], 95) for draw in draws]
    values, halves = np.array([f.value for f in found]), np.array([f.half for f in found])
    assert_honest(judged(values, values - halves, values + halves, np.array(400 * 0.8 * 45 / 1000 * 1.25 * 0.47)))
