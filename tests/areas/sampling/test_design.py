"""Sample sizes and allocations: the published example, and what no allocation may do."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.areas.sampling.design import Stratum, Way, allocate, deviation, enough, expected_error, size
from carbonsink.areas.sampling.expected import expected, parse
from carbonsink.base.problems import Refusal
from carbonsink.base.records import Confusion

WAYS = get_args(Way)
# Olofsson et al. 2014, section 5.1.1: 10,000,000 pixels of 30 m, conjectured user's accuracies
PIXELS = {"deforestation": 200_000, "forest gain": 150_000, "stable forest": 3_200_000, "stable non-forest": 6_450_000}
USERS = (0.70, 0.60, 0.90, 0.95)
PUBLISHED = [Stratum(name, n, n, deviation(u)) for (name, n), u in zip(PIXELS.items(), USERS, strict=True)]

strata = st.lists(
    st.tuples(st.integers(2, 100_000), st.floats(0.01, 0.99)).map(lambda x: Stratum(f"c{x[0]}", x[0], x[0], deviation(x[1]))), min_size=2, max_size=6
)


def test_the_published_example_needs_641_points() -> None:
    assert sum(s.pixels / 1e7 * s.deviation for s in PUBLISHED) == pytest.approx(0.253088, abs=5e-7)
    assert size(PUBLISHED, 0.01) == 641


def test_the_published_allocations() -> None:
    assert allocate(641, PUBLISHED, "proportional", 0) == [13, 10, 205, 413]
    assert sorted(allocate(641, PUBLISHED, "equal", 0)) == [160, 160, 160, 161]
    assert allocate(641, PUBLISHED, "proportional", 50) == [50, 50, 179, 362]
    assert allocate(641, PUBLISHED, "proportional", 75)[:2] == [75, 75]


def test_the_finite_population_needs_fewer_points() -> None:
    small = [Stratum(s.land_class, s.pixels // 10_000, s.drawable // 10_000, s.deviation) for s in PUBLISHED]
    assert 380 < size(small, 0.01) < 400 < size(PUBLISHED, 0.01)


def test_other_ways_need_at_least_as_many_points_as_the_optimal_one() -> None:
    sizes = {way: size(PUBLISHED, 0.01, way) for way in WAYS}
    assert sizes["optimal"] == min(sizes.values()) and sizes["proportional"] == 673  # sum(W S^2) / V = 0.0672375 / 0.0001


@given(strata, st.sampled_from(WAYS), st.integers(0, 60), st.integers(2, 2000))
def test_an_allocation_keeps_to_its_sum_and_its_bounds(found: list[Stratum], way: Way, minimum: int, points: int) -> None:
    counts = allocate(points, found, way, minimum)
    least = sum(min(minimum, s.drawable) for s in found)
    assert all(min(minimum, s.drawable) <= n <= s.drawable for n, s in zip(counts, found, strict=True))
    assert sum(counts) == min(max(points, least), sum(s.drawable for s in found))


@given(strata, st.floats(0.003, 0.2), st.sampled_from(WAYS), st.integers(2, 60))
def test_what_is_asked_for_is_expected_of_the_sample(found: list[Stratum], target: float, way: Way, minimum: int) -> None:
    counts = enough(found, target, way, minimum)
    assert expected_error(counts, found) <= target * (1 + 1e-9) or counts == [s.drawable for s in found]


@given(st.lists(st.tuples(st.integers(20, 60), st.floats(0.05, 0.95)), min_size=3, max_size=3), st.integers(6, 18))
def test_no_other_whole_numbers_of_points_do_better_than_the_optimal_ones(classes: list[tuple[int, float]], points: int) -> None:
    found = [Stratum(str(n), pixels, pixels, deviation(share)) for n, (pixels, share) in enumerate(classes)]
    others = [c for c in itertools.product(range(2, points), repeat=3) if sum(c) == points]
    best = min(expected_error(counts, found) for counts in others)
    assert expected_error(allocate(points, found, "optimal", 2), found) == pytest.approx(best, rel=1e-9)


def test_more_points_never_take_a_point_from_a_class() -> None:
    grown = [allocate(n, PUBLISHED, "optimal", 20) for n in range(80, 400, 7)]
    assert all(a <= b for before, after in itertools.pairwise(grown) for a, b in zip(before, after, strict=True))


def test_nothing_that_varies_needs_no_number_of_points() -> None:
    with pytest.raises(Refusal, match=r"E-SMP-003 .*paddy, tea"):
        size([Stratum("paddy", 100, 100, 0.0), Stratum("tea", 100, 100, 0.0)], 0.01)


SAMPLES = [
    Confusion(2020, split, cluster, mapped, reference, count)
    for split, cluster, mapped, reference, count in (
        ("pixel", "", "paddy", "paddy", 999),
        ("parcel", "1", "paddy", "paddy", 45),
        ("parcel", "2", "paddy", "tea", 4),
        ("parcel", "2", "tea", "tea", 9),
    )
]


def test_what_is_expected_comes_from_the_runs_own_samples_by_whole_parcels_first() -> None:
    assert expected(["paddy", "tea"], SAMPLES, {}, None) == {"paddy": 45.5 / 50, "tea": 9.5 / 10}
    assert expected(["paddy", "tea"], SAMPLES, {"tea": 0.7}, None)["tea"] == 0.7


def test_for_a_class_it_is_the_share_of_every_mapped_class_that_is_of_it() -> None:
    assert expected(["paddy", "tea"], SAMPLES, {}, "tea") == {"paddy": 4.5 / 50, "tea": 9.5 / 10}
    assert all(0 < share < 1 for share in expected(["paddy", "tea"], SAMPLES, {}, "paddy").values())


def test_a_class_nobody_knows_anything_of_is_asked_for() -> None:
    with pytest.raises(Refusal, match=r"E-SMP-007 .*forest.*--accuracy forest=0.8"):
        expected(["paddy", "forest"], SAMPLES, {}, None)


@pytest.mark.parametrize("text", ["paddy", "paddy=", "paddy=much", "paddy=0", "paddy=1.2", "paddy=nan", "padd=0.8", "=0.8"])
def test_an_expectation_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="E-SMP-008"):
        parse([text], ["paddy", "tea"])
    assert parse(["paddy=0.9", "tea=1"], ["paddy", "tea"]) == {"paddy": 0.9, "tea": 1.0}
