"""What goes wrong with names, certificates and signatures (F19, F21, F36): a real TLS server on loopback under a public name."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from carbonsink.base.problems import Exit
from carbonsink.declared.plan import Plan
from carbonsink.scenes import address, connect
from tests.conftest import skip
from tests.faults import catalogue
from tests.faults.actions import redirect, status
from tests.faults.conftest import Make
from tests.faults.invariants import digests, n5_pixels_balance, n6_said, n9_no_secret
from tests.faults.server import Content, Exchange, Reply, Script, serving
from tests.faults.trial import Trial

HOST = "images.example.org"
WHERE = "S2A_31UDS_20180101_0_L2A red"
RED = "/files/S2A_31UDS_20180101_0_L2A/red.tif"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for HOST, signed by itself, with its key in one file."""
    program = shutil.which("openssl") or skip("openssl isn't installed (Debian package openssl)")
    folder = tmp_path_factory.mktemp("certificate")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"]
    subprocess.run([str(program), *made, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    return folder


@dataclass
class Abroad:
    """A trial whose files lie on an https server elsewhere."""

    trial: Trial
    files: Script
    url: str

    def lock(self, query: str = "") -> dict[str, Any]:
        """The lock with the files' addresses over there."""
        items = deepcopy(self.trial.items)
        for one in items:
            for asset in one["assets"].values():
                asset["href"] = self.url + urlsplit(asset["href"]).path + query
        catalogue.lay_search(self.trial.script, items)
        return self.trial.search()


@pytest.fixture
def abroad(make: Make, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Abroad]:
    """HOST resolves to this machine, as if that were outside; its certificate is trusted."""
    trial = make()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for module in (address, connect):
        monkeypatch.setattr(module, "addresses_of", lambda host, port: ("127.0.0.1",) if host == HOST else _unknown(host))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with ExitStack() as stack:
        files = stack.enter_context(serving(tls=context))
        for path, content in trial.script.laid.items():
            if path.startswith("/files/"):
                files.lay(path, content)
        yield Abroad(trial, files, f"https://{HOST}:{urlsplit(files.url).port}")
    trial.script.fired += files.fired
    assert not files.unscripted, files.unscripted


def _unknown(host: str) -> tuple[str, ...]:
    raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}")


def with_dialect(plan: Plan, **bent: Any) -> Plan:
    """A plan whose provider asks for other credentials."""
    name = next(iter(plan.sensor.dialects))
    dialects = {**plan.sensor.dialects, name: plan.sensor.dialects[name].model_copy(update={"requests_per_second": 1000.0, **bent})}
    return replace(plan, sensor=plan.sensor.model_copy(update={"dialects": dialects}))


def calm_pixels(trial: Trial) -> dict[str, str]:
    return {name: digest for name, digest in trial.calm.items() if name.endswith((".tif", "pixel_budget.csv"))}


def test_f19_a_redirect_from_https_to_http_is_not_followed(abroad: Abroad) -> None:
    trial = abroad.trial
    trial.plan = with_dialect(trial.plan)
    abroad.files.fault(RED, redirect(trial.script.url + RED))
    lock, asked = abroad.lock(), trial.script.count()
    outcome = trial.attempt(lambda: trial.fetch(lock))
    n6_said(outcome, Exit.SOURCE, "E-SEC-025", WHERE)
    assert trial.script.count() == asked
    abroad.files.heal()
    trial.fetch(lock)
    assert calm_pixels(trial).items() <= digests(trial.out).items()


def test_f21_a_signature_that_ended_is_asked_for_again_once(abroad: Abroad) -> None:
    """A signing service that hands out a signature the storage no longer takes, then a good one."""
    trial = abroad.trial
    signed: list[str] = []

    def sign(x: Exchange) -> None:
        href = parse_qs(urlsplit(x.asked.target).query)["href"][0]
        signed.append(href)
        answer = {"href": f"{href}?sig=canary-signature-{len(signed)}", "msft:expiry": "2099-01-01T00:00:00Z"}
        x.content = Content(json.dumps(answer).encode(), "application/json")
        x.send(x.reply())

    def guarded(x: Exchange) -> None:
        good = parse_qs(urlsplit(x.asked.target).query).get("sig", [""])[0].startswith("canary-signature")
        ended = x.asked.path == RED and sum(one.path == RED for one in abroad.files.asked) == 1
        x.send(x.reply() if good and not ended else Reply(403, {"Content-Length": "0"}, b""))

    trial.script.fault("/sign", sign)
    abroad.files.fault("/files/.*", guarded)
    trial.plan = with_dialect(trial.plan, credentials="sas", sign_url=trial.script.url + "/sign?href={href}")
    lock = abroad.lock(query="?sig=canary-signature-old&se=2020-01-01")
    outcome = trial.attempt(lambda: trial.fetch(lock))
    assert outcome.exit_code == Exit.WELL, outcome.en
    assert abroad.files.count(RED) == 2 and len(signed) == 7
    n5_pixels_balance(trial.out)
    assert calm_pixels(trial).items() <= digests(trial.out).items()
    n9_no_secret([], trial.folder)


def test_f21_a_signature_that_is_never_taken_is_refused_after_one_more(abroad: Abroad) -> None:
    trial = abroad.trial

    def sign(x: Exchange) -> None:
        href = parse_qs(urlsplit(x.asked.target).query)["href"][0]
        x.content = Content(f'{{"href": "{href}?sig=canary-signature", "msft:expiry": "2099-01-01T00:00:00Z"}}'.encode(), "application/json")
        x.send(x.reply())

    trial.script.fault("/sign", sign)
    abroad.files.fault("/files/.*", status(403))
    trial.plan = with_dialect(trial.plan, credentials="sas", sign_url=trial.script.url + "/sign?href={href}")
    lock = abroad.lock()
    outcome = trial.attempt(lambda: trial.fetch(lock))
    n6_said(outcome, Exit.SOURCE, "E-SRC-0", WHERE, "403")
    assert abroad.files.count(RED) == 2
    n9_no_secret([*outcome.en, *outcome.zh], trial.folder)


def test_f21_a_token_of_the_environment_goes_to_its_provider_and_into_no_file(abroad: Abroad, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = abroad.trial
    monkeypatch.setenv("IMAGES_TOKEN", "canary-token")

    def guarded(x: Exchange) -> None:
        x.send(x.reply() if x.asked.headers.get("authorization") == "Bearer canary-token" else Reply(401, {"Content-Length": "0"}, b""))

    abroad.files.fault("/files/.*", guarded)
    trial.plan = with_dialect(trial.plan, credentials="bearer", token_variable="IMAGES_TOKEN", catalogue=f"https://{HOST}/stac")
    lock = abroad.lock()
    outcome = trial.attempt(lambda: trial.fetch(lock))
    assert outcome.exit_code == Exit.WELL, outcome.en
    monkeypatch.setenv("IMAGES_TOKEN", "canary-token-that-ended")
    refused = trial.attempt(lambda: replace(trial, folder=trial.folder / "other").fetch(lock))
    n6_said(refused, Exit.SOURCE, "E-SRC-0", WHERE, "401")
    n9_no_secret([*refused.en, *refused.zh], trial.folder)


def test_f36_a_name_a_door_and_a_certificate_that_fail_are_told_apart(abroad: Abroad, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = abroad.trial
    trial.plan = with_dialect(trial.plan)
    with serving() as gone:
        closed = urlsplit(gone.url).port
    said: dict[str, str] = {}
    for what, url, trusted in (("name", "https://nowhere.example.org", True), ("door", f"https://{HOST}:{closed}", True), ("certificate", abroad.url, False)):
        if not trusted:
            monkeypatch.delenv("SSL_CERT_FILE")
        lock = replace(abroad, url=url).lock()
        outcome = trial.attempt(lambda lock=lock: trial.fetch(lock))  # type: ignore[misc]
        n6_said(outcome, Exit.SOURCE, "E-SRC-0", WHERE)
        said[what] = outcome.en[0]
    trial.script.fired += len(said)
    assert len({line.split()[0] for line in said.values()}) == 3, said
    assert len({line.partition(": ")[2].partition("(")[0] for line in said.values()}) == 3, said
