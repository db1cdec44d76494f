"""Geodesic areas against published figures and against each other; canonical outlines."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import MultiPolygon, Polygon, box

from carbonsink.base.geometry import canonical_wkb, geodesic_area_m2, hectares, hectares_to_mu, invalidity, mu, multipolygon, rounded

FIELD = box(117.4, 24.6, 117.402, 24.601)


def test_a_square_kilometre_of_gauss_kruger_is_less_than_one_on_the_ellipsoid() -> None:
    way = Transformer.from_crs("EPSG:4548", "EPSG:4490", always_xy=True)
    lon, lat = way.transform([603000, 604000, 604000, 603000], [2711000, 2711000, 2712000, 2712000])
    area = geodesic_area_m2(Polygon(zip(lon, lat, strict=True)))
    assert area == pytest.approx(999_735.56, abs=0.005)
    assert mu(area) == pytest.approx(1_499.6033, abs=5e-5)


def test_a_degree_cell_has_the_area_of_the_ellipsoid() -> None:
    """A whole hemisphere, in eight triangles, is half of the published surface of GRS80, 510 065 621.724 km2 (Moritz 2000)."""
    octants = [Polygon([(lon, 0), (lon + 90, 0), (lon, 90)]) for lon in (-180, -90, 0, 90)]
    assert sum(map(geodesic_area_m2, octants)) * 2 == pytest.approx(510_065_621_724_000, rel=1e-9)


def test_mu_and_hectares_are_one_area() -> None:
    assert hectares_to_mu(517) == 7755  # the tea gardens of Xiamen
    assert hectares_to_mu(429) == 6435  # the paddies of Longshan
    assert mu(10_000) == 15
    assert hectares(4_290_000) == 429


def test_a_hole_is_left_out() -> None:
    hole = box(117.4005, 24.6002, 117.401, 24.6005)
    assert geodesic_area_m2(FIELD.difference(hole)) == pytest.approx(geodesic_area_m2(FIELD) - geodesic_area_m2(hole), rel=1e-12)


def star(radii: list[float]) -> Polygon:
    """An outline about 117 E 24 N whose corners lie at equal angles, radii in hundredths of a degree."""
    turn = math.tau / len(radii)
    return Polygon((117 + 0.01 * radius * math.cos(i * turn), 24 + 0.01 * radius * math.sin(i * turn)) for i, radius in enumerate(radii))


outlines = st.lists(st.floats(0.2, 1), min_size=3, max_size=12).map(star)


@given(outlines)
def test_area_and_canonical_form_do_not_depend_on_how_a_ring_is_drawn(outline: Polygon) -> None:
    points = list(outline.exterior.coords)[:-1]
    drawn_otherwise = Polygon([*points[2:], *points[:2]][::-1])
    assert geodesic_area_m2(drawn_otherwise) == pytest.approx(geodesic_area_m2(outline), rel=1e-9)
    assert canonical_wkb(drawn_otherwise) == canonical_wkb(outline)


@given(outlines, st.floats(0.1, 0.9))
def test_a_cut_neither_loses_nor_makes_land(outline: Polygon, share: float) -> None:
    west, south, east, north = outline.bounds
    line = west + share * (east - west)
    # a new corner on a straight line of the map lies centimetres off the geodesic edge it cuts
    parts = geodesic_area_m2(outline.intersection(box(west, south, line, north))) + geodesic_area_m2(outline.intersection(box(line, south, east, north)))
    assert parts == pytest.approx(geodesic_area_m2(outline), rel=1e-4)


def test_the_canonical_form_sees_a_decimetre_and_not_a_micrometre() -> None:
    form = canonical_wkb(FIELD)
    assert canonical_wkb(shapely.transform(FIELD, lambda xy: xy + 1e-11)) == form
    assert canonical_wkb(shapely.transform(FIELD, lambda xy: xy + 1e-6)) != form
    assert canonical_wkb(shapely.force_3d(FIELD, 12.0)) == form


def test_the_canonical_form_does_not_depend_on_the_order_of_parts() -> None:
    other = box(117.5, 24.6, 117.502, 24.601)
    assert canonical_wkb(MultiPolygon([FIELD, other])) == canonical_wkb(MultiPolygon([other, FIELD]))
    assert multipolygon([MultiPolygon([FIELD]), other]).equals(MultiPolygon([FIELD, other]))


def test_zero_is_never_minus_zero() -> None:
    assert math.copysign(1, rounded(shapely.Point(-1e-12, 1)).x) == 1


def test_what_is_wrong_with_an_outline_is_told_with_its_place() -> None:
    assert invalidity(FIELD) is None
    assert invalidity(Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])) == ("Self-intersection", "1.000000,1.000000")
