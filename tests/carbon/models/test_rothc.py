"""RothC-26.3 against its authors' program, month by month, and what must hold of any soil."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from benchmarks.programs import rothc as program
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.carbon import rothc
from carbonsink.carbon.inputs import InputError
from carbonsink.carbon.rothc import kernel
from tests.carbon.models import months
from tests.carbon.models.months import SOIL, YEAR

SETTLED = rothc.equilibrium(**YEAR, **SOIL, inert=2.0).pools


def run(count: int = 3, start: rothc.Pools = SETTLED, keep: Any = "months", **change: Any) -> rothc.Course:
    soil = SOIL | {name: change.pop(name) for name in ("clay", "depth", "ratio") if name in change}
    return rothc.run(**(months.years(count) | change), **soil, start=start, keep=keep)


# --- published


def test_all_828_months_are_the_authors(shared: Path) -> None:
    first, after = months.published(shared)
    start = rothc.equilibrium(**first, clay=months.CLAY, depth=months.DEPTH, inert=months.INERT)
    course = rothc.run(**after, clay=months.CLAY, depth=months.DEPTH, start=start.pools)
    expected = months.results(shared)
    assert course.pools.shape == (828, 5)
    assert np.abs(course.pools - expected[:, :5]).max() < 1e-9
    assert np.abs(course.total - expected[:, 5]).max() < 1e-9
    assert course.total[[11, 23, 35, 47]] == pytest.approx([36.81863131500, 36.55412121480, 36.27445124575, 36.03352703757], abs=1e-9)


def test_equilibrium_is_reached_in_the_authors_month(shared: Path) -> None:
    first, _ = months.published(shared)
    found = rothc.equilibrium(**first, clay=months.CLAY, depth=months.DEPTH, inert=months.INERT)
    assert found.years * 12 == 19_872
    assert found.pools.carbon == pytest.approx([0.14546618698, 5.67812085875, 0.74059379798, 27.64276942083, 3.0041], abs=1e-9)
    assert found.pools.total == pytest.approx(37.21105026454, abs=1e-9)


def test_inert_carbon_is_falloon_s() -> None:
    assert rothc.inert_carbon(40.0) == pytest.approx(0.049 * 40**1.139)
    assert rothc.inert_carbon([20.0, 80.0]).shape == (2,)
    inert = rothc.inert_beside(30.0)
    assert inert == pytest.approx(rothc.inert_carbon(30.0 + inert))


# --- what holds of any soil


@given(st.floats(0, 3), st.floats(0, 3), st.floats(0, 100), st.floats(-10, 30))
def test_what_pools_lose_others_gain_or_the_air(carbon: float, manure: float, clay: float, warmer: float) -> None:
    inputs = {"carbon_input": carbon / 12, "manure": manure / 12, "temperature": np.tile(YEAR["temperature"], 3) + warmer}
    course = run(clay=clay, **inputs)
    before = np.concatenate([[SETTLED.total], course.total[:-1]])
    assert course.total - before == pytest.approx((carbon + manure) / 12 - course.respired, abs=1e-9)
    assert (course.pools >= 0).all() and (course.respired >= 0).all() and (course.pools[:, -1] == 2.0).all()


@given(st.lists(st.floats(0, 2), min_size=12, max_size=12), st.integers(0, 11), st.floats(0.01, 2))
def test_more_input_never_makes_less_carbon(carbon: list[float], month: int, extra: float) -> None:
    more = np.array(carbon)
    more[month] += extra
    less, richer = (run(1, carbon_input=values).total for values in (carbon, more))
    assert (richer >= less).all() and richer[-1] > less[-1]


def test_warm_moist_bare_soil_loses_most() -> None:
    usual = run(1).total[-1]
    assert run(1, covered=0.0).total[-1] < usual < run(1, covered=1.0).total[-1]
    assert run(1, temperature=YEAR["temperature"] + 5).total[-1] < usual
    assert run(1, rain=0.0).total[-1] > usual
    assert run(1, temperature=-6.0, carbon_input=0.0, manure=0.0).total[-1] == pytest.approx(float(SETTLED.total), abs=1e-12)


def test_clay_and_woody_plants_keep_carbon() -> None:
    light, heavy, forest = (rothc.equilibrium(**YEAR, clay=c, depth=23.0, ratio=r).pools.total for c, r in ((5, 1.44), (45, 1.44), (5, 0.25)))
    assert light < heavy and light < forest


def test_a_settled_soil_stays_where_it_is() -> None:
    course = run(10, keep="years")
    assert course.total == pytest.approx(np.full(10, SETTLED.total), abs=1e-5)


def test_scaled_pools_hold_what_was_measured_in_the_same_proportions() -> None:
    scaled = rothc.scaled_to(SETTLED, [30.0, 60.0])
    assert scaled.total == pytest.approx([30.0, 60.0])
    assert scaled.carbon[:, -1] == pytest.approx(rothc.inert_carbon([30.0, 60.0]))
    assert scaled.carbon[1, :4] / scaled.carbon[0, :4] == pytest.approx(scaled.carbon[1, 0] / scaled.carbon[0, 0])
    doubled = rothc.equilibrium(**(YEAR | {"carbon_input": 2 * YEAR["carbon_input"], "manure": 2 * YEAR["manure"]}), **SOIL, tolerance=1e-12).pools
    single = rothc.equilibrium(**YEAR, **SOIL, tolerance=1e-12).pools
    assert doubled.carbon == pytest.approx(2 * single.carbon, abs=1e-8)


# --- shapes, parts, order


def series() -> dict[str, Any]:
    """Forty soils under five climates, each with its own carbon."""
    random = np.random.Generator(np.random.Philox(5))
    climate = {name: np.tile(YEAR[name], 4) for name in ("rain", "evaporation", "covered")}
    warmth = np.tile(YEAR["temperature"], 4) + random.normal(0, 3, (5, 1, 48))
    return climate | {"temperature": warmth, "carbon_input": random.uniform(0, 1, (8, 48)), "manure": 0.0, "clay": random.uniform(5, 50, (5, 8)), "depth": 23.0}


def test_leading_shapes_are_broadcast() -> None:
    found = rothc.run(**series(), start=SETTLED)
    assert found.pools.shape == (5, 8, 48, 5) and found.respired.shape == (5, 8, 48) and found.end.deficit.shape == (5, 8)
    one = series()
    alone = rothc.run(**(one | {"temperature": one["temperature"][3, 0], "carbon_input": one["carbon_input"][6], "clay": one["clay"][3, 6]}), start=SETTLED)
    assert np.array_equal(found.pools[3, 6], alone.pools)


def test_order_parts_and_threads_change_no_bit() -> None:
    whole, given = rothc.run(**series(), start=SETTLED).pools, series()
    turned = {name: given[name][::-1] for name in ("temperature", "clay")}
    assert np.array_equal(rothc.run(**(given | turned), start=SETTLED).pools[::-1], whole)

    def part(i: int) -> Any:
        mine = {name: given[name][i : i + 1] for name in ("temperature", "clay")}
        return rothc.run(**(given | mine), start=SETTLED).pools

    with ThreadPoolExecutor(4) as threads:
        assert np.array_equal(np.concatenate(list(threads.map(part, range(5)))), whole)


def test_a_run_in_two_halves_is_the_run() -> None:
    whole = run(4)
    first = run(2)
    second = run(2, start=first.end)
    assert np.array_equal(np.concatenate([first.pools, second.pools]), whole.pools)
    assert np.array_equal(second.end.carbon, whole.end.carbon) and np.array_equal(second.end.deficit, whole.end.deficit)


def test_kept_months_are_those_of_the_whole_run() -> None:
    whole = run(3)
    assert np.array_equal(run(3, keep="years").pools, whole.pools[11::12])
    assert np.array_equal(run(3, keep="last").pools, whole.pools[-1:])
    assert np.array_equal(run(3, keep=[0, 17]).pools, whole.pools[[0, 17]])
    assert run(3, keep="years").respired == pytest.approx(whole.respired.reshape(3, 12).sum(axis=1))


def test_data_arrays_and_lists_go_in() -> None:
    arrays = {name: xr.DataArray(values, dims=["month"]) for name, values in months.years(3).items()}
    lists = {name: list(values) for name, values in months.years(3).items()}
    for inputs in (arrays, lists):
        assert np.array_equal(rothc.run(**inputs, **SOIL, start=SETTLED).pools, run(3).pools)


# --- refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rain": np.r_[-3.0, YEAR["rain"][1:]]}, "rain: -3 at [0] is below 0"),
        ({"temperature": np.r_[np.nan, YEAR["temperature"][1:]]}, "temperature: nan at [0] is not a finite number"),
        ({"temperature": 280.0}, "temperature: 280 is above 60"),
        ({"carbon_input": -1.0}, "carbon_input: -1 is below 0"),
        ({"covered": 0.5}, "covered: 1 where plants cover"),
        ({"clay": 101.0}, "clay: 101 is above 100"),
        ({"depth": 0.0}, "depth: 0 is not above 0"),
        ({"ratio": 0.0}, "ratio: 0 is not above 0"),
        ({"rain": YEAR["rain"][:11]}, "rain: 11 months, where others have 12"),
        ({"rain": "wet"}, "rain: numbers are needed, found 'wet'"),
        ({"keep": "weeks"}, "keep: 'weeks' is not one of months, years, last"),
        ({"keep": [3, 12]}, "keep: a rising list of months from 0 to 11"),
        ({"clay": np.ones(3), "carbon_input": np.ones((2, 12))}, "shapes don't go together"),
        ({"start": rothc.Pools(np.zeros(4), np.zeros(()))}, "start: pools (4,) and deficit ()"),
        ({"start": rothc.Pools(np.full(5, -1.0), np.zeros(()))}, "start: -1 at [0] is below 0"),
        ({"start": rothc.no_carbon([1.0, 2, 3]), "carbon_input": np.ones((2, 12))}, "start: shape (3,) doesn't go with"),
    ],
)
def test_a_bad_input_is_told_in_a_line(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as told:
        run(1, **change)
    assert words in str(told.value) and "\n" not in str(told.value)


def test_eleven_months_are_no_year() -> None:
    with pytest.raises(InputError, match="11 months are no whole years"):
        rothc.run(**{name: values[:11] for name, values in YEAR.items()}, **SOIL, start=SETTLED)
    with pytest.raises(InputError, match="one year of 12 months is repeated, found 24"):
        rothc.equilibrium(**months.years(2), **SOIL)


def test_what_never_settles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carbonsink.carbon.rothc.model.MOST_YEARS", 50)
    with pytest.raises(InputError, match="not reached within 50 years"):
        rothc.equilibrium(**(YEAR | {"temperature": -6.0}), **SOIL)


def test_nothing_can_be_scaled_where_no_carbon_is() -> None:
    with pytest.raises(InputError, match="no active carbon to scale"):
        rothc.scaled_to(rothc.no_carbon(2.0), 40.0)


def test_a_plain_program_written_apart_gives_the_same() -> None:
    given = program.stratum(7, 1, own=True)
    state = [*program.START.tolist(), 0.0]
    clay = float(given["clay"][0])
    for month in range(program.MONTHS):
        values = (float(given[name][0, month]) for name in ("temperature", "rain"))
        program.step(state, *values, program.PAN[month % 12], given["carbon_input"][0, month], program.COVER[month % 12], clay)
    years = program.MONTHS // 12
    always = {"evaporation": np.tile(program.PAN, years), "covered": np.tile(program.COVER, years), "depth": program.DEPTH}
    found = rothc.run(**given, **always, start=rothc.Pools(program.START, np.zeros(())), keep="last")
    assert found.pools[0, 0] == pytest.approx(state[:5], abs=1e-9)
    assert found.end.deficit[0] == pytest.approx(state[5], abs=1e-9)


def test_the_exponential_is_the_exponential() -> None:
    falls = [0.0, -1e-300, -0.01, -0.34657, -1.0, -8.3, -104.2, -699.9]
    assert [kernel.fall(x) for x in falls] == pytest.approx([math.exp(x) for x in falls], rel=1e-15)
    assert kernel.fall(-701.0) == 0.0
