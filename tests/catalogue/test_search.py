"""What a client of a STAC API relies on: every page together is the whole answer, and every filter means what it says."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from pystac_client import Client
from shapely.geometry import box, shape

from carbonsink.catalogue.serve import Catalogue
from tests.catalogue.conftest import items_on_disk


def ids(client: Client, **search: Any) -> list[str]:
    return sorted(item.id for item in client.search(**search).items())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_ten_are_the_whole_catalogue(real: Catalogue, method: str) -> None:
    client = Client.open(real.url)
    everything = sorted(item["id"] for item in items_on_disk(real.folder))
    search = client.search(collections=["sentinel-2-l2a"], limit=10, method=method)
    assert search.matched() == len(everything) in (118, 10)
    pages = [[item.id for item in page.items] for page in search.pages()]
    assert [len(page) for page in pages[:-1]] == [10] * (len(pages) - 1)
    assert sorted(sum(pages, [])) == everything
    walked = [item.id for item in client.get_collection("sentinel-2-l2a").get_items()]
    assert sorted(walked) == everything


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_time_and_space_agree_with_brute_force(real: Catalogue, method: str) -> None:
    client, items = Client.open(real.url), items_on_disk(real.folder)
    moments = sorted(item["properties"]["datetime"] for item in items)
    start, end = moments[len(moments) // 4], moments[len(moments) // 2]
    between = sorted(i["id"] for i in items if start <= i["properties"]["datetime"] <= end)
    assert ids(client, datetime=f"{start}/{end}", method=method) == between
    assert ids(client, datetime=f"../{start}", method=method) == sorted(i["id"] for i in items if i["properties"]["datetime"] <= start)
    west, south, *_ = items[0]["bbox"]
    corner = (west, south, west + 0.002, south + 0.002)
    assert ids(client, bbox=corner, method=method) == sorted(i["id"] for i in items if shape(i["geometry"]).intersects(box(*corner)))
    assert ids(client, bbox=(100, 0, 101, 1), method=method) == []


def test_every_asset_can_be_fetched_as_it_lies_on_disk(real: Catalogue) -> None:
    item = next(Client.open(real.url).search(max_items=1).items())
    for asset in item.assets.values():
        assert asset.href.startswith(f"{real.url}/files/sentinel-2-l2a/")
        body = httpx.get(asset.href).content
        assert body == (real.folder / asset.href.split("/files/")[1]).read_bytes()
        assert len(body) == asset.extra_fields["file:size"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({"ids": ["item-03", "item-07", "nothing"]}, [3, 7]),
        ({"collections": ["other"]}, []),
        ({"datetime": "2020-01-02T00:00:00Z/2020-01-04T23:59:59Z"}, [1, 2, 3]),
        ({"datetime": "2020-01-02T02:55:21Z"}, [1]),
        ({"bbox": [2.6, 0, 4.2, 1]}, [3, 4]),
        ({"bbox": [2.6, 0, -9, 4.2, 1, 9]}, [3, 4]),
        ({"bbox": [179, 0, 1.2, 1]}, [0, 1]),
        ({"intersects": {"type": "Point", "coordinates": [7.25, 0.5]}}, [7]),
        ({"query": {"eo:cloud_cover": {"gte": 3, "lt": 5}}}, [3, 4]),
        ({"query": {"platform": {"eq": "b"}, "eo:cloud_cover": {"in": [1.0, 2.0, 3.0]}}}, [1, 3]),
        ({"filter": {"op": "<", "args": [{"property": "eo:cloud_cover"}, 2]}, "filter_lang": "cql2-json"}, [0, 1]),
        ({"filter": {"op": "=", "args": [{"property": "id"}, "item-05"]}, "filter_lang": "cql2-json"}, [5]),
    ],
)
def test_filters_mean_what_they_say(small: Catalogue, method: str, search: dict[str, Any], expected: list[int]) -> None:
    if method == "GET" and "filter" in search:
        search = {"filter": {"<": "eo:cloud_cover < 2", "=": "id = 'item-05'"}[search["filter"]["op"]], "filter_lang": "cql2-text"}
    assert ids(Client.open(small.url), method=method, limit=2, **search) == [f"item-{n:02d}" for n in expected]


def test_newest_come_first_unless_sorted(small: Catalogue) -> None:
    client = Client.open(small.url)
    moments = [item.datetime for item in client.search(limit=7).items()]
    assert moments == sorted(moments, key=lambda m: m or datetime.min, reverse=True)
    for method in ("GET", "POST"):
        by_platform = client.search(sortby=["+properties.platform", "-eo:cloud_cover"], method=method, limit=7)
        found = [(item.properties["platform"], -item.properties["eo:cloud_cover"]) for item in by_platform.items()]
        assert found == sorted(found) and len(found) == 25


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_fields_cut_the_answer_down_and_leave_the_catalogue_whole(small: Catalogue, method: str) -> None:
    client = Client.open(small.url)
    few = next(client.search(ids=["item-04"], fields=["properties.eo:cloud_cover"], method=method).items_as_dicts())
    assert few == {"type": "Feature", "id": "item-04", "collection": "scenes", "properties": {"eo:cloud_cover": 4.0}}
    without = next(client.search(ids=["item-04"], fields=["-properties.platform", "-assets"], method=method).items_as_dicts())
    assert "platform" not in without["properties"] and "assets" not in without and without["geometry"]
    whole = next(client.search(ids=["item-04"]).items_as_dicts())
    assert whole["properties"]["platform"] == "a" and set(whole["assets"]) == {"red", "far"}


def test_links_lead_through_the_api_and_foreign_ones_stay(small: Catalogue) -> None:
    entry = httpx.get(f"{small.url}/collections/scenes/items/item-04").json()
    assert httpx.get(next(link["href"] for link in entry["links"] if link["rel"] == "self")).json() == entry
    assert [link["href"] for link in entry["links"] if link["rel"] == "license"] == ["https://example.org/licence"]
    assert entry["assets"]["far"]["href"] == "https://example.org/B04.tif"
    collection = httpx.get(f"{small.url}/collections/scenes").json()
    assert collection == httpx.get(f"{small.url}/collections").json()["collections"][0]
    names = httpx.get(f"{small.url}/queryables").json()["properties"]
    assert {"eo:cloud_cover", "platform", "id"} <= set(names)


def test_conformance_is_what_is_served(small: Catalogue) -> None:
    classes = httpx.get(f"{small.url}/conformance").json()["conformsTo"]
    assert classes == httpx.get(small.url).json()["conformsTo"]
    for part in ("/core", "/item-search", "/ogcapi-features", "item-search#filter", "item-search#sort", "item-search#fields", "item-search#query", "cql2-text"):
        assert any(name.endswith(part) for name in classes), part


@pytest.mark.parametrize(
    "body",
    [
        {"bbox": [0, 0, 1, 1], "intersects": {"type": "Point", "coordinates": [0, 0]}},
        {"bbox": [0, 1, 1, 0]},
        {"bbox": [0, 1, 1]},
        {"datetime": "yesterday"},
        {"datetime": "2020-02-01T00:00:00Z/2020-01-01T00:00:00Z"},
        {"limit": 0},
        {"token": "page two"},
        {"token": "9" * 5000},
        {"query": {"eo:cloud_cover": {"about": 3}}},
        {"query": {"eo:cloud_cover": {"lt": "three"}}},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(small: Catalogue, body: dict[str, Any]) -> None:
    assert httpx.post(f"{small.url}/search", json=body).status_code == 400
    flat = {k: v if isinstance(v, str | int) else json.dumps(v) if isinstance(v, dict) else ",".join(map(str, v)) for k, v in body.items()}
    assert httpx.get(f"{small.url}/search", params=flat).status_code == 400


def test_a_broken_filter_or_json_is_refused(small: Catalogue) -> None:
    assert httpx.get(f"{small.url}/search", params={"filter": "eo:cloud_cover <"}).status_code == 400
    assert httpx.get(f"{small.url}/search", params={"filter": "eo:cloud_cover < 'three'"}).status_code == 400
    assert httpx.get(f"{small.url}/search", params={"filter": "snow < 3"}).json()["numberMatched"] == 0
    assert httpx.get(f"{small.url}/search", params={"intersects": "{"}).status_code == 400
    assert httpx.get(f"{small.url}/search", params={"intersects": '{"type":"Polygon"}'}).status_code == 400
    assert httpx.get(f"{small.url}/search", params={"bbox": "nan,0,1,1"}).status_code == 400
    assert httpx.get(f"{small.url}/search", params={"query": "[1]"}).status_code == 400
    assert httpx.get(f"{small.url}/collections/none").status_code == 404
    assert httpx.get(f"{small.url}/collections/none/items").status_code == 404
    assert httpx.get(f"{small.url}/collections/scenes/items/none").status_code == 404
