"""What goes wrong while a catalogue is searched (F01 to F15, F18): the lock holds every item there is, or there is no lock."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from carbonsink.base.problems import Exit
from tests.faults import catalogue
from tests.faults.actions import (
    Page,
    body,
    chunks_of_one,
    cut,
    drip,
    emptied,
    first_item,
    gzipped,
    hang,
    html,
    linked,
    matching,
    page,
    redirect,
    reset,
    status,
    unlinked,
    with_items,
)  # fmt: skip
from tests.faults.catalogue import ids, raw_item
from tests.faults.server import Action, serving
from tests.faults.trial import Hunt
from tests.scenes.plans import lonlat
from tests.scenes.synthetic import EPSG, WEST


def pauses(found: list[float]) -> list[float]:
    """Seconds between one asking and the next."""
    return [after - before for before, after in zip(found, found[1:], strict=False)]


def test_f01_a_catalogue_that_fails_once_is_asked_again(hunt: Hunt) -> None:
    hunt.script.fault("/", status(500), 1)
    hunt.survives(requests=6)
    assert hunt.script.fired == 1


def test_f01_a_catalogue_that_always_fails_is_given_up(hunt: Hunt) -> None:
    hunt.script.fault("/", status(500))
    hunt.refuses(Exit.SOURCE, "E-STAC-0", "500", seconds=20, requests=6)


@pytest.mark.parametrize("act", [status(502), status(504), reset(), reset(after=200), cut(200)], ids=["502", "504", "reset", "reset in the page", "cut"])
def test_f02_a_third_page_that_fails_once_is_asked_again_and_counted_once(hunt: Hunt, act: Action) -> None:
    hunt.script.fault("/page/3", act, 1)
    hunt.survives(requests=6)
    assert (hunt.lock()["matched"], hunt.lock()["returned"], len(hunt.lock()["items"])) == (30, 30, 30)


def test_f03_a_429_with_retry_after_is_waited_for(hunt: Hunt) -> None:
    hunt.patience = replace(hunt.patience, longest_wait=5.0)
    hunt.script.fault("/search", status(429, Retry_After="1"), 1)
    outcome = hunt.survives(requests=6)
    assert outcome.seconds >= 1
    assert pauses(hunt.script.seconds("/search")[-2:])[0] >= 1


def test_f04_a_429_without_end_is_given_up_after_longer_and_longer_waits(hunt: Hunt) -> None:
    asked = hunt.script.count("/search")
    hunt.script.fault("/search", status(429))
    outcome = hunt.attempt(hunt.go)
    waits = pauses(hunt.script.seconds("/search")[asked:])
    assert len(waits) >= 2 and all(after > before for before, after in zip(waits[1:], waits[2:], strict=False)), waits
    assert re.search(r"\d s\b", outcome.en[0]), f"the total wait isn't said: {outcome.en}"
    hunt.refuses(Exit.SOURCE, "E-STAC-0", "429", seconds=20, requests=7)


@pytest.mark.parametrize("text", ["86400", "Wed, 21 Oct 2065 07:28:00 GMT", "in a while", "-5", "1e9"])
def test_f05_a_retry_after_of_a_day_or_of_nonsense_never_holds_a_search_up(hunt: Hunt, text: str) -> None:
    hunt.script.fault("/search", status(429, Retry_After=text), 1)
    hunt.survives(requests=6)


def test_f06_a_search_without_a_byte_of_answer_ends(hunt: Hunt) -> None:
    hunt.script.fault("/search", hang())
    hunt.refuses(Exit.SOURCE, "E-STAC-0", seconds=6, requests=7)


def test_f06_a_search_that_hangs_once_is_asked_again(hunt: Hunt) -> None:
    hunt.script.fault("/page/2", hang(), 1)
    hunt.survives(seconds=3, requests=6)


def test_f07_a_search_that_drips_ends(hunt: Hunt) -> None:
    hunt.script.fault("/search", drip(0.1))
    hunt.refuses(Exit.SOURCE, "E-STAC-0", seconds=8, requests=7)


def test_f07_pages_in_chunks_of_one_byte_are_whole_pages(hunt: Hunt) -> None:
    hunt.script.fault(r"/search|/page/\d", chunks_of_one)
    hunt.survives(requests=5)


NOT_JSON: dict[str, Action] = {
    "truncated": body(lambda data: data[: len(data) // 2]),
    "a login page": html(),
    "UTF-16": body(lambda data: data.decode().encode("utf-16")),
    "gzip cut": gzipped(after=100),
    "a gzip bomb": gzipped(bomb=70_000_000),
    "a list": body(lambda data: b"[1, 2, 3]"),
    "nothing": body(lambda data: b""),
    "deep": body(lambda data: b"[" * 100_000),
    "not a number": body(lambda data: data.replace(b'"numberMatched": 30', b'"numberMatched": NaN')),
}


@pytest.mark.parametrize(("path", "name"), [("/search", name) for name in NOT_JSON] + [("/page/2", name) for name in ("truncated", "a login page", "a list")])
def test_f08_a_page_that_is_not_json_is_named_with_its_first_bytes(hunt: Hunt, name: str, path: str) -> None:
    hunt.script.fault(path, NOT_JSON[name])
    words = ["<html>", "\\x1b"] if name == "a login page" else []
    hunt.refuses(Exit.SOURCE, "E-STAC-0", *words, seconds=8, requests=12)


def test_f09_an_empty_page_with_a_next_link_is_no_end_and_its_items_are_missed(hunt: Hunt) -> None:
    hunt.script.fault("/page/2", page(emptied))
    hunt.refuses(Exit.SOURCE, "E-STAC-004", "20", "30", requests=5)


def test_f10_a_page_that_lost_its_link_is_missed_by_the_count(hunt: Hunt) -> None:
    hunt.script.fault("/search", page(unlinked))
    hunt.refuses(Exit.SOURCE, "E-STAC-004", "10", "30", requests=5)


@pytest.mark.parametrize(("at", "to"), [("/search", "/search"), ("/page/2", "/page/2"), ("/page/3", "/page/2"), ("/page/3", "/search")])
def test_f11_pages_that_go_in_a_circle_are_left_at_once(hunt: Hunt, at: str, to: str) -> None:
    hunt.script.fault(at, page(linked(hunt.script.url + to)))
    hunt.refuses(Exit.SOURCE, "E-STAC-006", "page", requests=7)


def test_f12_a_count_that_changes_once_has_the_search_asked_again(hunt: Hunt) -> None:
    hunt.script.fault("/search", page(matching(29)), 1)
    hunt.survives(requests=8)


def test_f12_a_count_that_changes_again_and_again_is_refused(hunt: Hunt) -> None:
    hunt.script.fault("/page/2", page(matching(31)))
    hunt.refuses(Exit.SOURCE, "E-STAC-005", "30", "31", requests=9)


def test_f13_an_item_on_two_pages_counts_once(hunt: Hunt) -> None:
    hunt.script.fault("/page/2", page(with_items(raw_item(3))))
    hunt.survives(requests=5)


def test_f13_one_name_for_two_items_is_a_conflict(hunt: Hunt) -> None:
    twin = raw_item(3)
    twin["properties"]["eo:cloud_cover"] = 11.0
    hunt.script.fault("/page/2", page(with_items(twin)))
    hunt.refuses(Exit.INTEGRITY, "E-STAC-008", twin["id"], requests=5)


def elsewhere(raw: Page) -> Page:
    return raw | {"geometry": lonlat((WEST + 30000, 5500000, WEST + 60000, 5510000), EPSG).__geo_interface__}


STRANGERS: dict[str, tuple[str, Page]] = {
    "outside the area": ("outside the area", elsewhere(raw_item(3))),
    "outside the period": ("outside the period", raw_item(3) | {"properties": raw_item(3)["properties"] | {"datetime": "2017-06-01T10:50:29Z"}}),
    "other collection": ("other collection", raw_item(3) | {"collection": "sentinel-2-l1c"}),
}


@pytest.mark.parametrize("name", list(STRANGERS))
def test_f14_an_item_that_was_not_asked_for_is_dropped_with_its_reason(hunt: Hunt, name: str) -> None:
    reason, stranger = STRANGERS[name]
    items = [stranger if raw["id"] == stranger["id"] else raw for raw in hunt.items]
    hunt.script.fired += 1
    catalogue.lay_search(hunt.script, items)
    outcome = hunt.attempt(hunt.go)
    assert outcome.exit_code == Exit.WELL, outcome.en
    assert [(drop["id"], drop["reason"]) for drop in hunt.lock()["dropped"]] == [(stranger["id"], reason)]
    assert ids(hunt.lock()["items"]) == [name for name in ids(hunt.items) if name != stranger["id"]]


def test_f14_only_items_that_were_not_asked_for_are_an_error_with_their_counts(hunt: Hunt) -> None:
    hunt.script.fired += 1
    catalogue.lay_search(hunt.script, [elsewhere(raw) for raw in hunt.items])
    hunt.refuses(Exit.SOURCE, "E-STAC-010", "30", "outside the area", requests=5)


def test_f15_of_a_scene_processed_twice_the_newest_is_kept_and_the_others_are_listed(hunt: Hunt) -> None:
    def again(name: str, baseline: str, made: str) -> Page:
        raw = raw_item(0)
        return raw | {"id": name, "properties": raw["properties"] | {"s2:processing_baseline": baseline, "s2:generation_time": made}}

    twins = [
        again("S2A_31UDS_20180101_1_L2A", "05.10", "2023-01-01T00:00:00Z"),
        again("S2A_31UDS_20180101_2_L2A", "05.10", "2023-02-01T00:00:00Z"),
        again("S2A_31UDS_20180101_3_L2A", "04.00", "2024-02-01T00:00:00Z"),
    ]
    for order in (twins, twins[::-1]):
        hunt.script.fired += 1
        catalogue.lay_search(hunt.script, [*order, *hunt.items])
        assert hunt.attempt(hunt.go).exit_code == Exit.WELL
        kept, lock = twins[1]["id"], hunt.lock()
        dropped = [{"id": name, "reason": "same scene again", "detail": kept} for name in (raw_item(0)["id"], twins[0]["id"], twins[2]["id"])]
        assert lock["dropped"] == sorted(dropped, key=lambda drop: drop["id"])
        assert ids(lock["items"]) == [kept, *ids(hunt.items[1:])]


@pytest.mark.parametrize("asset", ["red", "scl"])
def test_f16_an_item_without_an_asset_that_is_needed_is_named_with_it(hunt: Hunt, asset: str) -> None:
    del (lacking := raw_item(3))["assets"][asset]
    hunt.script.fired += 1
    catalogue.lay_search(hunt.script, [lacking if raw["id"] == lacking["id"] else raw for raw in hunt.items])
    hunt.refuses(Exit.SOURCE, "E-SRC-010", lacking["id"], asset, requests=5)


FORBIDDEN = {
    "file:///etc/passwd": "E-SEC-001",
    "http://169.254.169.254/latest/meta-data": "E-SEC-001",
    "http://127.0.0.1:1/red.tif": "E-SEC-001",
    "https://canary-user:canary-password@example.org/red.tif": "E-SEC-001",
    "/vsicurl/http://10.0.0.5/red.tif": "E-SEC-002",
    "../../secret.tif": "E-STAC-020",
    "MEM:::DATAPOINTER=1": "E-SEC-002",
    "https://example.org:99999/red.tif": "E-SEC-035",
    "https://example.org:abc/red.tif": "E-SEC-035",
    "https://xn--\u00e4.org/red.tif": "E-SEC-035",
}


@pytest.mark.parametrize("href", list(FORBIDDEN))
def test_f18_an_asset_address_that_leads_elsewhere_is_refused_before_anything_is_fetched(hunt: Hunt, href: str) -> None:
    bent = raw_item(3)
    bent["assets"]["red"]["href"] = href
    hunt.script.fired += 1
    catalogue.lay_search(hunt.script, [bent if raw["id"] == bent["id"] else raw for raw in hunt.items])
    hunt.refuses(Exit.SOURCE, FORBIDDEN[href], bent["id"], "red", requests=5)


@pytest.mark.parametrize("bent", ["assets", "links"])
def test_f18_an_address_that_no_reader_can_take_apart_is_refused_with_its_item(hunt: Hunt, bent: str) -> None:
    """A letter that stands for three others, one of them a slash."""
    raw, href = raw_item(3), "https://canary-user:canary-password@exam\u2100ple.org/red.tif?sig=canary-signature"
    raw |= {"links": [{"rel": "self", "href": href}]} if bent == "links" else {}
    raw["assets"]["red"]["href"] = "red.tif" if bent == "links" else href
    hunt.script.fired += 1
    catalogue.lay_search(hunt.script, [raw if raw["id"] == one["id"] else one for one in hunt.items])
    hunt.refuses(Exit.SOURCE, "E-STAC-0", raw["id"], requests=5)


@pytest.mark.parametrize("href", ["http://169.254.169.254/latest", "file:///etc/passwd", "https://example.org/page/2", "http://127.0.0.1:1/page/2"])
def test_f18_a_next_link_that_leads_elsewhere_is_not_followed(hunt: Hunt, href: str) -> None:
    hunt.script.fault("/search", page(linked(href)))
    hunt.refuses(Exit.SOURCE, "E-SEC-024", requests=5)


def test_f18_a_search_redirected_elsewhere_is_not_followed(hunt: Hunt) -> None:
    with serving() as other:
        hunt.script.fault("/search", redirect(other.url + "/search"))
        hunt.refuses(Exit.SOURCE, "E-", requests=5)
        assert not other.asked


def test_f19_a_search_redirected_in_a_circle_ends(hunt: Hunt) -> None:
    hunt.script.fault("/search", redirect("/again"))
    hunt.script.fault("/again", redirect("/search"))
    hunt.refuses(Exit.SOURCE, "E-STAC-0", requests=45)


def test_f17_a_processing_baseline_nobody_knows_is_no_reason_to_guess(hunt: Hunt) -> None:
    """The search itself keeps the item; what can't be decided is refused where pixels are read (test_transfer)."""
    hunt.script.fault("/search", page(first_item(**{"s2:processing_baseline": None})))
    assert hunt.attempt(hunt.go).exit_code == Exit.WELL
    first: dict[str, Any] = hunt.lock()["items"][0]
    assert first["properties"]["s2:processing_baseline"] is None
