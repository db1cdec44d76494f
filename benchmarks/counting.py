"""The catalogue service itself, in a process of its own, with every transfer of a file written down.

python -m benchmarks.counting CATALOGUE LOG      prints its address; ends when its stdin closes

LOG gets one line a transfer: path, first byte, bytes.  repeats(LOG) = bytes moved for each byte that was needed at all
"""

from __future__ import annotations

import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks import range_server

SPAN = re.compile(rb"bytes (\d+)-(\d+)/")


@dataclass(frozen=True)
class Transfers:
    """What a log says: transfers, bytes moved, and bytes that were moved at least once."""

    count: int
    moved: int
    distinct: int

    @property
    def repeats(self) -> float:
        """1 where every byte was moved once."""
        return self.moved / self.distinct if self.distinct else 0.0


def transfers(log: Path) -> Transfers:
    """Count a log's lines."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        path, start, length = line.rsplit(" ", 2)
        spans.setdefault(path, []).append((int(start), int(start) + int(length)))
    moved = sum(end - start for some in spans.values() for start, end in some)
    return Transfers(sum(map(len, spans.values())), moved, sum(covered(some) for some in spans.values()))


def covered(spans: list[tuple[int, int]]) -> int:
    """Bytes in the union of spans."""
    total = reach = 0
    for start, end in sorted(spans):
        total += max(end - max(start, reach), 0)
        reach = max(reach, end)
    return total


class Counting:
    """An ASGI application around another that writes file transfers down."""

    def __init__(self, inner: Any, log: IO[str]) -> None:
        self.inner, self.log, self.lock = inner, log, threading.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on and watch its answer's head."""

        async def watched(message: Any) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206) and scope["path"].startswith("/files/"):
                self.note(scope["path"], dict(message["headers"]))
            await send(message)

        await self.inner(scope, receive, watched if scope["type"] == "http" and scope["method"] == "GET" else send)

    def note(self, path: str, headers: dict[bytes, bytes]) -> None:
        """A line in the log."""
        span = SPAN.match(headers.get(b"content-range", b""))
        with self.lock:
            self.log.write(f"{path} {int(span[1]) if span else 0} {int(headers[b'content-length'])}\n")
            self.log.flush()


@contextmanager
def serving(catalogue: Path, log: Path) -> Iterator[str]:
    """The service in a process of its own; its address."""
    with range_server.aside("benchmarks.counting", str(catalogue), str(log)) as url:
        yield url


def main() -> None:
    """Serve until stdin closes."""
    import uvicorn

    from carbonsink.catalogue.app import application
    from carbonsink.catalogue.holdings import read_folder

    folder = Path(sys.argv[1]).resolve()
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with Path(sys.argv[2]).open("a", encoding="utf-8") as log:
        inner = Counting(application(folder, read_folder(folder)), log)
        server = uvicorn.Server(uvicorn.Config(inner, log_level="warning", lifespan="off", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        print(f"http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
        sys.stdin.read()
        server.should_exit = True
        thread.join(timeout=20)


if __name__ == "__main__":
    main()
