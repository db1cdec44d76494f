"""Twelve ways to tamper with a ledger (S22, F60): each is found, and the first bad entry is named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.signing import sign
from carbonsink.ledger import chain, exports
from carbonsink.ledger.checking import Report, check
from carbonsink.ledger.checkpoints import keep, make_checkpoint, read_checkpoints
from carbonsink.ledger.entries import Entry, entry_hash, make_entry
from carbonsink.ledger.moves import retire, transfer
from carbonsink.ledger.store import Ledger, init, opened
from tests.ledger.making import CLOCK, FARMERS, OPERATOR, field, issue, new_ledger, refused, said


@dataclass
class Kept:
    """A ledger of eight entries as an insider finds it, with the checkpoint that somebody else keeps."""

    path: Path
    seen: list[dict[str, Any]]
    old: Path  # a backup from before the last two entries

    def sql(self, *statements: str) -> None:
        """What somebody does who has the file, and knows SQLite."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            for statement in statements:
                connection.execute(statement)

    def unguarded(self, *statements: str) -> None:
        """The same, with the triggers dropped first and made again afterwards."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
            for _, text in triggers:
                connection.execute(text)

    def chained_again(self, seq: int, edit: Callable[[dict[str, Any]], None]) -> None:
        """Change an entry and reckon every hash after it again."""
        with closing(sqlite3.connect(self.path)) as connection:
            rows = connection.execute("SELECT seq, prev, body FROM entries ORDER BY seq").fetchall()
        facts = json.loads(rows[seq - 1][2])
        edit(facts)
        prev, statements = rows[seq - 1][1], []
        for at, _, body in rows[seq - 1 :]:
            text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if at == seq else body
            made = entry_hash(at, prev, text)
            quoted = text.replace("'", "''")
            statements.append(f"UPDATE entries SET prev = '{prev}', hash = '{made}', body = '{quoted}' WHERE seq = {at}")
            prev = made
        self.unguarded(*statements)

    def check(self) -> Report:
        return check(self.path, self.seen)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    with new_ledger(tmp_path) as ledger:
        issue(ledger, said("rice", years=(2020, 2021)))  # 2 register, 3 and 4 issue
        issue(ledger, said("tea", field(5000)))  # 5, 6
        shutil.copy(ledger.path, tmp_path / "backup")
        for suffix in ("-wal", "-shm"):
            shutil.copy(ledger.path.with_name(ledger.path.name + suffix), tmp_path / f"backup{suffix}")
        transfer(ledger, next(exports.units(ledger))["serial"], "village", "factory", 30)  # 7
        retire(ledger, next(exports.units(ledger))["serial"], "factory", "flights", "")  # 8
        made = make_checkpoint(ledger, OPERATOR)
    return Kept(ledger.path, [made], tmp_path / "backup")


def found(report: Report) -> tuple[int | None, set[str]]:
    return report.first_bad, {problem.code for problem in report.problems}


def test_a_ledger_nobody_touched_is_in_order(kept: Kept) -> None:
    report = kept.check()
    assert report.passed and report.first_bad is None and report.entries == 8 and report.checkpoints == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}' WHERE seq = 3",
        "DELETE FROM entries WHERE seq = 8",
        "INSERT INTO entries VALUES (10, 'x', 'y', '{}')",
        "INSERT INTO entries VALUES (9, 'x', 'y', '{}')",
        "INSERT OR REPLACE INTO entries VALUES (3, 'x', 'y', '{}')",
        "INSERT INTO issued VALUES (5, 7, 8)",
        "UPDATE pieces SET account = 'thief'",
        "DELETE FROM freed",
        "UPDATE claims SET \"end\" = '2020-02-01'",
        "DELETE FROM parts",
    ],
)
def test_the_triggers_stop_honest_tools(kept: Kept, statement: str) -> None:
    if "freed" in statement:
        kept.unguarded("INSERT INTO freed VALUES (3, 4)")
    with pytest.raises(sqlite3.DatabaseError):
        kept.sql(statement)


# --- the twelve ------------------------------------------------------------------------------------------------------


def test_1_an_edited_entry(kept: Kept) -> None:
    kept.unguarded("UPDATE entries SET body = replace(body, '\"quantity\":100', '\"quantity\":900') WHERE seq = 4")
    seq, codes = found(kept.check())
    assert seq == 4 and "E-LED-071" in codes


def test_2_a_tail_cut_off(kept: Kept) -> None:
    kept.unguarded("DELETE FROM pieces WHERE entry = 8", "DELETE FROM entries WHERE seq = 8")
    assert found(kept.check()) == (8, {"E-LED-077"})
    assert check(kept.path).passed  # nothing but a checkpoint from outside can tell


def test_3_an_entry_taken_out_of_the_middle(kept: Kept) -> None:
    kept.unguarded("DELETE FROM entries WHERE seq = 5")
    seq, codes = found(kept.check())
    assert seq == 5 and {"E-LED-072", "E-LED-073"} <= codes


def test_4_everything_chained_again(kept: Kept) -> None:
    kept.chained_again(7, lambda facts: facts.update(to="thief"))
    kept.unguarded("UPDATE pieces SET account = 'thief' WHERE entry = 7")
    seq, codes = found(kept.check())
    assert seq == 8 and "E-LED-078" in codes  # the checkpoint's place; #8 moves what the factory no longer holds
    assert "E-LED-074" in codes


def test_5_a_link_of_the_chain_changed(kept: Kept) -> None:
    kept.unguarded("UPDATE entries SET prev = hash WHERE seq = 6")
    seq, codes = found(kept.check())
    assert seq == 6 and {"E-LED-073", "E-LED-071"} <= codes


@pytest.mark.parametrize("name", ["entries_stay", "entries_in_order", "issued_once", "pieces_remain"])
def test_6_a_trigger_dropped(kept: Kept, name: str) -> None:
    kept.sql(f"DROP TRIGGER {name}")
    seq, codes = found(kept.check())
    assert seq == 9 and codes == {"E-LED-079"}


def test_7_another_ledger_in_its_place(kept: Kept) -> None:
    other = kept.path.with_name("other")
    init(other, "county register", kept.seen[0]["public_key"], lambda: CLOCK)
    with opened(other) as ledger:
        for n in range(8):
            issue(ledger, said(f"thief-{n}", field(9000 * n)))
    shutil.copy(other, kept.path)
    for suffix in ("-wal", "-shm"):
        kept.path.with_name(kept.path.name + suffix).unlink(missing_ok=True)
    assert found(kept.check()) == (8, {"E-LED-078", "E-LED-082"})


def test_8_an_old_backup_brought_back(kept: Kept) -> None:
    for suffix in ("", "-wal", "-shm"):
        shutil.copy(str(kept.old) + suffix, str(kept.path) + suffix)
    assert found(kept.check()) == (7, {"E-LED-077"})


def test_9_bytes_changed_in_the_file(kept: Kept) -> None:
    kept.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    data = kept.path.read_bytes()
    assert b"village" in data
    kept.path.write_bytes(data.replace(b'"holder":"village"', b'"holder":"thieves"'))
    seq, codes = found(kept.check())
    assert seq == 2 and "E-LED-071" in codes


def test_10_a_checkpoint_changed_or_signed_by_another(kept: Kept) -> None:
    content = {key: value for key, value in kept.seen[0].items() if key != "signature"}
    for forged in (kept.seen[0] | {"head": "0" * 64}, content | {"signature": sign(FARMERS, content)}):
        kept.seen = [forged]
        assert found(kept.check()) == (8, {"E-LED-076"})


def test_11_units_issued_twice(kept: Kept) -> None:
    kept.chained_again(6, lambda facts: facts.update(first=150))
    kept.seen = []
    seq, codes = found(kept.check())
    assert seq == 6 and {"E-LED-074", "E-LED-081"} <= codes


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("UPDATE pieces SET account = 'thief' WHERE entry = 6", "pieces"),
        ("UPDATE claims SET \"end\" = '2020-02-01' WHERE issue = 6", "claims"),
        ("UPDATE boxes SET west = west + 90000, east = east + 90000 WHERE id = 2", "boxes"),
        ("DELETE FROM boxes WHERE id = 2", "boxes"),
        ("UPDATE parts SET wkb = zeroblob(93) WHERE id = 2", "parts"),
        ("INSERT INTO freed VALUES (6, 8)", "freed"),
        ("INSERT INTO pieces (entry, issue, first, last, account, state) VALUES (8, 6, 221, 230, 'thief', 'held')", "pieces"),
    ],
)
def test_12_the_tables_beside_the_entries_changed(kept: Kept, statement: str, table: str) -> None:
    kept.unguarded(statement)
    report = kept.check()
    assert table in {problem.facts["table"] for problem in report.problems if problem.code == "E-LED-075"}


def test_13_a_checkpoint_whose_totals_were_changed_before_it_was_signed(kept: Kept) -> None:
    content = {key: value for key, value in kept.seen[0].items() if key != "signature"} | {"totals": kept.seen[0]["totals"] | {"held": 1}}
    kept.seen = [content | {"signature": sign(OPERATOR, content)}]
    assert found(kept.check()) == (8, {"E-LED-082"})


# --- entries that no honest writer makes -----------------------------------------------------------------------------


def forged(ledger: Ledger, edit: Callable[[dict[str, Any]], None]) -> Path:
    """JSON Lines of a ledger whose last entry was made by somebody with a program of his own."""
    *before, last = ledger.entries()
    facts = dict(last.facts)
    edit(facts)
    kind, time = facts.pop("kind"), facts.pop("time")
    path = ledger.path.with_name("forged.jsonl")
    path.write_text("".join(entry.line() + "\n" for entry in (*before, make_entry(last.seq, last.prev, kind, facts, time))), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "edit",
    [
        lambda facts: facts.update(quantity=101),
        lambda facts: facts.update(quantity=0),
        lambda facts: facts.update(buffer=-1),
        lambda facts: facts.update(manifest="0" * 64),
        lambda facts: facts.update(land=1),
        lambda facts: facts["submitter"].update(public_key="00" * 32),
        lambda facts: facts.pop("first"),
        lambda facts: facts.update(kind="gift"),
        lambda facts: facts.update(kind="open", operator="00" * 32),
        lambda facts: facts.update(kind="void", issue=3, last=1),
        lambda facts: facts.update(kind="transfer", issue=3, first=500, last=501, to="x", **{"from": "village"}),
        lambda facts: facts.update(kind="reversal", quantity=5, units=[]),
    ],
)
def test_an_entry_that_can_t_be_is_named(ledger: Ledger, edit: Callable[[dict[str, Any]], None]) -> None:
    issue(ledger, said("rice"))
    report = check(forged(ledger, edit))
    assert report.first_bad == 3 and {problem.code for problem in report.problems} == {"E-LED-074"}


def test_a_second_issue_of_a_vintage_is_named(ledger: Ledger) -> None:
    issue(ledger, said("rice", years=(2020, 2021)))
    assert check(forged(ledger, lambda facts: facts.update(vintage=2020))).first_bad == 4


@pytest.mark.parametrize(
    "write",
    [
        lambda body: "{",
        lambda body: "[]",
        lambda body: body.replace('"quantity":', '"quantity":1,"quantity":'),  # one reader takes the first, another the last
        lambda body: body.replace(",", ", "),
    ],
    ids=["broken", "no object", "a key twice", "not canonical"],
)
def test_a_body_that_two_readers_could_read_differently_is_named(ledger: Ledger, write: Callable[[str], str]) -> None:
    issue(ledger, said("rice"))
    first, second, third = ledger.entries()
    body = write(third.body)
    bad = Entry(3, second.hash, entry_hash(3, second.hash, body), body)
    path = ledger.path.with_name("forged.jsonl")
    path.write_text("".join(f"{entry.line()}\n" for entry in (first, second, bad)), encoding="utf-8")
    report = check(path)
    assert found(report) == (3, {"E-LED-074"}) and "RFC 8785" in str(report.problems[0].facts["why"])


# --- files that aren't what they should be ---------------------------------------------------------------------------


def test_a_line_that_is_no_entry_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"seq": 1}\n', encoding="utf-8")
    assert refused(lambda: check(path), "E-LED-070").exit_code == Exit.INTEGRITY


def test_an_empty_export_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").touch()
    assert found(check(tmp_path / "x.jsonl")) == (1, {"E-LED-072"})


def test_a_damaged_file_is_said(kept: Kept) -> None:
    kept.sql("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(kept.path.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    kept.path.write_bytes(data)
    with pytest.raises(Refusal) as refusal:
        kept.check()
    assert refusal.value.exit_code == Exit.INTEGRITY and refusal.value.problems[0].code == "E-LED-006"


def test_a_large_ledger_s_chain_is_looked_at_by_another_process_that_finds_the_same(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where a folder somebody stands in has a module of our name."""
    (tmp_path / "here" / "carbonsink").mkdir(parents=True)
    (tmp_path / "here" / "carbonsink" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path / "here")

    def both() -> Report:
        with monkeypatch.context() as patched:
            patched.setattr(chain, "LARGE", 0)
            patched.setattr(chain, "look", lambda *_: pytest.fail("looked at here"))
            there = kept.check()
        here = kept.check()
        assert (there.problems, there.head, there.entries) == (here.problems, here.head, here.entries)
        return there

    assert both().passed
    kept.unguarded("DELETE FROM boxes WHERE id = 2", "UPDATE entries SET hash = prev WHERE seq = 5")
    assert {"E-LED-071", "E-LED-073", "E-LED-075"} <= found(both())[1]


def test_what_another_process_cannot_read_is_said_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "LARGE", 0)
    (tmp_path / "x.jsonl").write_text("{}\n")
    refused(lambda: chain.look_beside(tmp_path / "x.jsonl", 0, ()), "E-LED-070")


def test_checkpoints_are_kept_and_read(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    for one in kept.seen * 2:
        keep(path, one)
    assert read_checkpoints(path) == kept.seen * 2
    for text in ("{", "[1]", '{"seq": 1}'):
        path.write_text(text, encoding="utf-8")
        refused(lambda: read_checkpoints(path), "E-LED-080")


def test_only_the_operator_signs_checkpoints(ledger: Ledger) -> None:
    refused(lambda: make_checkpoint(ledger, FARMERS), "E-LED-031")
