"""The demonstration's parcels: 429 ha that are 6,435 mu, without overlap, each close to what its owner declares."""

from __future__ import annotations

import pytest
from shapely.geometry import shape
from shapely.ops import unary_union

from tests.simulate.plans import geodesic_m2, parcels_file

SHAPES = [shape(feature["geometry"]) for feature in parcels_file()["features"]]
PROPERTIES = [feature["properties"] for feature in parcels_file()["features"]]
M2_PER_MU = 10_000 / 15


def test_the_area_is_429_hectares() -> None:
    assert sum(map(geodesic_m2, SHAPES)) / 1e4 == pytest.approx(429.0, rel=5e-4)


def test_declared_mu_sum_to_6435_and_fit_every_parcel() -> None:
    hundredths = [round(p["declared_mu"] * 100) for p in PROPERTIES]
    assert sum(hundredths) == 643_500
    assert [h / 100 for h in hundredths] == [p["declared_mu"] for p in PROPERTIES]
    for properties, geometry in zip(PROPERTIES, SHAPES, strict=True):
        assert properties["declared_mu"] * M2_PER_MU == pytest.approx(geodesic_m2(geometry), rel=0.01)


def test_parcels_are_valid_apart_and_near_longshan() -> None:
    assert all(geometry.is_valid and geometry.geom_type == "Polygon" for geometry in SHAPES)
    assert unary_union(SHAPES).area == pytest.approx(sum(geometry.area for geometry in SHAPES), rel=1e-12)
    west, south, east, north = unary_union(SHAPES).bounds
    assert (west > 117.36, east < 117.40, south > 24.58, north < 24.62) == (True,) * 4


def test_ditches_of_some_metres_lie_between_neighbours() -> None:
    metres = 101_000  # a degree of longitude here
    nearest = [min(a.distance(b) for b in SHAPES if b is not a) * metres for a in SHAPES]
    assert min(nearest) > 6 and sorted(nearest)[len(nearest) // 2] < 15


def test_ids_are_unique_and_the_file_says_that_it_is_illustrative() -> None:
    assert [p["parcel_id"] for p in PROPERTIES] == [f"LS-{n:03d}" for n in range(1, len(PROPERTIES) + 1)]
    assert 50 <= len(PROPERTIES) <= 70
    assert "llustrative" in parcels_file()["description"]
    assert parcels_file()["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::4490"
