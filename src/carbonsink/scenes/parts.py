"""The tiles of a window, read from where each lies: the same pixels as from the whole file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.tiff import Layout, TileError, Window, place
from carbonsink.scenes.packs import Place
from carbonsink.scenes.pieces import Piece

SLACK = 1024  # bytes, and as many again as a tile has raw: what a codec may add to a tile that doesn't pack


@dataclass(frozen=True)
class Tiles:
    """Tiles of a file by their place in it, and how they are packed."""

    layout: Layout
    places: Mapping[Piece, Place]

    def read(self, window: Window) -> NDArray[Any]:
        """The pixels of a window (row, column, height, width) within the image; TileError where its tiles give none."""
        layout, pixels = self.layout, np.empty(window[2:], self.layout.dtype)
        room = np.empty(layout.tile_bytes, np.uint8)
        with _Files() as files:
            for at in layout.tiles(window):
                place(layout, self._packed(at, files), at, window, pixels, room)
        return pixels

    def _packed(self, at: tuple[int, int], files: _Files) -> bytes | NDArray[np.uint8]:
        piece = int(self.layout.offsets[at]), int(self.layout.counts[at])
        if piece[1] == 0:
            return b""
        check_length(self.layout, piece[1], at)
        return files.read(self.places[piece], piece[1], at)


def check_length(layout: Layout, count: int, at: tuple[int, int]) -> None:
    """TileError for a tile that claims more bytes than any codec makes of its pixels."""
    if count > 2 * layout.tile_bytes + SLACK:
        raise TileError(f"takes {count} bytes for {layout.tile_bytes} of pixels", tile=at)


class _Files(ExitStack):
    """Files that stay open from tile to tile, and memory that is used again."""

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[Path, int] = {}
        self._room = np.empty(0, np.uint8)

    def read(self, where: Place, count: int, at: tuple[int, int]) -> NDArray[np.uint8]:
        """So many bytes from a place, until the next are read."""
        if count > self._room.nbytes:
            self._room = np.empty(count, np.uint8)
        packed = self._room[:count]
        if os.preadv(self._descriptor(where.path), [packed.data], where.start) != count:
            raise TileError(f"its {count} bytes can't be read", tile=at)
        return packed

    def _descriptor(self, path: Path) -> int:
        if path not in self._open:
            self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.callback(os.close, self._open[path])
        return self._open[path]
