"""Where a connection goes: to the very address that was checked, over TLS for the name, and with nothing given to strangers."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.declared.sensor import Dialect, read_sensor
from carbonsink.scenes import connect
from carbonsink.scenes.address import is_outside, plain, redacted, same_site, stored, stored_item
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.http import Patience, asking
from carbonsink.scenes.whole import obtain
from tests.scenes.server import Answer, Script, json_answer, serving

PEM = Path(__file__).parent / "example.org.pem"  # a key and a certificate for names of example.org, which nobody trusts but these tests
HOST = "imagery.data.example.org"
BODY = b"II*\0" + bytes(200)
PATIENCE = Patience(attempts=2, first_wait=0.01, connect=2.0, read=2.0)
DIALECT = next(iter(read_sensor("sentinel-2-l2a").dialects.values())).model_copy(update={"requests_per_second": 1000.0})
SECRET = "canary-4711"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(certificate=PEM) as script:
        yield script


@contextmanager
def resolved_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of example.org lie on this machine, as far as our resolver says; the system's own knows nothing of them."""
    asked: list[str] = []
    true = socket.getaddrinfo

    def system(host: Any, *more: Any, **others: Any) -> Any:
        assert "example.org" not in str(host), "the name was resolved a second time"
        return true(host, *more, **others)

    with monkeypatch.context() as patched:
        patched.setattr(connect, "addresses_of", lambda host, port: asked.append(host) or ("127.0.0.1",))
        patched.setattr(socket, "getaddrinfo", system)
        yield asked


def get(url: str, folder: Path, dialect: Dialect = DIALECT, servers: tuple[str, ...] = ()) -> bytes:
    asset = Asset("red", url, Grid("EPSG:32631", 0.0, 0.0, 10.0, 1, 1), "uint16", None, None, None, None)
    store = Store(folder / "store")
    with asking(dialect, servers or (url,), None, PATIENCE) as asker:
        return store.path(obtain(asset, url, "item red", None, store, asker)).read_bytes()


def port_of(script: Script) -> str:
    return script.url.rpartition(":")[2]


# --- one address --------------------------------------------------------------------------------------------------------------


def test_the_connection_is_made_to_the_address_that_was_checked(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    script.lay("/red.tif", Answer(BODY))
    with resolved_here(monkeypatch) as asked:
        assert get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path) == BODY
    assert asked == [HOST]
    assert script.asked[0][1]["Host"] == f"{HOST}:{port_of(script)}"


def test_the_next_address_is_tried_where_the_first_does_not_answer(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    script.lay("/red.tif", Answer(BODY))
    monkeypatch.setattr(connect, "addresses_of", lambda host, port: ("::1", "127.0.0.1"))
    assert get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path) == BODY


def test_a_server_that_the_lock_does_not_name_is_not_asked(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with resolved_here(monkeypatch) as asked, pytest.raises(Refusal, match=r"E-SEC-030 item red"):
        get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path, servers=(f"https://{HOST}/other.tif",))
    assert asked == []


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
    ],
)
def test_addresses_inside_are_known_in_every_dress(address: str, outside: bool) -> None:
    assert is_outside(address) == outside


@pytest.mark.parametrize("name", ["0x7f000001", "127.1", "2130706433", "localhost"])
def test_an_address_in_disguise_is_refused_when_it_is_connected_to(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="E-SEC-023") as caught:
        get(f"https://{name}:1/red.tif", tmp_path)
    assert caught.value.exit_code == Exit.SOURCE


# --- three different texts (F36) ------------------------------------------------------------------------------------------------


def test_a_name_that_is_none_a_closed_door_and_a_bad_certificate_are_told_apart(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str, Refusal] = {}

    def ask(name: str, url: str) -> None:
        with pytest.raises(Refusal) as caught:
            get(url, tmp_path)
        found[name] = caught.value

    ask("name", "https://nowhere.invalid/red.tif")
    with resolved_here(monkeypatch):
        ask("door", f"https://{HOST}:{_closed_port()}/red.tif")
        ask("certificate", f"https://{HOST}:{port_of(script)}/red.tif")
        monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
        ask("other name", f"https://imagery.example.org:{port_of(script)}/red.tif")
    assert {name: refusal.problems[0].code for name, refusal in found.items()} == {
        "name": "E-SRC-040",
        "door": "E-SRC-041",
        "certificate": "E-SRC-042",
        "other name": "E-SRC-042",
    }
    assert "2 x" in str(found["door"])
    assert "x)" not in str(found["certificate"])  # asked once: no patience makes it better
    assert all(refusal.exit_code == Exit.SOURCE for refusal in found.values())
    assert len({problem.line("zh").partition("：")[0] for refusal in found.values() for problem in refusal.problems}) >= 3


