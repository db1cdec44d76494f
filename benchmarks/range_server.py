"""Files over HTTP with ranges and a delay: a far object store on loopback, in a process of its own.

python -m benchmarks.range_server FOLDER [DELAY_SECONDS [LOG]]     prints its address; ends when its stdin closes

GET and HEAD of /files/<path below FOLDER>; keep-alive; one range, from the start, to the end or of the last bytes; 416 beyond.
Every answer waits DELAY first, as the round trip to a distant server would. LOG gets one line a request: path, first byte, bytes.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def part(text: str | None, size: int) -> tuple[int, int] | None:
    """First byte and end of a Range header within `size` bytes; None where it can't be satisfied. No or a strange header asks for all."""
    found = RANGE.fullmatch(text or "")
    if found is None or found[0] == "bytes=-":
        return 0, size
    first, last = found[1], found[2]
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    return (start, end) if start < end else None


class Files(BaseHTTPRequestHandler):
    """One connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # the head in one piece
    folder: Path
    delay: float
    log: IO[str] | None
    writing: threading.Lock

    def do_GET(self) -> None:
        """A file, or part of it."""
        self.answer(body=True)

    def do_HEAD(self) -> None:
        """Its head alone."""
        self.answer(body=False)

    def answer(self, body: bool) -> None:
        """Wait, then send head and bytes."""
        time.sleep(self.delay)
        path = self.folder / unquote(urlsplit(self.path).path).removeprefix("/files/")
        if not path.resolve().is_relative_to(self.folder) or not path.is_file():
            return self.send_error(404)
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            size = status.st_size
            wanted = self.headers.get("Range")
            span = part(wanted, size)
            self.head(wanted, span, size, f'"{status.st_mtime_ns:x}-{size:x}"')
            if body and span:
                self.body(stream, *span)
        if body and span:
            self.note(path, *span)
        return None

    def head(self, wanted: str | None, span: tuple[int, int] | None, size: int, etag: str) -> None:
        """Status line and headers."""
        start, end = span or (0, 0)
        self.send_response(416 if span is None else 206 if wanted else 200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Type", "image/tiff")
        self.send_header("Content-Length", str(end - start))
        self.send_header("ETag", etag)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}" if span else f"bytes */{size}")
        self.end_headers()
        self.wfile.flush()

    def body(self, stream: IO[bytes], start: int, end: int) -> None:
        """The bytes, from the page cache to the socket."""
        while start < end:
            start += os.sendfile(self.connection.fileno(), stream.fileno(), start, end - start)

    def note(self, path: Path, start: int, end: int) -> None:
        """A line in the log."""
        if self.log:
            with self.writing:
                self.log.write(f"{path.relative_to(self.folder)} {start} {end - start}\n")
                self.log.flush()

    def log_message(self, *_: Any) -> None:
        """Nothing on stderr."""


class Server(ThreadingHTTPServer):
    """Threads that die with the process, and room for many clients at once."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is its own business."""


@contextmanager
def serving(folder: Path, delay: float = 0.0, log: Path | None = None) -> Iterator[str]:
    """A server in a process of its own; its address."""
    with aside("benchmarks.range_server", str(folder), str(delay), *([str(log)] if log else [])) as url:
        yield url


@contextmanager
def aside(module: str, *given: str) -> Iterator[str]:
    """A module that serves until its stdin closes, in a process of its own; the address it prints."""
    root = Path(__file__).parent.parent
    argv, environment = [sys.executable, "-m", module, *given], os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=environment)
    assert process.stdout and process.stdin
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


def main() -> None:
    """Serve until stdin closes."""
    folder = Path(sys.argv[1]).resolve()
    log = Path(sys.argv[3]).open("a", encoding="utf-8") if len(sys.argv) > 3 else None  # noqa: SIM115
    delay = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    handler = type("Handler", (Files,), {"folder": folder, "delay": delay, "log": log, "writing": threading.Lock()})
    server = Server(("127.0.0.1", 0), handler)
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
