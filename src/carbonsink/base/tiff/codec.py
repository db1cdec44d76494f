"""One tile of a GeoTIFF: its bytes become pixels, at once in the place where they are wanted.

bytes  ->  decompressed, of exactly the length that is due  ->  rows summed up  ->  the part of a window that the tile covers
A tile that can't be decoded to the last byte is a TileError; pixels are never made up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from carbonsink.base.tiff.layout import Layout, Window

Bytes = NDArray[np.uint8]
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
    box = layout.box(at)
    out: NDArray[Any] = np.empty(box[2:], dtype=layout.dtype)
    place(layout, data, at, box, out)
    return out


def place(layout: Layout, data: Packed, at: tuple[int, int], window: Window, out: NDArray[Any], room: Bytes | None = None) -> None:
    """Write the part of a window that tile (down, across) covers into `out`, which has the window's shape.

    `data` are the tile's bytes, b"" for an absent one; `room`, where given, is memory of `layout.tile_bytes` to work in.
    TileError where the bytes are damaged.
    """
    row, column, height, width = layout.box(at)
    top, left = max(row, window[0]), max(column, window[1])
    bottom, right = min(row + height, window[0] + window[2]), min(column + width, window[1] + window[3])
    target = out[top - window[0] : bottom - window[0], left - window[1] : right - window[1]]
    if layout.counts[at] == 0:
        target[...] = layout.fill
        return
    unpacked = _unpacked(layout, data, at, _straight(layout, target, room))
    _lay_down(layout, unpacked, top - row, left - column, target)


def _straight(layout: Layout, target: NDArray[Any], room: Bytes | None) -> Bytes:
    """The target's own memory where a whole tile goes there, else the room."""
    if target.nbytes == layout.tile_bytes and target.flags.c_contiguous and layout.predictor != 3:
        return target.reshape(-1).view(np.uint8)
    return np.empty(layout.tile_bytes, dtype=np.uint8) if room is None else room


def _unpacked(layout: Layout, data: Packed, at: tuple[int, int], room: Bytes) -> Bytes:
    """A tile's decompressed bytes; the last strip of an image may end with it."""
    rows = layout.box(at)[2] if layout.striped else layout.tile_height
    due = rows * (layout.tile_bytes // layout.tile_height)
    if layout.compression == "none":
        found = np.frombuffer(data, dtype=np.uint8)
    else:
        try:
            found = np.frombuffer(DECODERS[layout.compression](data, out=room), dtype=np.uint8)
        except (RuntimeError, ValueError) as error:
            raise TileError(str(error), tile=at) from None
    if found.nbytes < due:
        raise TileError(f"{found.nbytes} bytes where {due} are due", tile=at)
    return found[:due]


def _lay_down(layout: Layout, unpacked: Bytes, top: int, left: int, target: NDArray[Any]) -> None:
    """Decompressed bytes as pixels [top, left] onwards of their tile."""
    from carbonsink.base.tiff import predictor  # compiled code, whose loading takes longer than reading a header

    plain = target.view(layout.plain)
    if layout.predictor == 3:
        predictor.undo_float_differences(unpacked.reshape(-1, layout.tile_width * plain.itemsize), top, left, plain)
        return
    tile = unpacked.view(layout.stored).reshape(-1, layout.tile_width)
    if layout.predictor == 2:
        predictor.undo_differences(tile.astype(layout.plain, copy=False), top, left, plain)
        return
    rows, columns = target.shape
    plain[...] = tile[top : top + rows, left : left + columns]
