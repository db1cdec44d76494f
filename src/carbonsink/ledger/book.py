"""What an entry does: the rows that it adds to the tables beside the entries, which are told from the entries alone.

rows_of(entry)      by table; the writer inserts them, the check reckons them again and compares
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from carbonsink.ledger.entries import BUFFER
from carbonsink.ledger.units import CANCELLED, HELD, RETIRED, VOID

AFTER = {"transfer": HELD, "retire": RETIRED, "cancel": CANCELLED}  # kind -> what becomes of the units


Row = tuple[str, tuple[Any, ...]]  # a table, and the values of its columns in their order


def rows_of(seq: int, facts: Mapping[str, Any]) -> list[Row]:
    """The rows an entry adds: pieces (entry, issue, first, last, account, state), issued, claims, accounts, freed, lands, parts, keys."""
    kind = facts["kind"]
    if kind in AFTER:
        return [("pieces", piece_of(seq, facts))]
    return list(OTHERS[kind](seq, facts)) if kind in OTHERS else []


def piece_of(seq: int, facts: Mapping[str, Any]) -> tuple[Any, ...]:
    """The one row of a transfer, retire or cancel, which most entries are."""
    kind = facts["kind"]
    return seq, facts["issue"], facts["first"], facts["last"], facts["to" if kind == "transfer" else "from"], AFTER[kind]


def _issued(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    first, quantity, buffer = facts["first"], facts["quantity"], facts["buffer"]
    last = first + quantity + buffer - 1
    yield ("issued", (first, last, seq))
    yield ("pieces", (seq, seq, first, first + quantity - 1, facts["holder"], HELD))
    if buffer:
        yield ("pieces", (seq, seq, first + quantity, last, BUFFER, HELD))
    claim = (seq, facts["land"], facts["project"], facts["vintage"], facts["start"], facts["end"], " ".join(facts["pools"]), facts["manifest"])
    yield ("claims", claim)
    yield from _account(seq, facts)


def _account(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield ("accounts", (seq, facts["project"], facts["manifest"]))


def _void(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield ("pieces", (seq, facts["issue"], facts["first"], facts["last"], "", VOID))
    yield ("freed", (facts["issue"], seq))


def _reversal(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    for one in facts["units"]:
        yield ("pieces", (seq, one["issue"], one["first"], one["last"], BUFFER, CANCELLED))


def _open(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield ("keys", (seq, "", facts["operator"]))


def _register(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield ("keys", (seq, facts["project"], facts["signer"]))
    yield from _land(seq, facts)


def _rekey(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield ("keys", (seq, facts["project"], facts["new"]))


def _external(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    yield from _land(seq, facts)
    yield ("claims", (seq, seq, "", None, facts["start"], facts["end"], " ".join(facts["pools"]), ""))


def _land(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    land = facts["land"]
    yield ("lands", (seq, facts.get("project", ""), facts["boundary"], land["area_m2"], land["digest"]))
    for name, wkb in land["features"]:
        yield ("parts", (seq, name, bytes.fromhex(wkb)))


OTHERS: dict[str, Callable[[int, Mapping[str, Any]], Iterator[Row]]] = {
    "issue": _issued, "account": _account, "void": _void, "reversal": _reversal, "register": _register, "external_claim": _external,
    "open": _open, "rekey": _rekey,
}  # fmt: skip
