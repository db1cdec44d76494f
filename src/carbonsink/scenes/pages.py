"""A STAC search, whole or refused: no page twice, no item twice with another body, as many items as the API says (rule R1).

pystac-client opens the API and shapes the query; its own paging stops silently at an empty page, a lost link or a loop,
so the pages are walked here. A server that fails is asked for less at once:

    pages of 100  ->  pages of 50  ->  month by month, each tried again   ->  one Found, every search counted for itself
"""

from __future__ import annotations

import calendar
import json
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from pystac.link import Link
from pystac_client import Client
from pystac_client.exceptions import APIError

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, refuse
from carbonsink.scenes.address import check_api, check_host, redacted, same_server
from carbonsink.scenes.ask import WHERE, Asker, Struggling
from carbonsink.scenes.http import Patience

LIMIT = 100  # items a page; larger pages fail on Earth Search with 502
MOST_PAGES = 1000
TRIES = (2, 1)  # of a request, at full pages and at half pages; month by month then, as many as patience leaves
Box = tuple[float, float, float, float]
Period = tuple[date, date]
Ask = Callable[[Period, int], Any]  # a search of a period with pages of so many items


@dataclass(frozen=True)
class Found:
    """What a search gave: item JSON in the order of arrival, the API's own count where it gives one."""

    items: tuple[dict[str, Any], ...]
    matched: int | None


class CountChanged(Exception):
    """The API's count changed between two pages: the catalogue moved under the search."""


class NoEnd(Exception):
    """The last page is full and nothing says that it is the last."""


def walk(api_url: str, collection: str, boxes: Iterable[Box], period: Period, patience: Patience, rate: float) -> Found:
    """Every item of a search in any of the boxes; a catalogue that moves meanwhile is asked once more, then refused."""
    check_api(api_url)
    check_host(api_url, WHERE)
    io = Asker(patience, rate)
    try:
        client = _opened(io, api_url)
        return merged(found for box in boxes for found in _steady(_asking(client, collection, box), io, api_url, period))
    except CountChanged as error:
        raise refuse("E-STAC-005", WHERE, Exit.SOURCE, found=error) from None
    except Struggling as error:
        facts = {"url": error.url, "found": error.found, "attempts": patience.attempts, "digest": error.digest}
        raise refuse("E-STAC-021", WHERE, Exit.SOURCE, **facts) from None
    except (APIError, json.JSONDecodeError, NotImplementedError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        # whatever an API answers that isn't STAC ends here, in pystac's and pystac-client's own exceptions
        raise refuse("E-STAC-002", WHERE, Exit.SOURCE, found=_said(error)) from None
    finally:
        io.session.close()


def merged(parts: Iterable[Found]) -> Found:
    """Several searches as one: an item found by two counts once, and the count is that of the union where every search was counted."""
    items: dict[str, dict[str, Any]] = {}
    counted = True
    for part in parts:
        _take(part.items, items)
        counted &= part.matched is not None
    return Found(tuple(items.values()), len(items) if counted else None)


def months(period: Period) -> list[Period]:
    """The calendar months of a period, the first and the last cut to it."""
    first, last = period
    found = []
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, number = month // 12, month % 12 + 1
        start, end = date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])
        found.append((max(start, first), min(end, last)))
    return found


def _opened(io: Asker, api_url: str) -> Client:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pystac-client warns where we refuse
        return Client.open(api_url, stac_io=io)


def _asking(client: Client, collection: str, box: Box) -> Ask:
    def ask(period: Period, limit: int) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            span = f"{period[0]}T00:00:00Z/{period[1]}T23:59:59.999999Z"  # a scene of a day's last second is the day's
            return client.search(method="GET", collections=[collection], bbox=box, datetime=span, limit=limit, max_items=None)

    return ask


