"""A scripted HTTP server on loopback: every path answers what the test laid there, hit by hit, and keeps a list of what was asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One answer; `cut` sends only so many bytes of the body and breaks off, `drip` sends a byte in so many seconds."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    ranges: bool = False  # honour a Range header
    delay: float = 0.0  # seconds before the answer
    drip: float = 0.0


@dataclass
class Script:
    """Answers by path; a path's last answer is repeated. `asked` holds (path with query, headers)."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    acts: dict[str, Callable[[str], Answer]] = field(default_factory=dict)  # by path: what a request (path with query) is answered
    moved: int = 0  # bytes of bodies sent
    waiting: list[int] = field(default_factory=list)  # at each request, how many others were held back by a delay
    held: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def holding(self) -> Iterator[None]:
        with self.lock:
            self.waiting.append(self.held)
            self.held += 1
        yield
        with self.lock:
            self.held -= 1

    def lay(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def count(self, path: str) -> int:
        return sum(urlsplit(asked).path == path for asked, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one packet
    script: Script

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.script.asked.append((self.path, dict(self.headers)))
        known = [self.script.acts[path](self.path)] if path in self.script.acts else self.script.answers.get(path)
        if known is None:
            return self.give(Answer(b"nothing here", 404))
        answer = known.pop(0) if len(known) > 1 else known[0]
        with self.script.holding():
            time.sleep(answer.delay)
        return self.give(answer)

    def give(self, answer: Answer) -> None:
        body, status, headers = answer.body, answer.status, dict(answer.headers)
        wanted = self.headers.get("Range")
        if answer.ranges and wanted and status == 200:
            body, status = self.part(wanted, body, headers)
        self.send_response(status)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.cut is not None:
            self.close_connection = True
        self.end_headers()
        if answer.drip:
            self.dripping(body, answer.drip)
            return
        self.script.moved += len(body)
        self.wfile.write(body if answer.cut is None else body[: answer.cut])

    def part(self, wanted: str, body: bytes, headers: dict[str, str]) -> tuple[bytes, int]:
        """The part of a body that a Range header asks for; all of it where If-Range names another ETag."""
        if self.headers.get("If-Range", headers.get("ETag")) != headers.get("ETag"):
            return body, 200
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(body)), len(body) - 1)
        if start >= len(body):
            return b"", 416
        headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
        return body[start : end + 1], 206

    def dripping(self, body: bytes, seconds: float) -> None:
        self.close_connection = True
        with suppress(OSError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(seconds)

    def log_message(self, *_: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that hung up is no news."""


@contextmanager
def serving(script: Script | None = None, certificate: Path | None = None) -> Iterator[Script]:
    """Serve a script on a free port, with TLS where a certificate (and its key) is given."""
    script = script or Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = _Server(("127.0.0.1", 0), handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def json_answer(value: Any, **more: Any) -> Answer:
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/geo+json"}, **more)


def lay_api(script: Script, pages: list[Any], matched: int | None = None, last_links: list[dict[str, Any]] | None = None) -> None:
    """A STAC API (GET search) with the given pages of items, linked one to the next; `last_links` replaces the links of the last."""
    script.lay("/", json_answer(root(script.url)))
    for number, page in enumerate(pages):
        links = [{"rel": "next", "href": f"{script.url}/page/{number + 1}", "method": "GET"}]
        if number == len(pages) - 1:
            links = last_links or []
        value: dict[str, Any] = {"type": "FeatureCollection", "features": page, "links": links}
        if matched is not None:
            value["numberMatched"] = matched
        script.lay("/search" if number == 0 else f"/page/{number}", json_answer(value))


def root(url: str) -> dict[str, Any]:
    conforms = ["core", "item-search", "ogcapi-features"]
    return {
        "type": "Catalog",
        "id": "scripted",
        "stac_version": "1.0.0",
        "description": "scripted",
        "conformsTo": [f"https://api.stacspec.org/v1.0.0/{name}" for name in conforms],
        "links": [
            {"rel": "self", "href": url + "/"},
            {"rel": "root", "href": url + "/"},
            {"rel": "search", "href": url + "/search", "type": "application/geo+json", "method": "GET"},
        ],
    }


def query_of(asked: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(asked).query)
