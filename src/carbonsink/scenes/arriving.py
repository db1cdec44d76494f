"""A run of pieces as its bytes come: laid into a pack and hashed at once, while they are at hand.

chunk, chunk, ...  ->  room of the run in the pack,  SHA-256 of each piece        the whole run is never in memory
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from carbonsink.scenes.packs import Pack
from carbonsink.scenes.pieces import Piece


class Arriving:
    """A run on its way into the room at `start` of a pack. Pieces are in the order of the file and may share bytes."""

    def __init__(self, pack: Pack, start: int, run: Sequence[Piece]) -> None:
        self._pack, self._start, self._run = pack, start, run
        self._hashes = [hashlib.sha256() for _ in run]
        self._first = 0  # of the pieces that aren't whole yet
        self.count = 0  # bytes that came

    def add(self, chunk: bytes) -> None:
        """The next bytes."""
        self._pack.put(self._start + self.count, chunk)
        begin = self._run[0][0] + self.count
        self.count += len(chunk)
        view, end = memoryview(chunk), begin + len(chunk)
        for number in range(self._first, len(self._run)):
            offset, length = self._run[number]
            if offset >= end:
                break
            self._hashes[number].update(view[max(offset - begin, 0) : max(offset + length - begin, 0)])
        while self._first < len(self._run) and sum(self._run[self._first]) <= end:
            self._first += 1

    def hold(self) -> None:
        """Note all pieces as whole."""
        for piece, found in zip(self._run, self._hashes, strict=True):
            self._pack.hold(piece, self._start + piece[0] - self._run[0][0], found.hexdigest())
