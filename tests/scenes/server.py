"""A scripted HTTP server on loopback: every path answers what the test laid there, hit by hit, and keeps a list of what was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """One answer; `cut` sends only so many bytes of the body and breaks off."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    ranges: bool = False  # honour a Range header


@dataclass
class Script:
    """Answers by path; a path's last answer is repeated. `asked` holds (path with query, headers)."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def lay(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def count(self, path: str) -> int:
        return sum(urlsplit(asked).path == path for asked, _ in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.script.asked.append((self.path, dict(self.headers)))
        known = self.script.answers.get(path)
        if known is None:
            return self.give(Answer(b"nothing here", 404))
        return self.give(known.pop(0) if len(known) > 1 else known[0])

    def give(self, answer: Answer) -> None:
        body, status, headers = answer.body, answer.status, dict(answer.headers)
        wanted = self.headers.get("Range")
        if answer.ranges and wanted and status == 200:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self.send_response(status)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.cut is not None:
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body if answer.cut is None else body[: answer.cut])

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(script: Script | None = None) -> Iterator[Script]:
    """Serve a script on a free port."""
    script = script or Script()
    handler = type("Handler", (_Handler,), {"script": script})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
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
