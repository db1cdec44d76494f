"""Adjusted areas: the published example, and what must hold for any map and any samples."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from carbonsink.areas.estimate import Points, by_parcel, error_adjusted
from carbonsink.base.problems import Refusal

CASE: dict[str, Any] = tomllib.loads((Path(__file__).parent / "cases" / "olofsson2014.toml").read_text())
Z = CASE["z"]
QUANTITIES = ("areas", "users", "producers", "overall")
PAIR = np.array([[90.0, 10.0], [20.0, 80.0]])
AREA = np.array([300.0, 700.0])


def parts(points: Points) -> list[np.ndarray]:
    return [np.asarray(getattr(points, name)) for name in QUANTITIES]


@pytest.mark.parametrize("name", QUANTITIES)
def test_the_published_example_to_its_printed_digits(name: str) -> None:
    found, expected = error_adjusted(CASE["counts"], np.array(CASE["mapped_pixels"]) * CASE["pixel_ha"]), CASE[name]
    assert np.round(getattr(found.points, name), expected["decimals"]).tolist() == expected["printed"]
    assert np.round(Z * getattr(found.errors, name), expected["decimals"]).tolist() == expected["half_widths"]


def test_the_shared_recomputation_of_the_example_to_six_digits(shared: Path) -> None:
    folder = shared / "cases" / "olofsson2014"
    expected = json.loads((folder / "expected.json").read_text())
    rows = list(csv.DictReader((folder / "error_matrix.csv").read_text().splitlines()))
    counts = np.array([[float(row[name["map_class"]]) for name in rows] for row in rows])
    pixels = np.array([float(row["mapped_pixels"]) for row in rows])
    found = error_adjusted(counts, pixels * expected["pixel_area_ha"])
    assert found.points.areas == pytest.approx(expected["adjusted_area_ha"], abs=1e-3)
    assert Z * found.errors.areas == pytest.approx(expected["adjusted_area_ci95_ha"], abs=1e-3)
    for name in ("users", "producers"):
        assert getattr(found.points, name) == pytest.approx(expected[f"{name}_accuracy"], abs=1e-6)
        assert Z * getattr(found.errors, name) == pytest.approx(expected[f"{name}_ci95"], abs=1e-6)
    assert float(found.points.overall) == pytest.approx(expected["overall_accuracy"], abs=1e-6)
    assert Z * float(found.errors.overall) == pytest.approx(expected["overall_ci95"], abs=1e-6)


def test_in_pixels_the_example_is_in_pixels() -> None:
    found = error_adjusted(CASE["counts"], np.array(CASE["mapped_pixels"], float))
    assert found.points.areas[0] == pytest.approx(235_086.2, abs=0.1)
    assert Z * found.errors.areas[0] == pytest.approx(68_418.2, abs=0.1)


MATRICES = arrays(np.float64, (3, 3), elements=st.integers(0, 200).map(float)).filter(lambda counts: bool((counts.sum(axis=1) >= 2).all()))
GROUNDS = arrays(np.float64, 3, elements=st.floats(1.0, 1e6))


@given(MATRICES, GROUNDS)
def test_adjusted_areas_make_up_the_mapped_land(counts: np.ndarray, area: np.ndarray) -> None:
    found = error_adjusted(counts, area)
    assert found.points.areas.sum() == pytest.approx(area.sum())
    assert (found.points.areas >= 0).all()
    for values in (found.points.users, found.points.producers, found.points.overall):
        known = np.asarray(values)[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1 + 1e-12)).all()


@given(MATRICES, GROUNDS)
def test_twice_the_land_is_twice_the_area_and_twice_its_error(counts: np.ndarray, area: np.ndarray) -> None:
    one, two = error_adjusted(counts, area), error_adjusted(counts, 2 * area)
    assert two.points.areas == pytest.approx(2 * one.points.areas)
    assert two.errors.areas == pytest.approx(2 * one.errors.areas)
    assert two.points.users == pytest.approx(one.points.users, nan_ok=True)
    assert two.errors.producers == pytest.approx(one.errors.producers, nan_ok=True)


@given(MATRICES, GROUNDS, st.permutations(range(3)))
def test_the_order_of_the_classes_doesn_t_matter(counts: np.ndarray, area: np.ndarray, order: list[int]) -> None:
    one, other = error_adjusted(counts, area), error_adjusted(counts[order][:, order], area[order])
    for name in ("areas", "users", "producers"):
        for ours, theirs in ((one.points, other.points), (one.errors, other.errors)):
            assert getattr(ours, name)[order] == pytest.approx(getattr(theirs, name), nan_ok=True)


def test_a_map_without_errors_keeps_its_areas_for_certain() -> None:
    found = error_adjusted(np.diag([30.0, 40.0]), AREA)
    assert found.points.areas == pytest.approx(AREA)
    assert [float(np.max(values)) for values in parts(found.errors)] == [0, 0, 0, 0]


def test_many_matrices_at_once_are_each_as_if_alone() -> None:
    stack = np.stack([PAIR, PAIR.T, np.diag([5.0, 5.0])])
    together = error_adjusted(stack, AREA)
    for number, counts in enumerate(stack):
        alone = error_adjusted(counts, AREA)
        for ours, theirs in zip(parts(together.points) + parts(together.errors), parts(alone.points) + parts(alone.errors), strict=True):
            assert ours[number] == pytest.approx(theirs, nan_ok=True)


def test_a_mapped_class_with_a_single_sample_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match="E-ARE-001 tea.*700 ha.*1 reference") as caught:
        error_adjusted(np.array([[90.0, 10.0], [0.0, 1.0]]), AREA, ["paddy", "tea"])
    assert caught.value.problems[0].where == "tea"


def test_a_class_the_map_never_shows_needs_no_samples_but_can_still_have_area() -> None:
    found = error_adjusted(np.array([[80.0, 20.0], [0.0, 0.0]]), np.array([100.0, 0.0]))
    assert found.points.areas == pytest.approx([80.0, 20.0])
    assert np.isnan(found.points.users[1])
    assert found.points.producers == pytest.approx([1.0, 0.0])


def draws(random: np.random.Generator, truth: np.ndarray, samples: np.ndarray, times: int) -> np.ndarray:
    """Stratified random samples, shape (times, map class, reference class), of land with these true shares in each map class."""
    return np.stack([random.multinomial(n, shares, times) for n, shares in zip(samples, truth, strict=True)], axis=1)


def test_95_percent_intervals_hold_the_true_area_95_times_in_100() -> None:
    truth = np.array([[0.85, 0.10, 0.05], [0.08, 0.80, 0.12], [0.02, 0.06, 0.92]])
    area = np.array([120.0, 300.0, 580.0])
    found = error_adjusted(draws(np.random.default_rng(2014), truth, np.array([100, 120, 280]), 500), area)
    held = abs(found.points.areas - area @ truth) <= Z * found.errors.areas
    assert ((held.mean(axis=0) > 0.92) & (held.mean(axis=0) < 0.98)).all()
    assert found.points.areas.mean(axis=0) == pytest.approx(area @ truth, rel=0.01), "no bias"


# --- samples in parcels ---


def test_parcels_of_one_pixel_are_independent_samples() -> None:
    parcels = np.concatenate([np.repeat(np.eye(4).reshape(4, 2, 2)[[cell]], int(PAIR.ravel()[cell]), axis=0) for cell in range(4)])
    clustered, independent = by_parcel(parcels, AREA), error_adjusted(PAIR, AREA)
    for ours, theirs in zip(parts(clustered.points), parts(independent.points), strict=True):
        assert ours == pytest.approx(theirs)
    for ours, theirs in zip(parts(clustered.errors), parts(independent.errors), strict=True):
        assert ours == pytest.approx(theirs, rel=0.02)  # the two differ by n / (n - 1)


def test_counting_every_pixel_of_a_parcel_ten_times_adds_no_knowledge() -> None:
    random = np.random.default_rng(5)
    parcels = random.multinomial(12, [0.4, 0.1, 0.1, 0.4], 60).reshape(60, 2, 2).astype(float)
    one, ten = by_parcel(parcels, AREA), by_parcel(10 * parcels, AREA)
    assert ten.errors.areas == pytest.approx(one.errors.areas)
    naive = error_adjusted(10 * parcels.sum(axis=0), AREA)
    assert naive.errors.areas[0] < 0.5 * ten.errors.areas[0]


@given(st.permutations(range(8)))
def test_the_order_of_the_parcels_doesn_t_matter(order: list[int]) -> None:
    parcels = np.random.default_rng(9).integers(1, 30, (8, 2, 2)).astype(float)
    one, other = by_parcel(parcels, AREA), by_parcel(parcels[order], AREA)
    for ours, theirs in zip(parts(one.points) + parts(one.errors), parts(other.points) + parts(other.errors), strict=True):
        assert ours == pytest.approx(theirs)


def test_where_whole_parcels_are_mistaken_only_the_jackknife_holds_the_truth() -> None:
    """Parcels of 1 to 40 pixels, each mapped right or wrong as a whole: 500 draws of 80 parcels."""
    random = np.random.default_rng(77)
    truth = np.array([[0.8, 0.2], [0.15, 0.85]])
    expected = AREA @ truth
    held = {"parcels": 0, "pixels": 0}
    for _ in range(500):
        sizes = random.integers(1, 41, 80)
        mapped = random.integers(0, 2, 80)
        true = (random.random(80) > truth[mapped, 0]).astype(int)
        parcels = np.zeros((80, 2, 2))
        parcels[np.arange(80), mapped, true] = sizes
        clustered, independent = by_parcel(parcels, AREA), error_adjusted(parcels.sum(axis=0), AREA)
        held["parcels"] += int(abs(clustered.points.areas[0] - expected[0]) <= Z * clustered.errors.areas[0])
        held["pixels"] += int(abs(independent.points.areas[0] - expected[0]) <= Z * independent.errors.areas[0])
    assert 0.91 < held["parcels"] / 500 < 0.98
    assert held["pixels"] / 500 < 0.5


def test_a_class_known_from_one_parcel_only_is_refused_by_name() -> None:
    parcels = np.array([[[9.0, 1.0], [0.0, 0.0]], [[5.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [2.0, 30.0]]])
    with pytest.raises(Refusal, match="E-ARE-002 tea.*700 ha.* 1 parcel"):
        by_parcel(parcels, AREA, ["paddy", "tea"])
