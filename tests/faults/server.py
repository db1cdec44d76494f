"""A fault server on loopback, driven by a script; what is asked for and isn't in the script fails the test.

script.lay(path, content)                     what a sound server gives (HEAD, Range and If-Range as they should be)
script.fault(path, action, hits, method)      what goes wrong instead, at the nth asking; no hits: every time

Paths are regular expressions over the path without its query. Actions stand in `actions.py`.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Content:
    """What lies at a path."""

    body: bytes
    kind: str = "image/tiff"

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True)
class Reply:
    """One answer as a sound server would give it; actions bend it."""

    status: int
    headers: dict[str, str]
    body: bytes

    def but(self, status: int | None = None, body: bytes | None = None, **headers: str | None) -> Reply:
        """The same with another status, body or headers (None takes one away); the length is that of the body unless said."""
        body = self.body if body is None else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        merged = {**self.headers, "Content-Length": str(len(body)), **named}
        return Reply(status or self.status, {name: value for name, value in merged.items() if value is not None}, body)


@dataclass(frozen=True)
class Asked:
    """One request: method, path with query, headers by lower-case name, seconds since the server began."""

    method: str
    target: str
    headers: dict[str, str]
    at: float

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


class Exchange:
    """One request and the way to answer it."""

    def __init__(self, handler: _Handler, asked: Asked, content: Content | None, stop: threading.Event) -> None:
        self.handler, self.content, self.stop = handler, content, stop
        self.asked = replace(asked, headers=dict(asked.headers))  # an action may bend its copy, not the log

    def reply(self) -> Reply:
        """What a sound server answers: whole, or the range asked for, if it's still the same file."""
        if self.content is None:
            return Reply(404, {"Content-Type": "text/html", "Content-Length": "9"}, b"not found")
        body, total = self.content.body, len(self.content.body)
        headers = {"Content-Type": self.content.kind, "ETag": self.content.etag, "Accept-Ranges": "bytes", "Content-Length": str(total)}
        wanted = RANGE.fullmatch(self.asked.headers.get("range", ""))
        if not wanted or self.asked.headers.get("if-range", self.content.etag) != self.content.etag:
            return Reply(200, headers, body)
        first, last = (int(text) if text else None for text in wanted.groups())
        start = max(total - (last or 0), 0) if first is None else first
        end = total - 1 if first is None or last is None else min(last, total - 1)
        if start > end:
            return Reply(416, headers | {"Content-Range": f"bytes */{total}", "Content-Length": "0"}, b"")
        part = body[start : end + 1]
        return Reply(206, headers | {"Content-Range": f"bytes {start}-{end}/{total}", "Content-Length": str(len(part))}, part)

    def head(self, reply: Reply) -> None:
        """Send status and headers; without a length the connection ends the body."""
        self.handler.send_response(reply.status)
        for name, value in reply.headers.items():
            self.handler.send_header(name, value)
        if "Content-Length" not in reply.headers and "Transfer-Encoding" not in reply.headers:
            self.handler.send_header("Connection", "close")
        self.handler.end_headers()

    def write(self, data: bytes) -> None:
        if self.asked.method != "HEAD":
            self.handler.wfile.write(data)

    def send(self, reply: Reply) -> None:
        self.head(reply)
        self.write(reply.body)

    def close(self) -> None:
        """The connection ends with this answer, whether or not its headers said so."""
        self.handler.close_connection = True

    def reset(self) -> None:
        """Break the connection with RST; what was written before has time to arrive."""
        time.sleep(0.02)
        self.handler.close_connection = True
        with suppress(OSError):
            raw = self.handler.connection
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            socket.close(raw.detach())

    def wait(self, seconds: float) -> bool:
        """Wait; True where the server ends meanwhile."""
        return self.stop.wait(seconds)


Action = Callable[[Exchange], None]


@dataclass(frozen=True)
class Fault:
    """One line of the script."""

    method: str
    path: re.Pattern[str]
    hits: tuple[int, ...]
    act: Action


@dataclass
class Script:
    """What is laid, what goes wrong, and what was asked for."""

    url: str = ""
    laid: dict[str, Content] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    unscripted: list[str] = field(default_factory=list)
    armed: int = 0
    fired: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    _hits: dict[tuple[str, str], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _began: float = field(default_factory=time.monotonic)

    def lay(self, path: str, content: Content) -> None:
        self.laid[path] = content

    def lay_json(self, path: str, value: Any) -> None:
        self.lay(path, Content(json.dumps(value).encode(), "application/geo+json"))

    def fault(self, path: str, act: Action, *hits: int, method: str = "GET|HEAD|POST") -> None:
        self.armed += 1
        self.faults.append(Fault(method, re.compile(path), hits, act))

    def damage(self, path: str, content: Content) -> None:
        """Lay something unsound where a sound file was; healing the catalogue lays that again."""
        assert path in self.laid and self.laid[path] != content
        self.armed, self.fired = self.armed + 1, self.fired + 1
        self.lay(path, content)

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self.faults, self._hits = [], {}

    def count(self, path: str = ".*") -> int:
        """How often a path (regular expression) was asked for."""
        return sum(re.fullmatch(path, asked.path) is not None for asked in self.asked)

    def seconds(self, path: str) -> list[float]:
        """When a path was asked for [s]."""
        return [asked.at for asked in self.asked if re.fullmatch(path, asked.path)]

    def taken(self, method: str, target: str, headers: dict[str, str]) -> tuple[Asked, Fault | None, Content | None]:
        """Note a request, and find what answers it."""
        asked = Asked(method, target, headers, time.monotonic() - self._began)
        with self._lock:
            self.asked.append(asked)
            content = self.laid.get(asked.path)
            found = next((fault for fault in self.faults if self._due(fault, asked)), None)
            self.fired += found is not None
            if found is None and content is None:
                self.unscripted.append(f"{method} {asked.path}")
            self._counted(asked)
        return asked, found, content

    def _due(self, fault: Fault, asked: Asked) -> bool:
        if not (re.fullmatch(fault.method, asked.method) and fault.path.fullmatch(asked.path)):
            return False
        return not fault.hits or self._hits.get((fault.method, fault.path.pattern), 0) + 1 in fault.hits

    def _counted(self, asked: Asked) -> None:
        keys = {(fault.method, fault.path.pattern) for fault in self.faults if re.fullmatch(fault.method, asked.method) and fault.path.fullmatch(asked.path)}
        for key in keys:
            self._hits[key] = self._hits.get(key, 0) + 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else 40 ms an answer
    script: Script

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        asked, fault, content = self.script.taken(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
        exchange = Exchange(self, asked, content, self.script.stop)
        with suppress(ConnectionError, ssl.SSLError):  # who asked may have hung up
            fault.act(exchange) if fault else exchange.send(exchange.reply())

    do_GET = do_HEAD = do_POST = answer

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        pass  # a client that breaks off is what these tests are about


@contextmanager
def serving(script: Script | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    """Serve a script on a free port of 127.0.0.1."""
    script = script or Script()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": script}))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        script.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
