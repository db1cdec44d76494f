"""What a lock made anew says otherwise, item by item and field by field."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from carbonsink.base.evidence import digest, write_json
from carbonsink.scenes.lock import difference, search
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import lay_api, serving
from tests.scenes.synthetic import EPSG, INNER, item

PLAN = plan_of(lonlat(INNER, EPSG), 2018)


def locked(*items: dict[str, Any]) -> dict[str, Any]:
    with serving() as script:
        lay_api(script, [list(items)], len(items))
        return search(PLAN, script.url, script.url)


def scene(day: int, **properties: Any) -> dict[str, Any]:
    return item(f"S2A_31UDS_201806{day:02d}_0_L2A", f"2018-06-{day:02d}T10:50:29Z", **properties)


OLD = locked(scene(1), scene(11), scene(21))


def test_a_lock_made_again_from_the_same_catalogue_is_no_difference() -> None:
    again = locked(scene(1), scene(11), scene(21))
    assert digest(again) == digest(OLD)
    assert not difference(OLD, again) and difference(OLD, again).words() == ()
    assert not difference(OLD, again | {"pages": 7}), "how it was asked is no difference"


def test_items_added_gone_and_changed_are_named_with_their_fields() -> None:
    moved = scene(11, **{"s2:processing_baseline": "05.10"})
    moved["assets"]["red"] |= {"href": "https://example.org/new/red.tif", "file:checksum": "1220ab"}
    moved["assets"]["red"]["raster:bands"][0]["offset"] = 0.0
    found = difference(OLD, locked(moved, scene(21), scene(30)))
    assert (found.added, found.gone) == (("S2A_31UDS_20180630_0_L2A",), ("S2A_31UDS_20180601_0_L2A",))
    assert {(c.where, c.field, c.old, c.new) for c in found.changed} == {
        ("S2A_31UDS_20180611_0_L2A", "assets.red.href", "https://example.org/red.tif", "https://example.org/new/red.tif"),
        ("S2A_31UDS_20180611_0_L2A", "assets.red.file:checksum", None, "1220ab"),
        ("S2A_31UDS_20180611_0_L2A", "assets.red.raster:bands.offset", -0.1, 0.0),
        ("S2A_31UDS_20180611_0_L2A", "properties.s2:processing_baseline", "05.09", "05.10"),
    }
    lines = found.words("en")
    assert "+ S2A_31UDS_20180630_0_L2A" in lines and "- S2A_31UDS_20180601_0_L2A" in lines
    assert "~ S2A_31UDS_20180611_0_L2A properties.s2:processing_baseline: 05.09 -> 05.10" in lines
    assert len(found.words("zh")) == len(lines)


def test_gaps_that_open_and_close_are_told() -> None:
    found = difference(OLD, locked(scene(1), scene(30)))
    assert found.new_gaps == ("31UDS 2018-06-01/2018-06-30 (29 d)", "31UDS 2018-06-30/2018-12-31 (184 d)")
    assert found.closed_gaps == ("31UDS 2018-06-21/2018-12-31 (193 d)",)
    back = difference(locked(scene(1), scene(30)), OLD)
    assert (back.new_gaps, back.closed_gaps) == (found.closed_gaps, found.new_gaps)


def test_items_dropped_now_or_no_longer_are_told_with_their_reason() -> None:
    newer = scene(1, **{"s2:processing_baseline": "05.10"}) | {"id": "S2A_31UDS_20180601_1_L2A"}
    found = difference(OLD, locked(scene(1), scene(11), scene(21), newer))
    assert found.newly_dropped == ("S2A_31UDS_20180601_0_L2A: same scene again (S2A_31UDS_20180601_1_L2A)",)
    assert (found.added, found.gone) == (("S2A_31UDS_20180601_1_L2A",), ("S2A_31UDS_20180601_0_L2A",))


def test_another_query_catalogue_or_dialect_is_told_first() -> None:
    other = copy.deepcopy(OLD) | {"catalogue": "https://example.org/v1", "dialect": "cdse"}
    other["query"]["datetime"] = "2018-01-01T00:00:00Z/2019-12-31T23:59:59Z"
    found = difference(OLD, other)
    assert [(c.where, c.field) for c in found.query] == [("lock", "catalogue"), ("lock", "dialect"), ("query", "datetime")]
    assert found.words()[0].startswith("~ lock catalogue: catalogue:/ -> https://example.org/v1")


@pytest.mark.parametrize("bend", ["properties", "assets", "geometry", "links", "bbox"])
def test_no_change_of_an_item_goes_unseen(bend: str) -> None:
    other = copy.deepcopy(OLD)
    other["items"][0][bend] = {"anything": "else"}
    found = difference(OLD, other)
    assert found and all(change.field.startswith(bend) for change in found.changed)


def test_a_written_lock_is_read_line_by_line_and_the_same_bytes_each_time(tmp_path: Any) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    write_json(one, OLD)
    write_json(two, json.loads(one.read_text()))
    assert one.read_bytes() == two.read_bytes()
    assert len(one.read_text().splitlines()) > 100
