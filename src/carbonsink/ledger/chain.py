"""The hash chain of a ledger's entries, and what else of its file is looked at without what entries do: damage, and the index of boxes.

looked = look(path, last, places)       the chain up to entry `last` (of JSON Lines: all of it), with the hashes at `places`

python -P -m carbonsink.ledger.chain LEDGER LAST [PLACE ...]        the same as JSON, so that a second core can work on a large ledger
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter

from carbonsink.base.problems import Problem
from carbonsink.ledger.entries import DOMAIN, GENESIS
from carbonsink.ledger.lines import CHUNK, Stored, read_lines
from carbonsink.ledger.store import Ledger, opened, told
from carbonsink.ledger.tables import boxes_stray

SHOWN = 20  # findings kept; the first one matters
MAGIC = b"SQLite format 3\0"
LARGE = 32 << 20  # bytes from which on a process of its own is worth its start


@dataclass
class Findings:
    """What isn't as it should be, by place; of many only those at the first places are kept."""

    found: list[tuple[int, Problem]] = field(default_factory=list)

    def add(self, seq: int, code: str, where: str = "", **facts: object) -> None:
        """Note a finding."""
        self.found.append((seq, Problem(code, where or f"#{seq}", facts)))
        if len(self.found) > SHOWN:
            self.found.remove(max(self.found, key=lambda one: one[0]))


@dataclass
class Looked:
    """How many entries there are, the last one's hash, those at the places asked for; what was found; SQLite's word where the file is damaged."""

    entries: int = 0
    head: str = GENESIS
    hashes: dict[int, str] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    damage: str = ""


def is_store(path: Path) -> bool:
    """Whether a file is a ledger's own, and not its JSON Lines."""
    with path.open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def look(path: Path, last: int, places: Sequence[int]) -> Looked:
    """Look at the chain, and at the file; a Refusal where it can't be read."""
    if not is_store(path):
        return _along(read_lines(path), places)
    with told(path), opened(path, write=False) as ledger, told(path):
        mapped(ledger)
        damage = next((str(row[0]) for row in ledger.rows("PRAGMA integrity_check") if row[0] != "ok"), "")
        if damage:  # of rows read out of such a file nothing can be said
            return Looked(damage=damage)
        rows = ledger.connection.execute("SELECT seq, prev, hash, body FROM entries WHERE seq <= ? ORDER BY seq", (last,))
        looked = _along(iter(partial(rows.fetchmany, CHUNK), []), places)
        for land, part in boxes_stray(ledger):
            looked.findings.add(land, "E-LED-075", table="boxes", expected=f"part {part}", found="-")
    return looked


def look_beside(path: Path, last: int, places: Sequence[int]) -> Looked:
    """The same, of a large ledger in a process of its own, since threads of one would wait for each other."""
    if path.stat().st_size < LARGE:
        return look(path, last, places)
    command = [sys.executable, "-P", "-m", "carbonsink.ledger.chain", str(path), *map(str, (last, *places))]  # -P: no module of this folder is ours
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  our own program over a path
    return TypeAdapter(Looked).validate_json(done.stdout) if done.returncode == 0 else look(path, last, places)  # which says what is wrong


def mapped(ledger: Ledger) -> None:
    """Have SQLite read the file as memory, since all of it is read."""
    ledger.rows(f"PRAGMA mmap_size = {ledger.path.stat().st_size}")


def _along(chunks: Iterable[Sequence[Stored]], places: Sequence[int]) -> Looked:
    """Every entry follows the one before, and its hash is that of its bytes."""
    looked = Looked()
    for chunk in chunks:
        worked = [sha256(f"{DOMAIN}\n{seq}\n{before}\n{body}".encode()).hexdigest() for seq, before, _, body in chunk]
        if not _linked(looked, chunk, worked):
            _broken(looked, chunk, worked)
        looked.hashes |= {seq: one for (seq, *_), one in zip(chunk, worked, strict=True) if seq in places} if places else {}
        looked.entries, looked.head = chunk[-1][0], chunk[-1][2]
    if not looked.entries:
        looked.findings.add(1, "E-LED-072", found=0, expected=1)
    return looked


def _linked(looked: Looked, chunk: Sequence[Stored], worked: Sequence[str]) -> bool:
    """Whether the entries of a chunk follow one another with the right hashes, all at once; which one doesn't, `_broken` tells."""
    seqs, before, stated, _ = zip(*chunk, strict=True)
    in_order = seqs == tuple(range(looked.entries + 1, looked.entries + 1 + len(chunk)))
    return bool(in_order and stated == tuple(worked) and before == (looked.head, *worked[:-1]))


def _broken(looked: Looked, chunk: Sequence[Stored], worked: Sequence[str]) -> None:
    last, head = looked.entries, looked.head
    for (seq, before, stated, _), ours in zip(chunk, worked, strict=True):
        if seq != last + 1:
            looked.findings.add(last + 1, "E-LED-072", found=seq, expected=last + 1)
        if before != head:
            looked.findings.add(seq, "E-LED-073", found=before, expected=head)
        if ours != stated:
            looked.findings.add(seq, "E-LED-071", found=ours, expected=stated)
        last, head = seq, stated


def main(path: str, *numbers: str) -> None:
    """Print what was looked at as JSON."""
    last, *places = map(int, numbers)
    print(TypeAdapter(Looked).dump_json(look(Path(path), last, places)).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
