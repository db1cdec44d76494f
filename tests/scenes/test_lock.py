"""The search is whole or refused, and the lock says the same wherever the catalogue was served."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from shapely import box

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, Refusal
from carbonsink.scenes.lock import gaps, items_of, search
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Answer, Script, json_answer, lay_api, query_of, serving
from tests.scenes.synthetic import EPSG, EXTENT, INNER, WEST, asset, item

PLAN = plan_of(lonlat(INNER, EPSG), 2018)


def scenes(count: int) -> list[dict[str, Any]]:
    return [item(f"S2A_31UDS_2018{n // 28 + 1:02d}{n % 28 + 1:02d}_0_L2A", f"2018-{n // 28 + 1:02d}-{n % 28 + 1:02d}T10:50:29Z") for n in range(count)]


def refusal(script: Script, plan: Any = PLAN) -> Refusal:
    with pytest.raises(Refusal) as caught:
        search(plan, script.url, script.url)
    return caught.value


def codes(found: Refusal) -> list[str]:
    return [problem.code for problem in found.problems]


def test_every_page_is_walked_and_counted() -> None:
    items = scenes(7)
    with serving() as script:
        lay_api(script, [items[:3], items[3:6], items[6:]], matched=7)
        lock = search(PLAN, script.url, script.url)
    assert (lock["matched"], lock["returned"]) == (7, 7)
    assert [found["id"] for found in lock["items"]] == [made["id"] for made in items]
    asked = query_of(script.asked[-3][0])
    assert asked["limit"] == ["100"]
    assert asked["collections"] == ["sentinel-2-l2a"]
    assert asked["datetime"] == ["2018-01-01T00:00:00Z/2018-12-31T23:59:59.999999Z"]


def test_an_empty_page_in_the_middle_is_no_end() -> None:
    items = scenes(2)
    with serving() as script:
        lay_api(script, [items[:1], [], items[1:]], matched=2)
        assert len(search(PLAN, script.url, script.url)["items"]) == 2


def test_an_item_given_twice_alike_counts_once_and_otherwise_is_a_conflict() -> None:
    items = scenes(2)
    with serving() as script:
        lay_api(script, [items, items[1:]], matched=2)
        assert search(PLAN, script.url, script.url)["returned"] == 2
        other = items[1] | {"properties": items[1]["properties"] | {"eo:cloud_cover": 11.0}}
        lay_api(script, [items, [other]], matched=2)
        found = refusal(script)
    assert codes(found) == ["E-STAC-008"]
    assert found.exit_code == Exit.INTEGRITY


@pytest.mark.parametrize(
    ("pages", "matched", "code"),
    [([2], 3, "E-STAC-004"), ([3], 2, "E-STAC-004"), ([100], None, "E-STAC-009")],
    ids=["last page lost its link", "more than matched", "full page, no count, no link"],
)
def test_a_search_that_may_not_be_whole_is_refused(pages: list[int], matched: int | None, code: str) -> None:
    with serving() as script:
        lay_api(script, [scenes(count) for count in pages], matched)
        assert codes(refusal(script)) == [code]


def test_without_a_count_a_full_page_is_asked_for_in_other_pages() -> None:
    items = scenes(100)
    with serving() as script:
        lay_api(script, [items])
        script.lay("/search", *(json_answer({"type": "FeatureCollection", "features": items[:n], "links": []}) for n in (100, 99)))
        script.answers["/search"][1] = json_answer(
            {"type": "FeatureCollection", "features": items[:99], "links": [{"rel": "next", "href": f"{script.url}/page/1"}]}
        )
        script.lay("/page/1", json_answer({"type": "FeatureCollection", "features": items[99:], "links": []}))
        lock = search(PLAN, script.url, script.url)
        assert [query_of(path)["limit"] for path, _ in script.asked if path.startswith("/search")] == [["100"], ["99"]]
    assert (lock["matched"], lock["returned"]) == (None, 100)


def test_without_a_count_an_item_that_comes_twice_may_stand_for_one_that_is_missing() -> None:
    items = scenes(4)
    with serving() as script:
        lay_api(script, [items[:2], items[:2]])
        found = refusal(script)
    assert [(problem.code, problem.facts) for problem in found.problems] == [("E-STAC-024", {"came": 4, "found": 2})]


@pytest.mark.parametrize("back", [1, 2])
def test_a_next_link_that_goes_in_a_circle_is_refused(back: int) -> None:
    items = scenes(4)
    with serving() as script:
        pages = [items[:1], items[1:2], items[2:3]]
        lay_api(script, pages, matched=4, last_links=[{"rel": "next", "href": f"{script.url}/page/{back}"}])
        assert codes(refusal(script)) == ["E-STAC-006"]


def test_a_catalogue_that_moves_under_the_search_is_asked_once_more() -> None:
    items = scenes(3)

    def page(features: list[Any], matched: int, links: list[Any]) -> Answer:
        return json_answer({"type": "FeatureCollection", "features": features, "links": links, "numberMatched": matched})

    with serving() as script:
        lay_api(script, [items[:1]], 2)
        following = [{"rel": "next", "href": f"{script.url}/page/1"}]
        script.lay("/search", page(items[:1], 2, following), page(items[:1], 3, following))
        script.lay("/page/1", page(items[1:], 3, []))
        assert len(search(PLAN, script.url, script.url)["items"]) == 3
        script.lay("/search", page(items[:1], 2, following))
        assert codes(refusal(script)) == ["E-STAC-005"]


def test_a_next_link_or_a_redirect_to_another_server_is_not_followed() -> None:
    with serving() as other, serving() as script:
        lay_api(other, [scenes(1)], 1)
        lay_api(script, [scenes(1)], 2, last_links=[{"rel": "next", "href": "http://169.254.169.254/latest"}])
        assert codes(refusal(script)) == ["E-SEC-024"]
        script.lay("/search", Answer(status=302, headers={"Location": f"{other.url}/search"}))
        assert codes(refusal(script)) == ["E-STAC-002"]
    assert other.count("/search") == 0


@pytest.mark.parametrize(
    "answer",
    [Answer(b"<html>please log in</html>"), Answer(b'{"type": "FeatureCollection", "features": [{"id":'), Answer(b"{}"), Answer(b"no", 403)],
    ids=["login page", "cut JSON", "no features", "forbidden"],
)
def test_what_is_no_stac_answer_is_refused(answer: Answer) -> None:
    with serving() as script:
        lay_api(script, [scenes(1)], 1)
        script.lay("/search", answer)
        found = refusal(script)
    assert codes(found) == ["E-STAC-002"]
    assert found.exit_code == Exit.SOURCE


def test_a_busy_server_is_waited_for() -> None:
    with serving() as script:
        lay_api(script, [scenes(1)], 1)
        script.answers["/search"].insert(0, Answer(status=502))
        script.answers["/search"].insert(1, Answer(status=429, headers={"Retry-After": "0"}))
        assert search(PLAN, script.url, script.url)["returned"] == 1
    assert script.count("/search") == 3


@pytest.mark.parametrize("url", ["http://example.org/v1", "ftp://example.org", "https://user:secret@example.org/v1"])
def test_only_https_without_a_password_is_asked(url: str) -> None:
    with pytest.raises(Refusal, match="E-STAC-003") as caught:
        search(PLAN, url, None)
    assert "secret" not in str(caught.value)


def test_of_one_scene_the_highest_baseline_stays() -> None:
    when = "2018-06-04T10:50:29"
    older = item("S2A_31UDS_20180604_0_L2A", f"{when}.100Z", **{"s2:processing_baseline": "02.14"})
    newer = item("S2A_31UDS_20180604_1_L2A", f"{when}.024Z", **{"s2:processing_baseline": "05.00"})
    later = item("S2A_31UDS_20180604_2_L2A", f"{when}.500Z", **{"s2:processing_baseline": "05.00", "s2:generation_time": "2023-01-01T00:00:00Z"})
    other = item("S2B_31UDS_20180604_0_L2A", f"{when}.024Z", platform="sentinel-2b")
    with serving() as script:
        lay_api(script, [[newer, later, older, other]], 4)
        lock = search(PLAN, script.url, script.url)
    assert [found["id"] for found in lock["items"]] == [other["id"], later["id"]]
    assert lock["dropped"] == [{"id": dropped["id"], "reason": "same scene again", "detail": later["id"]} for dropped in (older, newer)]


def test_what_is_not_wanted_is_dropped_with_its_reason() -> None:
    far = lonlat((WEST + 30000, 5600000, WEST + 60000, 5620000), EPSG).__geo_interface__
    items = [
        item("good"),
        item("cloudy", "2018-06-05T10:50:29Z", **{"eo:cloud_cover": 80.5}),
        item("early", "2017-12-31T23:59:59Z"),
        item("elsewhere") | {"geometry": far},
        item("stranger") | {"collection": "sentinel-2-l1c"},
    ]
    with serving() as script:
        lay_api(script, [items], 5)
        lock = search(plan_of(lonlat(INNER, EPSG), 2018, max_cloud_cover=80), script.url, script.url)
        assert [found["id"] for found in lock["items"]] == ["good"]
        reasons = {drop["id"]: drop["reason"] for drop in lock["dropped"]}
        assert reasons == {"cloudy": "cloud cover", "early": "outside the period", "elsewhere": "outside the area", "stranger": "other collection"}
        lay_api(script, [items[2:]], 3)
        found = refusal(script)
    assert codes(found) == ["E-STAC-010"]
    assert "outside the area" in str(found)


def test_an_older_making_isn_t_taken_because_it_saw_fewer_clouds() -> None:
    older, newer = (item(name, **{"eo:cloud_cover": clouds, "s2:processing_baseline": baseline}) for name, clouds, baseline in (
        ("older", 45.0, "02.14"), ("newer", 55.0, "05.00"),
    ))  # fmt: skip
    other = item("other", "2018-07-04T10:50:29Z")
    with serving() as script:
        lay_api(script, [[older, newer, other]], 3)
        lock = search(plan_of(lonlat(INNER, EPSG), 2018, max_cloud_cover=50), script.url, script.url)
    assert [found["id"] for found in lock["items"]] == ["other"]
    assert {drop["id"]: drop["reason"] for drop in lock["dropped"]} == {"older": "same scene again", "newer": "cloud cover"}


def test_makings_of_a_scene_are_one_whose_time_was_rounded_otherwise_and_halves_of_a_tile_are_two() -> None:
    older = item("older", "2018-06-04T10:50:28.999Z", **{"s2:processing_baseline": "04.00", "platform": "Sentinel-2A"})
    newer = item("newer", "2018-06-04T10:50:29.001Z")
    west, south, east, north = newer["bbox"]
    halves = [
        item(name, "2018-07-04T10:50:29Z") | {"geometry": box(a, south, b, north).__geo_interface__}
        for name, a, b in (("left", west, west + 0.52 * (east - west)), ("right", west + 0.48 * (east - west), east))
    ]
    with serving() as script:
        lay_api(script, [[older, newer, *halves]], 4)
        lock = search(PLAN, script.url, script.url)
    assert [found["id"] for found in lock["items"]] == ["newer", "left", "right"]
    assert lock["dropped"] == [{"id": "older", "reason": "same scene again", "detail": "newer"}]


def test_items_of_another_zone_are_dropped_as_nothing_is_warped() -> None:
    stranger = item("neighbour", "2018-06-05T10:50:29Z", **{"proj:code": "EPSG:32630", "grid:code": "MGRS-30UYB"})
    with serving() as script:
        lay_api(script, [[item(), stranger]], 2)
        lock = search(PLAN, script.url, script.url)
    assert lock["dropped"] == [{"id": "neighbour", "reason": "other zone", "detail": "EPSG:32630"}]


def test_an_area_beyond_the_tiles_is_refused_with_its_hectares() -> None:
    west, south, _, north = INNER
    with serving() as script:
        lay_api(script, [[item()]], 1)
        found = refusal(script, plan_of(lonlat((west, south, EXTENT[2] + 200, north), EPSG), 2018))
    assert codes(found) == ["E-SRC-009"]
    assert "5.7" in str(found)  # 300 m by 190 m beyond the tile and its one pixel of grace


def test_missing_assets_and_forbidden_addresses_come_all_at_once() -> None:
    names = ("lacking", "local", "driver", "inside", "parent", "broken")
    lacking, local, driver, inside, parent, broken = (item(name, f"2018-06-{n:02d}T10:50:29Z") for n, name in enumerate(names, start=1))
    del lacking["assets"]["nir"], lacking["assets"]["scl"]
    local["assets"]["red"]["href"] = "file:///etc/passwd"
    driver["assets"]["red"]["href"] = "/vsicurl/http://10.0.0.5/x.tif"
    inside["assets"]["red"]["href"] = "http://169.254.169.254/x.tif"
    parent["assets"]["red"]["href"] = "catalogue:/files/../../x.tif"
    del broken["geometry"]
    with serving() as script:
        lay_api(script, [[lacking, local, driver, inside, parent]], 5)
        found = refusal(script)
        lay_api(script, [[item(), broken]], 2)
        assert codes(refusal(script)) == ["E-STAC-001"]
    assert codes(found) == ["E-SRC-010", "E-SRC-010", "E-SEC-001", "E-SEC-002", "E-SEC-001", "E-SEC-002"]
    assert {"lacking", "local red"} <= {problem.where for problem in found.problems}
    assert found.exit_code == Exit.SOURCE


@pytest.mark.parametrize(
    "bend",
    [
        {"properties": {"datetime": None}},
        {"properties": {"datetime": "2018-06-04T10:50:29"}},
        {"assets": []},
        {"geometry": None},
        {"id": "../../etc"},
        {"assets": {key: asset(key) | {"proj:transform": [10, 1, WEST, 0, -10, 0]} for key in ("red", "nir", "scl")}},
        {"assets": {key: asset(key) | {"proj:shape": [200_000, 200_000]} for key in ("red", "nir", "scl")}},
        {"assets": {key: asset(key) | {"proj:shape": [float("inf"), 64]} for key in ("red", "nir", "scl")}},
        {"geometry": {"type": "Foo", "coordinates": []}},
        {"geometry": {"type": "Polygon", "coordinates": [[[1, 50], [2, 50], [float("nan"), 51], [1, 50]]]}},
        {"properties": {"datetime": "0001-01-01T00:00:00+14:00"}},
        {"properties": {"proj:code": "EPSG:9999"}},
        {"properties": {"proj:code": "EPSG:4326"}},
        {"assets": {key: asset(key, "https://[bad") for key in ("red", "nir", "scl")}},
    ],
    ids=[
        "no time",
        "no zone",
        "assets a list",
        "no geometry",
        "id a path",
        "rotated",
        "bomb",
        "endless",
        "no shape of GeoJSON",
        "no number",
        "before all time",
        "a CRS nobody knows",
        "degrees",
        "no address",
    ],
)
def test_an_item_that_cannot_be_read_is_refused(bend: dict[str, Any]) -> None:
    raw = item()
    bent = raw | {key: raw["properties"] | value if key == "properties" else value for key, value in bend.items()}
    with serving() as script:
        lay_api(script, [[bent]], 1)
        assert codes(refusal(script))[0] in ("E-STAC-001", "E-SEC-021", "E-SRC-010", "E-SEC-035")


def test_the_lock_knows_no_port_and_no_secret_of_a_signature() -> None:
    def locked() -> dict[str, Any]:
        with serving() as script:
            raw = item()
            raw["assets"]["red"]["href"] = f"{script.url}/files/red.tif"
            raw["assets"]["nir"]["href"] = "https://example.org/nir.tif?se=2026-01-01&sig=secret"
            raw["links"] = [{"rel": "self", "href": f"{script.url}/x"}, {"rel": "license", "href": "https://example.org/licence"}]
            lay_api(script, [[raw]], 1)
            return search(PLAN, script.url, script.url)

    one, other = locked(), locked()
    assert digest(one) == digest(other)
    assert "127.0.0.1" not in str(one)
    assert "secret" not in str(one)
    assert items_of(one, PLAN)[0].assets["red"].href == "catalogue:/files/red.tif"
    assert one["items"][0]["links"] == [{"rel": "license", "href": "https://example.org/licence"}]


def test_one_tile_s_scenes_don_t_fill_the_gaps_of_another() -> None:
    often = [item(f"often-{month:02d}-{day:02d}", f"2018-{month:02d}-{day:02d}T10:50:29Z") for month in range(1, 13) for day in (5, 15, 25)]
    once = item("once", "2018-06-05T10:50:29Z", **{"grid:code": "MGRS-31UDT"})
    with serving() as script:
        lay_api(script, [[*often, once]], 37)
        lock = search(PLAN, script.url, script.url)
    assert [(gap["tile"], gap["days"]) for gap in lock["gaps"]] == [("31UDT", 155), ("31UDT", 209)]


def test_gaps_in_the_series_are_told() -> None:
    days = [date(2018, 1, 5), date(2018, 1, 25), date(2018, 2, 9)]
    assert gaps("31UDS", days, date(2018, 1, 1), date(2018, 2, 28), 15) == [
        {"tile": "31UDS", "start": "2018-01-05", "end": "2018-01-25", "days": 20},
        {"tile": "31UDS", "start": "2018-02-09", "end": "2018-02-28", "days": 19},
    ]
