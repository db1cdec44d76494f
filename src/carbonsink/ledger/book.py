"""What an entry does: the rows that it adds to the tables beside the entries, which are told from the entries alone.

rows_of(entry)      by table; the writer inserts them, the check reckons them again and compares
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from carbonsink.ledger.entries import BUFFER
from carbonsink.ledger.units import CANCELLED, HELD, RETIRED, VOID

AFTER = {"transfer": HELD, "retire": RETIRED, "cancel": CANCELLED}  # kind -> what becomes of the units


class Row(NamedTuple):
    """A row for a table, in the order of its columns."""

    table: str
    values: tuple[Any, ...]


def rows_of(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    """The rows an entry adds: pieces (entry, issue, first, last, account, state), issued, claims, freed, lands, parts."""
    match facts["kind"]:
        case "transfer" | "retire" | "cancel" as kind:
            yield Row("pieces", (seq, facts["issue"], facts["first"], facts["last"], facts["to" if kind == "transfer" else "from"], AFTER[kind]))
        case "issue":
            yield from _issued(seq, facts)
        case "void":
            yield Row("pieces", (seq, facts["issue"], facts["first"], facts["last"], "", VOID))
            yield Row("freed", (facts["issue"], seq))
        case "reversal":
            for one in facts["units"]:
                yield Row("pieces", (seq, one["issue"], one["first"], one["last"], BUFFER, CANCELLED))
        case "register":
            yield from _land(seq, facts["project"], facts)
        case "external_claim":
            yield from _land(seq, "", facts)
            yield Row("claims", (seq, seq, "", None, facts["start"], facts["end"], " ".join(facts["pools"]), ""))


def _issued(seq: int, facts: Mapping[str, Any]) -> Iterator[Row]:
    first, quantity, buffer = facts["first"], facts["quantity"], facts["buffer"]
    last = first + quantity + buffer - 1
    yield Row("issued", (first, last, seq))
    yield Row("pieces", (seq, seq, first, first + quantity - 1, facts["holder"], HELD))
    if buffer:
        yield Row("pieces", (seq, seq, first + quantity, last, BUFFER, HELD))
    claim = (seq, facts["land"], facts["project"], facts["vintage"], facts["start"], facts["end"], " ".join(facts["pools"]), facts["manifest"])
    yield Row("claims", claim)


def _land(seq: int, project: str, facts: Mapping[str, Any]) -> Iterator[Row]:
    land = facts["land"]
    yield Row("lands", (seq, project, facts["boundary"], land["area_m2"], land["digest"]))
    for name, wkb in land["features"]:
        yield Row("parts", (seq, name, bytes.fromhex(wkb)))
