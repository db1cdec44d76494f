"""The buffer: what it holds, and what a loss takes out of it, the project's own units first.

buffer_pieces(ledger)                       issue, project and piece, by number
draw(ledger, "longshan", 120, "typhoon")     the entry `reversal`; within `writing` only
"""

from __future__ import annotations

from carbonsink.base.problems import refuse
from carbonsink.ledger.entries import BUFFER, Entry
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.units import HELD, VOID, Piece, Units


def draw(ledger: Ledger, project: str, quantity: int, reason: str, manifest: str = "") -> Entry:
    """Cancel units of the buffer, the project's own first, then the pool's; `manifest` where a run's own statement draws on it.

    A Refusal where the buffer hasn't so many.
    """
    kept = buffer_pieces(ledger)
    there = sum(piece.quantity for _, _, piece in kept)
    if not 0 < quantity <= there:
        raise refuse("E-LED-053", project if manifest else "--quantity", quantity=quantity, there=there)
    facts = {"project": project, "quantity": quantity, "reason": reason, "units": _drawn(kept, project, quantity)}
    return ledger.append("reversal", facts | ({"manifest": manifest} if manifest else {}))


def units_of(ledger: Ledger, issue: int) -> Units:
    """Who holds what of an issue, told from its pieces in the order of entries."""
    rows = ledger.rows("SELECT entry, first, last, account, state FROM pieces WHERE issue = ? ORDER BY id", issue)
    units = Units([Piece(*row[1:]) for row in rows if row[0] == issue])
    for _, first, last, account, state in (row for row in rows if row[0] != issue):
        if state == VOID:
            units.void()
        elif before := units.at(first, last):
            units.move(first, last, before.account, account, state)
    return units


def buffer_pieces(ledger: Ledger) -> list[tuple[int, str, Piece]]:
    """What the buffer holds, as issue, project and piece, by number."""
    issues = ledger.rows("SELECT DISTINCT pieces.issue, claims.project FROM pieces JOIN claims USING (issue) WHERE account = ? ORDER BY pieces.issue", BUFFER)
    return [(issue, project, piece) for issue, project in issues for piece in units_of(ledger, issue).pieces if (piece.account, piece.state) == (BUFFER, HELD)]


def _drawn(kept: list[tuple[int, str, Piece]], project: str, quantity: int) -> list[dict[str, int]]:
    drawn: list[dict[str, int]] = []
    for issue, _, piece in sorted(kept, key=lambda one: (one[1] != project, one[2])):
        if quantity <= 0:
            break
        taken = min(quantity, piece.quantity)
        drawn.append({"issue": issue, "first": piece.first, "last": piece.first + taken - 1})
        quantity -= taken
    return drawn
