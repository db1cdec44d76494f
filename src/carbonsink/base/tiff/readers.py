"""Windows of a GeoTIFF's pixels: direct where the layout is known, by GDAL where it isn't; the same pixels either way.

Neither keeps a file open that somebody must close: the direct reader opens it for each window. Layouts, and tiles of which a
small part was asked for, are kept by the file's identity (path, size, inode, times): what was replaced is read anew.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.tiff.codec import TileError, decode, meeting, unpack
from carbonsink.base.tiff.layout import Layout, Window, known_layout
from carbonsink.base.tiff.memory import KEPT, SMALL, Rooms
from carbonsink.base.tiff.tags import Damaged, Unreadable

LAYOUTS = 1024  # kept at a time
ROOMS = Rooms()
SLACK = 1024  # bytes, and as many again as a tile has raw: what a codec may add to a tile that doesn't compress

Stamp = tuple[int, int, int, int]  # size [bytes], inode, time of writing [ns], and of any change [ns], which nobody can set back
Tile = tuple[str, Stamp, int, tuple[int, int]]  # path, the file's stamp, band, (down, across)


class Reader(Protocol):
    """Reads windows of one band of one file; may be used by several threads at once, and sent to another process."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def kind(self) -> Literal["direct", "gdal"]:
        """Which way pixels are read."""

    @property
    def why(self) -> str:
        """Why they are read by GDAL; empty for direct."""

    def read(self, window: Window, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """The pixels of a window (row, column, height, width) within the image, in the file's dtype.

        `out`, where given, has the window's shape and the file's dtype and is what is returned. TileError where the
        file gives no pixels.
        """


def reader(path: Path, force_gdal: bool = False, band: int = 1) -> Reader:
    """A reader for a band (1-based) of a GeoTIFF: direct where its layout is known, otherwise by GDAL.

    TileError for a header that contradicts itself or its file: GDAL might make something of it.
    """
    if force_gdal:
        return Gdal(path, "asked for", band)
    found = _layout(str(path), _stamp(path.stat()), band)
    return Gdal(path, found, band) if isinstance(found, str) else Direct(path, band)


@dataclass(frozen=True)
class Direct:
    """Reads tiles by their place in the file."""

    path: Path
    band: int = 1
    kind: ClassVar[Literal["direct"]] = "direct"
    why: ClassVar[str] = ""

    def read(self, window: Window, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """See Reader."""
        name = str(self.path)
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            stamp = _stamp(os.fstat(descriptor))
            layout = _layout(name, stamp, self.band)
            if isinstance(layout, str):
                raise TileError(layout)
            pixels = _ready(out, window, layout.pixel)
            for at in layout.tiles(window):
                there, corner = meeting(layout, at, window)
                _fill(descriptor, (name, stamp, self.band, at), layout, corner, pixels[there])
        except TileError as error:
            raise TileError(error.why, name, error.tile) from None
        finally:
            os.close(descriptor)
        return pixels


def _fill(descriptor: int, tile: Tile, layout: Layout, corner: tuple[int, int], target: NDArray[Any]) -> None:
    """Read a tile of an open file, from its row and column `corner` onwards, into a part of a window."""
    _, (size, *_), _, at = tile

    def packed() -> memoryview:
        return _packed(descriptor, size, layout, at)

    if SMALL * target.size <= layout.tile_height * layout.tile_width:
        target[...] = KEPT.part(tile, corner, target.shape, lambda: decode(layout, packed(), at))
    else:
        unpack(layout, packed(), at, corner, target, ROOMS.raw.of(layout.tile_bytes))


def _packed(descriptor: int, size: int, layout: Layout, at: tuple[int, int]) -> memoryview:
    """The bytes of one tile of an open file of `size` bytes, until the next are read."""
    start, count = layout.offsets.item(at), layout.counts.item(at)
    if start < 0 or count < 0 or start + count > size:
        raise TileError(f"lies at bytes {start} to {start + count} of a file of {size}", tile=at)
    if count > 2 * layout.tile_bytes + SLACK:
        raise TileError(f"takes {count} bytes for {layout.tile_bytes} of pixels", tile=at)
    packed = ROOMS.packed.of(count)
    if os.preadv(descriptor, [packed], start) != count:
        raise TileError(f"its {count} bytes can't be read", tile=at)
    return packed


@dataclass(frozen=True)
class Gdal:
    """Reads windows by GDAL, as GTiff and nothing else."""

    path: Path
    why: str
    band: int = 1
    kind: ClassVar[Literal["gdal"]] = "gdal"

    def read(self, window: Window, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """See Reader."""
        from carbonsink.base.tiff.gdal import read_window  # a process that reads direct never loads GDAL

        return read_window(self.path, self.band, window, out)


def _ready(out: NDArray[Any] | None, window: Window, dtype: np.dtype[Any]) -> NDArray[Any]:
    if out is None:
        return np.empty(window[2:], dtype=dtype)
    if out.shape != window[2:] or out.dtype != dtype:
        raise ValueError(f"out is {out.dtype} {out.shape} where the window is {dtype} {window[2:]}")
    return out


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


@lru_cache(maxsize=LAYOUTS)
def _layout(name: str, stamp: Stamp, band: int) -> Layout | str:
    with Path(name).open("rb") as stream:
        if _stamp(os.fstat(stream.fileno()))[:3] != stamp[:3]:  # a second name (Store.lend) given or taken meanwhile is no change of bytes
            raise TileError("changed while it was read", name)
        try:
            return known_layout(stream, band)
        except Damaged as why:
            raise TileError(str(why), name) from None
        except Unreadable as why:
            return str(why)
