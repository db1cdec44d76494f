"""Soil by mass: the published cores, a stock by bulk density, and stocks that don't change with how loose the soil lies."""

from __future__ import annotations

import pytest

from carbonsink.areas.measured.masses import core_mass, density_mass, profile
from carbonsink.areas.measured.soil import reference_mass
from carbonsink.declared.measured.soil import Layer


def by_density(*layers: tuple[float, float, float]) -> list[Layer]:
    """Layers of depth [cm], content [g/kg] and bulk density [g/cm3]."""
    return [Layer(depth, content, bulk_density=density, coarse_percent=0.0) for depth, content, density in layers]


def test_the_cores_of_vm0042_s_figure() -> None:
    """VM0042 v2.2, section 8.2.1.6, Figure 3: printed 1950 Mg/ha and 47.36 Mg C/ha (from the mass as printed)."""
    mass = core_mass(283.2, 21.5, 4)
    assert mass == pytest.approx(1950.143, abs=5e-4)
    assert mass * 24.29 / 1000 == pytest.approx(47.3690, abs=5e-5)
    assert profile([Layer(30, 24.29, 283.2, 4, 21.5)]).stock(mass) == pytest.approx(47.3690, abs=5e-5)


def test_a_stock_by_bulk_density_and_coarse_fragments() -> None:
    """github danmulat/open_dmrv_vm0042, tests/test_soc_stock.py: 34.2 t C/ha."""
    assert density_mass(1.2, 5, 15) * 20 / 1000 == pytest.approx(34.2, rel=1e-12)
    layers = [Layer(15, 20, bulk_density=1.2, coarse_percent=5)]
    assert profile(layers).stock(1710.0) == pytest.approx(34.2, rel=1e-12)


def test_soil_that_was_loosened_holds_what_it_held() -> None:
    """The same soil before and after tillage: the same carbon by mass, less of it in 30 cm."""
    dense = profile(by_density((30, 12, 1.4), (60, 6, 1.4)))
    loose = profile(by_density((35, 12, 1.2), (70, 6, 1.2)))
    mass = reference_mass([dense, loose], 30)
    assert mass == pytest.approx(4200)
    assert loose.stock(mass) == pytest.approx(dense.stock(mass), rel=1e-9) == pytest.approx(50.4)
    assert loose.mass_to(30) < mass


def test_carbon_under_a_mass_rises_with_it_and_meets_every_border() -> None:
    found = profile(by_density((10, 30, 1.1), (30, 14, 1.3), (50, 4, 1.5)))
    assert [found.stock(mass) for mass in found.masses] == pytest.approx(list(found.carbon))
    steps = [found.stock(found.masses[-1] * part / 50) for part in range(51)]
    assert all(b > a for a, b in zip(steps, steps[1:], strict=False))


def test_twice_the_mass_is_twice_the_stock() -> None:
    one, two = (profile(by_density((30, 12, density), (50, 6, density))) for density in (0.7, 1.4))
    assert two.stock(2 * 2100) == pytest.approx(2 * one.stock(2100), rel=1e-12)


def test_content_is_carbon_over_soil() -> None:
    assert profile(by_density((30, 12, 1.3), (50, 6, 1.3))).content(30) == pytest.approx(12)
