"""One tile of a GeoTIFF: its bytes become pixels, at once in the place where they are wanted.

bytes  ->  decompressed, of exactly the length that is due  ->  rows summed up  ->  the part of a window that the tile covers
A tile that can't be decoded to the last byte is a TileError; pixels are never made up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from carbonsink.base.tiff.layout import Layout, Window

Bytes = NDArray[np.uint8] | memoryview
Packed = bytes | Bytes
DECODERS: dict[str, Callable[..., Any]] = {
    "deflate": imagecodecs.deflate_decode,
    "lzw": imagecodecs.lzw_decode,
    "zstd": imagecodecs.zstd_decode,
}


class TileError(ValueError):
    """A tile (down, across) of a file, or the file itself (no tile), that gives no pixels, and why."""

    def __init__(self, why: str, path: str = "", tile: tuple[int, int] | None = None) -> None:
        self.why, self.path, self.tile = why, path, tile
        super().__init__(": ".join(word for word in (path, f"tile {tile}" if tile else "", why) if word))


def decode(layout: Layout, data: Packed, at: tuple[int, int]) -> NDArray[Any]:
    """The pixels of tile (down, across), without the padding beyond the image; `data` is b"" for an absent tile.

    Shape as in `layout.box(at)`, dtype `layout.dtype`, native byte order; TileError where the bytes are damaged.
    """
    out: NDArray[Any] = np.empty(layout.box(at)[2:], dtype=layout.pixel)
    unpack(layout, data, at, (0, 0), out)
    return out


def place(layout: Layout, data: Packed, at: tuple[int, int], window: Window, out: NDArray[Any], room: Bytes | None = None) -> None:
    """Write the part of a window that tile (down, across) covers into `out`, which has the window's shape; else as `unpack`."""
    there, corner = meeting(layout, at, window)
    unpack(layout, data, at, corner, out[there], room)


def meeting(layout: Layout, at: tuple[int, int], window: Window) -> tuple[tuple[slice, slice], tuple[int, int]]:
    """The part of a window that a tile covers, and the first row and column of the tile there."""
    down, right = at[0] * layout.tile_height - window[0], at[1] * layout.tile_width - window[1]  # from the window's corner to the tile's
    row, top = (down, 0) if down > 0 else (0, -down)
    column, left = (right, 0) if right > 0 else (0, -right)
    return (slice(row, row + layout.tile_height - top), slice(column, column + layout.tile_width - left)), (top, left)


def unpack(layout: Layout, data: Packed, at: tuple[int, int], corner: tuple[int, int], target: NDArray[Any], room: Bytes | None = None) -> None:
    """Write the pixels of tile (down, across) from its row and column `corner` onwards into `target`, as many as that takes.

    `data` are the tile's bytes, b"" for an absent one; `room`, where given, is memory of `layout.tile_bytes` to work in.
    TileError where the bytes are damaged.
    """
    if layout.counts.item(at) == 0:
        target[...] = layout.fill
        return
    rows = layout.box(at)[2] if layout.striped else layout.tile_height  # the last strip of an image may end with it
    unpacked = _unpacked(layout, data, at, rows, _straight(layout, target, room))
    _lay_down(layout, unpacked, rows, *corner, target)


def _straight(layout: Layout, target: NDArray[Any], room: Bytes | None) -> Bytes:
    """The target's own memory where a whole tile goes there, else the room."""
    if target.nbytes == layout.tile_bytes and target.flags.c_contiguous and layout.predictor != 3:
        return target.data.cast("B")
    return np.empty(layout.tile_bytes, dtype=np.uint8) if room is None else room


def _unpacked(layout: Layout, data: Packed, at: tuple[int, int], rows: int, room: Bytes) -> Packed:
    """A tile's decompressed bytes, those of so many rows at least."""
    if layout.compression != "none":
        try:
            data = DECODERS[layout.compression](data, out=room)
        except (RuntimeError, ValueError) as error:
            raise TileError(str(error), tile=at) from None
    due = rows * (layout.tile_bytes // layout.tile_height)
    if len(data) < due:
        raise TileError(f"{len(data)} bytes where {due} are due", tile=at)
    return data


def _lay_down(layout: Layout, unpacked: Packed, rows: int, top: int, left: int, target: NDArray[Any]) -> None:
    """Decompressed bytes of so many rows as pixels [top, left] onwards of their tile."""
    plain = target if target.dtype == layout.plain else target.view(layout.plain)  # a view takes longer than the question
    if layout.predictor == 3:
        tile = np.ndarray((rows, layout.tile_width * plain.itemsize), np.uint8, unpacked)
        _sums().undo_float_differences(tile, top, left, plain)
        return
    tile = np.ndarray((rows, layout.tile_width), layout.stored, unpacked)
    if layout.predictor == 2:
        _sums().undo_differences(tile.astype(layout.plain, copy=False), top, left, plain)
    else:
        plain[...] = tile[top : top + plain.shape[0], left : left + plain.shape[1]]


@cache
def _sums() -> ModuleType:
    """Compiled code, whose loading takes longer than reading a header."""
    from carbonsink.base.tiff import predictor

    return predictor
