"""Windows by GDAL, from datasets that are kept open between windows: opening one costs as much as a tile.

A dataset serves one thread at a time; those not in use wait here, those of at most IDLE files, the one used last first out.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window as Box

from carbonsink.base.tiff.codec import TileError
from carbonsink.base.tiff.layout import LARGEST_TILE, Window
from carbonsink.base.tiff.memory import KEPT, SMALL

IDLE = 128  # files, each with as many datasets as threads have read it at once
Key = tuple[Path, int, int, int, int]  # path, size, time of change, inode, process: a forked child shares no file position

_lock = threading.Lock()
_idle: OrderedDict[Key, list[Any]] = OrderedDict()


def read_window(path: Path, band: int, window: Window, out: NDArray[Any] | None) -> NDArray[Any]:
    """The pixels of a window (row, column, height, width) of a band (1-based); TileError where GDAL gives none."""
    try:
        with _dataset(path) as (key, source):
            _check(source, band, window, out)
            return _from_block(key, source, band, window, out) if _in_a_block(source, band, window) else _read(source, band, window, out)
    except RasterioError as error:
        raise TileError(f"GDAL: {error}", str(path)) from None


def _read(source: Any, band: int, window: Window, out: NDArray[Any] | None = None) -> NDArray[Any]:
    row, column, height, width = window
    pixels: NDArray[Any] = source.read(band, window=Box(column, row, width, height), out=out)
    return pixels


def _in_a_block(source: Any, band: int, window: Window) -> bool:
    """Whether a window is a small part of one block: the rest of it will be asked for, perhaps after GDAL has let go of it."""
    (row, column, height, width), (tall, wide) = window, source.block_shapes[band - 1]
    return bool(SMALL * height * width <= tall * wide and row % tall + height <= tall and column % wide + width <= wide)


def _from_block(key: Key, source: Any, band: int, window: Window, out: NDArray[Any] | None) -> NDArray[Any]:
    (row, column, height, width), (tall, wide) = window, source.block_shapes[band - 1]
    top, left = row - row % tall, column - column % wide
    whole = (top, left, min(tall, source.height - top), min(wide, source.width - left))
    part = KEPT.part((key, band, top, left), (row - top, column - left), (height, width), lambda: _read(source, band, whole))
    if out is None:
        return part.copy()
    out[...] = part
    return out


def _check(source: Any, band: int, window: Window, out: NDArray[Any] | None) -> None:
    row, column, height, width = window
    if band > source.count:
        raise TileError(f"band {band} of {source.count}", source.name)
    tall, wide = source.block_shapes[band - 1]
    if tall * wide > LARGEST_TILE:
        raise TileError(f"tiles of {tall} x {wide} pixels", source.name)
    if min(row, column) < 0 or min(height, width) < 1 or row + height > source.height or column + width > source.width:
        raise ValueError(f"window {window} isn't within an image of {source.height} x {source.width} pixels")
    dtype = source.dtypes[band - 1]
    if out is not None and (out.shape != (height, width) or out.dtype != dtype):
        raise ValueError(f"out is {out.dtype} {out.shape} where the window is {dtype} {(height, width)}")


@contextmanager
def _dataset(path: Path) -> Iterator[tuple[Key, Any]]:
    status = path.stat()
    key = (path, status.st_size, status.st_ctime_ns, status.st_ino, os.getpid())
    source = _taken(key) or rasterio.open(path, driver="GTiff")
    try:
        yield key, source
    except Exception:  # whatever state it is in, nobody reads with it again
        source.close()
        raise
    _put_back(key, source)


def _taken(key: Key) -> Any | None:
    with _lock:
        waiting = _idle.get(key)
        if not waiting:
            return None
        source = waiting.pop()
        if not waiting:
            del _idle[key]
        return source


def _put_back(key: Key, source: Any) -> None:
    with _lock:
        _idle.setdefault(key, []).append(source)
        _idle.move_to_end(key)
        surplus = []
        while len(_idle) > IDLE:
            surplus += _idle.popitem(last=False)[1]
    for old in surplus:
        old.close()
