"""Land over land: what is an edge drawn twice, and what is the same land claimed twice."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import geodesic_area_m2
from carbonsink.ledger.land import Shared, compare, compare_within, lay_out
from carbonsink.ledger.rules import overlap
from tests.ledger.making import EAST, NORTH, field, lonlat

SQUARE = field()  # 100 ha


def shared(one: BaseGeometry, other: BaseGeometry, boundary: str = "unstated") -> Shared:
    sigma = overlap().boundary[boundary].sigma_m
    return compare(lay_out([one], sigma), lay_out([other], sigma))


def test_areas_of_the_overlay_are_areas_on_the_ellipsoid() -> None:
    assert lay_out([SQUARE], 0).area_m2 == pytest.approx(geodesic_area_m2(SQUARE), rel=1e-4)


def test_the_same_land_is_rejected_by_its_mere_area() -> None:
    found = shared(SQUARE, SQUARE)
    assert found.verdict == "reject" and found.area_m2 == pytest.approx(1e6, rel=1e-3)
    assert found.broken == ("project_share", "pair_m2", "parcel_share") and found.thick_m2 is None


@pytest.mark.parametrize("moved", [1, 5, 10, 30])
@pytest.mark.parametrize("boundary", overlap().boundary)
def test_the_same_land_a_little_shifted_is_rejected(moved: float, boundary: str) -> None:
    found = shared(SQUARE, field(moved, moved), boundary)
    assert found.verdict == "reject" and found.area_m2 == pytest.approx((1000 - moved) ** 2, rel=1e-3)


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:4547", "EPSG:32650", "EPSG:4527"])
def test_the_same_land_in_another_system_is_rejected(crs: str) -> None:
    there = Transformer.from_crs("EPSG:4490", crs, always_xy=True)
    drawn = shapely.transform(SQUARE, lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])))
    assert shared(SQUARE, lonlat(drawn, crs)).area_m2 == pytest.approx(1e6, rel=1e-3)


def test_the_same_land_drawn_otherwise_is_rejected() -> None:
    ring = list(SQUARE.exterior.coords)
    reversed_ring = shapely.Polygon(ring[::-1])
    other_start = shapely.Polygon([*ring[2:-1], *ring[:3]])
    collinear = shapely.segmentize(SQUARE, 0.0005)
    twice = shapely.Polygon([point for point in ring for _ in (0, 1)])
    halves = [field(0, 0, 500), field(500, 0, 500)]
    for drawn in (reversed_ring, other_start, collinear, twice):
        assert shared(SQUARE, drawn).verdict == "reject"
    assert compare(lay_out(halves, 0), lay_out([SQUARE], 0)).verdict == "reject"


def test_neighbours_with_one_edge_share_nothing() -> None:
    assert shared(SQUARE, field(1000)).verdict == "pass"
    assert shared(SQUARE, field(1000, 1000)).verdict == "pass"  # one point
    assert shared(SQUARE, field(5000)).verdict == "pass"


def test_a_hole_may_be_filled_by_another() -> None:
    hole = shapely.box(EAST + 400, NORTH + 400, EAST + 600, NORTH + 600)
    ring = lonlat(shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000).difference(hole))
    assert shared(ring, lonlat(hole)).verdict == "pass"
    assert shared(ring, field(450, 450, 50, 50)).verdict == "pass"
    assert shared(ring, field(350, 350, 300, 300)).verdict == "reject"


def wobbly(width: float, sigma: float, seed: int, side: float = 1000) -> BaseGeometry:
    """A square whose eastern edge somebody has drawn by hand, with errors of sigma [m] every 50 m."""
    chance = np.random.default_rng(seed)
    steps = np.linspace(0, side, 21)
    edge = [(EAST + width + error, NORTH + y) for y, error in zip(steps, chance.normal(0, sigma, 21), strict=True)]
    return lonlat(shapely.Polygon([(EAST, NORTH), *edge, (EAST, NORTH + side)]))


@pytest.mark.parametrize(("boundary", "sigma"), [("rtk", 0.5), ("map-10000", 2.0), ("imagery-10m", 5.0)])
def test_an_edge_drawn_twice_is_trimmed_and_not_rejected(boundary: str, sigma: float) -> None:
    outcomes = [shared(wobbly(1000, sigma / 3, seed), field(1000), boundary) for seed in range(20)]
    assert {one.verdict for one in outcomes} <= {"trim", "pass"}
    assert max(one.area_m2 for one in outcomes) > 0


def test_a_strip_is_theft_whatever_the_tolerance() -> None:
    long, strip = field(0, 0, 2000, 2000), field(1990.2, 0, 2000, 2000)
    assert shared(long, strip, "scanned-map").broken == ("pair_m2",)  # just under 10 m x 2 km hides in the width, and is 2 ha
    assert shared(long, field(1998, 0, 2000, 2000), "unstated").broken == ("thick_m2",)  # 2 m x 2 km, by people who know their boundary
    assert shared(long, field(1998, 0, 2000, 2000), "map-10000").verdict == "trim"


def test_a_small_parcel_inside_a_big_project_is_seen() -> None:
    small = lonlat(shapely.box(EAST + 10, NORTH + 10, EAST + 30, NORTH + 30))  # 400 m2
    assert "parcel_share" in shared(SQUARE, small, "scanned-map").broken


def test_parcels_of_one_claim_may_touch_and_not_lie_over_one_another() -> None:
    assert compare_within(lay_out([field(), field(1000)], 0)).verdict == "pass"
    assert compare_within(lay_out([field(), field(900)], 0)).verdict == "reject"
    assert compare_within(lay_out([field(), field()], 0)).verdict == "reject"


@given(st.floats(-1500, 1500), st.floats(-1500, 1500), st.floats(50, 1500))
def test_the_overlay_is_the_same_from_both_sides(east: float, north: float, side: float) -> None:
    other = field(east, north, side, side)
    one, two = shared(SQUARE, other), shared(other, SQUARE)
    assert one.area_m2 == pytest.approx(two.area_m2, abs=0.5) and one.verdict == two.verdict
    width, height = (max(0.0, min(1000, at + side) - max(0, at)) for at in (east, north))
    assert one.area_m2 == pytest.approx(width * height, rel=2e-3, abs=2 * 0.03 * (width + height) + 1e-9)


def test_ten_metres_are_the_widest_tolerance() -> None:
    assert overlap().tolerance_m(0.5, 0.5) == pytest.approx(2**0.5)
    assert overlap().tolerance_m(10, 10) == 10
