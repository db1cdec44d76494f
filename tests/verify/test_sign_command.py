"""`carbonsink sign` and `carbonsink keys`, as people meet them."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.evidence import file_sha256, read_json, write_json
from carbonsink.base.signing import write_key
from tests.command import carbonsink
from tests.verify.runs import SUBMITTER, VERIFIER, key_list, listed, small_run

DAYS = ("--from", "2020-01-01", "--to", "2999-12-31")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a run and two people's keys."""
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    monkeypatch.chdir(tmp_path)
    small_run(tmp_path)
    write_key(tmp_path / "s.pem", SUBMITTER)
    write_key(tmp_path / "v.pem", VERIFIER)
    return tmp_path


def test_keys_are_listed_and_a_run_is_signed_by_both(desk: Path) -> None:
    public = carbonsink("keys", "public", "v.pem").stdout
    assert public.startswith("-----BEGIN PUBLIC KEY-----")
    (desk / "v.pub").write_text(public)
    assert carbonsink("keys", "add", "s.pem", "--holder", "S", "--role", "submitter", *DAYS).exit_code == 0
    done = carbonsink("keys", "add", "v.pub", "--holder", "V", "--role", "verifier", *DAYS)
    assert done.exit_code == 0 and f"sha256 {file_sha256(desk / 'keys.toml')}" in done.stdout
    assert carbonsink("keys", "list").stdout == done.stdout
    assert carbonsink("sign", "a-run", "--key", "s.pem", "--role", "submitter").exit_code == 0

    early = carbonsink("sign", "a-run", "--key", "v.pem", "--role", "verifier")
    assert early.exit_code == 2 and "E-SIG-023" in early.stderr, "a verifier signs what it verified"
    write_json(desk / "a-run.verification.json", {"passed": True, "class": "V0", "manifest": read_json(desk / "a-run" / "manifest.json")["digest"]})
    late = carbonsink("sign", "a-run", "--key", "v.pem", "--role", "verifier")
    assert late.exit_code == 0 and [line.split()[0] for line in late.stdout.splitlines()[1:]] == ["submitter", "verifier"]

    key = carbonsink("keys", "list").stdout.split()[0]
    assert "revoked 2026-03-01" in carbonsink("keys", "revoke", key[:12], "--on", "2026-03-01").stdout
    assert "E-SIG-006" in carbonsink("sign", "a-run", "--key", "s.pem", "--role", "submitter").stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("keys", "add", "nothing.pem", "--holder", "x", "--role", "submitter", *DAYS), "E-SIG-019"),
        (("keys", "add", "a-run/plan.json", "--holder", "x", "--role", "submitter", *DAYS), "E-CON-008"),
        (("keys", "add", "s.pem", "--holder", "x", "--role", "submitter", *DAYS), "E-SIG-020"),
        (("keys", "add", "v.pem", "--holder", "x", "--role", "verifier", "--from", "2028-01-01", "--to", "2026-12-31"), "E-SIG-024"),
        (("keys", "add", "v.pem", "--holder", "", "--role", "verifier", *DAYS), "E-CFG-007"),
        (("keys", "add", "v.pem", "--holder", "x\u202e", "--role", "verifier", *DAYS), "E-SEC-"),
        (("keys", "revoke", "zzz"), "E-SIG-021"),
        (("sign", "a-run", "--key", "s.pem", "--role", "verifier"), "E-SIG-023"),
        (("sign", "a-run", "--key", "s.pem", "--role", "submitter", "--keys", "none.toml"), "E-CFG-015"),
        (("sign", ".", "--key", "s.pem", "--role", "submitter"), "E-RUN-001"),
        (("verify", "a-run", "--sample", "200%"), "E-VER-001"),
        (("verify", "a-run", "--pin", "abc"), "E-VER-033 --pin"),
        (("verify", "a-run", "--on", "2026-01-01"), "E-VER-033 --on"),
        (("verify", "a-run", "--seed", "7"), "E-VER-033 --seed"),
        (("verify", "a-run", "--seed", "0", "--source"), "E-VER-033 --seed"),
        (("verify", "a-run", "--catalogue", "."), "E-VER-033 --catalogue"),
    ],
)
def test_what_can_t_be_done_is_said_in_a_line(desk: Path, arguments: tuple[str, ...], code: str) -> None:
    key_list(desk, listed(SUBMITTER, "submitter", "县农技站"))
    before = (desk / "keys.toml").read_bytes()
    done = carbonsink(*arguments)
    assert done.exit_code in (2, 3) and done.stderr.startswith(code), done.stderr
    assert (desk / "keys.toml").read_bytes() == before


def test_a_run_that_was_touched_is_not_signed(desk: Path) -> None:
    key_list(desk)
    (desk / "a-run" / "credit" / "statement.csv").write_text("other")
    done = carbonsink("sign", "a-run", "--key", "s.pem", "--role", "submitter")
    assert done.exit_code == 5 and "E-SIG-022" in done.stderr and "E-VER-006 credit/statement.csv" in done.stderr
    assert not (desk / "a-run.dsse.json").exists()


@pytest.mark.parametrize("text", ["[]", "7", '"manifest"', "null", "{}", '{"stages": []', '{"digest": 1}', '{"a": 1, "a": 2}', "[" * 100_000, "\udcff"])
@pytest.mark.parametrize("command", ["verify a-run", "sign a-run --key s.pem --role submitter", "bundle a-run", "report a-run"])
def test_a_manifest_that_is_none_is_named(desk: Path, command: str, text: str) -> None:
    key_list(desk)
    (desk / "a-run" / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    done = carbonsink(*command.split())
    said = done.stdout + done.stderr
    assert done.exit_code == 5 and "E-RUN-011 manifest.json: this can't be read as a run's manifest (" in said and "E-INT" not in said, said


@pytest.mark.parametrize(
    "stages", ["[7]", '[{"stage": "x"}]', '[{"stage": "x", "reads": [], "writes": {}}]', '[{"stage": "x", "reads": {}, "writes": {"a": 1}}]']
)
def test_a_manifest_with_odd_stages_is_named(desk: Path, stages: str) -> None:
    text = '{"digest": "d", "results": "r", "declared": {}, "stages": ' + stages + "}"
    (desk / "a-run" / "manifest.json").write_text(text)
    assert "E-RUN-011 manifest.json: this can't be read as a run's manifest (stages)" in carbonsink("verify", "a-run").stdout