def _steady(ask: Ask, io: Asker, api_url: str, period: Period) -> Iterable[Found]:
    """The searches that together answer a period: one, or one a month where the server fails at more."""
    for tries, limit in zip(TRIES, (LIMIT, LIMIT // 2), strict=True):
        io.tries = tries
        try:
            return [_counted(ask, io, api_url, period, limit)]
        except Struggling:
            time.sleep(io.patience.first_wait)
    io.tries = max(io.patience.attempts - len(TRIES), 1)
    return [_counted(ask, io, api_url, month, LIMIT // 2) for month in months(period)]


def _counted(ask: Ask, io: Asker, api_url: str, period: Period, limit: int) -> Found:
    try:
        return _walk(ask(period, limit), io, api_url, limit)
    except CountChanged:
        return _walk(ask(period, limit), io, api_url, limit)
    except NoEnd:
        try:
            return _walk(ask(period, limit - 1), io, api_url, limit - 1)  # as many items in other pages: the last is full no more
        except NoEnd as found:
            raise refuse("E-STAC-009", WHERE, Exit.SOURCE, found=found, limit=limit) from None


def _walk(search: Any, io: Asker, api_url: str, limit: int) -> Found:
    items: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    matched: int | None = None
    came = 0
    page = io.read_json(search.url, method=search.method, parameters=search.get_parameters())
    for number in range(1, MOST_PAGES + 1):
        features = _features(page)
        if number > 1 and _matched(page) != matched:
            raise CountChanged(f"{matched} on the first page, {_matched(page)} on page {number}")
        matched = _matched(page)
        _take(features, items)
        came += len(features)
        following = next((link for link in page.get("links", []) if link.get("rel") == "next"), None)
        if following is None:
            _complete(len(items), came, matched, len(features) >= limit)
            return Found(tuple(items.values()), matched)
        key = digest({k: following.get(k) for k in ("href", "method", "body")})
        if key in seen:
            raise refuse("E-STAC-006", WHERE, Exit.SOURCE, page=number + 1)
        seen.add(key)
        page = io.read_json(_next(following, api_url), parameters=search.get_parameters())
    raise refuse("E-STAC-007", WHERE, Exit.SOURCE, pages=MOST_PAGES)


def _features(page: dict[str, Any]) -> list[dict[str, Any]]:
    features = page.get("features")
    if not isinstance(features, list):
        raise ValueError("a page has no list of features")
    return features


def _matched(page: dict[str, Any]) -> int | None:
    return cast("int | None", page.get("numberMatched", page.get("context", {}).get("matched")))


def _take(features: Iterable[dict[str, Any]], items: dict[str, dict[str, Any]]) -> None:
    """Add a page's items; the same item twice counts once, the same name with another body is a conflict."""
    for feature in features:
        known = items.setdefault(str(feature["id"]), feature)
        if known is not feature and digest(known) != digest(feature):
            raise refuse("E-STAC-008", str(feature["id"]), Exit.INTEGRITY)


def _complete(items: int, came: int, matched: int | None, full: bool) -> None:
    """The count must be the API's; where it gives none, no item may come twice (in its place another is missing), nor may the last page be full."""
    if matched is not None and matched != items:
        raise refuse("E-STAC-004", WHERE, Exit.SOURCE, matched=matched, found=items)
    if matched is None and came > items:
        raise refuse("E-STAC-024", WHERE, Exit.SOURCE, came=came, found=items)
    if matched is None and full:
        raise NoEnd(items)


def _next(link: dict[str, Any], api_url: str) -> Link:
    if not same_server(str(link["href"]), api_url):
        raise refuse("E-SEC-024", WHERE, Exit.SOURCE, href=link["href"], api=api_url)
    return Link.from_dict(link)


def _said(error: Exception) -> str:
    """What went wrong, in the first words of the answer."""
    status = getattr(error, "status_code", None)
    text = f"{error.msg}, begins {error.doc[:80]}" if isinstance(error, json.JSONDecodeError) else str(error)
    words = redacted(" ".join(text.split())[:120])
    return f"HTTP {status}: {words}" if status else f"{type(error).__name__}: {words}"
