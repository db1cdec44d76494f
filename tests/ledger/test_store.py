"""The file itself: settings, writers who wait, disks that are full, places a ledger may not lie."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from carbonsink.base.signing import public_text
from carbonsink.ledger import exports
from carbonsink.ledger.checking import check
from carbonsink.ledger.place import check_place, filesystem
from carbonsink.ledger.store import Ledger, init, opened
from tests.ledger.making import OPERATOR, issue, refused, said


def test_what_is_written_is_on_the_disk_before_it_is_said(ledger: Ledger) -> None:
    settings = {name: ledger.rows(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")}
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}
    strict = dict(ledger.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"))
    assert strict == dict.fromkeys(("entries", "pieces", "issued", "lands", "parts", "claims", "accounts", "freed", "keys"), 1)


def test_a_ledger_is_never_written_over(ledger: Ledger) -> None:
    refused(lambda: init(ledger.path, "another", public_text(OPERATOR)), "E-LED-001")


def test_a_file_that_is_no_ledger_is_said(tmp_path: Path) -> None:
    for name in ("none", "other", "text"):
        if name == "other":
            sqlite3.connect(tmp_path / name).execute("CREATE TABLE t (a)").connection.close()
        if name == "text":
            (tmp_path / name).write_text("not a database at all, and long enough to be looked at as one" * 20)

        def use(path: Path = tmp_path / name) -> None:
            with opened(path):
                pass

        refused(use, "E-LED-006" if name == "text" else "E-LED-002")


def test_an_error_in_the_middle_leaves_nothing(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    before = "".join(exports.jsonl(ledger))
    with pytest.raises(RuntimeError), ledger.writing():
        ledger.append("void", {"issue": 3, "first": 1, "last": 110, "reason": "x"})
        raise RuntimeError
    assert "".join(exports.jsonl(ledger)) == before and check(ledger.path).passed


def test_a_reader_keeps_nobody_waiting(ledger: Ledger) -> None:
    with opened(ledger.path, write=False) as reader:
        reader.connection.execute("BEGIN")
        assert reader.head[0] == 1
        issue(ledger, said("rice"))
        assert reader.head[0] == 1  # what it saw when it began
        reader.connection.execute("COMMIT")
        assert reader.head[0] == 3


def test_what_stands_in_the_log_is_read_even_where_nothing_may_be_written(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(ledger, said("rice"))
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with opened(ledger.path, write=False) as reader:
        assert reader.head == ledger.head


MOUNTS = """proc /proc proc rw 0 0
/dev/vda / ext4 rw 0 0
office:/ledgers /mnt/office nfs4 rw 0 0
//office/share /mnt/my\\040share cifs rw 0 0
"""


def test_a_network_filesystem_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert filesystem(Path("/home/a/county.ledger"), mounts) == "ext4"
    check_place(Path("/home/a/county.ledger"), mounts)
    for place, kind in (("/mnt/office/county.ledger", "nfs4"), ("/mnt/my share/deep/county.ledger", "cifs")):
        refusal = refused(lambda place=place: check_place(Path(place), mounts), "E-LED-004")  # type: ignore[misc]
        assert refusal.problems[0].facts["kind"] == kind and refusal.exit_code == Exit.RESOURCES
    assert filesystem(tmp_path, tmp_path / "nowhere") == ""
