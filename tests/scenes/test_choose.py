"""Which items are computed from where zones meet, bands are missing, and the antimeridian is crossed; and what an area keeps uncovered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, box

from carbonsink.base.geometry import geodesic_area_m2
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.cover import share, uncovered_m2
from carbonsink.scenes.lock import query, search
from carbonsink.scenes.tiles import tile_grid
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.provider import made
from tests.scenes.server import lay_api, query_of, serving
from tests.scenes.synthetic import EPSG, INNER, item

SENTINEL_2 = read_sensor("sentinel-2-l2a")


def scene(name: str, tile: str, when: str = "2018-06-04T10:50:29Z", **properties: Any) -> dict[str, Any]:
    """An item on the grid and with the footprint of a real tile."""
    grid = tile_grid(tile, 10, True)
    raw = item(name, when, **{"grid:code": f"MGRS-{tile}", "proj:code": grid.crs, **properties})
    for key, asset in raw["assets"].items():
        step = 20.0 if key == "scl" else 10.0
        asset |= {"proj:transform": [step, 0, grid.west, 0, -step, grid.north], "proj:shape": [int(109800 / step)] * 2}
    return raw | {"geometry": lonlat(grid.bounds, int(grid.crs.removeprefix("EPSG:"))).__geo_interface__}


def locked(*items: dict[str, Any], plan: Plan) -> dict[str, Any]:
    with serving() as script:
        lay_api(script, [list(items)], len(items))
        return search(plan, script.url, script.url)


# Zones 30 and 31 meet at Greenwich, and tiles reach far into the next: 30UYC from 0.1 W to 1.4 E, 31UCT from 0.1 to 1.7 E.
EAST, WEST = scene("east", "31UCT"), scene("west", "30UYC")


def test_the_other_zones_items_are_dropped_where_one_zone_covers_the_area() -> None:
    lock = locked(EAST, WEST, plan=plan_of(box(1.4, 51.5, 1.6, 51.6), 2018))
    assert [found["id"] for found in lock["items"]] == ["east"]
    assert lock["dropped"] == [{"id": "west", "reason": "other zone", "detail": "EPSG:32630"}]


def test_of_two_zones_that_cover_the_area_that_of_more_items_is_kept() -> None:
    later = [scene(f"west-{day}", "30UYC", f"2018-06-{day:02d}T10:50:29Z") for day in (9, 14)]
    area = box(0.5, 51.6, 0.6, 51.65)
    for items, kept in (([EAST, WEST], ["west"]), ([EAST, *later], ["west-9", "west-14"])):
        assert [found["id"] for found in locked(*items, plan=plan_of(area, 2018))["items"]] == kept
    many = [scene(f"east-{day}", "31UCT", f"2018-06-{day:02d}T10:50:29Z") for day in (9, 14)]
    assert [found["id"] for found in locked(WEST, *many, plan=plan_of(area, 2018))["items"]] == ["east-9", "east-14"]


def test_all_zones_are_kept_where_none_covers_the_area_alone() -> None:
    area = box(-0.05, 51.8, 1.6, 51.85)
    assert share(area, "EPSG:32631", [tile_grid("31UCT", 10, True)]) < 1 and share(area, "EPSG:32630", [tile_grid("30UYC", 10, True)]) < 1
    lock = locked(EAST, WEST, plan=plan_of(area, 2018))
    assert sorted(found["id"] for found in lock["items"]) == ["east", "west"]
    assert lock["dropped"] == []


def test_an_area_beyond_the_tiles_of_both_zones_is_refused_with_its_hectares() -> None:
    area = box(-0.3, 51.5, 1.6, 51.55)
    with pytest.raises(Refusal) as caught:
        locked(EAST, WEST, plan=plan_of(area, 2018))
    [problem] = caught.value.problems
    assert (problem.code, problem.facts["crs"]) == ("E-SRC-009", "EPSG:32630, EPSG:32631")
    beyond = geodesic_area_m2(box(-0.3, 51.5, -0.1189, 51.55)) / 10_000  # the western rim of 30UYC at this latitude
    assert float(str(problem.facts["uncovered"])) == pytest.approx(beyond, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.floats(-1.2, 1.0), st.floats(51.0, 53.0), st.floats(0.01, 0.8), st.floats(0.01, 0.5))
def test_what_two_zones_leave_is_what_either_leaves_of_the_other(west: float, south: float, wide: float, high: float) -> None:
    area = box(west, south, west + wide, south + high)
    east_tile, west_tile = tile_grid("31UCT", 10, True), tile_grid("30UYC", 10, True)
    whole = geodesic_area_m2(area)
    slack = 1e-3 * whole + 1e6  # edges of half a degree bow between projections, and a pixel of grace runs along two tiles
    both = uncovered_m2(area, [east_tile, west_tile])
    assert both == uncovered_m2(area, [west_tile, east_tile, west_tile])
    assert both <= min(uncovered_m2(area, [east_tile]), uncovered_m2(area, [west_tile])) + slack
    assert both >= whole * (1 - share(area, east_tile.crs, [east_tile]) - share(area, west_tile.crs, [west_tile])) - slack


def test_a_pixel_beyond_the_tile_is_forgiven_and_two_are_not() -> None:
    grid = Grid("EPSG:32631", 500000.0, 5629680.0, 10.0, 64, 64)
    for beyond, whole in ((9.0, True), (25.0, False)):
        area = lonlat((500100, 5629200, 500640 + beyond, 5629600), 32631)
        assert (uncovered_m2(area, [grid]) == 0) == whole


CHUKOTKA = plan_of(MultiPolygon([box(179.98, 67.9, 180.0, 67.92), box(-180.0, 67.9, -179.98, 67.92)]), 2018)


def test_an_area_across_the_antimeridian_is_searched_on_both_sides_and_locked_whole() -> None:
    across = scene("across", "1WCR")
    ring = [[(x + 180) % 360 - 180, y] for x, y in across["geometry"]["coordinates"][0]]
    across |= {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    plan = CHUKOTKA
    with serving() as script:
        lay_api(script, [[across]], 1)
        lock = search(plan, script.url, script.url)
        boxes = [query_of(asked)["bbox"][0] for asked, _ in script.asked if asked.startswith("/search")]
    assert [found["id"] for found in lock["items"]] == ["across"]
    assert (lock["matched"], lock["returned"]) == (1, 1), "found on both sides, and one item"
    assert boxes == ["179.98,67.9,180.0,67.92", "-180.0,67.9,-179.98,67.92"]
    assert lock["query"]["bbox"] == [179.98, 67.9, -179.98, 67.92], "west of RFC 7946 lies east of its east"


def test_a_plain_areas_box_is_as_ever() -> None:
    assert query(plan_of(lonlat(INNER, EPSG), 2018))["bbox"] == [3.001419, 50.815247, 3.005679, 50.817945]


def test_scenes_of_a_platform_without_the_band_are_dropped_and_not_refused() -> None:
    sensor = read_sensor("landsat-c2-l2")
    only = sensor.model_copy(update={"dialects": {"landsatlook": sensor.dialects["landsatlook"]}})
    area = lonlat((552000, 5050000, 553000, 5051000), 32633)
    new, old = made(sensor, "landsatlook"), made(sensor, "landsatlook", platform="LANDSAT_7")
    old["id"] = "old"
    del old["assets"]["coastal"]
    wanted = plan_of(area, 2023, Composites(period="year", bands=["coastal", "red"]), only)
    lock = locked(new, old, plan=wanted)
    assert lock["dropped"] == [{"id": "old", "reason": "band not on this platform", "detail": "LANDSAT_7: coastal"}]
    assert len(locked(new, old, plan=plan_of(area, 2023, Composites(period="year", bands=["red"]), only))["items"]) == 2


def test_an_item_of_another_collection_is_dropped_whatever_it_looks_like() -> None:
    stranger = {"type": "Feature", "id": "stranger", "collection": "sentinel-2-l1c", "properties": {}, "assets": {}, "links": [], "geometry": None}
    lock = locked(item(), stranger, plan=plan_of(lonlat(INNER, EPSG), 2018))
    assert lock["dropped"] == [{"id": "stranger", "reason": "other collection", "detail": "sentinel-2-l1c"}]


def test_an_item_that_is_not_wanted_need_not_have_its_assets() -> None:
    cloudy = item("cloudy", "2018-06-05T10:50:29Z", **{"eo:cloud_cover": 99.0})
    del cloudy["assets"]["red"]
    lock = locked(item(), cloudy, plan=plan_of(lonlat(INNER, EPSG), 2018, max_cloud_cover=80))
    assert [drop["reason"] for drop in lock["dropped"]] == ["cloud cover"]
