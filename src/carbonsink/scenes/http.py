"""Asking: one request after another until an answer is good, or a refusal; never an error page, never a short body (rule R2).

Asker.ask(url, headers, take)    paced, dressed with credentials, redirected on its own server only, tried again on 408, 425, 429, 5xx,
a reset and a short body, after the wait the server asked for; 401 and 403 once more where a signature may have ended.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import Any, TypeVar
from urllib.parse import urljoin

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.declared.sensor import Dialect
from carbonsink.scenes.address import plain, redacted, same_server, server_of
from carbonsink.scenes.bucket import pace
from carbonsink.scenes.connect import FAULTS, TOO_SLOW, Route, limited
from carbonsink.scenes.credentials import Credentials, Open, credentials_of

REDIRECTS = 3
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
GONE = frozenset({404, 410})
SIGN_AGAIN = frozenset({401, 403})
CONNECTIONS = 32  # at once; requests wait for servers, not for processors
LARGEST_JSON = 1_000_000  # bytes of a signing service's answer
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for [s], and how often it is asked."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 120.0
    connect: float = 10.0
    read: float = 30.0
    total: float = 120.0  # for a whole request ...
    slowest: float = 4096.0  # ... and beyond it as long as its bytes take at so many a second


class Transient(Exception):
    """Worth another try; `wait` is what the server asked for [s], `code` the message if no try helps."""

    def __init__(self, why: str, wait: float | None = None, code: str = "E-SRC-020") -> None:
        super().__init__(redacted(why))
        self.wait, self.code = wait, code


@dataclass
class Asker:
    """The one client: where it may ask, how often, with which credentials, and how patiently."""

    http: httpx.Client
    patience: Patience
    rate: float  # requests a second and host
    credentials: Credentials = field(default_factory=Open)

    def ask(self, url: str, headers: Callable[[], dict[str, str]], take: Callable[[httpx.Response], Answer], where: str) -> Answer:
        """What `take` makes of a good answer; a Transient from it, too, is tried again, `headers` being asked for anew."""
        attempts: Retrying = Retrying(
            stop=stop_after_attempt(self.patience.attempts),
            retry=retry_if_exception_type(Transient),
            wait=lambda state: _pause(state, self.patience),
            reraise=True,
        )
        try:
            answer: Answer = attempts(self._once, url, headers, take, where)
            return answer
        except Transient as error:
            said = {"url": plain(url)} if error.code == "E-SRC-020" else {"host": server_of(url)[1]}
            raise refuse(error.code, where, Exit.SOURCE, **said, found=f"{error}, {self.patience.attempts} x") from None

    def _once(self, url: str, headers: Callable[[], dict[str, str]], take: Callable[[httpx.Response], Answer], where: str) -> Answer:
        """One try, and one more with a new signature where the old one was refused."""
        try:
            return self._follow(url, headers(), take, where)
        except Unauthorized as error:
            if not self.credentials.renew(url):
                raise refuse("E-SRC-020", where, Exit.SOURCE, url=plain(url), found=error) from None
        try:
            return self._follow(url, headers(), take, where)
        except Unauthorized as error:
            raise refuse("E-SRC-020", where, Exit.SOURCE, url=plain(url), found=f"{error}, signed anew") from None

    def _follow(self, url: str, headers: dict[str, str], take: Callable[[httpx.Response], Answer], where: str) -> Answer:
        """Ask, following redirects on the same server only."""
        asked, more = self.credentials.dress(url, where)
        for _ in range(REDIRECTS + 1):
            target, answer = self._request(asked, headers | more, take, where)
            if target is None:
                return answer  # type: ignore[return-value]  # no redirect: it is what `take` gave
            if not same_server(asked, target):
                raise refuse("E-SEC-025", where, Exit.SOURCE, url=plain(url), target=plain(target))
            asked = target
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=plain(url), found=f"more than {REDIRECTS} redirects")

    def _request(self, url: str, headers: dict[str, str], take: Callable[[httpx.Response], Answer], where: str) -> tuple[str | None, Answer | None]:
        """One request: where it redirects to, or what `take` makes of the answer."""
        bucket = pace(server_of(url)[1], self.rate)
        bucket.take()
        try:
            with limited(self.patience.total, self.patience.slowest), self.http.stream("GET", url, headers=headers, extensions={"where": where}) as response:
                if response.has_redirect_location:
                    return _joined(url, response.headers["location"]), None
                _check_status(response, where)
                return None, take(response)
        except Transient as error:
            bucket.hold(min(error.wait or 0.0, self.patience.longest_wait))
            raise
        except FAULTS as error:
            raise _explained(error, server_of(url)[1], where) from None


class Unauthorized(Exception):
    """401 or 403."""


@contextmanager
def asking(dialect: Dialect, urls: Iterable[str], root_url: str | None, patience: Patience) -> Iterator[Asker]:
    """What asks for the files at `urls`, and for nothing on another server; `root_url` is our own catalogue's."""
    asker: Asker
    credentials = credentials_of(dialect, lambda url, headers, where: asker.ask(url, lambda: headers, lambda answer: _json(answer, where), where))
    servers = frozenset(server_of(url) for url in urls) | credentials.servers
    route = Route(servers, server_of(root_url) if root_url else None, CONNECTIONS)
    timeout = httpx.Timeout(patience.read, connect=patience.connect, pool=None)
    with httpx.Client(transport=route, timeout=timeout, follow_redirects=False, headers={"Accept-Encoding": "identity"}, trust_env=False) as http:
        asker = Asker(http, patience, dialect.requests_per_second, credentials)
        yield asker


