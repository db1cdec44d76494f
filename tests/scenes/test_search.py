"""A search from a provider in trouble: smaller pages, then month by month, a busy one waited for, a dead one given up in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.declared.area import AreaFile, ImagerySource
from carbonsink.declared.plan import Plan
from carbonsink.scenes.bucket import Bucket
from carbonsink.scenes.http import Patience
from carbonsink.scenes.lock import search
from carbonsink.scenes.pages import Found, merged, months
from tests.scenes.plans import WORDS, lonlat, plan_of
from tests.scenes.server import Answer, Script, json_answer, query_of, root, serving
from tests.scenes.synthetic import EPSG, INNER, item

PLAN = plan_of(lonlat(INNER, EPSG), 2018)
PATIENCE = Patience(attempts=4, first_wait=0.02, longest_wait=0.3, connect=1.0, read=0.3, total=1.0)
SCENES = [item(f"S2A_31UDS_2018{month:02d}{day:02d}_0_L2A", f"2018-{month:02d}-{day:02d}T10:50:29Z") for month in range(1, 13) for day in (1, 15, 28)]
Reply = Callable[[dict[str, list[str]]], Answer | None]


def lay(script: Script, trouble: Reply = lambda asked: None) -> None:
    """A STAC API over the scenes that honours period and limit; `trouble` answers instead where it likes."""
    script.lay("/", json_answer(root(script.url)))

    def answer(path: str) -> Answer:
        asked = query_of(path)
        instead = trouble(asked)
        return instead or page(script, asked)

    script.acts["/search"] = answer


def page(script: Script, asked: dict[str, list[str]]) -> Answer:
    first, last = asked["datetime"][0].split("/")
    found = [scene for scene in SCENES if first <= scene["properties"]["datetime"] <= last]
    limit, start = int(asked["limit"][0]), int(asked.get("start", ["0"])[0])
    links = []
    if start + limit < len(found):
        links = [{"rel": "next", "href": f"{script.url}/search?datetime={asked['datetime'][0]}&limit={limit}&start={start + limit}"}]
    return json_answer({"type": "FeatureCollection", "features": found[start : start + limit], "links": links, "numberMatched": len(found)})


def searches(script: Script) -> list[dict[str, list[str]]]:
    return [query_of(asked) for asked, _ in script.asked if asked.startswith("/search")]


def locked(script: Script, plan: Plan = PLAN) -> dict[str, Any]:
    return search(plan, script.url, script.url, PATIENCE)


def refused(script: Script) -> Refusal:
    with pytest.raises(Refusal) as caught:
        locked(script)
    return caught.value


def whole(lock: dict[str, Any]) -> bool:
    return [found["id"] for found in lock["items"]] == [scene["id"] for scene in SCENES] and (lock["matched"], lock["returned"]) == (36, 36)


def test_pages_that_are_too_large_for_the_server_are_halved() -> None:
    with serving() as script:
        lay(script, lambda asked: Answer(status=502) if asked["limit"] == ["100"] else None)
        assert whole(locked(script))
        assert [asked["limit"] for asked in searches(script)] == [["100"], ["100"], ["50"]]


def test_a_period_that_is_too_long_for_the_server_is_asked_month_by_month() -> None:
    """As Planetary Computer does: "request exceeded the maximum allowed time"."""

    def slow(asked: dict[str, list[str]]) -> Answer | None:
        first, last = asked["datetime"][0].split("/")
        return Answer(b"request exceeded the maximum allowed time", 504) if first[:7] != last[:7] else None

    with serving() as script:
        lay(script, slow)
        lock = locked(script)
        assert whole(lock)
        periods = [asked["datetime"][0] for asked in searches(script)][3:]
        assert len(periods) == 12
        assert periods[1] == "2018-02-01T00:00:00Z/2018-02-28T23:59:59.999999Z"
        lay(script)
        calm = locked(script)
    assert {**lock, "pages": 0} == {**calm, "pages": 0}, "a lock doesn't tell what the search went through, but for its pages"


def test_a_month_that_fails_now_and_then_is_asked_again() -> None:
    failing = iter([True, False] * 200)

    def moody(asked: dict[str, list[str]]) -> Answer | None:
        first, last = asked["datetime"][0].split("/")
        return Answer(status=500) if first[:7] != last[:7] or next(failing) else None

    with serving() as script:
        lay(script, moody)
        assert whole(locked(script))


def test_a_server_without_an_answer_is_asked_for_less_and_given_up_in_words() -> None:
    with serving() as script:
        script.lay("/", json_answer(root(script.url)))
        script.acts["/search"] = lambda path: time.sleep(0.6) or Answer(status=200)  # type: ignore[func-returns-value]
        start = time.monotonic()
        found = refused(script)
    assert [(p.code, p.facts["url"]) for p in found.problems] == [("E-STAC-021", f"{script.url}/search")]
    assert "ReadTimeout" in str(found.problems[0].facts["found"]) and found.exit_code == Exit.SOURCE
    assert time.monotonic() - start < 5
    assert len(searches(script)) == 2 + 1 + 2


def test_a_server_that_always_fails_is_named_with_the_digest_of_what_it_said() -> None:
    with serving() as script:
        lay(script, lambda asked: Answer(b"Internal Server Error", 500))
        facts = refused(script).problems[0].facts
    assert facts["found"] == "HTTP 500" and len(str(facts["digest"])) == 16


def test_a_catalogue_whose_root_fails_is_tried_as_often_as_patience_allows() -> None:
    with serving() as script:
        script.lay("/", Answer(status=503))
        found = refused(script)
    assert [p.code for p in found.problems] == ["E-STAC-021"]
    assert script.count("/") == PATIENCE.attempts


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    busy = iter([Answer(status=429, headers={"Retry-After": "0.2"}), Answer(status=429, headers={"Retry-After": "1"})])
    with serving() as script:
        lay(script, lambda asked: next(busy, None))
        start = time.monotonic()
        assert whole(locked(script))
    assert time.monotonic() - start >= PATIENCE.longest_wait, "one second was asked for, and cut to the longest wait"
    assert len(searches(script)) == 3


def test_a_server_that_stays_busy_is_given_up_with_the_whole_wait() -> None:
    with serving() as script:
        lay(script, lambda asked: Answer(status=429))
        problem = refused(script).problems[0]
    assert (problem.code, problem.facts["attempts"]) == ("E-STAC-022", 4)
    assert problem.facts["waited"] == pytest.approx(0.02 + 0.04 + 0.08, abs=0.05)
    assert "429" in problem.line("en")


@pytest.mark.parametrize("status", [403, 503])
def test_a_throttle_by_another_name_is_taken_for_busy_where_it_says_when(status: int) -> None:
    first = iter([Answer(status=status, headers={"Retry-After": "0"})])
    with serving() as script:
        lay(script, lambda asked: next(first, None))
        assert whole(locked(script))
        assert [asked["limit"] for asked in searches(script)] == [["100"], ["100"]], "nothing was halved"


@pytest.mark.parametrize("text", ["86400", "Wed, 21 Oct 2065 07:28:00 GMT", "in a while", "-5", "1e9", ""])
def test_a_wait_of_a_day_or_of_nonsense_holds_nobody_up(text: str) -> None:
    first = iter([Answer(status=429, headers={"Retry-After": text})])
    with serving() as script:
        lay(script, lambda asked: next(first, None))
        start = time.monotonic()
        assert whole(locked(script))
    assert time.monotonic() - start < 2


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carbonsink.scenes.ask.LARGEST_ANSWER", 2000)
    with serving() as script:
        lay(script)
        found = refused(script)
    assert [p.code for p in found.problems] == ["E-STAC-002"] and "2000 bytes" in str(found)


def test_every_month_is_counted_for_itself() -> None:
    """One month short of its own count is refused, though the others are whole."""

    def short(asked: dict[str, list[str]]) -> Answer | None:
        first, last = asked["datetime"][0].split("/")
        if first[:7] != last[:7]:
            return Answer(status=504)
        if first.startswith("2018-07"):
            return json_answer({"type": "FeatureCollection", "features": SCENES[18:20], "links": [], "numberMatched": 3})
        return None

    with serving() as script:
        lay(script, short)
        found = refused(script)
    assert [(p.code, p.facts) for p in found.problems] == [("E-STAC-004", {"matched": 3, "found": 2})]


def test_an_item_of_two_searches_counts_once_and_otherwise_is_a_conflict() -> None:
    one = Found(tuple(SCENES[:3]), 3)
    other = Found(tuple(SCENES[2:5]), 3)
    assert (len(merged([one, other]).items), merged([one, other]).matched) == (5, 5)
    assert merged([one, Found(tuple(SCENES[2:5]), None)]).matched is None
    changed = SCENES[2] | {"properties": SCENES[2]["properties"] | {"eo:cloud_cover": 11.0}}
    with pytest.raises(Refusal, match=f"E-STAC-008 {SCENES[2]['id']}"):
        merged([one, Found((changed,), 1)])


def test_the_months_of_a_period_are_the_period() -> None:
    found = months((date(2019, 11, 17), date(2020, 3, 2)))
    assert found[0] == (date(2019, 11, 17), date(2019, 11, 30)) and found[-1] == (date(2020, 3, 1), date(2020, 3, 2))
    assert (date(2020, 2, 1), date(2020, 2, 29)) in found and len(found) == 5
    assert months((date(2020, 2, 3), date(2020, 2, 3))) == [(date(2020, 2, 3), date(2020, 2, 3))]


def test_a_host_is_asked_no_faster_than_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = Bucket(20.0)
    monkeypatch.setattr("carbonsink.scenes.ask.pace", lambda host, rate: bucket)
    for _ in range(20):
        bucket.take()
    with serving() as script:
        lay(script)
        times = [threading.Thread(target=search, args=(PLAN, script.url, script.url)) for _ in range(3)]
        start = time.monotonic()
        for thread in times:
            thread.start()
        for thread in times:
            thread.join()
        assert len(searches(script)) == 3
        assert time.monotonic() - start >= (len(script.asked) - 1) / 20


def test_a_lock_says_in_whose_words_it_is_and_is_not_read_in_others() -> None:
    from carbonsink.scenes.lock import items_of

    with serving() as script:
        lay(script)
        lock = locked(script)
    assert lock["dialect"] == "earth-search"
    other = Plan(**{**vars(PLAN), "area": AreaFile.model_construct(id="test-area", name=WORDS, imagery=ImagerySource(dialect="cdse"))})
    with pytest.raises(Refusal) as caught:
        items_of(lock, other)
    assert [(p.code, p.facts) for p in caught.value.problems] == [("E-STAC-023", {"found": "earth-search", "expected": "cdse"})]
    del lock["dialect"]
    assert len(items_of(lock, PLAN)) == 36, "locks of before dialects are read in the sensor's first"
