"""Reducers: each against its plain definition, pixel by pixel."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA, Grid
from carbonsink.composites.block import Reducer, Task, reduced, work
from carbonsink.composites.kernel import network
from carbonsink.composites.observe import Rules, Stack
from carbonsink.composites.periods import Period
from carbonsink.declared.bestpixel import read_best_pixel
from carbonsink.declared.indices import read_indices
from tests.composites import plain
from tests.composites.stacks import CRS, SENSOR, recipe_of, scene_of, stack_of

JUNE = Period("2018-06", date(2018, 6, 1), date(2018, 6, 30), ())
BANDS = ("blue", "nir", "red")


def by(reducer: Reducer, values: NDArray[np.int16], clear: NDArray[np.bool_], minimum: int = 1, percentile: float = 50.0) -> dict[str, NDArray[np.int16]]:
    """Layers of a stack of blue, nir, red with NDVI and EVI."""
    recipe = recipe_of(BANDS, ("ndvi", "evi"), reducer=reducer, minimum=minimum, percentile=percentile)
    block = Grid(CRS, 0.0, 0.0, 10.0, *values.shape[2:])
    return dict(zip(recipe.layers, reduced(JUNE, block, recipe, Rules(SENSOR, BANDS), stack_of(values, clear)), strict=True))


def indices_of(values: NDArray[np.int16]) -> dict[str, NDArray[np.int64]]:
    """NDVI and EVI of every observation by the plain definition, COMPOSITE_NODATA where they have no value."""
    library, bands = read_indices(), dict(zip(BANDS, np.moveaxis(values, 1, 0), strict=True))
    seen = {name: plain.observe(library.index[name], library.denominator.smallest, bands) for name in ("ndvi", "evi")}
    return {name: np.where(valid, value, COMPOSITE_NODATA).astype(int) for name, (value, valid) in seen.items()}


def stacks() -> st.SearchStrategy[tuple[NDArray[np.int16], NDArray[np.bool_]]]:
    """Stacks of up to 15 observations of 2 x 3 pixels, clear or not; few different values, so that there are ties."""
    numbers = st.sampled_from([0, 3, 300, 301, 4000, -200]) | st.integers(-1000, 12000) | st.sampled_from([32766, -32766])
    return st.integers(0, 15).flatmap(lambda n: st.tuples(arrays(np.int16, (n, 3, 2, 3), elements=numbers), arrays(np.bool_, (n, 2, 3))))


def pixels() -> list[tuple[int, int]]:
    return [(y, x) for y in range(2) for x in range(3)]


@settings(max_examples=60)
@given(stacks(), st.sampled_from([0.0, 10.0, 33.3, 50.0, 75.0, 100.0]), st.integers(1, 4))
def test_median_percentile_and_mean_are_those_of_the_clear_values_of_each_layer(
    stack: tuple[NDArray[np.int16], NDArray[np.bool_]], percent: float, minimum: int
) -> None:
    values, clear = stack
    layers = {band: values[:, n].astype(int) for n, band in enumerate(BANDS)} | indices_of(values)
    reducers: tuple[Reducer, ...] = ("median", "percentile", "mean")
    found = {how: by(how, values, clear, minimum, percent) for how in reducers}
    for y, x in pixels():
        for name, series in layers.items():
            seen = [int(v) for v, c in zip(series[:, y, x], clear[:, y, x], strict=True) if c and v != COMPOSITE_NODATA]
            expected = {"median": plain.ranked(seen, 50), "percentile": plain.ranked(seen, percent), "mean": plain.mean(seen)} if len(seen) >= minimum else {}
            assert {how: int(layer[name][y, x]) for how, layer in found.items()} == {how: expected.get(how, COMPOSITE_NODATA) for how in found}


def test_with_an_even_number_the_median_is_the_lower_of_the_two_in_the_middle() -> None:
    values = np.zeros((4, 3, 1, 1), np.int16)
    values[:, 2, 0, 0] = 5, 1, 9, 7
    assert by("median", values, np.ones((4, 1, 1), bool))["red"][0, 0] == 5


def test_the_order_of_dates_does_not_matter_to_medians() -> None:
    rng = np.random.default_rng(1)
    values, clear = rng.integers(-2000, 9000, (150, 3, 5, 7), dtype=np.int16), rng.random((150, 5, 7)) < 0.3
    order = rng.permutation(150)
    one, other = by("median", values, clear), by("median", values[order], clear[order])
    assert all((one[layer] == other[layer]).all() for layer in one)


@settings(max_examples=60)
@given(stacks())
def test_the_medoid_is_the_observation_with_the_least_summed_distance_and_all_layers_are_its(stack: tuple[NDArray[np.int16], NDArray[np.bool_]]) -> None:
    values, clear = stack
    found, indices = by("medoid", values, clear), indices_of(values)
    for y, x in pixels():
        times = np.flatnonzero(clear[:, y, x])
        chosen = times[plain.medoid([tuple(map(int, values[t, :, y, x])) for t in times])] if times.size else None
        whole_observation(found, values, indices, chosen, (y, x))


@settings(max_examples=60)
@given(stacks())
def test_max_ndvi_is_the_earliest_observation_with_the_greatest_ndvi(stack: tuple[NDArray[np.int16], NDArray[np.bool_]]) -> None:
    values, clear = stack
    found, indices = by("max-ndvi", values, clear), indices_of(values)
    for y, x in pixels():
        seen = [(t, int(indices["ndvi"][t, y, x])) for t in np.flatnonzero(clear[:, y, x]) if indices["ndvi"][t, y, x] != COMPOSITE_NODATA]
        chosen = max(seen, key=lambda pair: pair[1])[0] if seen else None
        whole_observation(found, values, indices, chosen, (y, x))


def test_a_shadow_is_no_greenest_observation() -> None:
    """Rice on two dates, and between them a cloud's shadow that no mask tells: near infrared and red of 90 and -20 counts."""
    values = np.array([[300, 3000, 750], [-10, 90, -20], [300, 2800, 800]], np.int16)[:, :, None, None]
    found = by("max-ndvi", values, np.ones((3, 1, 1), bool))
    assert {layer: int(found[layer][0, 0]) for layer in ("nir", "red", "ndvi")} == {"nir": 3000, "red": 750, "ndvi": 6000}
    assert by("median", values, np.ones((3, 1, 1), bool))["ndvi"][0, 0] == 5556


