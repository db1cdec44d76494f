"""Means of parcels: by exactextract's own sum, and the same integers whatever the blocks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from carbonsink.base.rasters import COMPOSITE_NODATA, Grid
from carbonsink.composites.grid import blocks
from carbonsink.composites.means import Sums, whole_pixels
from carbonsink.composites.parcels import ONE, weights_of
from tests.composites.stacks import CRS

GRID = Grid(CRS, 500000.0, 5600000.0, 10.0, 150, 110)


def outlines(seed: int) -> list[BaseGeometry]:
    """Parcels of every kind: round, with a hole, in two parts, smaller than a pixel, on pixel borders, beyond the grid; they overlap."""
    rng = np.random.default_rng(seed)
    west, _, _, north = GRID.bounds
    rounds = [shapely.Point(west + rng.random() * 1100, north - rng.random() * 1500).buffer(5 + rng.random() * 200) for _ in range(8)]
    square = shapely.box(west + 100, north - 300, west + 300, north - 100)
    sliver = shapely.Polygon([(west + 3, north - 3), (west + 500, north - 700), (west + 501, north - 700)])
    tiny = shapely.box(west + 711.25, north - 713.5, west + 713.75, north - 711)
    beyond = shapely.box(west - 500, north - 55, west + 55, north + 500)
    return [*rounds, square, square.difference(rounds[0].buffer(-3)), shapely.union_all([tiny, square]), sliver, tiny, beyond]


def layers(seed: int) -> NDArray[np.int16]:
    rng = np.random.default_rng(seed)
    values = rng.integers(-10_000, 10_001, (2, GRID.height, GRID.width)).astype(np.int16)
    values[rng.random(values.shape) < 0.2] = COMPOSITE_NODATA
    return values


def sums_of(parcels: list[BaseGeometry], values: NDArray[np.int16], cuts: list[tuple[int, int, int, int]], inner: int | None = None) -> Sums:
    """Sums over blocks, each handed its pixels as a whole or in inner boxes."""
    sums = Sums.empty(1, len(values), len(parcels))
    for box, weights in zip(cuts, weights_of(GRID, parcels, cuts), strict=True):
        row, column, height, width = box
        block = values[:, row : row + height, column : column + width]
        total, covered = np.zeros((2, len(values), len(weights.parcels)), np.int64)
        for r, c, h, w in blocks(Grid(CRS, 0.0, 0.0, 10.0, height, width), inner or max(height, width)):
            weights.add(np.ascontiguousarray(block[:, r : r + h, c : c + w]), (r, c, h, w), total, covered)
        sums.add(weights.parcels, total[None], covered[None])
    return sums


@given(st.integers(0, 2**32 - 1), st.integers(32, 160), st.integers(0, 31), st.integers(0, 31), st.sampled_from([None, 16, 30]))
def test_sums_are_the_same_integers_whatever_the_blocks(seed: int, side: int, down: int, right: int, inner: int | None) -> None:
    parcels, values = outlines(seed), layers(seed)
    whole = sums_of(parcels, values, blocks(GRID, 200))
    cut = sums_of(parcels, values, blocks(GRID, side, (down, right)), inner)
    assert (whole.total == cut.total).all()
    assert (whole.covered == cut.covered).all()


def test_means_are_those_of_exactextract_to_a_millionth() -> None:
    parcels, values = outlines(5), layers(6)
    sums = sums_of(parcels, values, blocks(GRID, 64))
    west, south, east, north = GRID.bounds
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(parcel)} for parcel in parcels]
    for number, layer in enumerate(values):
        source = NumPyRasterSource(layer, xmin=west, ymin=south, xmax=east, ymax=north, nodata=COMPOSITE_NODATA)
        for n, found in enumerate(exact_extract(source, features, ["mean", "count"])):
            mean = sums.mean(0, number, n)
            assert mean == pytest.approx(found["properties"]["mean"] / 10_000, abs=1e-5)
            assert int(sums.covered[0, number, n]) / ONE == pytest.approx(found["properties"]["count"], abs=1e-4)


def test_a_parcel_that_nothing_was_seen_of_has_no_mean() -> None:
    nothing = np.full((1, GRID.height, GRID.width), COMPOSITE_NODATA, np.int16)
    sums = sums_of(outlines(1), nothing, blocks(GRID, 64))
    assert all(sums.mean(0, 0, parcel) is None for parcel in range(len(outlines(1))))


def test_a_land_without_parcels_on_a_block_has_no_weights_there() -> None:
    corner = [shapely.box(500000, 5599990, 500010, 5600000)]
    weights = weights_of(GRID, corner, blocks(GRID, 64))
    assert [len(some.parcels) for some in weights] == [1, *[0] * (len(weights) - 1)]
    assert weights[0].weights.tolist() == [ONE]


def in_pixels(left: float, top: float, right: float, bottom: float) -> BaseGeometry:
    west, _, _, north = GRID.bounds
    return shapely.box(west + 10 * left, north - 10 * bottom, west + 10 * right, north - 10 * top)


def test_a_stretch_of_one_weight_is_one_run_cut_where_blocks_begin() -> None:
    field = in_pixels(62.5, 1, 70, 2)
    west, east, *rest = weights_of(GRID, [in_pixels(0, 149, 1, 150), field], blocks(GRID, 64))
    assert (west.parcels.tolist(), west.runs.tolist(), west.weights.tolist()) == ([1], [[64 + 62, 1], [64 + 63, 1]], [ONE // 2, ONE])
    assert (east.parcels.tolist(), east.runs.tolist(), east.weights.tolist()) == ([1], [[110 - 64, 6]], [ONE])
    assert [some.parcels.tolist() for some in rest] == [[], [], [0], []]


def test_weights_are_rounded_to_a_millionth_of_a_pixel() -> None:
    nearly, hardly = in_pixels(3 + 1e-7, 0, 9, 1), in_pixels(3 - 1e-7, 1, 9, 2)
    (weights,) = weights_of(GRID, [nearly, hardly], blocks(GRID, 200))
    assert weights.runs.tolist() == [[3, 6], [110 + 3, 6]]
    assert weights.weights.tolist() == [ONE, ONE]


def test_the_weight_of_a_parcel_is_its_area() -> None:
    parcels = [parcel & shapely.box(*GRID.bounds) for parcel in outlines(3)]
    pixels = whole_pixels(len(parcels), weights_of(GRID, parcels, blocks(GRID, 64))) / ONE
    assert pixels * 100 == pytest.approx([parcel.area for parcel in parcels], rel=1e-5)
