"""Faults F44, F47, F51, F54 and F56 to F60: writers killed, disks full, clocks wrong, and everybody at once (the tampering of F60: tests/ledger)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.ledger.checking import check
from carbonsink.ledger.store import Ledger, opened
from carbonsink.ledger.submit import Answer
from tests.ledger.making import field, issue, new_ledger, refused, said

REPOSITORY = Path(__file__).parent.parent.parent


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with new_ledger(tmp_path) as made:
        yield made


def children(job: str, path: Path, rounds: int) -> Any:
    """What a process with children of its own says of a job on a ledger."""
    command = [sys.executable, "-m", "tests.ledger.child", job, str(path), str(rounds)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_f44_a_writer_killed_anywhere_in_its_transaction_leaves_all_or_nothing(ledger: Ledger, record_property: Any) -> None:
    tried = children("points", ledger.path, 0)["points"]
    assert len(tried) > 10 and [one["status"] for one in tried] == [-9] * (len(tried) - 1) + [0]
    assert all(one["passed"] for one in tried)
    entries = 1
    for one in tried:  # what was killed isn't there; the one whose answer alone was lost is, and answers as it would have
        assert one["before"] == (entries + 2 if one["again"] else entries)
        entries += 2
        assert one["after"] == entries
    assert tried[-1]["again"] and not tried[0]["again"]
    record_property("injected", len(tried) - 1)


def test_f44_three_writers_killed_in_45_rounds_lose_nothing_that_was_acknowledged(ledger: Ledger, record_property: Any) -> None:
    children("kills", ledger.path, 45)
    said_so = [line.split() for line in Path(f"{ledger.path}.acks").read_text().splitlines() if line.count(" ") == 4]
    kept = {entry.seq: entry.hash for entry in ledger.entries()}
    lost = [line for line in said_so if kept.get(int(line[0])) != line[1]]
    assert not lost and len(said_so) > 45
    ranges = sorted((int(first), int(last)) for _, _, kind, first, last in said_so if kind == "issue")
    assert all(one[1] < other[0] for one, other in zip(ranges, ranges[1:], strict=False))
    report = check(ledger.path)
    assert report.passed and report.entries == len(kept)
    assert len({row[0] for row in ledger.rows("SELECT first FROM issued")}) == sum(1 for entry in ledger.entries() if entry.facts["kind"] == "issue")
    record_property("injected", 45 * 3)
    record_property("requests", report.entries)


def test_f47_a_full_disk_is_said_and_what_was_said_before_is_kept(ledger: Ledger) -> None:
    pages = ledger.rows("PRAGMA page_count")[0][0]
    ledger.rows(f"PRAGMA max_page_count = {pages + 6}")
    kept = 0
    with pytest.raises(Refusal, match="E-RES-002") as refusal:
        for n in range(20):
            issue(ledger, said(f"rice-{n}", *[field(2000 * n + 20 * k, 0, 10, 10) for k in range(50)]))
            kept += 1
    assert refusal.value.exit_code == Exit.RESOURCES
    report = check(ledger.path)
    assert report.passed and report.entries == 1 + 2 * kept


def test_f51_a_ledger_that_may_not_be_written_is_said_before_anything_is_done(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)

    def use() -> None:
        with opened(ledger.path):
            pass

    assert refused(use, "E-LED-005").exit_code == Exit.RESOURCES
    ledger.connection.close()
    with opened(ledger.path, write=False) as reader:  # it may still be read
        assert reader.head[0] == 1


def test_f56_of_two_who_claim_the_same_land_at_once_exactly_one_wins(ledger: Ledger) -> None:
    outcomes = children("race", ledger.path, 20)["outcomes"]  # every other round two runs of one project: F54
    assert outcomes == [[0, Exit.DOUBLE_COUNTING]] * 20
    report = check(ledger.path)
    assert report.passed and report.entries == 1 + 20 * 2


def test_f57_one_submission_made_a_hundred_times_at_once_is_one_entry(ledger: Ledger) -> None:
    answers: list[Answer] = []
    start = threading.Barrier(100)

    def work() -> None:
        start.wait()
        with opened(ledger.path, patience=60) as mine:
            answers.append(issue(mine, said("rice", years=(2020, 2021))))

    threads = [threading.Thread(target=work) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100 and len({answer.entries for answer in answers}) == 1
    assert sum(not answer.again for answer in answers) == 1 and ledger.head[0] == 4


@pytest.mark.parametrize("wrong", ["2026-11-20T00:00:00Z", "2016-01-01T00:00:00Z"])
def test_f58_a_clock_set_back_is_noted_and_orders_nothing(ledger: Ledger, wrong: str) -> None:
    ledger.clock = lambda: "2036-01-01T00:00:00Z"
    issue(ledger, said("rice"))
    ledger.clock = lambda: wrong
    issue(ledger, said("tea", field(5000)))
    report = check(ledger.path)
    assert report.passed and report.backwards == [4] and [entry.seq for entry in ledger.entries()] == [1, 2, 3, 4, 5]


def test_f59_a_writer_waits_for_another_and_then_says_so(ledger: Ledger) -> None:
    with opened(ledger.path, patience=0.2) as other, ledger.writing():
        assert refused(lambda: issue(other, said("rice")), "E-LED-003").exit_code == Exit.RESOURCES
    with opened(ledger.path, patience=0.2) as other:
        assert issue(other, said("rice"))
