"""The ledger checked from end to end: chain, order, units, signatures, tables, triggers, and the checkpoints seen before.

    report = check(Path("county.ledger"), seen)         the file itself, or the JSON Lines it was exported as
    report.first_bad                                    the first entry that isn't as it was

Nothing is believed but the bytes of the entries and the checkpoints: the other tables are told again and compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.ledger.checkpoints import STATES, against
from carbonsink.ledger.entries import DOMAIN, GENESIS
from carbonsink.ledger.registers import overlapping
from carbonsink.ledger.replay import Replay
from carbonsink.ledger.store import opened, told
from carbonsink.ledger.tables import Tables, boxes_stray, triggers_missing

Stored = tuple[int, str, str, str]  # seq, prev, hash, body
CHUNK = 2000  # entries read together
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
        """Note a finding; after many only the first ones are kept."""
        if len(self.findings) < SHOWN:
            self.findings.append((seq, Problem(code, where or f"#{seq}", facts)))


def check(path: Path, seen: Sequence[Mapping[str, Any]] = ()) -> Report:
    """Check a ledger's file or its JSON Lines against itself and against checkpoints seen before."""
    if not path.is_file():
        raise refuse("E-LED-002", str(path), Exit.USAGE)
    with path.open("rb") as stream:
        stored = stream.read(len(MAGIC)) == MAGIC
    return _check_store(path, seen) if stored else _walk(Report(path.name), read_lines(path), None, seen)


def read_lines(path: Path) -> Iterator[Stored]:
    """The entries of a JSON Lines file; a Refusal names the first line that is none."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                said = json.loads(line)
                yield int(said["seq"]), str(said["prev"]), str(said["hash"]), str(said["body"])
            except (ValueError, KeyError, TypeError) as error:
                raise refuse("E-LED-070", f"{path.name}:{number}", Exit.INTEGRITY, why=f"{type(error).__name__} {error}") from None


def _check_store(path: Path, seen: Sequence[Mapping[str, Any]]) -> Report:
    report = Report(path.name)
    with opened(path, write=False) as ledger, told(path):
        damaged = [row[0] for row in ledger.rows("PRAGMA quick_check") if row[0] != "ok"]
        if damaged:
            raise refuse("E-LED-006", str(path), Exit.INTEGRITY, why=damaged[0])
        for name in triggers_missing(ledger):
            report.add(ledger.head[0] + 1, "E-LED-079", path.name, name=name)
        rows = ledger.connection.execute("SELECT seq, prev, hash, body FROM entries ORDER BY seq")
        _walk(report, rows, Tables(ledger), seen)
        for land, part in boxes_stray(ledger):
            report.add(land, "E-LED-075", table="boxes", expected=f"part {part}", found="-")
    return report


def _walk(report: Report, stored: Iterable[Stored], tables: Tables | None, seen: Sequence[Mapping[str, Any]]) -> Report:
    """Every entry in order: chain, then what it does, then the rows that it makes."""
    replay, places = Replay(), {int(one["seq"]) for one in seen}
    hashes: dict[int, str] = {}
    sums: dict[int, dict[str, int]] = {}
    seq, prev, time = 0, GENESIS, ""
    for chunk in _chunks(stored):
        bodies = _bodies(chunk)
        for (at, before, stated, body), facts in zip(chunk, bodies, strict=True):
            seq += 1
            if at != seq:
                report.add(seq, "E-LED-072", found=at, expected=seq)
                seq = at
            if before != prev:
                report.add(at, "E-LED-073", found=before, expected=prev)
            worked = sha256(f"{DOMAIN}\n{at}\n{before}\n{body}".encode()).hexdigest()
            if worked != stated:
                report.add(at, "E-LED-071", found=worked, expected=stated)
            prev = stated
            if why := replay.take(at, facts):
                report.add(at, "E-LED-074", why=why)
            said = facts.get("time", "")
            if said < time:
                report.backwards.append(at)
            time = said
            if at in places:
                hashes[at], sums[at] = worked, {state: replay.totals[state] for state in STATES}
        if tables:
            for at, table, expected, found in tables.differ((row[0], facts) for row, facts in zip(chunk, bodies, strict=True)):
                report.add(at, "E-LED-075", table=table, expected=expected, found=found)
    report.entries, report.head, report.totals, report.checkpoints = seq, prev, {state: replay.totals[state] for state in STATES}, len(seen)
    _ends(report, replay, tables, seen, hashes, sums)
    return report


def _ends(
    report: Report, replay: Replay, tables: Tables | None, seen: Sequence[Mapping[str, Any]], hashes: Mapping[int, str], sums: Mapping[int, Mapping[str, int]]
) -> None:
    """What only the whole of the entries can tell."""
    if not report.entries:
        report.add(1, "E-LED-072", found=0, expected=1)
    for one, other in overlapping(_Range(*span) for span in replay.ranges):
        report.add(other.issue, "E-LED-081", first=other.first, last=other.last, entry=one.issue)
    for table, row in tables.left() if tables else ():
        report.add(report.entries + 1, "E-LED-075", table=table, expected="-", found=row)
    report.findings += against(seen, hashes, replay.operator, report.entries)
    for seq, found in sums.items():
        for said in (one["totals"] for one in seen if one["seq"] == seq and one["totals"] != found):
            report.add(seq, "E-LED-082", expected=said, found=dict(found))


@dataclass(frozen=True)
class _Range:
    first: int
    last: int
    issue: int


def _chunks(stored: Iterable[Stored]) -> Iterator[list[Stored]]:
    rows = iter(stored)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _bodies(chunk: Sequence[Stored]) -> list[dict[str, Any]]:
    """What the entries say, read together; one by one where one of them is no JSON object, which then says nothing."""
    try:
        found: list[Any] = json.loads("[" + ",".join(row[3] for row in chunk) + "]")
        if len(found) == len(chunk) and all(type(one) is dict for one in found):
            return found
    except (ValueError, RecursionError):
        pass
    return [_body(row[3]) for row in chunk]


def _body(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
