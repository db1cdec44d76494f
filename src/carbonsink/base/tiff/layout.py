"""Where the tiles of a GeoTIFF's first image lie and how they are packed; or, in words, why that isn't known here.

Known: one band, or one of several kept band by band; uint8, uint16, int16, float32; tiles or strips; no compression,
deflate, LZW or Zstandard; differences along rows; either byte order; TIFF and BigTIFF; absent (sparse) tiles.
Tag numbers: TIFF Revision 6.0; predictor 3: Adobe Photoshop TIFF Technical Note 3; 42113: GDAL's GeoTIFF driver.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.tiff.tags import Directory, Unreadable, first_directory

Window = tuple[int, int, int, int]  # row, column, height, width [pixels]

SUBFILE, WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 254, 256, 257, 258, 259, 262, 266
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_COUNTS, PLANES, PREDICTOR = 273, 277, 278, 279, 284, 317
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS, SAMPLE_FORMAT, DEPTH, NODATA = 322, 323, 324, 325, 339, 32997, 42113

COMPRESSIONS = {1: "none", 5: "lzw", 8: "deflate", 32946: "deflate", 50000: "zstd"}
DTYPES = {(1, 8): "uint8", (1, 16): "uint16", (2, 16): "int16", (3, 32): "float32"}  # (sample format, bits)
AS_STORED = (1, 2, 3)  # photometric interpretations that leave numbers alone: black is zero, RGB, palette
LARGEST_TILE = 4096 * 4096  # pixels that one read must decode at least
MOST_TILES = 2**22
MOST_BANDS = 4096


@dataclass(frozen=True, eq=False)
class Layout:
    """The first (full resolution) image of a GeoTIFF, one band of it.

    A strip is a tile as wide as the image. `offsets` and `counts` [bytes] have shape (tiles_down, tiles_across);
    count 0 is an absent tile, whose pixels are `fill`. `order` is the file's byte order, "<" or ">".
    """

    height: int
    width: int
    tile_height: int
    tile_width: int
    dtype: str
    compression: str
    predictor: int
    offsets: NDArray[np.int64]
    counts: NDArray[np.int64]
    order: str
    striped: bool
    fill: float

    @cached_property
    def pixel(self) -> np.dtype[Any]:
        """`dtype` as NumPy's own object: its name would be looked up again at every use."""
        return np.dtype(self.dtype)

    @cached_property
    def tile_bytes(self) -> int:
        """Bytes of a whole tile, decompressed."""
        return self.tile_height * self.tile_width * self.pixel.itemsize

    @cached_property
    def stored(self) -> np.dtype[Any]:
        """Pixels as they're stored, whatever they mean: unsigned, in the file's byte order."""
        return np.dtype(f"{self.order}u{self.pixel.itemsize}")

    @cached_property
    def plain(self) -> np.dtype[Any]:
        """The same in this machine's byte order."""
        return self.stored.newbyteorder("=")

    def tiles(self, window: Window) -> list[tuple[int, int]]:
        """The tiles (down, across) that a window touches, row by row; ValueError for a window that leaves the image."""
        row, column, height, width = window
        if not (0 <= row < row + height <= self.height and 0 <= column < column + width <= self.width):
            raise ValueError(f"window {window} isn't within an image of {self.height} x {self.width} pixels")
        down = range(row // self.tile_height, (row + height - 1) // self.tile_height + 1)
        across = range(column // self.tile_width, (column + width - 1) // self.tile_width + 1)
        return [(d, a) for d in down for a in across]

    def box(self, at: tuple[int, int]) -> Window:
        """The pixels of the image that tile (down, across) holds, its padding left out."""
        row, column = at[0] * self.tile_height, at[1] * self.tile_width
        return row, column, min(self.tile_height, self.height - row), min(self.tile_width, self.width - column)


def layout_of(stream: BinaryIO, band: int = 1) -> Layout | str:
    """The layout of a band (1-based) of a GeoTIFF's first image, or the reason, in words, why it isn't known here.

    Seeks and reads on the stream, and asks it for its size by seeking to its end; reads the header only.
    """
    try:
        return known_layout(stream, band)
    except Unreadable as why:
        return str(why)


def known_layout(stream: BinaryIO, band: int = 1) -> Layout:
    """As `layout_of`, but the reason is raised: as Damaged where no other reader should try, else as Unreadable."""
    tags = first_directory(stream)
    _check_kept_as_stored(tags)
    height, width = tags.number(HEIGHT), tags.number(WIDTH)
    striped = TILE_OFFSETS not in tags.entries
    tile_height = min(tags.number(ROWS_PER_STRIP, height), height) if striped else tags.number(TILE_HEIGHT)
    tile_width = width if striped else tags.number(TILE_WIDTH)
    if min(height, width, tile_height, tile_width) < 1 or tile_height * tile_width > LARGEST_TILE:
        raise Unreadable(f"an image of {height} x {width} pixels in tiles of {tile_height} x {tile_width}")
    bands, dtype = _bands(tags, band), _dtype(tags)
    down, across = -(-height // tile_height), -(-width // tile_width)
    if bands * down * across > MOST_TILES:
        raise Unreadable(f"{bands * down * across} tiles")
    places, lengths = (
        tags.numbers(tag, bands * down * across).reshape(bands, down, across)[band - 1].copy()
        for tag in ((STRIP_OFFSETS, STRIP_COUNTS) if striped else (TILE_OFFSETS, TILE_COUNTS))
    )
    fill = 0.0 if lengths.all() else _fill(tags, dtype)
    compression, predictor = _packing(tags, dtype)
    return Layout(height, width, tile_height, tile_width, dtype, compression, predictor, places, lengths, tags.order, striped, fill)


def _check_kept_as_stored(tags: Directory) -> None:
    if tags.number(SUBFILE, 0) & 0b101:
        raise Unreadable("the first image is a thumbnail or a mask")
    if (photometric := tags.number(PHOTOMETRIC, 1)) not in AS_STORED:
        raise Unreadable(f"photometric interpretation {photometric}")
    if tags.number(FILL_ORDER, 1) != 1:
        raise Unreadable("bits are stored last first")
    if tags.number(DEPTH, 1) != 1:
        raise Unreadable("an image of volumes")


def _bands(tags: Directory, band: int) -> int:
    """How many bands' tiles the file lists one after the other."""
    bands = tags.number(SAMPLES, 1)
    if not 1 <= bands <= MOST_BANDS:
        raise Unreadable(f"{bands} bands")
    if not 1 <= band <= bands:
        raise Unreadable(f"band {band} of {bands}")
    planes = tags.number(PLANES, 1)
    if planes not in (1, 2):
        raise Unreadable(f"planar configuration {planes}")
    if bands > 1 and planes != 2:
        raise Unreadable(f"{bands} bands interleaved pixel by pixel")
    return bands


def _dtype(tags: Directory) -> str:
    bands = tags.number(SAMPLES, 1)
    bits = {int(n) for n in tags.numbers(BITS, bands)} if BITS in tags.entries else {1}
    formats = {int(n) for n in tags.numbers(SAMPLE_FORMAT, bands)} if SAMPLE_FORMAT in tags.entries else {1}
    if len(bits) > 1 or len(formats) > 1:
        raise Unreadable("bands of different types")
    kind = (formats.pop(), bits.pop())
    if kind not in DTYPES:
        raise Unreadable(f"pixels of {kind[1]} bits in sample format {kind[0]}")
    return DTYPES[kind]


def _packing(tags: Directory, dtype: str) -> tuple[str, int]:
    code = tags.number(COMPRESSION, 1)
    if code not in COMPRESSIONS:
        raise Unreadable(f"compression {code}")
    predictor = 1 if code == 1 else tags.number(PREDICTOR, 1)  # a predictor belongs to a codec; without one the tag says nothing
    if predictor not in (1, 2, 3) or (predictor == 3 and dtype != "float32"):
        raise Unreadable(f"predictor {predictor} on {dtype}")
    return COMPRESSIONS[code], predictor


def _fill(tags: Directory, dtype: str) -> float:
    """What GDAL puts where a tile is absent: the nodata value, else 0; unknown here where the type can't hold it."""
    text = tags.text(NODATA)
    if not text:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        raise Unreadable(f"nodata {text!r}") from None
    if not _holds(dtype, value):
        raise Unreadable(f"absent tiles, with nodata {text} in {dtype}")
    return value


def _holds(dtype: str, value: float) -> bool:
    if dtype == "float32":
        return not math.isfinite(value) or abs(value) <= float(np.finfo(np.float32).max)
    limits = np.iinfo(dtype)
    return value.is_integer() and limits.min <= value <= limits.max
