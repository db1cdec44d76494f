"""By a proxy: no address inside is asked for, no server is waited for longer, and a proxy that can't be asked is named."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.scenes import address
from carbonsink.scenes.address import check_host
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.http import Patience, asking
from carbonsink.scenes.whole import obtain
from tests.scenes.server import Answer, Script, serving
from tests.scenes.test_connect import BODY, DIALECT, HOST, PATIENCE, PEM

SECRET = "canary-0815"


class Proxy(ThreadingTCPServer):
    """A proxy on this machine that leads every tunnel to one port, or knows nobody; `asked` are the first lines of requests."""

    daemon_threads = True
    to: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://user:{SECRET}@127.0.0.1:{self.server_address[1]}"


class Tunnel(BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head and (data := self.request.recv(4096)):
            head += data
        self.server.asked.append(head.split(b"\r\n")[0].decode())
        if self.server.to is None:
            self.request.sendall(b"HTTP/1.1 502 unknown\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.server.to)) as server:
            self.request.sendall(b"HTTP/1.1 200 connected\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, self.request))
            back.start()
            pump(self.request, server)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(to: int | None) -> Iterator[Proxy]:
    with Proxy() as made:
        made.to = to
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(certificate=PEM) as script:
        yield script


def get(url: str, folder: Path, patience: Patience = PATIENCE) -> bytes:
    asset = Asset("red", url, Grid("EPSG:32631", 0.0, 0.0, 10.0, 1, 1), "uint16", None, None, None, None)
    store = Store(folder / "store")
    with asking(DIALECT, (url,), None, patience) as asker:
        return store.path(obtain(asset, url, "item red", None, store, asker)).read_bytes()


def port_of(script: Script) -> int:
    return int(script.url.rpartition(":")[2])


@pytest.mark.parametrize("bare", [False, True], ids=["with its scheme", "without"])
def test_a_name_that_is_not_known_here_is_asked_of_the_proxy(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare: bool) -> None:
    script.lay("/red.tif", Answer(BODY))
    with proxy(port_of(script)) as by:
        monkeypatch.setenv("https_proxy", by.url.removeprefix("http://") if bare else by.url)
        assert get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path) == BODY
    assert by.asked == [f"CONNECT {HOST}:{port_of(script)} HTTP/1.1"]


def test_a_server_that_drips_is_given_up_over_the_whole_request_by_a_proxy_too(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.lay("/red.tif", Answer(BODY, drip=0.05))
    with proxy(port_of(script)) as by:
        monkeypatch.setenv("https_proxy", by.url)
        began = time.monotonic()
        with pytest.raises(Refusal, match=r"E-SRC-020.*too slow over the whole request"):
            get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path, replace(PATIENCE, attempts=1, total=0.5))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1", "10.0.0.5", "[::ffff:10.0.0.5]", "[::7f00:1]", "localhost"])
def test_an_address_inside_is_not_asked_of_a_proxy_in_any_dress(host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(None) as by:
        monkeypatch.setenv("https_proxy", by.url)
        with pytest.raises(Refusal, match="E-SEC-023|E-SEC-035"):
            get(f"https://{host}/red.tif", tmp_path)
        with pytest.raises(Refusal, match="E-SEC-023"):
            check_host(f"https://{host}/v1", "catalogue")
    assert by.asked == []


def test_a_number_that_only_another_resolver_may_know_is_not_asked_of_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example.org:3128")
    with pytest.raises(Refusal, match="E-SRC-040"):
        check_host("https://127.0.0.1.2.3/x.tif", "item red")


def test_a_name_that_leads_inside_is_refused_though_a_proxy_would_be_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address.socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("10.0.0.5", 443))])
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    with pytest.raises(Refusal, match=r"E-SEC-023.*10\.0\.0\.5"):
        get(f"https://{HOST}/red.tif", tmp_path)


@pytest.mark.parametrize("found", ["socks5://user:{0}@127.0.0.1:3", "ftp://user:{0}@127.0.0.1:3", "http://user:{0}@127.0.0.1:99999", "http://:3"])
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY"])
def test_a_proxy_that_cannot_be_asked_is_named_by_its_variable(variable: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, found.format(SECRET))
    with pytest.raises(Refusal, match=f"E-SEC-034 item red: {variable} ") as caught:
        get(f"https://{HOST}/red.tif", tmp_path)
    assert caught.value.exit_code == Exit.SOURCE
    assert SECRET not in str(caught.value) + caught.value.problems[0].line("zh")
