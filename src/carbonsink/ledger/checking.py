"""The ledger checked from end to end: chain, order, units, signatures, tables, triggers, and the checkpoints seen before.

    report = check(Path("county.ledger"), seen)         the file itself, or the JSON Lines it was exported as
    report.first_bad                                    the first entry that isn't as it was

Nothing is believed but the bytes of the entries and the checkpoints: the other tables are told again and compared.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.ledger.book import AFTER, piece_of
from carbonsink.ledger.checkpoints import STATES, against
from carbonsink.ledger.entries import DOMAIN, GENESIS
from carbonsink.ledger.lines import CHUNK, Facts, Stored, bodies, read_lines
from carbonsink.ledger.registers import overlapping
from carbonsink.ledger.replay import Replay
from carbonsink.ledger.store import Ledger, opened, told
from carbonsink.ledger.tables import Tables, boxes_stray, triggers_missing

Piece = tuple[Any, ...]  # a row of `pieces`
SHOWN = 20  # findings kept; the first one matters
MAGIC = b"SQLite format 3\0"


@dataclass
class Report:
    """What the check found: entries, head, totals, and everything that isn't as it should be, by place."""

    ledger: str
    entries: int = 0
    head: str = GENESIS
    totals: dict[str, int] = field(default_factory=dict)
    findings: list[tuple[int, Problem]] = field(default_factory=list)
    backwards: list[int] = field(default_factory=list)  # entries whose time is before that of the one before: only worth a note
    checkpoints: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The place of the first entry that isn't as it was."""
        return min((seq for seq, _ in self.findings), default=None)

    @property
    def problems(self) -> list[Problem]:
        """What was found, in the order of places."""
        return [problem for _, problem in sorted(self.findings, key=lambda one: one[0])]

    def add(self, seq: int, code: str, where: str = "", **facts: object) -> None:
        """Note a finding; of many only those at the first places are kept."""
        self.findings.append((seq, Problem(code, where or f"#{seq}", facts)))
        if len(self.findings) > SHOWN:
            self.findings.remove(max(self.findings, key=lambda one: one[0]))


def check(path: Path, seen: Sequence[Mapping[str, Any]] = ()) -> Report:
    """Check a ledger's file or its JSON Lines against itself and against checkpoints seen before."""
    if not path.is_file():
        raise refuse("E-LED-002", str(path), Exit.USAGE)
    with path.open("rb") as stream:
        stored = stream.read(len(MAGIC)) == MAGIC
    with _uncollected():
        return _check_store(path, seen) if stored else _Walk(Report(path.name), None, seen).along(read_lines(path))


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


def _check_store(path: Path, seen: Sequence[Mapping[str, Any]]) -> Report:
    """The file itself and the index of boxes are looked through meanwhile, which holds up the rest little; damage goes before everything else."""
    report = Report(path.name)
    with told(path), ThreadPoolExecutor(1) as beside:
        damage, stray = beside.submit(_damage, path), beside.submit(_stray, path)
        try:
            with opened(path, write=False) as ledger, told(path):
                _map(ledger)
                for name in triggers_missing(ledger):
                    report.add(ledger.head[0] + 1, "E-LED-079", path.name, name=name)
                rows = ledger.connection.execute("SELECT seq, prev, hash, body FROM entries ORDER BY seq")
                _Walk(report, Tables(ledger), seen).along(iter(partial(rows.fetchmany, CHUNK), []))
        finally:
            if found := damage.result():
                raise refuse("E-LED-006", str(path), Exit.INTEGRITY, why=found)
        for land, part in stray.result():
            report.add(land, "E-LED-075", table="boxes", expected=f"part {part}", found="-")
    return report


def _damage(path: Path) -> str:
    """What SQLite finds damaged in the file: pages, rows out of order, indexes that aren't as their tables; nothing where it's sound."""
    with opened(path, write=False) as ledger, told(path):
        _map(ledger)
        return next((str(row[0]) for row in ledger.rows("PRAGMA integrity_check") if row[0] != "ok"), "")


def _stray(path: Path) -> list[tuple[int, int]]:
    with opened(path, write=False) as ledger, told(path):
        return list(boxes_stray(ledger))


