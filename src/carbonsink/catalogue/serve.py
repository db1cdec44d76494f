"""The catalogue as a service: for the length of a run on a free loopback port, or until interrupted.

with Catalogue(folder) as catalogue:
    Client.open(catalogue.url)
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from types import TracebackType

from carbonsink.base.problems import Exit, refuse

START_SECONDS = 30


class Catalogue:
    """A STAC API over a static catalogue folder on a free loopback port, in a thread; `files/` serves its assets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    def __enter__(self) -> Catalogue:
        import uvicorn

        self._server = uvicorn.Server(_configuration(self.folder))
        self._socket = _listening("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name="catalogue", daemon=True)
        self._thread.start()
        self._await_start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def _await_start(self) -> None:
        """Wait until the server takes requests: an answered connection says so, whatever the machine's load."""
        with socket.create_connection(self._socket.getsockname(), timeout=START_SECONDS) as probe:
            probe.sendall(b"HEAD /_mgmt/ping HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            probe.recv(1)


def serve_forever(folder: Path, host: str, port: int) -> None:
    """Serve a catalogue folder until interrupted; prints the URL once it listens."""
    import uvicorn

    server = uvicorn.Server(_configuration(folder))
    with _listening(host, port) as listening:
        name = f"[{host}]" if ":" in host else host
        print(f"http://{name}:{listening.getsockname()[1]}", flush=True)
        server.run(sockets=[listening])


def _configuration(folder: Path) -> uvicorn.Config:  # type: ignore[name-defined] # noqa: F821
    import uvicorn

    from carbonsink.catalogue.app import application
    from carbonsink.catalogue.holdings import read_folder

    app = application(folder.resolve(), read_folder(folder))
    return uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=5)


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket, or a refusal that names the address."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=128)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by connections: else 40 ms a small file
        return listening
    except (OSError, OverflowError) as error:
        raise refuse("E-CAT-011", f"{host}:{port}", Exit.SOURCE, why=error) from None
