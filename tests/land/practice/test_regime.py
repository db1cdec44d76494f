"""A paddy's season as spells: right on clear series, honest on sparse ones, the same as every course tried one by one."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.regime import BEFORE, DRAINED, ENDED, FLOODED, NEVER, Chain, Season, chain_of, courses
from carbonsink.land.practice.wetness import Belief

WATER = read_practices().water
DAY = date(2020, 1, 1)
SHORT = WATER.season.model_copy(update={"most_drainages": 2, "drained_phases": 1, "flooded_phases": 1})


def season(seen: dict[int, tuple[float, float]], days: int = 120, counting: int = 25, ripening: int = 80) -> Season:
    return Season(days, counting, ripening, tuple((day, Belief(DAY, *belief)) for day, belief in seen.items()))


def clear(dry: list[tuple[int, int]], every: int = 4, flooded: tuple[int, int] = (10, 95)) -> Season:
    """Beliefs of a hundred to one every so many days."""
    wet = {day: flooded[0] <= day < flooded[1] and not any(a <= day <= b for a, b in dry) for day in range(0, 120, every)}
    return season({day: (1.0, 0.01) if is_wet else (0.01, 1.0) for day, is_wet in wet.items()})


@pytest.mark.parametrize(
    ("dry", "count"), [([], 0), ([(45, 55)], 1), ([(40, 48), (60, 68)], 2), ([(35, 43), (55, 63), (75, 83)], 3)], ids=["none", "one", "two", "three"]
)
def test_drainages_are_counted_and_dated(dry: list[tuple[int, int]], count: int) -> None:
    (course,) = courses([clear(dry)], WATER.season, WATER.regimes)
    assert int(np.argmax(course.drainages)) == count
    assert course.drainages[count] > 0.8
    for first, last in dry:
        assert all(course.drained[day] > 0.9 for day in range(0, 120, 4) if first <= day <= last)
    assert course.flooded[15:30].min() > 0.9
    assert course.ended[-5:].min() > 0.9


def test_a_field_that_never_stands_under_water_is_upland() -> None:
    (course,) = courses([clear([], flooded=(200, 200))], WATER.season, WATER.regimes)
    assert course.upland > 0.99


def test_the_drainage_for_harvest_is_none() -> None:
    (course,) = courses([clear([], flooded=(10, 82))], WATER.season, WATER.regimes)
    assert course.drainages[0] > 0.9


def test_without_an_observation_the_regimes_are_equally_likely() -> None:
    (course,) = courses([season({})], WATER.season, WATER.regimes)
    assert course.upland == pytest.approx(0.25)
    assert course.drainages[0] == pytest.approx(0.25)
    assert course.drainages[1] == pytest.approx(0.25)
    assert course.drainages[2:].sum() == pytest.approx(0.25)


def test_seasons_of_any_length_are_worked_together_as_alone() -> None:
    some = [clear([(45, 55)]), season({3: (1.0, 0.1)}, days=60, counting=10, ripening=30), clear([])]
    together = list(courses(some, WATER.season, WATER.regimes))
    for one, course in zip(some, together, strict=True):
        (alone,) = courses([one], WATER.season, WATER.regimes)
        assert (alone.drainages == course.drainages).all()
        assert (alone.drained == course.drained).all()
        assert len(course.flooded) == one.days


def test_many_certain_observations_don_t_run_out_of_numbers() -> None:
    days = 200
    against = season({day: ((1e-9, 1.0) if day % 2 else (1.0, 1e-9)) for day in range(days)}, days=days)
    (course,) = courses([against], WATER.season, WATER.regimes)
    assert np.isfinite(course.drainages).all()
    assert course.drainages.sum() + course.upland == pytest.approx(1.0)


# --- against every course, one by one --------------------------------------------------------------------------------------


def by_hand(one: Season, chain: Chain, seen: bool) -> tuple[float, dict[int, list[float]]]:
    """The weight of all courses of a chain that close, and of those the weight that spends each day in each kind."""
    beliefs, states, total = dict(one.beliefs), chain.kinds.size, 0.0
    kinds = {kind: [0.0] * one.days for kind in (BEFORE, FLOODED, DRAINED, ENDED)}
    for moves in product((0, 1), repeat=one.days):
        place, weight, path = 0, 1.0, []
        for day, move in enumerate(moves):
            gate = (day >= one.counting if chain.drains[place] else True) and (day >= one.ripening if chain.ends[place] else True)
            step = float(chain.onward[place]) if gate else 0.0
            weight *= step if move else 1 - step
            place = min(place + move, states - 1)
            belief = beliefs.get(day) if seen else None
            if belief:
                weight *= belief.wet if chain.kinds[place] == FLOODED else belief.dry
            path.append(int(chain.kinds[place]))
        if chain.closing[place]:
            total += weight
            for day, kind in enumerate(path):
                kinds[kind][day] += weight
    return total, kinds


@settings(max_examples=6)
@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)), min_size=9, max_size=9))
def test_the_passes_give_the_sum_over_every_course(beliefs: list[tuple[float, float]]) -> None:
    one = season(dict(enumerate(beliefs)), days=9, counting=1, ripening=5)
    (course,) = courses([one], SHORT, WATER.regimes)
    chains = {count: chain_of(count, SHORT) for count in (NEVER, 0, 1, 2)}
    weight = {count: by_hand(one, chain, True) for count, chain in chains.items()}
    room = {count: by_hand(one, chain, False)[0] for count, chain in chains.items()}
    share = {count: weight[count][0] / room[count] for count in chains}
    whole = sum(share.values())
    assert course.upland == pytest.approx(share[NEVER] / whole)
    assert course.drainages.tolist() == pytest.approx([share[count] / whole for count in (0, 1, 2)])
    drained = [sum(weight[c][1][DRAINED][day] / weight[c][0] * share[c] for c in chains) / whole for day in range(9)]
    assert course.drained.tolist() == pytest.approx(drained)


def test_a_chain_goes_from_dry_through_its_drainages_to_harvest() -> None:
    chain = chain_of(2, WATER.season)
    d, f = WATER.season.drained_phases, WATER.season.flooded_phases
    assert chain.kinds.tolist() == [BEFORE, FLOODED, *[DRAINED] * d, *[FLOODED] * f, *[DRAINED] * d, FLOODED, ENDED]
    assert chain.drains.sum() == 2
    assert chain.closing.tolist() == [*[False] * (len(chain.kinds) - 2), True, True]
    assert chain_of(NEVER, WATER.season).closing.tolist() == [True]