def _map(ledger: Ledger) -> None:
    """Have SQLite read the file as memory, since all of it is read."""
    ledger.rows(f"PRAGMA mmap_size = {ledger.path.stat().st_size}")


class _Walk:
    """The way along the entries, some thousand at a time: the chain, what each entry does, the rows that it makes."""

    def __init__(self, report: Report, tables: Tables | None, seen: Sequence[Mapping[str, Any]]) -> None:
        self.report, self.tables, self.seen, self.replay = report, tables, seen, Replay()
        self.places = {int(one["seq"]) for one in seen}
        self.hashes: dict[int, str] = {}  # at the checkpoints' places
        self.sums: dict[int, dict[str, int]] = {}
        self.seq, self.prev, self.time = 0, GENESIS, ""

    def along(self, chunks: Iterable[Sequence[Stored]]) -> Report:
        """Take every entry; what was found."""
        for chunk in chunks:
            if not self._linked(chunk):
                self._chain(chunk)
            moves, others = self._acts(chunk, bodies([row[3] for row in chunk]))
            if self.tables:
                for seq, table, expected, found in self.tables.differ(others, moves):
                    self.report.add(seq, "E-LED-075", table=table, expected=expected, found=found)
        report = self.report
        report.entries, report.head, report.checkpoints, report.totals = self.seq, self.prev, len(self.seen), self._totals()
        self._end()
        return report

    def _linked(self, chunk: Sequence[Stored]) -> bool:
        """Whether the entries of a chunk follow one another with the right hashes, all at once; which one doesn't, `_chain` tells."""
        worked = [sha256(f"{DOMAIN}\n{seq}\n{before}\n{body}".encode()).hexdigest() for seq, before, _, body in chunk]
        seqs, before, stated, _ = zip(*chunk, strict=True)
        if seqs != tuple(range(self.seq + 1, self.seq + 1 + len(chunk))) or stated != tuple(worked) or before != (self.prev, *worked[:-1]):
            return False
        self.hashes |= {seq: worked[seq - seqs[0]] for seq in self.places if seqs[0] <= seq <= seqs[-1]}
        self.seq, self.prev = seqs[-1], worked[-1]
        return True

    def _chain(self, chunk: Sequence[Stored]) -> None:
        """Every entry follows the one before, and its hash is that of its bytes."""
        for seq, before, stated, body in chunk:
            if seq != self.seq + 1:
                self.report.add(self.seq + 1, "E-LED-072", found=seq, expected=self.seq + 1)
            if before != self.prev:
                self.report.add(seq, "E-LED-073", found=before, expected=self.prev)
            worked = sha256(f"{DOMAIN}\n{seq}\n{before}\n{body}".encode()).hexdigest()
            if worked != stated:
                self.report.add(seq, "E-LED-071", found=worked, expected=stated)
            if seq in self.places:
                self.hashes[seq] = worked
            self.seq, self.prev = seq, stated

    def _acts(self, chunk: Sequence[Stored], said: Sequence[Facts]) -> tuple[list[Piece], list[tuple[int, Mapping[str, Any]]]]:
        """Every entry may do what it does; the pieces that moves make, which most entries are, and the other entries."""
        take, last = self.replay.take, self.time
        moves: list[Piece] = []
        others: list[tuple[int, Mapping[str, Any]]] = []
        for (seq, _, _, _), facts in zip(chunk, said, strict=True):
            try:
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

    def _end(self) -> None:
        """What only the whole of the entries can tell."""
        report = self.report
        if not report.entries:
            report.add(1, "E-LED-072", found=0, expected=1)
        for one, other in overlapping(_Range(*span) for span in self.replay.ranges):
            report.add(other.issue, "E-LED-081", first=other.first, last=other.last, entry=one.issue)
        for table, row in self.tables.left() if self.tables else ():
            report.add(report.entries + 1, "E-LED-075", table=table, expected="-", found=row)
        report.findings += against(self.seen, self.hashes, self.replay.operator_at, report.entries)
        for seq, found in self.sums.items():
            for said in (one["totals"] for one in self.seen if one["seq"] == seq and one["totals"] != found):
                report.add(seq, "E-LED-082", expected=said, found=dict(found))


@dataclass(frozen=True)
class _Range:
    first: int
    last: int
    issue: int
