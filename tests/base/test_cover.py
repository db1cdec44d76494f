"""Coverage of pixels: worked by hand, by what areas must add up to, and by exactextract and GEOS."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

from carbonsink.base.cover import cover
from carbonsink.base.rasters import Grid

GRID = Grid("EPSG:32633", 499980.0, 5100000.0, 10.0, 4, 5)  # by hand: four rows of five pixels
FIELD = Grid("EPSG:32633", 499980.0, 5100000.0, 10.0, 40, 50)
SEEDS = st.integers(0, 2**32 - 1)

Shares = NDArray[np.float64]


def in_pixels(*corners: tuple[float, float]) -> Polygon:
    """A polygon from columns and rows of GRID and FIELD, counted from their upper-left corner."""
    return Polygon([(GRID.west + 10 * x, GRID.north - 10 * y) for x, y in corners])


def rectangle(left: float, top: float, right: float, bottom: float) -> Polygon:
    return in_pixels((left, top), (right, top), (right, bottom), (left, bottom))


def shares(outline: BaseGeometry, grid: Grid = GRID) -> Shares:
    """The share of every cell (row, column)."""
    found = np.zeros((grid.height, grid.width))
    numbers, parts = cover(grid, [outline]).cells(0)
    found.ravel()[numbers] = parts
    return found


def shares_by_geos(outline: BaseGeometry, grid: Grid) -> Shares:
    columns, rows = np.meshgrid(np.arange(grid.width), np.arange(grid.height))
    west, north = grid.west + columns * grid.resolution, grid.north - rows * grid.resolution
    cells = shapely.box(west, north - grid.resolution, west + grid.resolution, north)
    found: Shares = shapely.area(shapely.intersection(cells, outline)) / grid.resolution**2
    return found


def ragged(seed: int, corners: int = 9) -> Polygon:
    """A field with a pond, somewhere on FIELD and often beyond its border."""
    chance = np.random.default_rng(seed)
    angle = (np.arange(corners) + chance.uniform(0, 0.8, corners)) * 2 * math.pi / corners
    reach = chance.uniform(2, 25) * chance.uniform(0.5, 1, corners)
    x, y = chance.uniform(0, 50) + reach * np.cos(angle), chance.uniform(0, 40) + reach * np.sin(angle)
    field = in_pixels(*zip(x, y, strict=True))
    pond = field.buffer(-15)
    return field.difference(pond) if isinstance(pond, Polygon) else field


# --- by hand ---------------------------------------------------------------------------------------------------------

BY_HAND = {
    "a square on pixel borders": (rectangle(1, 1, 3, 3), [[0, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 0, 0]]),
    "half of every pixel on its edge, a quarter in its corners": (
        rectangle(0.5, 0.5, 3.5, 2.5),
        [[0.25, 0.5, 0.5, 0.25, 0], [0.5, 1, 1, 0.5, 0], [0.25, 0.5, 0.5, 0.25, 0], [0, 0, 0, 0, 0]],
    ),
    "a triangle along the diagonal": (in_pixels((0, 0), (4, 4), (0, 4)), [[0.5, 0, 0, 0, 0], [1, 0.5, 0, 0, 0], [1, 1, 0.5, 0, 0], [1, 1, 1, 0.5, 0]]),
    "a slope of one row in two columns": (in_pixels((0, 1), (4, 1), (4, 3)), [[0] * 5, [0.25, 0.75, 1, 1, 0], [0, 0, 0.25, 0.75, 0], [0] * 5]),
    "a hole": (rectangle(0, 0, 4, 4) - rectangle(1, 1, 2.5, 2), [[1, 1, 1, 1, 0], [1, 0, 0.5, 1, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 0]]),
    "two parts in a pixel": (MultiPolygon([rectangle(0, 0, 0.25, 2), rectangle(0.5, 0, 1, 1)]), [[0.75, 0, 0, 0, 0], [0.25, 0, 0, 0, 0], [0] * 5, [0] * 5]),
    "a sliver within a pixel": (in_pixels((2.1, 1.1), (2.9, 1.8), (2.9, 1.9)), [[0] * 5, [0, 0, 0.04, 0, 0], [0] * 5, [0] * 5]),
    "beyond the western border": (rectangle(-7, 1, 1.5, 2), [[0] * 5, [1, 0.5, 0, 0, 0], [0] * 5, [0] * 5]),
    "beyond the eastern border": (rectangle(3.5, 1, 9, 2), [[0] * 5, [0, 0, 0, 0.5, 1], [0] * 5, [0] * 5]),
    "beyond the northern border": (rectangle(1, -9, 2, 1.5), [[0, 1, 0, 0, 0], [0, 0.5, 0, 0, 0], [0] * 5, [0] * 5]),
    "beyond the southern border": (rectangle(1, 2.5, 2, 9), [[0] * 5, [0] * 5, [0, 0.5, 0, 0, 0], [0, 1, 0, 0, 0]]),
    "over the north-western corner": (in_pixels((-2, -2), (4, -2), (-2, 4)), [[1, 0.5, 0, 0, 0], [0.5, 0, 0, 0, 0], [0] * 5, [0] * 5]),
    "around the whole grid": (in_pixels((-50, -50), (90, -40), (70, 80), (-60, 90)), [[1] * 5] * 4),
    "beside the grid": (MultiPolygon([rectangle(-9, 0, -1, 4), rectangle(6, 0, 8, 4), rectangle(0, -8, 5, -2), rectangle(0, 4, 5, 6)]), [[0] * 5] * 4),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_shares_are_those_worked_by_hand(name: str) -> None:
    outline, expected = BY_HAND[name]
    assert shares(outline) == pytest.approx(np.array(expected, float), abs=1e-9)


def test_what_lies_on_pixel_borders_takes_no_cell_beside_it() -> None:
    numbers, parts = cover(GRID, [rectangle(1, 1, 3, 3)]).cells(0)
    assert numbers.tolist() == [6, 7, 11, 12]
    assert parts.tolist() == [1.0] * 4


def test_a_wholly_covered_stretch_is_one_run_and_outlines_follow_one_another() -> None:
    found = cover(GRID, [rectangle(0.5, 1, 5, 2), Polygon(), rectangle(0, 3, 5, 4)])
    assert found.starts.tolist() == [0, 2, 2, 3]
    assert found.runs.tolist() == [[1, 0, 1], [1, 1, 4], [3, 0, 5]]
    assert found.shares.tolist() == [0.5, 1.0, 1.0]


def test_runs_go_with_the_length_of_an_outline_not_with_its_area() -> None:
    land = Grid("EPSG:32633", 499980.0, 5100000.0, 10.0, 10_000, 10_000)
    circle = shapely.Point(550_000, 5_050_000).buffer(40_000)
    found = cover(land, [circle])
    assert len(found.runs) < 10 * circle.length / land.resolution < found.runs[:, 2].sum() / 10


@pytest.mark.parametrize("nothing", [Polygon(), MultiPolygon(), in_pixels((1, 1), (3, 3), (1, 1)), in_pixels((1, 1.5), (3, 1.5), (2, 1.5))], ids=str)
def test_what_has_no_area_covers_nothing(nothing: BaseGeometry) -> None:
    assert cover(GRID, [nothing]).runs.size == 0
    assert cover(GRID, []).starts.tolist() == [0]


def test_parts_that_overlap_cover_no_cell_twice() -> None:
    assert shares(MultiPolygon([rectangle(0, 0, 2, 2), rectangle(1, 1, 3, 3)])).max() == 1.0


def test_shares_may_be_asked_for_in_whole_steps() -> None:
    assert cover(GRID, [rectangle(0.3, 0, 2.99, 1)], steps=4).shares.tolist() == [0.75, 1.0]
    assert cover(GRID, [rectangle(0, 0, 2.1, 1)], steps=4).runs.tolist() == [[0, 0, 2]]


def test_a_point_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        cover(GRID, [Polygon([(0, 0), (math.inf, 0), (0, 1)])])


# --- what areas must add up to ---------------------------------------------------------------------------------------


@given(SEEDS)
def test_shares_make_up_the_area_within_the_grid(seed: int) -> None:
    outline = ragged(seed)
    within = shapely.area(outline & box(*FIELD.bounds))
    assert shares(outline, FIELD).sum() * FIELD.resolution**2 == pytest.approx(within, rel=1e-9, abs=1e-6)


@given(SEEDS, st.integers(0, 8))
def test_the_way_round_and_the_first_corner_say_nothing(seed: int, first: int) -> None:
    corners = list(ragged(seed).exterior.coords)[:-1]
    turned = corners[first:] + corners[:first]
    one, other, back = (shares(Polygon(ring), FIELD) for ring in (corners, turned, turned[::-1]))
    assert np.abs(one - other).max() <= 1e-12
    assert np.abs(one - back).max() <= 1e-12


@given(SEEDS)
def test_an_outline_and_the_rest_of_the_grid_cover_every_cell_once(seed: int) -> None:
    outline = ragged(seed)
    rest = box(*FIELD.bounds) - outline
    assert shares(outline, FIELD) + shares(rest, FIELD) == pytest.approx(np.ones((40, 50)), abs=1e-9)


@given(SEEDS, st.floats(-30, 30), st.floats(-30, 30))
def test_parts_on_both_sides_of_a_line_add_up(seed: int, across: float, up: float) -> None:
    outline = ragged(seed)
    east = translate(in_pixels((25, -500), (500, -500), (500, 500), (25 + up, 500)), across)
    assert shares(outline & east, FIELD) + shares(outline - east, FIELD) == pytest.approx(shares(outline, FIELD), abs=1e-9)


# --- by others -------------------------------------------------------------------------------------------------------


@given(SEEDS)
def test_shares_are_those_of_exactextract(seed: int) -> None:
    outlines = [ragged(seed), MultiPolygon([ragged(seed + 1), translate(ragged(seed + 1), 600.0)])]
    west, south, east, north = FIELD.bounds
    source = NumPyRasterSource(np.zeros((FIELD.height, FIELD.width), np.int8), xmin=west, ymin=south, xmax=east, ymax=north)
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(outline)} for outline in outlines]
    for outline, theirs in zip(outlines, exact_extract(source, features, ["cell_id", "coverage"]), strict=True):
        expected = np.zeros(FIELD.height * FIELD.width)
        expected[theirs["properties"]["cell_id"]] = theirs["properties"]["coverage"]
        assert shares(outline, FIELD).ravel() == pytest.approx(expected, abs=1e-6)


@given(SEEDS)
def test_shares_are_those_of_the_intersections_of_geos(seed: int) -> None:
    chance = np.random.default_rng(seed)
    small = Polygon(shapely.convex_hull(in_pixels(*chance.uniform(-1, 6, (7, 2)))).exterior)
    triangle = in_pixels(*chance.uniform(-1, 6, (3, 2)))
    for outline in (small, triangle, small - triangle):
        assert shares(outline) == pytest.approx(shares_by_geos(outline, GRID), abs=1e-9)
