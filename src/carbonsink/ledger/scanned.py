"""What the code of a printed page reads, held against a ledger or its JSON Lines: is that state one that this ledger has gone through?

    read_scanned("sink-ledger/1 checkpoint <ledger> <entries> <head> [<operator's key>]")  ->  Scanned
    check_scanned(Path("county.ledger"), printed)

A code isn't signed: it tells whether the ledger was rolled back or written anew since the page was printed, not who printed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.signing import fingerprint
from carbonsink.declared.checkpoint import TYPE
from carbonsink.declared.schema import MAX_BYTES
from carbonsink.ledger.chain import is_store
from carbonsink.ledger.keyholders import operator_at
from carbonsink.ledger.lines import read_lines
from carbonsink.ledger.store import opened

TEXT = re.compile(rf"{re.escape(TYPE)} (?P<ledger>[0-9a-f]{{64}}) (?P<sequence>[1-9][0-9]{{0,17}}) (?P<head>[0-9a-f]{{64}})(?: (?P<signer>\S+))?")
SHOWN = 60  # characters of what isn't such a text


@dataclass(frozen=True)
class Scanned:
    """A state of a ledger: its first entry's hash, the last entry's place and hash, and the operator's key where a report was printed with it."""

    ledger: str
    sequence: int
    head: str
    signer: str


def read_scanned(text: str) -> Scanned:
    """The text of a code, or of a file that holds it; a Refusal where it is none."""
    if not text.startswith(TYPE):
        text = _content(text)
    found = TEXT.fullmatch(" ".join(text.split()))
    if found is None:
        raise refuse("E-SCN-001", "--checkpoint", Exit.USAGE, found=text[:SHOWN], expected=TYPE)
    return Scanned(found["ledger"], int(found["sequence"]), found["head"], found["signer"] or "")


def check_scanned(path: Path, printed: Scanned) -> None:
    """A Refusal (exit 5) where the ledger never was in the printed state."""
    hashes, length, operator = _state(path, printed.sequence)
    if hashes.get(1) != printed.ledger:
        raise refuse("E-SCN-002", path.name, Exit.INTEGRITY, expected=printed.ledger, found=hashes.get(1, "-"))
    if printed.sequence > length:
        raise refuse("E-SCN-003", path.name, Exit.INTEGRITY, seq=printed.sequence, length=length)
    if hashes[printed.sequence] != printed.head:
        raise refuse("E-SCN-004", path.name, Exit.INTEGRITY, seq=printed.sequence, expected=printed.head, found=hashes[printed.sequence])
    if printed.signer and operator and printed.signer != operator:
        raise refuse("E-SCN-005", path.name, Exit.INTEGRITY, seq=printed.sequence, expected=operator, found=printed.signer)


def _content(text: str) -> str:
    """What a file holds; the text itself where it names none."""
    try:
        path = Path(text)
        return path.read_bytes()[:MAX_BYTES].decode("utf-8") if path.is_file() else text
    except (OSError, ValueError):
        return text


def _state(path: Path, sequence: int) -> tuple[Mapping[int, str], int, str]:
    """The first entry's hash and that of a place, how many entries there are, and the operator's key then (JSON Lines don't tell it)."""
    if not is_store(path):
        hashes = {entry[0]: entry[2] for chunk in read_lines(path) for entry in chunk}
        return hashes, max(hashes, default=0), ""
    with opened(path, write=False) as ours:
        found = {seq: entry.hash for seq in (1, sequence) if (entry := ours.entry(seq))}
        return found, ours.head[0], fingerprint(operator_at(ours, sequence))
