"""What a printed code reads, held against the ledger, an older copy of it, another one, and its JSON Lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from carbonsink.base.signing import fingerprint, make_key, public_text
from carbonsink.cli import app
from carbonsink.declared.checkpoint import TYPE
from carbonsink.ledger.keyholders import operator_at
from carbonsink.ledger.scanned import check_scanned, read_scanned
from carbonsink.ledger.store import opened
from tests.ledger.making import field, issue, new_ledger, refused, said


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    with new_ledger(tmp_path) as ours:
        issue(ours, said("rice"))
        issue(ours, said("tea", field(9000)))
    return tmp_path / "county.ledger"


def code(ledger: Path, sequence: int | None = None) -> str:
    """What the code of a page printed at an entry reads."""
    with opened(ledger, write=False) as ours:
        first, entry = ours.entry(1), ours.entry(sequence or ours.head[0])
        assert first and entry
        return f"{TYPE} {first.hash} {entry.seq} {entry.hash}"


def check(ledger: Path, text: str) -> Result:
    return CliRunner().invoke(app, ["ledger", "check", str(ledger), "--checkpoint", text])


def test_every_state_that_the_ledger_went_through_is_found(ledger: Path) -> None:
    with opened(ledger, write=False) as ours:
        length = ours.head[0]
    for sequence in range(1, length + 1):
        check_scanned(ledger, read_scanned(code(ledger, sequence)))


def test_the_command_says_so_and_takes_a_file_too(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    kept = ledger.with_name("scanned.txt")
    kept.write_text(code(ledger, 2).replace(" ", "\n") + "\n", encoding="utf-8")
    done = check(ledger, str(kept))
    assert done.exit_code == 0 and "The printed state is one of this ledger: entry #2" in done.stdout


def test_json_lines_are_a_ledger_too(ledger: Path) -> None:
    lines = ledger.with_name("county.jsonl")
    assert CliRunner().invoke(app, ["ledger", "export", str(ledger), "--jsonl", "--out", str(lines)]).exit_code == 0
    check_scanned(lines, read_scanned(code(ledger, 3)))
    *begun, _, head = code(ledger).split()
    refused(lambda: check_scanned(lines, read_scanned(" ".join([*begun, "99", head]))), "E-SCN-003")


def test_a_ledger_that_was_rolled_back_is_told(ledger: Path) -> None:
    with new_ledger(ledger.parent, "later.ledger") as ours:
        issue(ours, said("rice"))
    *begun, last, head = code(ledger.with_name("later.ledger")).split()
    done = check(ledger.with_name("later.ledger"), " ".join([*begun, str(int(last) + 1), head]))
    assert done.exit_code == 5 and "E-SCN-003" in done.stderr


def test_a_ledger_that_was_written_anew_is_told(ledger: Path) -> None:
    *begun, _ = code(ledger, 2).split()
    refused(lambda: check_scanned(ledger, read_scanned(" ".join([*begun, "0" * 64]))), "E-SCN-004")


def test_another_ledger_is_told(ledger: Path) -> None:
    refused(lambda: check_scanned(ledger, read_scanned(f"{TYPE} {'a' * 64} 1 {'b' * 64}")), "E-SCN-002")


def test_a_reports_code_names_the_operators_key(ledger: Path) -> None:
    with opened(ledger, write=False) as ours:
        operator = fingerprint(operator_at(ours, 2))
    check_scanned(ledger, read_scanned(f"{code(ledger, 2)} {operator}"))
    stranger = fingerprint(public_text(make_key()))
    refused(lambda: check_scanned(ledger, read_scanned(f"{code(ledger, 2)} {stranger}")), "E-SCN-005")


@pytest.mark.parametrize("text", ["nonsense", f"{TYPE} abc 2 def", f"{TYPE} {'a' * 64} 0 {'b' * 64}", "/nowhere/code.txt", "\0"])
def test_what_is_no_code_is_refused(text: str) -> None:
    refused(lambda: read_scanned(text), "E-SCN-001")
