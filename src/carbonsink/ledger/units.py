"""Who holds which units of one issuance, told from what entries did to them, in order.

units = Units([Piece(1, 2070, "village", "held"), Piece(2071, 2300, "buffer", "held")])
units.move(Piece(1, 500, "village", "held"), "factory", "held")      split in two, nothing renumbered
units.pieces                                                         what is held now, by number
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

BEYOND = 2**63  # more than any number of a unit: a search for (first, BEYOND) ends after the piece that begins there
HELD, RETIRED, CANCELLED, VOID = "held", "retired", "cancelled", "void"


class Piece(NamedTuple):
    """Units from first to last, whose they are and what became of them."""

    first: int
    last: int
    account: str
    state: str

    @property
    def quantity(self) -> int:
        """Units in the piece."""
        return self.last - self.first + 1


class Units:
    """The pieces of one issuance, which tile its range."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = sorted(pieces)

    def at(self, first: int, last: int) -> Piece | None:
        """The piece that units lie in; None where they lie in none, or in several."""
        place = bisect_right(self.pieces, (first, BEYOND)) - 1
        return self.pieces[place] if place >= 0 and last <= self.pieces[place].last and first <= last else None

    def move(self, first: int, last: int, holder: str, account: str, state: str) -> bool:
        """Give units of one piece, held by `holder`, another account or state; False where they aren't held so."""
        place = bisect_right(self.pieces, (first, BEYOND)) - 1
        if place < 0:
            return False
        begin, end, owner, now = self.pieces[place]
        if not first <= last <= end or owner != holder or now != HELD:
            return False
        parts = [Piece(first, last, account, state)]
        if begin < first:
            parts.insert(0, Piece(begin, first - 1, owner, now))
        if last < end:
            parts.append(Piece(last + 1, end, owner, now))
        self.pieces[place : place + 1] = parts
        return True

    def void(self) -> None:
        """Make all of it void."""
        self.pieces = [Piece(self.pieces[0].first, self.pieces[-1].last, "", VOID)]