def test_a_server_that_speaks_no_tls_has_no_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as plain_server, resolved_here(monkeypatch), pytest.raises(Refusal, match="E-SRC-042"):
        get(f"https://{HOST}:{port_of(plain_server)}/red.tif", tmp_path)


def _closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


# --- credentials ------------------------------------------------------------------------------------------------------------------


class Office:
    """Fetches two files of one container of a signing provider on this machine."""

    def __init__(self, script: Script, folder: Path) -> None:
        self.script, self.folder = script, folder
        for name in ("red", "nir"):
            script.lay(f"/box/{name}.tif", Answer(BODY))

    def fetch(self, **more: Any) -> None:
        sas = DIALECT.model_copy(update={"credentials": "sas", "sign_url": f"{self.script.url}/sign?href={{href}}", **more})
        with asking(sas, [], self.script.url, PATIENCE) as asker:
            for name in ("red", "nir"):
                asset = Asset(name, f"catalogue:/box/{name}.tif", Grid("EPSG:32631", 0.0, 0.0, 10.0, 1, 1), "uint16", None, None, None, None)
                obtain(asset, name, f"item {name}", self.script.url, Store(self.folder / "store"), asker)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with serving() as script:
        yield Office(script, tmp_path)


def signature(script: Script, name: str = "red", **more: Any) -> Answer:
    return json_answer({"href": f"{script.url}/box/{name}.tif?sig={SECRET}&sr=c", "msft:expiry": "2999-01-01T00:00:00Z", **more})


def test_one_signature_opens_a_container_until_it_ends(office: Office) -> None:
    office.script.lay("/sign", signature(office.script))
    office.fetch()
    assert office.script.count("/sign") == 1
    assert all(f"sig={SECRET}" in path for path, _ in office.script.asked if path.startswith("/box"))


@pytest.mark.parametrize("expiry", ["2001-01-01T00:00:00Z", None])
def test_a_signature_that_has_ended_is_asked_for_anew(office: Office, expiry: Any) -> None:
    office.script.lay("/sign", signature(office.script, **{"msft:expiry": expiry}), signature(office.script, "nir"))
    office.fetch()
    assert office.script.count("/sign") == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_signature_is_renewed_once(office: Office, status: int) -> None:
    office.script.lay("/sign", signature(office.script))
    office.script.lay("/box/red.tif", Answer(status=status), Answer(BODY))
    office.fetch()
    assert (office.script.count("/sign"), office.script.count("/box/red.tif")) == (2, 2)
    office.script.lay("/box/red.tif", Answer(status=status))
    with pytest.raises(Refusal, match=f"E-SRC-020.*HTTP {status}, signed anew"):
        office.fetch()
    assert office.script.count("/box/red.tif") == 4


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"href": "https://evil.example.org/box/red.tif?sig=1"}, "E-SEC-031"),
        ({"href": "{url}/box/other.tif?sig=1"}, "E-SEC-031"),
        ({"token": "x"}, "E-SRC-044"),
        ({"href": "{url}/box/red.tif?sig=1", "msft:expiry": "soon"}, "E-SRC-044"),
        ([], "E-SRC-044"),
        ("<html>", "E-SRC-044"),
    ],
)
def test_a_signing_service_signs_what_it_was_asked_or_is_refused(office: Office, answer: Any, code: str) -> None:
    body = "<html>" if answer == "<html>" else json.dumps(answer).replace("{url}", office.script.url)
    office.script.lay("/sign", Answer(body.encode()))
    with pytest.raises(Refusal, match=code) as caught:
        office.fetch()
    assert caught.value.exit_code == Exit.SOURCE


def test_a_signing_service_that_refuses_us_ends_in_a_message_not_in_waiting(office: Office) -> None:
    office.script.lay("/sign", Answer(status=401))
    found: list[str] = []
    worker = threading.Thread(target=lambda: found.append(str(pytest.raises(Refusal, office.fetch).value)), daemon=True)
    worker.start()
    worker.join(10)
    assert "HTTP 401" in found[0]


def test_an_account_s_key_goes_to_the_signing_service_alone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", SECRET + "-key")
    office.script.lay("/sign", signature(office.script))
    office.fetch(token_variable="TEST_KEY")
    carried = {path.partition("?")[0]: SECRET + "-key" in str(headers) for path, headers in office.script.asked}
    assert carried == {"/sign": True, "/box/red.tif": False, "/box/nir.tif": False}


