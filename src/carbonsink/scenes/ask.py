"""Asking a STAC API: paced, patient with a busy server, short with a failing one; at most so many bytes and seconds an answer.

429, or Retry-After         waited for as the server asks, then asked again
5xx, no answer, a reset     asked again `tries` times, then Struggling: the caller may ask for less at once
everything else             APIError, ValueError
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urljoin, urlsplit

from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO
from requests import Request, RequestException, Response, TooManyRedirects
from urllib3.exceptions import HTTPError

from carbonsink.base.evidence import sha256
from carbonsink.base.problems import Exit, refuse
from carbonsink.scenes.address import plain, redacted, same_server
from carbonsink.scenes.bucket import pace
from carbonsink.scenes.http import REDIRECTS, Patience, retry_after

WHERE = "catalogue"
LARGEST_ANSWER = 64_000_000  # bytes; a page of 100 items has 4 MB at most (S8)
CHUNK = 1 << 16


class Struggling(Exception):
    """The server fails at what is asked: 5xx, no answer, a broken one. Less at once may pass."""

    def __init__(self, url: str, found: str, body: bytes = b"") -> None:
        super().__init__(found)
        self.url, self.found = plain(url), redacted(found)
        self.digest = sha256(body)[:16] if body else "none"


class Busy(Exception):
    """The server asks to come back later; `wait` is when [s], where it says so."""

    def __init__(self, status: int, wait: float | None) -> None:
        super().__init__(f"HTTP {status}")
        self.wait = wait


class Asker(StacApiIO):
    """What pystac-client and the page walk ask with."""

    def __init__(self, patience: Patience, rate: float) -> None:
        super().__init__(max_retries=None)
        self.patience, self.rate, self.tries = patience, rate, patience.attempts
        self.session.max_redirects = REDIRECTS
        self.session.hooks["response"].append(_stay)

    def request(self, href: str, method: str | None = None, headers: dict[str, str] | None = None, parameters: dict[str, Any] | None = None) -> str:
        """The text of a good answer; Refusal where the server stays busy, Struggling where it keeps failing."""
        wanted = _wanted(href, (method or "GET").upper(), headers, parameters)
        tried, waited = 0, 0.0
        for busy in range(self.patience.attempts):
            try:
                while True:
                    tried += 1
                    try:
                        return self._once(wanted)
                    except Struggling:
                        if tried >= self.tries:
                            raise
                        time.sleep(self._pause(tried))
            except Busy as error:
                pause = self._pause(busy + 1, error.wait)
                found = error
            if busy + 1 < self.patience.attempts:
                pace(urlsplit(href).hostname or "", self.rate).hold(pause)
                time.sleep(pause)
                waited += pause
        raise refuse("E-STAC-022", WHERE, Exit.SOURCE, url=plain(href), found=found, attempts=self.patience.attempts, waited=round(waited, 1))

    def _pause(self, times: int, asked: float | None = None) -> float:
        doubled = self.patience.first_wait * float(2 ** (times - 1))
        return min(doubled if asked is None else asked, self.patience.longest_wait)

    def _once(self, wanted: Request) -> str:
        pace(urlsplit(wanted.url).hostname or "", self.rate).take()
        prepared = self.session.prepare_request(wanted)
        settings = self.session.merge_environment_settings(str(prepared.url), {}, True, True, None)
        end = time.monotonic() + self.patience.total
        try:
            # not self.timeout: opening a client resets it to none, and a silent server is waited for without end
            with self.session.send(prepared, timeout=(self.patience.connect, self.patience.read), **settings) as response:
                return _text(response, _body(response, end))
        except TooManyRedirects as error:
            raise ValueError(str(error)) from None
        except (RequestException, HTTPError, OSError) as error:
            raise Struggling(str(prepared.url), f"{type(error).__name__} {' '.join(str(error).split())[:120]}") from None


def _wanted(href: str, method: str, headers: dict[str, str] | None, parameters: dict[str, Any] | None) -> Request:
    if method == "POST":
        return Request(method, href, headers=headers, json=parameters)
    return Request(method, href, headers=headers, params=parameters or {})


def _body(response: Response, end: float) -> bytes:
    """All bytes of an answer, unpacked; Struggling where they come too slowly, ValueError where they are too many."""
    body = bytearray()
    while chunk := response.raw.read1(CHUNK, decode_content=True):  # what has come: a slow answer is looked at byte by byte
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise ValueError(f"more than {LARGEST_ANSWER} bytes")
        if time.monotonic() > end:
            raise Struggling(response.url, "too slow over the whole answer")
    return bytes(body)


def _text(response: Response, body: bytes) -> str:
    status, later = response.status_code, response.headers.get("retry-after")
    if status == 429 or (later is not None and status in (403, 503)):  # Earth Search throttles with 403
        raise Busy(status, retry_after(later))
    if status >= 500 or status in (408, 425):
        raise Struggling(response.url, f"HTTP {status}", body)
    if not 200 <= status < 300:
        error = APIError(body.decode("utf-8", "replace"))
        error.status_code = status
        raise error
    return body.decode("utf-8")


def _stay(response: Response, *_: Any, **__: Any) -> None:
    """Refuse a redirect to another server."""
    target = urljoin(str(response.url), response.headers.get("location", ""))
    if response.is_redirect and not same_server(target, str(response.url)):
        response.close()
        raise ValueError(f"redirected to another server: {plain(target)}")