def whole_observation(
    found: dict[str, NDArray[np.int16]], values: NDArray[np.int16], indices: dict[str, NDArray[np.int64]], time: int | None, pixel: tuple[int, int]
) -> None:
    expected = {band: int(values[time, n][pixel]) for n, band in enumerate(BANDS)} if time is not None else {}
    expected |= {name: int(series[time][pixel]) for name, series in indices.items()} if time is not None else {}
    assert {name: int(found[name][pixel]) for name in (*BANDS, *indices)} == {name: expected.get(name, COMPOSITE_NODATA) for name in (*BANDS, *indices)}


@pytest.mark.parametrize("reducer", ["median", "mean", "medoid", "max-ndvi"])
def test_too_few_observations_are_none_and_counts_stay(reducer: Reducer) -> None:
    rng = np.random.default_rng(3)
    values, clear = rng.integers(100, 5000, (6, 3, 9, 11), dtype=np.int16), rng.random((6, 9, 11)) < 0.5
    found, count = by(reducer, values, clear, minimum=3), clear.sum(0)
    assert (found["count"] == count).all()
    for layer in (*BANDS, "ndvi", "evi"):
        assert ((found[layer] == COMPOSITE_NODATA) == (count < 3)).all()


@pytest.mark.parametrize(("reducer", "ndvi"), [("median", COMPOSITE_NODATA), ("mean", COMPOSITE_NODATA), ("max-ndvi", 5000), ("medoid", COMPOSITE_NODATA)])
def test_a_layer_with_fewer_values_than_clear_observations_is_none_below_the_minimum(reducer: Reducer, ndvi: int) -> None:
    """Three clear observations of one pixel, in two of which there is too little light for NDVI; one that is chosen whole is of three."""
    values = np.array([[300, 4, 4], [300, 4, 4], [300, 3000, 1000]], np.int16)[:, :, None, None]
    found = by(reducer, values, np.ones((3, 1, 1), bool), minimum=3)
    assert (int(found["ndvi"][0, 0]), int(found["count"][0, 0])) == (ndvi, 3)
    assert found["nir"][0, 0] != COMPOSITE_NODATA


