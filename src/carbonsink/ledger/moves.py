"""What happens to units after their issue: transfer, retire, cancel, void, reversal. Each checks and appends in one transaction.

transfer(ledger, serial, "village", "factory", quantity=500)        the first 500 units of the block
retire(ledger, serial, "factory", reason="...", beneficiary="...")   for good
void(ledger, issue=7, reason="...")                                  before any unit has moved; frees land and time
reversal(ledger, "longshan", 120, reason="typhoon")                  the lost tonnes come out of the buffer
"""

from __future__ import annotations

from typing import Any

from carbonsink.base.problems import Exit, refuse
from carbonsink.ledger.accounts import check_last
from carbonsink.ledger.buffers import draw, units_of
from carbonsink.ledger.entries import BUFFER, Entry
from carbonsink.ledger.serials import Block, read_serial
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.submit import block_of, check_account
from carbonsink.ledger.units import HELD, VOID


def transfer(ledger: Ledger, serial: str, holder: str, to: str, quantity: int | None = None) -> Entry:
    """Give a block, or its first units, to another account."""
    check_account(to, "--to")
    if to == holder:
        raise refuse("E-LED-058", "--to", Exit.USAGE, account=to)
    return _taken(ledger, "transfer", serial, holder, quantity, {"to": to})


def retire(ledger: Ledger, serial: str, holder: str, reason: str, beneficiary: str, quantity: int | None = None) -> Entry:
    """Retire a block, or its first units, on somebody's behalf; they can never move again."""
    return _taken(ledger, "retire", serial, holder, quantity, {"reason": _said(reason, "--reason"), "beneficiary": beneficiary or holder})


def cancel(ledger: Ledger, serial: str, holder: str, reason: str, quantity: int | None = None) -> Entry:
    """Cancel a block, or its first units, for the atmosphere's good or to make up for units of another register."""
    return _taken(ledger, "cancel", serial, holder, quantity, {"reason": _said(reason, "--reason")})


def void(ledger: Ledger, issue: int, reason: str) -> Entry:
    """Declare an issue void, as if it had never been: only before any of its units has moved. Its land and days are free again."""
    _said(reason, "--reason")
    with ledger.writing():
        found = _issue(ledger, issue)
        pieces = units_of(ledger, issue).pieces
        if any(piece.state == VOID for piece in pieces):
            raise refuse("E-LED-056", f"#{issue}")
        moved = ledger.rows("SELECT min(entry) FROM pieces WHERE issue = ? AND entry <> ?", issue, issue)[0][0]
        if moved:
            raise refuse("E-LED-055", f"#{issue}", entry=moved)
        check_last(ledger, found)
        block = block_of(ledger, found)
        return ledger.append("void", {"issue": issue, "first": block.first, "last": block.last, "reason": reason})


def reversal(ledger: Ledger, project: str, quantity: int, reason: str) -> Entry:
    """Cancel as many units of the buffer as were lost again: the project's own first, then the pool's, in the order of their numbers."""
    _said(reason, "--reason")
    with ledger.writing():
        if not ledger.rows("SELECT 1 FROM lands WHERE project = ? LIMIT 1", project):
            raise refuse("E-LED-057", "--project", Exit.USAGE, project=project)
        return draw(ledger, project, quantity, reason)


def _taken(ledger: Ledger, kind: str, serial: str, holder: str, quantity: int | None, more: dict[str, Any]) -> Entry:
    """Append a move of a block that an account holds, or of its first units."""
    block = read_serial(serial)
    if quantity is not None and not 0 < quantity <= block.quantity:
        raise refuse("E-LED-052", "--quantity", quantity=quantity, held=block.quantity, serial=serial)
    with ledger.writing():
        issue = _issue_of(ledger, block, serial)
        units = units_of(ledger, issue)
        piece = units.at(block.first, block.last)
        if piece is None:
            now = ", ".join(str(block.part(one.first, one.last)) for one in units.pieces if one.last >= block.first and one.first <= block.last)
            raise refuse("E-LED-051", serial, now=now)
        if (piece.account, piece.state) != (holder, HELD):
            raise refuse("E-LED-054", serial, holder=piece.account or "-", state=piece.state, asked=holder)
        if holder == BUFFER:
            raise refuse("E-LED-059", serial)
        last = block.last if quantity is None else block.first + quantity - 1
        return ledger.append(kind, {"issue": issue, "first": block.first, "last": last, "from": holder, **more})


def _issue_of(ledger: Ledger, block: Block, serial: str) -> int:
    """The issue a block is of, all of whose numbers agree with it."""
    found = ledger.rows("SELECT issue FROM issued WHERE first <= ? ORDER BY first DESC LIMIT 1", block.first)
    whole = block_of(ledger, _issue(ledger, found[0][0])) if found else None
    if whole is None or whole.part(block.first, block.last) != block or block.last > whole.last:
        raise refuse("E-LED-050", serial, Exit.USAGE)
    return int(found[0][0])


def _issue(ledger: Ledger, seq: int) -> Entry:
    entry = ledger.entry(seq)
    if entry is None or entry.facts["kind"] != "issue":
        raise refuse("E-LED-060", f"#{seq}", Exit.USAGE)
    return entry


def _said(text: str, where: str) -> str:
    if not text.strip():
        raise refuse("E-LED-061", where, Exit.USAGE)
    return text
