"""The ledger checked from end to end: chain, order, units, signatures, tables, triggers, and the checkpoints seen before.

    report = check(Path("county.ledger"), seen)         the file itself, or the JSON Lines it was exported as
    report.first_bad                                    the first entry that isn't as it was

Nothing is believed but the bytes of the entries and the checkpoints: the other tables are told again and compared. The chain is looked at
meanwhile (`chain`), on a second core where the ledger is large.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.ledger.book import AFTER, piece_of
from carbonsink.ledger.chain import Findings, Looked, is_store, look_beside, mapped
from carbonsink.ledger.checkpoints import STATES, against
from carbonsink.ledger.entries import GENESIS
from carbonsink.ledger.lines import CHUNK, Facts, Stored, bodies, read_lines
from carbonsink.ledger.registers import overlapping
from carbonsink.ledger.replay import Replay
from carbonsink.ledger.store import opened, told
from carbonsink.ledger.tables import Tables, triggers_missing

Piece = tuple[Any, ...]  # a row of `pieces`
Numbered = tuple[int, str]  # seq, body
UNREADABLE = "no canonical JSON object (RFC 8785)"


@dataclass
class Report(Findings):
    """What the check found: entries, head, totals, and everything that isn't as it should be, by place."""

    ledger: str = ""
    entries: int = 0
    head: str = GENESIS
    totals: dict[str, int] = field(default_factory=dict)
    backwards: list[int] = field(default_factory=list)  # entries whose time is before that of the one before: only worth a note
    checkpoints: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    @property
    def first_bad(self) -> int | None:
        """The place of the first entry that isn't as it was."""
        return min((seq for seq, _ in self.found), default=None)

    @property
    def problems(self) -> list[Problem]:
        """What was found, in the order of places."""
        return [problem for _, problem in sorted(self.found, key=lambda one: one[0])]


def check(path: Path, seen: Sequence[Mapping[str, Any]] = ()) -> Report:
    """Check a ledger's file or its JSON Lines against itself and against checkpoints seen before."""
    if not path.is_file():
        raise refuse("E-LED-002", str(path), Exit.USAGE)
    with _uncollected():
        return _check_store(path, seen) if is_store(path) else _check_lines(path, seen)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which a million small values that have none keep busy for a fifth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _check_lines(path: Path, seen: Sequence[Mapping[str, Any]]) -> Report:
    walk = _Walk(Report(ledger=path.name), None, seen)
    with ThreadPoolExecutor(1) as beside:
        looked = beside.submit(look_beside, path, 0, walk.places)
        walk.along(map(_numbered, read_lines(path)))
        return walk.end(looked.result())


def _check_store(path: Path, seen: Sequence[Mapping[str, Any]]) -> Report:
    """What is damaged in the file goes before everything else."""
    report = Report(ledger=path.name)
    with told(path), ThreadPoolExecutor(1) as beside, opened(path, write=False) as ledger, told(path):
        mapped(ledger)
        ledger.connection.execute("BEGIN")  # what is appended from here on is of another check
        walk = _Walk(report, Tables(ledger), seen)
        looked = beside.submit(look_beside, path, ledger.head[0], walk.places)
        try:
            for name in triggers_missing(ledger):
                report.add(ledger.head[0] + 1, "E-LED-079", path.name, name=name)
            rows = ledger.connection.execute("SELECT seq, body FROM entries ORDER BY seq")
            walk.along(iter(partial(rows.fetchmany, CHUNK), []))
        finally:
            if damage := looked.result().damage:
                raise refuse("E-LED-006", str(path), Exit.INTEGRITY, why=damage)
        return walk.end(looked.result())


def _numbered(chunk: Sequence[Stored]) -> list[Numbered]:
    return [(seq, body) for seq, _, _, body in chunk]


class _Walk:
    """The way along the entries, some thousand at a time: what each entry does, the rows that it makes."""

    def __init__(self, report: Report, tables: Tables | None, seen: Sequence[Mapping[str, Any]]) -> None:
        self.report, self.tables, self.seen, self.replay = report, tables, seen, Replay()
        self.places = sorted({int(one["seq"]) for one in seen})
        self.sums: dict[int, dict[str, int]] = {}
        self.time = ""

    def along(self, chunks: Iterable[Sequence[Numbered]]) -> None:
        """Take every entry."""
        for chunk in chunks:
            moves, others = self._acts(chunk, bodies([body for _, body in chunk]))
            if self.tables:
                for seq, table, expected, found in self.tables.differ(others, moves):
                    self.report.add(seq, "E-LED-075", table=table, expected=expected, found=found)

    def end(self, looked: Looked) -> Report:
        """What only the whole of the entries and their chain can tell; what was found."""
        report = self.report
        report.entries, report.head, report.checkpoints, report.totals = looked.entries, looked.head, len(self.seen), self._totals()
        report.found = [*looked.findings.found, *report.found]
        for one, other in overlapping(_Range(*span) for span in self.replay.ranges):
            report.add(other.issue, "E-LED-081", first=other.first, last=other.last, entry=one.issue)
        for table, row in self.tables.left() if self.tables else ():
            report.add(report.entries + 1, "E-LED-075", table=table, expected="-", found=row)
        report.found += against(self.seen, looked.hashes, self.replay.operator_at, report.entries)
        for seq, found in self.sums.items():
            for said in (one["totals"] for one in self.seen if one["seq"] == seq and one["totals"] != found):
                report.add(seq, "E-LED-082", expected=said, found=dict(found))
        return report

    def _acts(self, chunk: Sequence[Numbered], said: Sequence[Facts]) -> tuple[list[Piece], list[tuple[int, Mapping[str, Any]]]]:
        """Every entry may do what it does; the pieces that moves make, which most entries are, and the other entries."""
        take, last = self.replay.take, self.time
        moves: list[Piece] = []
        others: list[tuple[int, Mapping[str, Any]]] = []
        for (seq, _), facts in zip(chunk, said, strict=True):
            try:
                if not facts:
                    raise ValueError(UNREADABLE)
                piece = piece_of(seq, facts) if facts["kind"] in AFTER else None
                why = take(seq, facts, piece)
                if piece is None:
                    others.append((seq, facts))
                else:
                    moves.append(piece)
                time = facts["time"]
                if time < last:
                    self.report.backwards.append(seq)
                last = time
            except (KeyError, TypeError, ValueError) as error:
                why = f"{type(error).__name__} {error}"
            if why:
                self.report.add(seq, "E-LED-074", why=why)
            if seq in self.places:
                self.sums[seq] = self._totals()
        self.time = last
        return moves, others

    def _totals(self) -> dict[str, int]:
        return {state: self.replay.totals[state] for state in STATES}


@dataclass(frozen=True)
class _Range:
    first: int
    last: int
    issue: int
