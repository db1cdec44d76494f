"""Footprints across the antimeridian: split there, used, and of the same ground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping, shape

from carbonsink.scenes.footprint import boxes_around, footprint_of, split
from tests.scenes.recorded import recorded


def wrapped(longitude: float) -> float:
    return (longitude + 180) % 360 - 180


def across(polygon: Polygon) -> dict[str, Any]:
    """A polygon as providers without repair give it: each longitude within +-180, whatever that does to its edges."""
    return {"type": "Polygon", "coordinates": [[[wrapped(x), y] for x, y in polygon.exterior.coords]]}


def test_recorded_footprints_across_the_antimeridian_are_used(shared: Path) -> None:
    """Five that the provider split, and the same products' older answers, one polygon around the whole globe."""
    crossing = [raw for raw in recorded(shared) if raw.get("collection") == "sentinel-s2-l2a" and "01WC" in raw["id"]]
    assert len(crossing) >= 6
    for raw in crossing:
        found = footprint_of(raw["geometry"])
        assert found.is_valid and isinstance(found, MultiPolygon)
        assert all(part.bounds[2] - part.bounds[0] < 3 for part in found.geoms), raw["id"]
        assert found.bounds[0] >= -180 and found.bounds[2] <= 180
        assert found.area < 4, "two degrees by one, not the globe"


def test_the_unsplit_answer_covers_the_ground_of_the_split_one(shared: Path) -> None:
    same = [raw for raw in recorded(shared) if raw["id"] == "S2A_OPER_MSI_L2A_TL_2APS_20230602T025701_A041483_T01WCR"]
    kinds = {raw["geometry"]["type"]: footprint_of(raw["geometry"]) for raw in same}
    assert set(kinds) == {"Polygon", "MultiPolygon"}
    one, other = kinds.values()
    assert one.symmetric_difference(other).area / other.area < 0.01


@given(st.floats(-179.9, 180), st.floats(-60, 60), st.floats(0.01, 5), st.floats(0.01, 5))
def test_a_split_footprint_is_the_same_ground_wherever_it_lies(west: float, south: float, wide: float, high: float) -> None:
    plain = box(west, south, west + wide, south + high)
    found = footprint_of(across(plain))
    assert found.is_valid
    assert found.area == pytest.approx(plain.area, rel=1e-6)
    centre = Point(wrapped(west + wide / 2), south + high / 2)
    assert found.buffer(1e-9).contains(centre)
    assert split(plain).symmetric_difference(found).area < 1e-6


def test_a_footprint_in_one_half_is_left_as_it_is() -> None:
    plain = box(10, 50, 11, 51)
    assert footprint_of(mapping(plain)) == plain
    assert boxes_around(plain) == ((10.0, 50.0, 11.0, 51.0),)


def test_a_hole_stays_a_hole_on_both_sides() -> None:
    ring = Polygon(box(179, 50, 182, 53).exterior.coords, [box(179.5, 51, 181.5, 52).exterior.coords])
    found = split(ring)
    assert found.area == pytest.approx(ring.area)
    assert not found.contains(Point(179.8, 51.5)) and not found.contains(Point(-179.0, 51.5))
    assert split(translate(ring, -360)).symmetric_difference(found).area < 1e-9


def test_an_area_on_both_sides_is_asked_for_by_two_boxes() -> None:
    fiji = MultiPolygon([box(179.5, -17.5, 180, -16.5), box(-180, -17.0, -179.8, -16.0)])
    assert boxes_around(fiji) == ((179.5, -17.5, 180.0, -16.5), (-180.0, -17.0, -179.8, -16.0))
    assert boxes_around(box(179.5, -17.0, 180.2, -16.0)) == ((179.5, -17.0, 180.0, -16.0), (-180.0, -17.0, -179.8, -16.0))


@pytest.mark.parametrize("geometry", [
    {"type": "Polygon", "coordinates": [[[0, 80], [120, 80], [-120, 80], [0, 80]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": []},
])  # fmt: skip
def test_what_winds_around_a_pole_or_crosses_itself_is_no_footprint(geometry: dict[str, Any]) -> None:
    assert shape(geometry) is not None
    with pytest.raises(ValueError, match="pole|crosses itself"):
        footprint_of(geometry)
