"""The page walk of a STAC search, counted: no page twice, no item twice with another body, as many items as the API says (rule R1).

pystac-client opens the API and shapes the query; its own paging stops silently at an empty page, a lost
link or a loop, so the pages are walked here.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urljoin

from pystac.link import Link
from pystac_client import Client
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from requests import Response
from urllib3 import Retry

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, refuse
from carbonsink.scenes.address import check_api, check_host, same_server

LIMIT = 100  # items a page; larger pages fail on Earth Search with 502
MOST_PAGES = 1000
CONNECT, READ = 10.0, 60.0  # seconds
WHERE = "catalogue"


@dataclass(frozen=True)
class Found:
    """What a search gave: item JSON in the order of arrival, the API's own count where it gives one, pages asked."""

    items: tuple[dict[str, Any], ...]
    matched: int | None
    pages: int


class CountChanged(Exception):
    """The API's count changed between two pages: the catalogue moved under the search."""


def walk(api_url: str, collection: str, bbox: tuple[float, float, float, float], period: str) -> Found:
    """Every item of a search; a catalogue that moves meanwhile is asked once more, then refused."""
    check_api(api_url)
    check_host(api_url, WHERE)
    io = _asker()
    try:
        search = _search(io, api_url, collection, bbox, period)
        try:
            return _walk(search, io, api_url)
        except CountChanged:
            return _walk(search, io, api_url)
    except CountChanged as error:
        raise refuse("E-STAC-005", WHERE, Exit.SOURCE, found=error) from None
    except (APIError, json.JSONDecodeError, NotImplementedError, ValueError, KeyError, TypeError) as error:
        # whatever an API answers that isn't STAC ends here, in pystac's and pystac-client's own exceptions
        raise refuse("E-STAC-002", WHERE, Exit.SOURCE, found=_said(error)) from None
    finally:
        io.session.close()


def _asker() -> StacApiIO:
    """What asks the API: with an end to waiting, tries again on 429 and 5xx, and stays on its server."""
    retry = Retry(total=5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None, backoff_factor=0.3, raise_on_status=False, retry_after_max=120)
    io = StacApiIO(timeout=(CONNECT, READ), max_retries=retry)
    io.session.hooks["response"].append(_stay)
    return io


def _search(io: StacApiIO, api_url: str, collection: str, bbox: tuple[float, float, float, float], period: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pystac-client warns where we refuse
        client = Client.open(api_url, stac_io=io)
        return client.search(method="GET", collections=[collection], bbox=bbox, datetime=period, limit=LIMIT)


def _walk(search: Any, io: StacApiIO, api_url: str) -> Found:
    items: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    matched: int | None = None
    page = io.read_json(search.url, method=search.method, parameters=search.get_parameters())
    for number in range(1, MOST_PAGES + 1):
        features = _features(page)
        if number > 1 and _matched(page) != matched:
            raise CountChanged(f"{matched} on the first page, {_matched(page)} on page {number}")
        matched = _matched(page)
        _take(features, items)
        following = next((link for link in page.get("links", []) if link.get("rel") == "next"), None)
        if following is None:
            _complete(items, matched, len(features))
            return Found(tuple(items.values()), matched, number)
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


def _take(features: list[dict[str, Any]], items: dict[str, dict[str, Any]]) -> None:
    """Add a page's items; the same item twice counts once, the same name with another body is a conflict."""
    for feature in features:
        known = items.setdefault(str(feature["id"]), feature)
        if known is not feature and digest(known) != digest(feature):
            raise refuse("E-STAC-008", str(feature["id"]), Exit.INTEGRITY)


def _complete(items: dict[str, dict[str, Any]], matched: int | None, last: int) -> None:
    """The count must be the API's; where it gives none, a full last page without a next link is no end."""
    if matched is not None and matched != len(items):
        raise refuse("E-STAC-004", WHERE, Exit.SOURCE, matched=matched, found=len(items))
    if matched is None and last >= LIMIT:
        raise refuse("E-STAC-009", WHERE, Exit.SOURCE, found=len(items), limit=LIMIT)


def _next(link: dict[str, Any], api_url: str) -> Link:
    if not same_server(str(link["href"]), api_url):
        raise refuse("E-SEC-024", WHERE, Exit.SOURCE, href=link["href"], api=api_url)
    return Link.from_dict(link)


def _said(error: Exception) -> str:
    """What went wrong, in the first words of the answer."""
    status = getattr(error, "status_code", None)
    words = " ".join(str(error).split())[:80]
    return f"HTTP {status}: {words}" if status else f"{type(error).__name__}: {words}"


def _stay(response: Response, *_: Any, **__: Any) -> None:
    """Refuse a redirect to another server."""
    target = urljoin(str(response.url), response.headers.get("location", ""))
    if response.is_redirect and not same_server(target, str(response.url)):
        response.close()
        raise ValueError(f"redirected to another server: {target}")
