"""Connections: a name is resolved once, its addresses checked, and the connection made to one of those very addresses (S4).

request  ->  server of the list?  ->  proxy of the environment, or: name -> checked addresses -> TLS for the name  ->  answer
A time limit over a whole request ends servers that drip: a read timeout alone starts anew with every byte.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import httpcore
import httpx

from carbonsink.base.problems import Exit, refuse
from carbonsink.scenes.address import InsideNetwork, Server, addresses_of, check_host, is_loopback, plain, proxy_of, server_of

FAULTS = (httpx.HTTPError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError)
TOO_SLOW = "too slow over the whole request"
ALIVE = 60.0  # seconds that an idle connection is kept
CHUNK = 256 << 10  # bytes read at once: the client would take a quarter, and be asked four times as often


class Limit(threading.local):
    """The time limit of the request that this thread is making: until `end`, and longer for every byte that came."""

    end = float("inf")
    slowest = float("inf")  # bytes a second; slower than this is too slow

    def left(self) -> float:
        """Seconds left; TimeoutException where there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(TOO_SLOW)
        return left

    def came(self, count: int) -> None:
        """Bytes that came buy time."""
        self.end += count / self.slowest


LIMIT = Limit()


@contextmanager
def limited(seconds: float, slowest: float) -> Iterator[Limit]:
    """Let a request of this thread take so many seconds and, beyond, as long as its bytes need at the slowest rate [bytes/s]."""
    LIMIT.end, LIMIT.slowest = time.monotonic() + seconds, slowest
    try:
        yield LIMIT
    finally:
        LIMIT.end = LIMIT.slowest = float("inf")


class Timed(httpcore.NetworkStream):
    """A stream whose reads end with the limit of the thread that reads."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, up to the limit's end."""
        left = LIMIT.left()
        try:
            data = self._stream.read(max(max_bytes, CHUNK), left if timeout is None else min(timeout, left))
        except httpcore.ReadTimeout:
            if timeout is None or left < timeout:
                raise httpcore.ReadTimeout(TOO_SLOW) from None
            raise
        LIMIT.came(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write a request."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore.NetworkStream:
        """TLS for the name that was asked for, whatever address it has."""
        return Timed(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """What the connection pool wants to know of the socket."""
        return self._stream.get_extra_info(info)


class Checked(httpcore.NetworkBackend):
    """Connects to addresses outside only, and to the one server that is ours: of this machine, or a proxy."""

    def __init__(self, ours: Server | None) -> None:
        self._ours, self._plain = ours, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Resolve, check, connect to the first address that answers."""
        is_ours = self._ours is not None and (host.strip("[]").lower(), port) == self._ours[1:]
        try:
            *others, last = (host,) if is_ours else addresses_of(host.strip("[]"), port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for address in others:
            try:
                return Timed(self._plain.connect_tcp(address, port, timeout, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return Timed(self._plain.connect_tcp(last, port, timeout, local_address, socket_options))


class Route(httpx.BaseTransport):
    """Requests to the servers of a list: https anywhere on it, http only to our own catalogue."""

    def __init__(self, servers: frozenset[Server], ours: Server | None, connections: int) -> None:
        self._servers, self._ours, self._connections = servers | ({ours} if ours else set()), ours, connections
        self._tls = _tls(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        self._direct = httpcore.ConnectionPool(
            ssl_context=self._tls,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=ALIVE,
            network_backend=Checked(ours if ours and is_loopback(ours[1]) else None),
        )
        self._proxies: dict[str, httpcore.HTTPProxy] = {}
        self._looked_up: set[Server] = set()
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask, by the environment's proxy where it names one for the host."""
        url = str(request.url)
        server = server_of(url)
        where = str(request.extensions["where"])
        if server not in self._servers or (server[0] != "https" and server != self._ours):
            raise refuse("E-SEC-030", where, Exit.SOURCE, url=plain(url))
        try:
            return _ask(request, self._pool(url, server, where))
        except InsideNetwork as error:
            raise refuse("E-SEC-023", where, Exit.SOURCE, host=error.host, found=error.found) from None

    def close(self) -> None:
        """Close every connection."""
        for pool in (self._direct, *self._proxies.values()):
            pool.close()

    def _pool(self, url: str, server: Server, where: str) -> httpcore.ConnectionPool:
        """The connections to ask a server by; one that a proxy will resolve is looked up here once before."""
        proxy = proxy_of(url, where)
        if proxy is None:
            return self._direct
        with self._lock:
            if server not in self._looked_up:
                check_host(url, where)
                self._looked_up.add(server)
            if proxy not in self._proxies:
                self._proxies[proxy] = self._by(proxy)
            return self._proxies[proxy]

    def _by(self, proxy: str) -> httpcore.HTTPProxy:
        """Connections by a proxy, which may well lie inside; no slower than the direct ones may be."""
        named = httpx.Proxy(proxy)
        scheme, host, port = named.url.scheme, named.url.raw_host.decode("ascii"), server_of(proxy)[2]
        return httpcore.HTTPProxy(
            proxy_url=httpcore.URL(scheme=scheme, host=host, port=port, target="/"),
            proxy_auth=named.raw_auth,
            ssl_context=self._tls,
            proxy_ssl_context=self._tls if scheme == "https" else None,
            max_connections=self._connections,
            max_keepalive_connections=self._connections,
            keepalive_expiry=ALIVE,
            network_backend=Checked((scheme, host, port)),
        )


def _ask(request: httpx.Request, pool: httpcore.ConnectionPool) -> httpx.Response:
    target = httpcore.URL(scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path)
    body = cast("Iterable[bytes]", request.stream)
    asked = httpcore.Request(request.method, target, headers=request.headers.raw, content=body, extensions=request.extensions)
    answer = pool.handle_request(asked)
    return httpx.Response(answer.status, headers=answer.headers, stream=Body(answer), extensions=answer.extensions)


@cache
def _tls(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Who is trusted, by the environment's own file or folder of certificates where it names one; reading it takes as long as many requests."""
    return httpx.create_ssl_context()


class Body(httpx.SyncByteStream):
    """An answer's bytes as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from cast("Iterable[bytes]", self._answer.stream)

    def close(self) -> None:
        """Give the connection back."""
        self._answer.close()
