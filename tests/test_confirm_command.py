"""`carbonsink keys new` and `carbonsink confirm`, as people meet them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from carbonsink.base.problems import Exit
from carbonsink.cli import app, signing
from carbonsink.declared.load import load
from tests.bad.area import Area, good_area

SAID = ("--document", "AMS-III.AU", "--dated", "2024-01-01", "--read-in", "the registry", "--name", "李雷", "--organisation", "县农技站", "--role", "reader")


def carbonsink(*arguments: object, **how: str) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=how.get("input"))


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Area:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    (tmp_path / "area").mkdir()
    return good_area(tmp_path / "area")


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(signing.PASSPHRASE, "open sesame")
    assert carbonsink("keys", "new", tmp_path / "key.pem").exit_code == 0
    return tmp_path / "key.pem"


def test_a_signed_confirmation_is_what_the_area_is_loaded_with(area: Area, key: Path) -> None:
    done = carbonsink("confirm", area.folder, "--key", key, *SAID, "--yes")
    assert done.exit_code == 0
    line = 'confirmation = "confirmation.json"'
    assert f"add this line to area.toml: {line}" in done.stdout
    area.declare('country = "CN"', f'country = "CN"\n{line}')
    made = load(area.folder).confirmation
    assert made is not None and made.signer.organisation == "县农技站"
    assert made.fingerprint in done.stdout
    again = carbonsink("confirm", area.folder, "--key", key, *SAID, "--yes")
    assert again.exit_code == 0 and "add this line" not in again.stdout


def test_the_clauses_are_listed_in_the_users_language(area: Area, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    done = carbonsink("confirm", area.folder, "--key", key, *SAID, "--yes")
    assert "产量保持时泄漏为零" in done.stdout and "本人已查阅" in (area.folder / "confirmation.json").read_text(encoding="utf-8")


def test_what_isn_t_said_is_asked_for(area: Area, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_somebody_there", lambda: True)
    answers = "AMS-III.AU\n2024-01-01\nthe registry\nLi Lei\nthe county\nreader\ny\n"
    assert carbonsink("confirm", area.folder, "--key", key, input=answers).exit_code == 0
    assert "Li Lei" in (area.folder / "confirmation.json").read_text(encoding="utf-8")


def test_a_no_signs_nothing(area: Area, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "_somebody_there", lambda: True)
    done = carbonsink("confirm", area.folder, "--key", key, *SAID, input="n\n")
    assert done.exit_code == Exit.USAGE and "nothing was signed" in done.stdout
    assert not (area.folder / "confirmation.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((*SAID[2:], "--yes"), "E-CON-012"),
        (SAID, "E-CON-012"),
        ((*SAID[:3], "1 January", *SAID[4:], "--yes"), "E-CON-013"),
        ((*SAID, "--yes", "--key", "nowhere.pem"), "E-CON-008"),
    ],
)
def test_what_can_t_be_signed_is_refused_in_a_line(area: Area, key: Path, arguments: tuple[str, ...], code: str) -> None:
    done = carbonsink("confirm", area.folder, "--key", key, *arguments)
    assert done.exit_code == Exit.USAGE and done.stderr.startswith(code) and done.stderr.count("\n") == 1
    assert not (area.folder / "confirmation.json").exists()


def test_a_methodology_without_such_clauses_has_nothing_to_sign(area: Area, key: Path) -> None:
    area.recipe("rice-water-management", "forest-inventory")
    done = carbonsink("confirm", area.folder, "--key", key, *SAID, "--yes")
    assert done.exit_code == Exit.USAGE and done.stderr.startswith("E-CON-011")


def test_a_wrong_passphrase_is_said(area: Area, key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(signing.PASSPHRASE, "close sesame")
    assert carbonsink("confirm", area.folder, "--key", key, *SAID, "--yes").stderr.startswith("E-CON-009")


@pytest.mark.parametrize("said", [None, ""])
def test_a_key_without_a_passphrase_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    monkeypatch.delenv(signing.PASSPHRASE, raising=False) if said is None else monkeypatch.setenv(signing.PASSPHRASE, said)
    done = carbonsink("keys", "new", tmp_path / "open.pem", "--json")
    assert done.exit_code == 0 and "W-CON-001" in done.stderr and "no passphrase" in done.stderr and '"encrypted": false' in done.stdout
    monkeypatch.setenv(signing.PASSPHRASE, "open sesame")
    assert "W-CON" not in carbonsink("keys", "new", tmp_path / "closed.pem").stderr


def test_a_new_key_says_its_fingerprint_and_is_never_written_over(key: Path) -> None:
    done = carbonsink("keys", "new", key.with_name("other.pem"))
    assert re.search(r"fingerprint [0-9a-f]{16}$", done.stdout.strip())
    assert carbonsink("keys", "new", key).stderr.startswith("E-CON-010")