def test_the_clear_share_is_of_the_observations_that_have_data() -> None:
    values = np.full((3, 3, 1, 3), 1000, np.int16)
    stack = stack_of(values, np.array([[[1, 1, 0]], [[0, 0, 0]], [[1, 0, 0]]], bool))
    stack.state[1, 0, 0] = stack.state[:, 0, 2] = 0  # no data there
    layers = reduced(JUNE, Grid(CRS, 0.0, 0.0, 10.0, 1, 3), recipe_of(BANDS), Rules(SENSOR, BANDS), stack)
    assert layers[-2].tolist() == [[2, 1, 0]]
    assert layers[-1].tolist() == [[10000, 3333, COMPOSITE_NODATA]]


@pytest.mark.parametrize("n", [*range(1, 13)])
def test_the_network_sorts_every_pattern_of_zeros_and_ones(n: int) -> None:
    """By the zero-one principle (Knuth, TAOCP 5.3.4) a network that does sorts everything."""
    for pattern in range(2**n):
        values = [pattern >> k & 1 for k in range(n)]
        for low, high in network(n).tolist():
            values[low], values[high] = min(values[low], values[high]), max(values[low], values[high])
        assert values == sorted(values)


def days(folder: Path, clouds: dict[int, tuple[int, int]]) -> Period:
    """June days whose red is the day, each with one cloudy 20 m pixel."""
    acquisitions = []
    for day, at in clouds.items():
        scl = np.full((100, 100), 4, np.uint8)
        scl[at] = 9
        bands = {"red": np.full((200, 200), 100 + day, np.uint16), "scl": scl}
        acquisitions.append((scene_of(folder, f"d{day}", bands, day=f"2018-06-{day:02d}"),))
    return Period("2018-06", date(2018, 6, 1), date(2018, 6, 30), tuple(acquisitions))


def test_the_best_pixel_is_nearest_to_the_middle_unless_it_lies_near_a_cloud(tmp_path: Path) -> None:
    """The 15th is nearest to the middle of June, the 12th next; each puts back what lies around its own cloud."""
    near = read_best_pixel().near_cloud
    reach = int(near.metres // 10)
    assert near.days > 3
    period = days(tmp_path, {3: (99, 99), 12: (99, 0), 15: (20, 20)})
    recipe = recipe_of(("red",), reducer="best-pixel")
    red = work(Task(Grid(CRS, 0.0, 0.0, 10.0, 200, 200), (period,), recipe)).pixels
    assert red is not None
    y, x = np.mgrid[:200, :200]
    by_cloud = (y >= 40 - reach) & (y <= 41 + reach) & (x >= 40 - reach) & (x <= 41 + reach)
    assert (red[0, 0] == np.where(by_cloud, 112, 115)).all()
    parts = [work(Task(Grid(CRS, c * 10.0, -r * 10.0, 10.0, 100, 100), (period,), recipe)).pixels for r in (0, 100) for c in (0, 100)]
    for (r, c), part in zip([(0, 0), (0, 100), (100, 0), (100, 100)], parts, strict=True):
        assert part is not None
        assert (part[0] == red[0][:, r : r + 100, c : c + 100]).all()


def test_a_stack_of_nothing_is_missing_everywhere() -> None:
    recipe = recipe_of(BANDS, ("ndvi",))
    block = Grid(CRS, 0.0, 0.0, 10.0, 4, 5)
    layers = reduced(JUNE, block, recipe, Rules(SENSOR, BANDS), Stack.empty(0, 3, block))
    assert (layers[:4] == COMPOSITE_NODATA).all()
    assert (layers[4] == 0).all()
