"""The files of a catalogue over HTTP: ranges to the byte, and nothing from outside the folder."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.catalogue.serve import Catalogue, serve_forever
from tests.catalogue.conftest import ASSET

PATH = "/files/scenes/03/B04.tif"


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("bytes=0-9", ASSET[:10]),
        ("bytes=100-355", ASSET[100:356]),
        ("bytes=10000-", ASSET[10_000:]),
        ("bytes=-7", ASSET[-7:]),
        ("bytes=10239-99999", ASSET[-1:]),
    ],
)
def test_ranges(small: Catalogue, wanted: str, expected: bytes) -> None:
    answer = httpx.get(small.url + PATH, headers={"Range": wanted})
    assert (answer.status_code, answer.content) == (206, expected)
    assert answer.headers["content-range"].endswith(f"/{len(ASSET)}")
    assert int(answer.headers["content-length"]) == len(expected)


def test_head_whole_and_unsatisfiable(small: Catalogue) -> None:
    head = httpx.head(small.url + PATH)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(ASSET)) and head.headers["accept-ranges"] == "bytes"
    assert httpx.get(small.url + PATH, headers={"Accept-Encoding": "br, gzip"}).content == ASSET
    assert "content-encoding" not in httpx.get(small.url + PATH, headers={"Accept-Encoding": "br, gzip"}).headers
    assert httpx.get(small.url + PATH, headers={"Range": "bytes=20000-"}).status_code == 416
    assert httpx.post(small.url + PATH).status_code == 405
    assert httpx.get(f"{small.url}/files/scenes/03/none.tif").status_code == 404
    assert httpx.get(f"{small.url}/files/scenes/03").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/../secret.tif",
        "/files/scenes/../../secret.tif",
        "/files/%2e%2e/secret.tif",
        "/files/..%2fsecret.tif",
        "/files/scenes/%2e%2e/%2e%2e/secret.tif",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/..\\secret.tif",
        "/files/../catalogue-secret/x.tif",
        "/files/%00",
        "/files/link.tif",
    ],
)
def test_nothing_outside_the_folder_is_served(small: Catalogue, path: str) -> None:
    link = small.folder / "link.tif"
    if not link.is_symlink():
        link.symlink_to(small.folder.parent / "secret.tif")
    answer = raw_get(small.url, path)
    assert answer.split(b"\r\n")[0].split()[1] in (b"404", b"400")
    assert b"secret" not in answer.split(b"\r\n\r\n", 1)[1] and b"root:" not in answer


def raw_get(url: str, path: str) -> bytes:
    """A GET whose path no client has tidied up."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_server_is_gone_after_the_run(folder: Path) -> None:
    before = threading.active_count()
    with Catalogue(folder) as catalogue:
        url = catalogue.url
        assert url.startswith("http://127.0.0.1:") and httpx.get(url).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    assert threading.active_count() == before


def test_two_catalogues_stand_side_by_side(folder: Path) -> None:
    with Catalogue(folder) as one, Catalogue(folder) as other:
        assert one.url != other.url
        assert httpx.get(one.url + PATH).content == httpx.get(other.url + PATH).content


def test_a_taken_port_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refusal, match=f"E-CAT-011 127.0.0.1:{taken.getsockname()[1]}"):
        serve_forever(folder, "127.0.0.1", taken.getsockname()[1])


def test_served_until_interrupted_and_says_where(folder: Path) -> None:
    import signal
    import subprocess
    import sys

    code = "import sys; from pathlib import Path; from carbonsink.catalogue.serve import serve_forever; serve_forever(Path(sys.argv[1]), '127.0.0.1', 0)"
    with subprocess.Popen([sys.executable, "-W", "error", "-c", code, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stderr is not None
        url = server.stdout.readline().strip()
        assert httpx.get(f"{url}/search", params={"limit": 3}).json()["numberMatched"] == 25
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        assert server.stderr.read() == ""
