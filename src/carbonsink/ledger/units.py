"""Who holds which units of one issuance, told from what entries did to them, in order.

units = Units([Piece(1, 2070, "village", "held"), Piece(2071, 2300, "buffer", "held")])
units.move(1, 500, "village", "factory", "held")      split in two, nothing renumbered
units.pieces                                          what is held now, by number
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
        self._tiles: list[tuple[int, int, str, str]] = sorted(pieces)  # bare, since a check of millions makes as many

    @property
    def pieces(self) -> list[Piece]:
        """What is held now, in the order of numbers."""
        return [Piece(*tile) for tile in self._tiles]

    def at(self, first: int, last: int) -> Piece | None:
        """The piece that units lie in; None where they lie in none, or in several."""
        place = bisect_right(self._tiles, (first, BEYOND)) - 1
        return Piece(*self._tiles[place]) if place >= 0 and first <= last <= self._tiles[place][1] else None

    def move(self, first: int, last: int, holder: str, account: str, state: str) -> bool:
        """Give units of one piece, held by `holder`, another account or state; False where they aren't held so."""
        tiles = self._tiles
        place = bisect_right(tiles, (first, BEYOND)) - 1
        if place < 0:
            return False
        begin, end, owner, now = tiles[place]
        if not first <= last <= end or owner != holder or now != HELD:
            return False
        tiles[place] = (first, last, account, state)
        if last < end:
            tiles.insert(place + 1, (last + 1, end, owner, now))
        if begin < first:
            tiles.insert(place, (begin, first - 1, owner, now))
        return True

    def void(self) -> None:
        """Make all of it void."""
        self._tiles = [(self._tiles[0][0], self._tiles[-1][1], "", VOID)]