def test_a_token_is_sent_to_the_provider_s_own_hosts_and_to_nobody_else(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = DIALECT.model_copy(update={"credentials": "bearer", "token_variable": "TEST_TOKEN", "catalogue": "https://stac.data.example.org/v1"})
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    script.lay("/red.tif", Answer(BODY))
    with resolved_here(monkeypatch):
        with pytest.raises(Refusal, match="E-SRC-043.*TEST_TOKEN"):
            get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path, bearer)
        monkeypatch.setenv("TEST_TOKEN", SECRET)
        assert get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path, bearer) == BODY
        assert script.asked[0][1]["Authorization"] == f"Bearer {SECRET}"
        with pytest.raises(Refusal, match="E-SEC-032.*evil.example.net") as caught:
            get(f"https://evil.example.net:{port_of(script)}/red.tif", tmp_path, bearer)
        named = bearer.model_copy(update={"catalogue": "https://stac.example.com/v1", "token_hosts": [HOST]})
        assert get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path / "named", named) == BODY
        script.lay("/red.tif", Answer(status=401))
        with pytest.raises(Refusal, match="E-SRC-020.*401") as again:
            get(f"https://{HOST}:{port_of(script)}/red.tif", tmp_path / "again", bearer)
    assert len(script.asked) == 3
    assert SECRET not in str(caught.value) + str(again.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.data.example.org", "b.data.example.org", True),
        ("a.example.org", "a.example.org", True),
        ("a.example.org", "b.example.org", False),  # too short a parent: it may be a registry's
        ("evil.com", "data.com", False),
        ("a.data.example.org", "a.data.example.net", False),
    ],
)
def test_one_site_is_one_host_or_one_long_parent(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) == same


# --- nothing of it is written -------------------------------------------------------------------------------------------------------

TEXTS = [
    f"https://files.example.org/x.tif?sv=2020&sig={SECRET}&se=2030",
    f"https://files.example.org/x.tif?X-Amz-Signature={SECRET}",
    f"https://user:{SECRET}@files.example.org/x.tif",
    f"http://user:{SECRET}@proxy.example.org:3128",
    f"Authorization: Bearer {SECRET}",
    f"{{'authorization': 'Basic {SECRET}'}}",
    f"https://files.example.org/x.tif?a=1&access_token={SECRET}",
    f"https://user:p@{SECRET}@files.example.org/x.tif",
    f"https://files.example.org/x.tif#sig={SECRET}",
    f"https://files.example.org/x.tif?a=1#access_token={SECRET}&b=2",
    *(
        f"https://files.example.org/x.tif?{name}={SECRET}"
        for name in (
            "code",
            "auth",
            "password",
            "hdnea",
            "subscription-key",
            "Ocp-Apim-Subscription-Key",
            "id_token",
            "client_secret",
            "AWSAccessKeyId",
            "session",
        )
    ),
    f"Ocp-Apim-Subscription-Key: {SECRET}",
    f"Cookie: session={SECRET}",
    f"Authorization: Digest {SECRET}",
    f'{{"refresh_token": "{SECRET}"}}',
]
INNOCENT = ["https://files.example.org/x.tif?version=3&tile=33TWL", "https://files.example.org/x.tif#page=2", "https://files.example.org/keys/monkey=1/x.tif"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_leaves_no_trace_in_a_text(text: str) -> None:
    assert SECRET not in redacted(f"it failed: {text}, 3 x")
    assert "files.example.org" not in text or "files.example.org" in redacted(text)
    assert "://" not in text or SECRET not in plain(text)


@pytest.mark.parametrize("text", INNOCENT)
def test_an_address_without_a_secret_stays_as_it_is(text: str) -> None:
    assert stored(text, None) == redacted(text) == text


def test_a_long_text_is_looked_through_quickly() -> None:
    began = time.monotonic()
    redacted("https://example.org/" + "a-" * 200_000)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("text", [text for text in TEXTS if "://" in text and not text.startswith("Auth")])
def test_an_address_is_kept_without_its_secret(text: str) -> None:
    if "@" not in text:  # a user's name is kept, so that the address is refused
        assert SECRET not in stored(text, None)


@pytest.mark.parametrize("text", [text for text in TEXTS if "://" in text])
def test_an_item_is_kept_without_secrets_wherever_they_stand(text: str) -> None:
    raw = {
        "id": "one",
        "links": [{"rel": "self", "href": text}],
        "properties": {"note": f"see {text}", "list": [text, 1, None]},
        "assets": {"red": {"href": "https://files.example.org/x.tif", "alternate": {"s3": {"href": text}}}},
    }
    assert SECRET not in str(stored_item(raw, None))
    assert stored_item({"id": "one", "properties": {"n": 1.5}}, None) == {"id": "one", "properties": {"n": 1.5}, "links": [], "assets": {}}
