"""What forest equations must keep: carbon that leaves one pool enters another, two methods agree, areas and strata don't matter."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.base.records import Activity
from carbonsink.carbon import biomass, dead_matter, displacement, fire, growth, planted_soil, stock, trees, wood
from carbonsink.carbon.stand import chapman_richards, logistic
from carbonsink.carbon.work import stock_changes, worksheet
from tests.carbon.forest_projects import PROJECTS, declared, forest, measured, small
from tests.carbon.projects import hectares

amount = st.floats(0.01, 500.0)
part = st.floats(0.01, 0.99)
years = st.integers(0, 80)
SPECIES = {"wood_density": 0.307, "biomass_expansion": 1.634, "root_shoot": 0.246, "carbon_fraction": 0.52}
CURVE = {"volume_limit": 300.0, "growth_rate": 0.06, "one_year": 1.0}


@settings(max_examples=40)
@given(st.floats(1, 1e4), st.integers(1, 40), st.integers(1, 10))
def test_gain_loss_and_stock_difference_agree_on_the_same_stand(area: float, age: int, span: int) -> None:
    """The yearly increments of a stand add up to the difference of its stocks, however long the interval."""
    volumes = chapman_richards(np.array([age, age + span]), most=300.0, rate=0.06, shape=2.0)
    gained = sum(
        biomass.gain_by_expansion(area, growth.chapman_richards(2000 + age + n, 2000, growth_shape=2.0, **CURVE), **SPECIES) for n in range(1, span + 1)
    )
    rate = biomass.stock_difference_by_expansion(area, volumes[1], volumes[0], **SPECIES, years_between=float(span))
    stocks = [biomass.stock_by_expansion(area, volume, **SPECIES) for volume in volumes]
    assert gained == pytest.approx(rate * span, rel=1e-9)
    assert stock.difference(stocks[1], stocks[0], float(span)) == pytest.approx(rate, rel=1e-9)


@given(amount, amount, amount, amount)
def test_bcef_is_expansion_times_density(area: float, later: float, earlier: float, rate: float) -> None:
    bcef = SPECIES["wood_density"] * SPECIES["biomass_expansion"]
    known = {name: SPECIES[name] for name in ("root_shoot", "carbon_fraction")}
    assert biomass.stock(area, later, bcef, **known) == pytest.approx(biomass.stock_by_expansion(area, later, **SPECIES), rel=1e-12)
    assert biomass.gain_by_increment(area, rate, bcef, **known) == pytest.approx(biomass.gain_by_expansion(area, rate, **SPECIES), rel=1e-12)
    by_bcef = biomass.stock_difference(area, later, earlier, bcef, **known, years_between=5.0)
    assert by_bcef == pytest.approx(biomass.stock_difference_by_expansion(area, later, earlier, **SPECIES, years_between=5.0), rel=1e-9, abs=1e-9)


@given(amount, part, part, part)
def test_a_harvest_becomes_slash_and_wood_carried_away(area: float, harvest: float, bcef: float, roots: float) -> None:
    lost = wood.removals(area, harvest, bcef, roots, 0.0, 0.5)
    slash = dead_matter.slash(area, harvest, bcef, roots, 0.4, 0.5)
    assert lost == pytest.approx(slash + wood.carried_away(area, harvest, 0.4, 0.5), rel=1e-12)


@given(amount, part, amount, part, part, part)
def test_what_a_disturbance_takes_dies_in_place_or_leaves(area: float, share: float, above: float, roots: float, lost: float, to_dead: float) -> None:
    gone = wood.disturbance(area, share, above, roots, 0.47, lost)
    entering = dead_matter.inflow(0.0, 0.0, gone, to_dead)
    assert entering + gone * (1 - to_dead) == pytest.approx(gone, rel=1e-12)
    pools = stock.change(0.0, wood.losses(0.0, 0.0, gone)) + entering
    assert pools == pytest.approx(-gone * (1 - to_dead), rel=1e-9), "only what isn't left in the forest is lost to it"


def test_dead_matter_by_transfers_and_by_stocks_agree() -> None:
    by_flow = dead_matter.by_transfers(10.0, 3.0, 1.0, 0.5)
    assert by_flow == dead_matter.stock_difference(10.0, 12.0, 2.0, 5.0, 0.5) == 10.0
    assert dead_matter.change(by_flow, dead_matter.ramp(10.0, 13.0, 0.0, 20.0)) == 16.5


def test_trees_that_die_are_a_share_of_growth() -> None:
    assert dead_matter.mortality(100.0, 4.0, 0.5, 0.1) == pytest.approx(20.0)
    assert dead_matter.dead_wood_by_ratio(50.0, 0.08) + dead_matter.litter_by_ratio(50.0, 0.04) == pytest.approx(6.0)


@given(years)
def test_growth_is_the_curve_s_difference_and_nothing_before_planting(age: int) -> None:
    for found, curve in (
        (growth.chapman_richards(2000 + age, 2000, growth_shape=2.5, **CURVE), lambda t: chapman_richards(t, most=300.0, rate=0.06, shape=2.5)),
        (growth.logistic(2000 + age, 2000, growth_shift=20.0, **CURVE), lambda t: logistic(t, most=300.0, rate=0.06, shift=20.0)),
    ):
        assert found == pytest.approx(float(curve(age) - curve(max(0, age - 1))), rel=1e-9, abs=1e-9)
    assert growth.chapman_richards(1990, 2000, growth_shape=2.5, **CURVE) == 0.0


def test_one_tree_by_volume_and_by_its_diameter() -> None:
    assert trees.by_volume(0.2, 0.4, 1.5, 0.25) == pytest.approx(0.15)
    # 20 cm and 15 m by kg = 0.06539 d^2.01735 h^0.49425 of centimetres and metres, the coefficient put into tonnes and metres
    coefficient = 0.06539 * 100**2.01735 / 1000
    above = 0.06539 * 20**2.01735 * 15**0.49425 / 1000
    assert trees.by_diameter(0.2, 15.0, coefficient, 2.01735, 0.49425, 1.0, 0.25) == pytest.approx(above * 1.25)


def test_shrubs_count_by_their_cover() -> None:
    assert trees.shrub_difference(10.0, 0.1, 180.0, 0.3, 0.1, 0.4, 0.47, 5.0) == pytest.approx(10 * 18 * 1.4 * 0.47 * 0.2 / 5)


def test_displaced_farming_costs_trees_shrubs_and_soil_elsewhere() -> None:
    lost = displacement.loss(100.0, 0.02, 60.0, 0.25, 2.0, 0.4, 0.47, 1.1, 12.0)
    assert lost == pytest.approx(2.0 * ((1.1 * 60 * 1.25 + 2.0 * 1.4) * 0.47 + 12.0))


def test_fuel_is_what_stands_times_what_burns() -> None:
    assert fire.methane(100.0, 1.0, fire.fuel_burnt(100.0, 0.45), 4.7, 1e-3) == pytest.approx(21.15)
    assert fire.dead_matter(100.0, 0.05, 2.0, 0.07) == pytest.approx(0.7)


@pytest.mark.parametrize(("year", "expected"), [(2019, 0.0), (2020, 0.0), (2021, 0.5), (2040, 0.5), (2041, 0.0)])
def test_soil_gains_for_twenty_years_after_that_of_planting(year: int, expected: float) -> None:
    assert planted_soil.gain(1.0, 50.0, 40.0, 20.0, 0.8, year, 2020, 1.0) == expected


@pytest.mark.parametrize(("year", "expected"), [(2020, -4.0), (2021, 0.7), (2040, 0.7), (2041, 0.0)])
def test_disturbed_soil_loses_a_tenth_first(year: int, expected: float) -> None:
    assert planted_soil.gain_after_disturbance(1.0, 50.0, 40.0, 0.1, 20.0, 0.8, year, 2020, 1.0) == pytest.approx(expected)


def test_products_decay_to_what_flows_in() -> None:
    pool, k = 0.0, math.log(2) / 35
    for _ in range(2000):
        pool = wood.products(pool, 10.0, k, 1.0)
    assert pool == pytest.approx(10.0 / k, rel=1e-9)


@pytest.mark.parametrize("methodology", ["ccer-14-001", "ar-acm0003"])
def test_doubling_the_area_doubles_the_change(methodology: str) -> None:
    plan = small(methodology)
    rows = [[row for row in worksheet(plan, hectares(plan, area), [measured("tree_carbon_gain", 5.0)])[0] if row.stratum] for area in (7.0, 14.0)]
    assert [row.co2e_t for row in rows[1]] == pytest.approx([2 * row.co2e_t for row in rows[0]], rel=1e-9, abs=2e-9)


def test_splitting_a_stratum_and_turning_the_order_change_nothing() -> None:
    stratum, values = PROJECTS["ccer-14-001"]
    whole = small("ccer-14-001")
    split = forest("ccer-14-001", {"east": stratum, "west": stratum}, declared(values))
    turned = replace(split, area=split.area.model_copy(update={"strata": dict(reversed(split.area.strata.items()))}))
    shares = [Activity(2020, scenario, name, area, 0.0, "parcels") for scenario in ("baseline", "project") for name, area in (("east", 30.0), ("west", 70.0))]
    one = stock_changes(worksheet(whole, hectares(whole, 100.0))[0])
    for plan, activity in ((split, shares), (turned, shares[::-1])):
        other = stock_changes(worksheet(plan, activity)[0])
        assert [(c.flow, pytest.approx(c.co2e_t, abs=1e-8)) for c in one] == [(c.flow, c.co2e_t) for c in other]