def _json(response: httpx.Response, where: str) -> Any:
    """A signing service's JSON; refused where it is none."""
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > LARGEST_JSON:
            raise refuse("E-SRC-048", where, Exit.SOURCE, url=plain(str(response.url)), limit=LARGEST_JSON)
    try:
        return httpx.Response(200, content=body).json()
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise refuse("E-SRC-044", where, Exit.SOURCE, service=plain(str(response.url)), found=f"no JSON: {type(error).__name__}") from None


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; a location that can't be read leads to itself."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def _check_status(response: httpx.Response, where: str) -> None:
    status, url = response.status_code, plain(str(response.url))
    later = response.headers.get("retry-after")
    if status in AGAIN or (status == 403 and later):  # Earth Search throttles with 403
        raise Transient(f"HTTP {status}", retry_after(later))
    if status in SIGN_AGAIN:
        raise Unauthorized(f"HTTP {status}")
    if status in GONE:
        raise refuse("E-SRC-049", where, Exit.SOURCE, url=url, found=f"HTTP {status}")
    if status not in (200, 206, 416):  # 416: who asked for a range knows what it means
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=url, found=f"HTTP {status}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise refuse("E-SRC-020", where, Exit.SOURCE, url=url, found=f"content-encoding {response.headers['content-encoding']}")


def _explained(error: Exception, host: str, where: str) -> Transient | Refusal:
    """A fault of the network by its cause: the name, the connection, the certificate, or what came after."""
    causes = _causes(error)
    said = redacted(f"{type(error).__name__} {error if TOO_SLOW in str(error) else causes[-1]}".strip())
    if handshake := next((cause for cause in causes if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError)), None):
        return refuse("E-SRC-042", where, Exit.SOURCE, host=host, found=getattr(handshake, "verify_message", "") or handshake.reason or handshake)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Transient(said, code="E-SRC-040")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Transient(said, code="E-SRC-041")
    return Transient(said)


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and what led to it, the first cause last."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__  # httpcore hides causes from tracebacks; they are what tells a closed door from a lost name
    return found


def _pause(state: RetryCallState, patience: Patience) -> float:
    """What the server asked for, else twice as long each time; never beyond the longest wait."""
    error: Any = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "wait", None)
    doubled = patience.first_wait * float(2 ** (state.attempt_number - 1))
    return min(doubled if asked is None else float(asked), patience.longest_wait)


def retry_after(text: str | None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None where it says nothing."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
