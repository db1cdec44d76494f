"""Memory that outlives a read: a thread's rooms to work in, and tiles whose other parts will be asked for.

Room   bytes used again from tile to tile        Kept   tiles of which a small part was asked for, the last used of them
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_ROOM = 4 * 2**20  # bytes that a thread keeps: a tile of 1024 x 1024 floats
MOST_KEPT = 32 * 2**20  # bytes of tiles that a process keeps
SMALL = 4  # a window that asks for one part in so many of a tile, or less, is followed by others that ask for the rest


class Room:
    """Memory used again from tile to tile: fresh memory costs a third of what decoding does. Large tiles get their own."""

    def __init__(self) -> None:
        self.memory = np.empty(0, dtype=np.uint8).data

    def of(self, count: int) -> memoryview:
        """`count` bytes, whatever is in them."""
        if count > LARGEST_ROOM:
            return np.empty(count, dtype=np.uint8).data
        if count > len(self.memory):
            self.memory = np.empty(count, dtype=np.uint8).data
        return self.memory[:count]


class Rooms(threading.local):
    """Each thread's own."""

    def __init__(self) -> None:
        self.packed, self.raw = Room(), Room()


class Kept:
    """Decoded tiles by name, up to so many bytes; those used last stay."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most, self.held = most, 0
        self._tiles: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def part(self, name: Hashable, corner: tuple[int, int], shape: tuple[int, ...], decoded: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """A part of the tile of a name, from its row and column `corner` onwards, to be read only; a tile that isn't kept is decoded."""
        (top, left), (rows, columns) = corner, shape
        return self._tile(name, decoded)[top : top + rows, left : left + columns]

    def _tile(self, name: Hashable, decoded: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        with self._lock:
            if name in self._tiles:
                self._tiles.move_to_end(name)
                return self._tiles[name]
        tile = decoded()
        with self._lock:
            if name not in self._tiles:  # another thread may have decoded it meanwhile
                self._tiles[name] = tile
                self.held += tile.nbytes
            while self.held > self.most:
                self.held -= self._tiles.popitem(last=False)[1].nbytes
        return tile


KEPT = Kept()
