"""A process whose children write to a ledger and are killed: python -m tests.ledger.child JOB LEDGER ROUNDS -> one JSON line.

kills   three writers a round, killed with -9 after a moment; what they were told stands in LEDGER.acks
points  one submission a fork, killed before its nth SQL statement, for every n; then made again
race    two submissions at a barrier, that claim the same land, or are two runs of one project
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Refusal
from carbonsink.ledger.checking import check
from carbonsink.ledger.entries import Entry
from carbonsink.ledger.land import lay_out
from carbonsink.ledger.moves import transfer
from carbonsink.ledger.store import Ledger, opened
from carbonsink.ledger.submit import Answer, block_of
from tests.ledger.making import field, issue, said

WRITERS = 3
MOST = 500


class Dying:
    """A connection that kills its process before the nth statement."""

    def __init__(self, connection: Any, at: int) -> None:
        self._connection, self._left = connection, at

    def execute(self, *said: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._connection.execute(*said)

    def executemany(self, *said: Any) -> Any:
        return self.execute("SELECT 1") and self._connection.executemany(*said)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def forked(work: Callable[[], int]) -> int:
    """The pid of a child that works and leaves with what the work says."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            code = work()
        except Refusal as refusal:
            code = int(refusal.exit_code)
        finally:
            os._exit(code)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def write_on(path: Path, number: int) -> int:
    """Submit and transfer for ever; each answer is noted once the ledger has given it."""
    acks = os.open(f"{path}.acks", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(entry: Entry, first: int, last: int) -> None:
        os.write(acks, f"{entry.seq} {entry.hash} {entry.facts['kind']} {first} {last}\n".encode())

    with opened(path, patience=30) as ledger:
        for n in range(10_000_000):
            land = field(30 * (number * 1000 + n % 1000), 40 * (n // 1000), 20, 20)
            issued = issue(ledger, said(f"writer-{number}-{n}", land, issued=20, buffer=1)).entries[-1]
            block = block_of(ledger, issued)
            note(issued, block.first, block.last)
            moved = transfer(ledger, str(block.part(block.first, block.first + 19)), "village", "factory", 5)
            note(moved, moved.facts["first"], moved.facts["last"])
    return 0


def kills(path: Path, rounds: int) -> dict[str, Any]:
    chance = random.Random(7)
    for turn in range(rounds):
        numbers = range(turn * WRITERS, (turn + 1) * WRITERS)
        writers = [forked(lambda number=number: write_on(path, number)) for number in numbers]  # type: ignore[misc]
        time.sleep(chance.uniform(0.1, 0.4))
        for pid in chance.sample(writers, WRITERS):
            os.kill(pid, signal.SIGKILL)
        assert [ended(pid) for pid in writers] == [-signal.SIGKILL] * WRITERS
    return {"rounds": rounds}


def points(path: Path, rounds: int) -> dict[str, Any]:
    tried = []
    for number in range(1, MOST):
        one = said(f"p{number}", field(3000 * number))

        def dying(one: Any = one, number: int = number) -> int:
            with opened(path) as ledger:
                ledger.connection = Dying(ledger.connection, number)  # type: ignore[assignment]
                issue(ledger, one)
            return 0

        status = ended(forked(dying))
        whole = check(path)
        before = whole.entries
        with opened(path) as ledger:
            answer = again(ledger, one)
            after = ledger.head[0]
        tried.append({"n": number, "status": status, "passed": whole.passed, "before": before, "again": answer.again, "after": after})
        if status == 0:
            break
    return {"points": tried}


def again(ledger: Ledger, one: Any) -> Answer:
    first, second = issue(ledger, one), issue(ledger, one)
    assert first.entries == second.entries and second.again
    return first


def race(path: Path, rounds: int) -> dict[str, Any]:
    outcomes = []
    for turn in range(rounds):
        pairs = [("a", "1"), ("b", "1")] if turn % 2 else [("a", "1"), ("a", "2")]
        gate, go = os.pipe()

        def racing(name: str, run: str, turn: int = turn, gate: int = gate) -> int:
            with opened(path) as ledger:
                one = said(f"{turn}{name}", field(3000 * turn, 400 * (name == "b")), run=run)
                os.read(gate, 1)
                issue(ledger, one)
            return 0

        runners = [forked(lambda name=name, run=run: racing(name, run)) for name, run in pairs]  # type: ignore[misc]
        time.sleep(0.02)
        os.write(go, b"xx")
        outcomes.append(sorted(ended(pid) for pid in runners))
        os.close(gate)
        os.close(go)
    return {"outcomes": outcomes}


if __name__ == "__main__":
    lay_out([field()], 0)  # here, so that forks needn't read the projection again
    jobs = {"kills": kills, "points": points, "race": race}
    print(json.dumps(jobs[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))), flush=True)
