"""Checkpoints: the ledger's head and totals, signed, to be kept where the ledger's keeper can't reach.

    made = make_checkpoint(ledger, key)                {"type", "ledger", "seq", "head", "totals", "time", "public_key", "signature"}
    keep(path, made)                                   one line more in <ledger>.checkpoints.jsonl, or in the file it is mailed in

A ledger whose entry at a checkpoint's place has another hash, or that ends before it, was rolled back or written anew.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.base.signing import fingerprint, public_text, sign, verifies
from carbonsink.declared.checkpoint import TYPE
from carbonsink.ledger.buffers import units_of
from carbonsink.ledger.entries import BUFFER
from carbonsink.ledger.keyholders import operator_at
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.units import HELD, Units

STATES = ("held", "buffer", "retired", "cancelled", "void")


def make_checkpoint(ledger: Ledger, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The ledger's head, its totals by state [t CO2e] and the time, signed by its operator's key; another key is refused."""
    first = ledger.entry(1)
    seq, head = ledger.head
    if public_text(key) != (operator := operator_at(ledger, seq)):
        raise refuse("E-LED-031", str(ledger.path), Exit.USAGE, expected=fingerprint(operator), found=fingerprint(public_text(key)))
    issues = [row[0] for row in ledger.rows("SELECT issue FROM issued ORDER BY first")]
    said = {"type": TYPE, "ledger": first.hash if first else "", "seq": seq, "head": head, "time": ledger.clock()}
    content = said | {"totals": totals(units_of(ledger, issue) for issue in issues), "public_key": public_text(key)}
    return content | {"signature": sign(key, content)}


def totals(issues: Iterator[Units]) -> dict[str, int]:
    """Units by state over all issues; those of the buffer by themselves."""
    summed: Counter[str] = Counter()
    for units in issues:
        for piece in units.pieces:
            summed["buffer" if (piece.account, piece.state) == (BUFFER, HELD) else piece.state] += piece.quantity
    return {state: summed[state] for state in STATES}


def place_of(ledger: Path) -> Path:
    """Where a ledger's checkpoints are kept if nobody says otherwise: beside it."""
    return ledger.with_name(f"{ledger.name}.checkpoints.jsonl")


def keep(path: Path, made: Mapping[str, Any]) -> None:
    """Add a checkpoint to a file, on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        stream.write(rfc8785.dumps(dict(made)) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def read_checkpoints(path: Path) -> list[dict[str, Any]]:
    """The checkpoints of a file, one a line."""
    try:
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise refuse("E-LED-080", str(path), Exit.USAGE, why=error) from None
    if not all(isinstance(one, dict) and {"seq", "head", "totals", "signature", "public_key"} <= one.keys() for one in found):
        raise refuse("E-LED-080", str(path), Exit.USAGE, why="seq, head, totals, public_key, signature")
    return found


def against(seen: Sequence[Mapping[str, Any]], hashes: Mapping[int, str], operator_at: Callable[[int], str], length: int) -> Iterator[tuple[int, Problem]]:
    """Every checkpoint that the ledger doesn't bear out, with the place of the first entry it speaks against."""
    for one in seen:
        seq, content = int(one["seq"]), {key: value for key, value in one.items() if key != "signature"}
        operator = operator_at(seq)
        if one["public_key"] != operator or not verifies(operator, str(one["signature"]), content):
            yield seq, Problem("E-LED-076", f"#{seq}", {"fingerprint": fingerprint(operator)})
        elif seq > length:
            yield length + 1, Problem("E-LED-077", f"#{seq}", {"length": length, "time": one.get("time", "-")})
        elif hashes.get(seq) != one["head"]:
            yield seq, Problem("E-LED-078", f"#{seq}", {"expected": one["head"], "found": hashes.get(seq, "-")})
