"""One file over HTTP into the store, or a refusal: never a short body, never an error page, never zeros (rule R2).

429, 5xx, a reset and a short body are tried again; a body that broke off goes on by Range where the server
gave a strong ETag, else from its first byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.store import Store
from carbonsink.scenes.address import check_host, resolved, same_server
from carbonsink.scenes.item import Asset

HASHES = {"1220": "sha256", "1114": "sha1", "d50110": "md5"}  # multihash: code and length, then the digest
REDIRECTS = 3
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for [s], and how often it is asked."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 120.0
    connect: float = 10.0
    read: float = 30.0


class Transient(Exception):
    """Worth another try; `wait` is what the server asked for [s]."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


def client(patience: Patience) -> httpx.Client:
    """A client that waits so long and no longer, and follows nothing by itself."""
    timeout = httpx.Timeout(patience.read, connect=patience.connect)
    return httpx.Client(timeout=timeout, follow_redirects=False, headers={"Accept-Encoding": "identity"})


def expected(checksum: str | None, where: str) -> tuple[str, str] | None:
    """Hash name and hex digest of a `file:checksum` multihash; refused where it is none that we know."""
    if checksum is None:
        return None
    for prefix, name in HASHES.items():
        value = checksum.removeprefix(prefix)
        if value != checksum and len(value) == hashlib.new(name, usedforsecurity=False).digest_size * 2:
            return name, value
    raise refuse("E-SRC-021", where, Exit.INVALID, found=checksum, known=", ".join(HASHES.values()))


def obtain(asset: Asset, where: str, root_url: str | None, store: Store, http: httpx.Client, patience: Patience) -> str:
    """The SHA-256 of an asset's bytes, which lie in the store when this returns; a known checksum is not fetched again."""
    wanted = expected(asset.checksum, where)
    known = _known(asset, wanted, store)
    if known and store.get(known):
        return known
    url = resolved(asset.href, where, root_url)
    check_host(url, where)
    part = store.part(asset.href)
    try:
        _download(url, part, where, asset.size, http, patience)
        _check(part, wanted, where)
        sha256 = store.put(part)
    finally:
        part.unlink(missing_ok=True)
    if asset.checksum and sha256 not in asset.checksum:
        store.remember(sha256, asset.href, asset.checksum)
    return sha256


def _known(asset: Asset, wanted: tuple[str, str] | None, store: Store) -> str | None:
    """The SHA-256 that an asset must have, as its item says or as it was when last fetched under the same checksum."""
    if wanted is None or asset.checksum is None:
        return None
    return wanted[1] if wanted[0] == "sha256" else store.recall(asset.href, asset.checksum)


def _download(url: str, part: Path, where: str, size: int | None, http: httpx.Client, patience: Patience) -> None:
    """Fill `part` with the whole body, trying again as often as patience allows."""
    part.unlink(missing_ok=True)
    strong: list[str] = []  # the ETag of the bytes in `part`, where it is strong
    attempts = Retrying(
        stop=stop_after_attempt(patience.attempts),
        retry=retry_if_exception_type(Transient),
        wait=lambda state: _pause(state, patience),
        reraise=True,
    )
    try:
        attempts(_attempt, url, part, where, size, strong, http)
    except Transient as error:
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=_plain(url), found=f"{error}, {patience.attempts} x") from None


def _attempt(url: str, part: Path, where: str, size: int | None, strong: list[str], http: httpx.Client) -> None:
    """One request, from where the last one broke off; Transient where another try may help."""
    have = part.stat().st_size if strong and part.exists() else 0
    headers = {"Range": f"bytes={have}-", "If-Range": strong[0]} if have else {}
    try:
        _request(url, headers, lambda response: _take(response, part, have, where, size, strong), where, http)
    except httpx.HTTPError as error:
        raise Transient(f"{type(error).__name__} {error}".strip()) from None


def _request(url: str, headers: dict[str, str], take: Callable[[httpx.Response], None], where: str, http: httpx.Client) -> None:
    """Ask, following redirects on the same server only, and hand a good answer on."""
    for _ in range(REDIRECTS + 1):
        with http.stream("GET", url, headers=headers) as response:
            if not response.has_redirect_location:
                return take(response)
            target = urljoin(url, response.headers["location"])
        if not same_server(url, target):
            raise refuse("E-SEC-025", where, Exit.SOURCE, url=_plain(url), target=_plain(target))
        url = target
    raise refuse("E-SRC-020", where, Exit.SOURCE, url=_plain(url), found=f"more than {REDIRECTS} redirects")


def _take(response: httpx.Response, part: Path, have: int, where: str, size: int | None, strong: list[str]) -> None:
    """Write a good answer's body to the end of `part`; a short, wrong or foreign one is refused or tried again."""
    _check_status(response, where)
    resumed = response.status_code == 206 and response.headers.get("content-range", "").startswith(f"bytes {have}-")
    if response.status_code == 206 and not resumed:
        strong.clear()
        raise Transient(f"asked for bytes from {have}, got {response.headers.get('content-range')}")
    etag = response.headers.get("etag", "")
    if not resumed:
        strong[:] = [etag] if etag.startswith('"') else []
    announced = response.headers.get("content-length")
    with part.open("ab" if resumed else "wb") as stream:
        for chunk in response.iter_raw():
            stream.write(chunk)
        got = stream.tell()
    whole = None if announced is None else int(announced) + (have if resumed else 0)
    if whole is not None and got != whole:
        raise Transient(f"{got} bytes of {whole}")
    if size is not None and got != size:
        raise refuse("E-SRC-022", where, Exit.INTEGRITY, expected=size, found=got)


def _check_status(response: httpx.Response, where: str) -> None:
    status, url = response.status_code, _plain(str(response.url))
    if status in AGAIN:
        raise Transient(f"HTTP {status}", _retry_after(response.headers.get("retry-after")))
    if status not in (200, 206):
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=url, found=f"HTTP {status}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=url, found=f"content-encoding {response.headers['content-encoding']}")


def _check(part: Path, wanted: tuple[str, str] | None, where: str) -> None:
    if wanted is None:
        return
    with part.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.new(wanted[0], usedforsecurity=False)).hexdigest()
    if found != wanted[1]:
        raise refuse("E-SRC-023", where, Exit.INTEGRITY, kind=wanted[0], expected=wanted[1], found=found)


def _pause(state: RetryCallState, patience: Patience) -> float:
    """What the server asked for, else twice as long each time; never beyond the longest wait."""
    error: Any = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "wait", None)
    doubled = patience.first_wait * float(2 ** (state.attempt_number - 1))
    return min(doubled if asked is None else float(asked), patience.longest_wait)


def _retry_after(text: str | None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None where it says nothing."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None


def _plain(url: str) -> str:
    return url.partition("?")[0]
