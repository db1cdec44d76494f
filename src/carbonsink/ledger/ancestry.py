"""Whether a ledger is the one that a run's checkpoint was made of, gone on since: else it was rolled back, written anew, or is another."""

from __future__ import annotations

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.signing import fingerprint
from carbonsink.declared.checkpoint import Checkpoint
from carbonsink.ledger.keyholders import operator_at
from carbonsink.ledger.store import Ledger


def check_ancestor(ledger: Ledger, seen: Checkpoint) -> None:
    """Refuse (exit 5) a ledger whose log doesn't hold the checkpoint's entry, or whose operator hasn't signed it."""
    where, first = ledger.path.name, ledger.entry(1)
    if first is None or first.hash != seen.ledger:
        raise refuse("E-LED-033", where, Exit.INTEGRITY, expected=seen.ledger, found=first.hash if first else "-")
    there = ledger.entry(seen.sequence)
    if there is None:
        raise refuse("E-LED-034", where, Exit.INTEGRITY, seq=seen.sequence, length=ledger.head[0], time=seen.time)
    if there.hash != seen.head:
        raise refuse("E-LED-035", where, Exit.INTEGRITY, seq=seen.sequence, expected=seen.head, found=there.hash)
    if (operator := operator_at(ledger, seen.sequence)) != seen.public_key:
        raise refuse("E-LED-036", where, Exit.INTEGRITY, seq=seen.sequence, expected=fingerprint(operator), found=seen.signer)
