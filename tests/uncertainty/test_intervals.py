"""Intervals: error propagation equals the Guidelines' rules, shared variables stay shared, and a run writes what deductions ask for."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.reckon import in_turn, quantities, reckon, variables_of
from carbonsink.base.records import Activity, Spread, Variable, VarianceShare, WorksheetRow
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work, worksheet
from carbonsink.uncertainty import Sampling, approach_1, approach_2, draw, half_widths, propagate, simulate, simulation, totals, variance_shares
from carbonsink.uncertainty.quantities import with_period
from tests.carbon.projects import RICE, RICE_VALUES, SOIL, SOIL_VALUES, declaring, hectares, project, rice, soil

MANY = Sampling(200_000, 20240601, "pilot")
FEW = Sampling(4_000, 1, "pilot")
PER_C = 44 / 12


@pytest.fixture(scope="module")
def pilot() -> tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]:
    """The worked farmland pilot: low-activity clay, warm temperate moist, one hectare, soil carbon alone."""
    rows, variables = worksheet(soil(), hectares(soil()))
    return tuple(row for row in rows if row.flow == "soil_carbon"), variables


def variable(kind: str, value: float = 10.0, low: float = 5.0, high: float = 20.0, name: str = "x") -> Variable:
    return Variable(name, "soc_ref", value, "t_C ha^-1", low, high, kind, "s", "p", "declared")


def test_the_farmland_pilot_by_error_propagation(pilot: tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]) -> None:
    spread = next(iter(approach_1(*pilot, half_widths(*pilot))))
    assert spread.half_width_percent == pytest.approx(75.4119, rel=1e-6)
    assert spread.mean_t == pytest.approx(0.465836 * PER_C, rel=1e-5)


def test_the_farmland_pilot_by_monte_carlo(pilot: tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]) -> None:
    drawn = simulate(*pilot, MANY)[2020, "gross"] / PER_C
    low, high = np.sort(drawn)[[int(0.025 * (len(drawn) - 1)), int(0.975 * (len(drawn) - 1))]]
    assert drawn.mean() == pytest.approx(0.4657, rel=0.02)
    assert drawn.std() == pytest.approx(0.1764, rel=0.02)
    assert low == pytest.approx(0.1301, rel=0.02)
    assert high == pytest.approx(0.8231, rel=0.02)
    assert (drawn < 0).mean() == pytest.approx(0.0031, abs=0.001)


def test_baseline_and_project_drawn_apart_would_be_far_too_wide(pilot: tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]) -> None:
    rows, variables = pilot
    row = next(row for row in rows if row.scenario == "project")
    ids = {known.symbol: known.id for known in variables}
    # The wrong reckoning: a soil and a land-use factor of its own on each side of the difference.
    inputs = row.inputs.replace(f"f_land_use_before=0.69@{ids['f_land_use']}", "f_land_use_before=0.69@apart f_land_use ; soc_ref_before=55.0@apart soc_ref")
    after, before = (f"soc_ref{ending} * f_land_use{ending} * f_management{ending} * f_input{ending}" for ending in ("", "_before"))
    wrong = [replace(row, inputs=inputs, formula=f"area * ({after} - {before}) / transition_time")]
    twice = [*variables, *(replace(known, id=f"apart {known.symbol}") for known in variables if known.symbol in ("soc_ref", "f_land_use"))]
    right, careless = (list(approach_2(simulate(r, v, FEW)))[0] for r, v in ((rows, variables), (wrong, twice)))
    assert careless.low_t / PER_C == pytest.approx(-0.130, abs=0.03)
    assert careless.high_t / PER_C == pytest.approx(1.069, rel=0.04)
    assert careless.half_width_percent > 1.6 * right.half_width_percent


def test_strata_that_share_rows_gain_nothing_from_being_many() -> None:
    one = project("farmland-soil", {"field": SOIL}, SOIL_VALUES)
    three = project("farmland-soil", {"a": SOIL, "b": SOIL, "c": SOIL}, SOIL_VALUES)
    widths = []
    for plan in (one, three):
        work_ = worksheet(plan, hectares(plan, 9.0))
        widths.append(next(iter(approach_1(*work_, half_widths(*work_)))).half_width_percent)
    assert widths[0] == pytest.approx(widths[1], rel=1e-9)


def test_areas_of_different_strata_are_independent() -> None:
    plan = project("rice-water-management", {"a": RICE, "b": RICE}, RICE_VALUES)
    known = worksheet(plan, hectares(plan, 10.0, 1.0))
    moved = half_widths(*known)
    share = [moved[f"area:{name}:2020"][2020, "gross"] for name in "ab"]
    assert share[0] == share[1] == pytest.approx(2 * 5.36132, rel=1e-6), "two standard errors of one hectare each"


def test_vintages_share_their_factors_but_not_their_areas() -> None:
    known = worksheet(rice((2020, 2021)), hectares(rice((2020, 2021)), 10.0, 1.0))
    drawn = simulate(*known, FEW)
    together = np.corrcoef(drawn[2020, "gross"], drawn[2021, "gross"])[0, 1]
    assert 0.9 < together < 1.0


@pytest.mark.parametrize(
    ("known", "quantiles"),
    [
        (variable("normal", 10.0, 8.0, 12.0), {0.5: 10.0, 0.97725: 12.0, 0.02275: 8.0}),
        (variable("lognormal", 10.0, 5.0, 20.0), {0.5: 10.0, 0.97725: 20.0, 0.02275: 5.0}),
        (variable("uniform", 10.0, 5.0, 20.0), {0.5: 12.5, 0.25: 8.75}),
        (variable("triangular", 10.0, 5.0, 20.0), {1 / 3: 10.0, 1 - 1 / 6: 20 - math.sqrt(15 * 10 / 6)}),
    ],
)
def test_distributions_have_their_quantiles(known: Variable, quantiles: dict[float, float]) -> None:
    drawn = np.sort(np.asarray(draw(known, MANY, 0, 200_000)))
    for part, value in quantiles.items():
        assert drawn[int(part * 200_000)] == pytest.approx(value, rel=0.01)


def test_a_normal_is_cut_at_zero_and_an_exact_number_is_itself() -> None:
    assert np.asarray(draw(variable("normal", 1.0, -9.0, 11.0), FEW, 0, 1000)).min() == 0.0
    assert draw(replace(variable("exact"), low=None, high=None), FEW, 0, 1000) == 10.0


@given(st.floats(0.1, 50.0), st.floats(0.1, 50.0))
def test_more_spread_is_never_a_narrower_interval(one: float, more: float) -> None:
    plan = rice()
    small, large = (worksheet(plan, hectares(plan, 200.0, error)) for error in sorted((one, more)))
    widths = [next(iter(approach_1(*known, half_widths(*known)))).half_width_percent for known in (small, large)]
    assert widths[0] <= widths[1]


def test_shares_of_variance_add_up_and_name_the_worst_variable() -> None:
    known = worksheet(rice(), hectares(rice(), 429.0))
    shares = list(variance_shares(known[1], half_widths(*known)))
    assert sum(share.share for share in shares) == pytest.approx(1.0, abs=1e-8)
    assert [share.share for share in shares] == sorted((share.share for share in shares), reverse=True)
    assert shares[0].symbol == "sf_water", "continuous flooding is what the default table knows least"


def test_one_pass_over_the_rows_moves_every_variable_as_if_alone() -> None:
    for plan in (soil((2020, 2021)), rice((2020, 2021))):
        rows, variables = worksheet(plan, hectares(plan, 12.0, 0.5))
        values, moved = {v.id: v.value for v in variables}, half_widths(rows, variables)
        spread = {v.id: (v.low, v.high) for v in variables if v.low is not None}
        assert moved.keys() == spread.keys()
        for name, ends in spread.items():
            low, high = (with_period(quantities(rows, reckon(rows, values | {name: end}))) for end in ends)
            assert moved[name] == pytest.approx({key: (high[key] - low[key]) / 2 for key in high}, rel=1e-11, abs=1e-12)


def many(strata: int) -> tuple[tuple[WorksheetRow, ...], tuple[Variable, ...]]:
    plan = project("farmland-soil", {f"field-{n}": SOIL for n in range(strata)}, SOIL_VALUES)
    return worksheet(plan, hectares(plan, 9.0, 0.5))


def test_draws_made_as_they_are_needed_are_those_made_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, variables = many(12)
    values = {known.id: draw(known, FEW, 0, FEW.draws) for known in variables}
    at_once, drawn = totals(rows, values), []
    monkeypatch.setattr(simulation, "draw", lambda known, **how: drawn.append(known.id) or draw(known, **how))
    as_needed = simulate(rows, variables, FEW)
    assert all(np.array_equal(as_needed[key], at_once[key]) for key in at_once)
    assert sorted(drawn) == sorted(values), "each variable is drawn once a block"


def test_the_draws_of_few_strata_are_held_at_a_time() -> None:
    rows, variables = many(30)
    held = Counter[int]()
    turn = in_turn(rows)
    last = {name: row.id for row in turn for name in variables_of(row)}
    block = simulation.Block({known.id: known for known in variables}, last, {}, partial(draw, sampling=FEW, start=0, count=8))
    for row in turn:
        block.co2e(row)
        held[sum(name.startswith("area:") for name in block.held)] += 1
    assert max(held) == 1 and not block.held


def test_the_order_of_the_worksheet_changes_no_bit() -> None:
    rows, variables = many(12)
    there, back = simulate(rows, variables, FEW), simulate(rows[::-1], variables[::-1], FEW)
    assert all(np.array_equal(there[key], back[key]) for key in there)
    assert half_widths(rows, variables) == half_widths(rows[::-1], variables[::-1])


def test_nothing_gained_has_no_width() -> None:
    still = project("rice-water-management", {"paddy": RICE | {"project": RICE["baseline"]}}, RICE_VALUES)
    known = worksheet(still, hectares(still))
    spreads = [*approach_1(*known, half_widths(*known)), *approach_2(simulate(*known, FEW))]
    assert {(s.mean_t, s.low_t, s.high_t, s.half_width_percent) for s in spreads} == {(0.0, 0.0, 0.0, 0.0)}


def test_a_run_writes_both_approaches_at_every_level_a_deduction_asks_for(tmp_path: Path) -> None:
    plan = declaring(soil(), deduction=[rule.model_copy(update={"level_percent": 90.0}) for rule in soil().methodology.deduction])
    write_csv(tmp_path / "areas" / "activity.csv", hectares(plan, 5.0, 0.2), Activity)
    work(plan, tmp_path)
    propagate(plan, tmp_path)
    spreads = read_csv(tmp_path / "uncertainty" / "uncertainty.csv", Spread)
    assert {(s.quantity, s.approach, s.level_percent) for s in spreads} == {(q, a, p) for q in ("gross", "net") for a, p in ((1, 95.0), (2, 90.0), (2, 95.0))}
    net = {s.level_percent: s.half_width_percent for s in spreads if (s.quantity, s.approach) == ("net", 2)}
    assert net[90.0] < net[95.0]
    first = (tmp_path / "uncertainty" / "uncertainty.csv").read_bytes()
    propagate(plan, tmp_path)
    assert (tmp_path / "uncertainty" / "uncertainty.csv").read_bytes() == first
    assert read_csv(tmp_path / "uncertainty" / "shares.csv", VarianceShare)
