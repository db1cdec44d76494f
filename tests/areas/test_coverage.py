"""Outlines on pixels: edges count by what they cover, and all classes make up the ellipsoid's area."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import scale
from shapely.geometry import MultiPolygon, Point, Polygon, box

from carbonsink.areas.coverage import class_areas, class_shares
from carbonsink.base.rasters import Raster
from tests.land.trial import GRID, ground, lonlat

WEST, SOUTH, EAST, NORTH = GRID.bounds


def cover(codes: np.ndarray | int) -> Raster:
    return Raster(GRID, ("cover",), np.broadcast_to(np.asarray(codes, np.uint8), (12, 12))[None].copy(), 0)


def halves() -> Raster:
    return cover(np.where(np.arange(12) < 6, 1, 2))


def shares(raster: Raster, outline: shapely.Geometry) -> dict[int, float]:
    (found,) = class_shares(raster, [lonlat(outline)])
    return dict(found)


def test_a_pixel_counts_by_what_the_outline_covers_of_it() -> None:
    found = shares(halves(), box(WEST + 55, NORTH - 15, WEST + 70, NORTH - 10))
    assert found == pytest.approx({0: 0.0, 1: 1 / 3, 2: 2 / 3}, abs=1e-6)


def test_an_outline_within_one_pixel_is_that_pixel_though_it_misses_its_centre() -> None:
    assert shares(halves(), box(WEST + 1, NORTH - 3, WEST + 3, NORTH - 1)) == pytest.approx({0: 0.0, 1: 1.0})


def test_holes_and_islands_count() -> None:
    ring = Polygon(box(WEST, NORTH - 100, WEST + 100, NORTH).exterior, [box(WEST, NORTH - 100, WEST + 60, NORTH).buffer(-1e-3).exterior])
    assert shares(halves(), ring)[2] == pytest.approx(1.0, abs=1e-3)
    islands = MultiPolygon([box(WEST, NORTH - 10, WEST + 10, NORTH), box(EAST - 30, SOUTH, EAST, SOUTH + 10)])
    assert shares(halves(), islands) == pytest.approx({0: 0.0, 1: 0.25, 2: 0.75}, abs=1e-6)


def test_land_the_map_doesn_t_reach_is_not_monitored() -> None:
    assert shares(cover(1), box(EAST - 10, SOUTH, EAST + 30, SOUTH + 20)) == pytest.approx({0: 0.75, 1: 0.25}, abs=1e-6)
    assert shares(cover(1), box(EAST + 100, SOUTH, EAST + 130, SOUTH + 20)) == {0: 1.0}


@given(st.floats(5, 80), st.floats(5, 80), st.floats(2, 60), st.integers(3, 40), st.integers(0, 2**32 - 1))
def test_all_classes_make_up_the_boundary(x: float, y: float, radius: float, corners: int, seed: int) -> None:
    outline = scale(Point(WEST + x, SOUTH + y).buffer(radius, quad_segs=corners), 1.0, 0.6)
    land = ground(outline)
    codes = np.random.default_rng(seed).integers(0, 4, (12, 12))
    found = class_areas(cover(codes), land.boundary, land.area_m2)
    assert sum(found.values()) == pytest.approx(land.area_m2 / 10_000, rel=1e-12)
    assert min(found.values()) >= 0


@given(st.integers(0, 2**32 - 1))
def test_twice_the_land_has_twice_of_every_class(seed: int) -> None:
    codes = np.random.default_rng(seed).integers(0, 3, (12, 12))
    codes[6:] = codes[:6]  # the southern half repeats the northern
    upper, both = box(WEST + 3, NORTH - 60, EAST - 4, NORTH), box(WEST + 3, SOUTH, EAST - 4, NORTH)
    one, two = ground(upper), ground(both)
    half, whole = class_areas(cover(codes), one.boundary, one.area_m2), class_areas(cover(codes), two.boundary, two.area_m2)
    assert whole == pytest.approx({code: 2 * area for code, area in half.items()}, rel=1e-5)


def test_outlines_are_answered_in_their_order() -> None:
    west, east = box(WEST, SOUTH, WEST + 30, NORTH), box(EAST - 30, SOUTH, EAST, NORTH)
    one, two, three = class_shares(halves(), [lonlat(o) for o in (west, east, west)])
    assert (one[1], two[2], three[1]) == pytest.approx((1, 1, 1))
    assert list(class_shares(halves(), [])) == []
