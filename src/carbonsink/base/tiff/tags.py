"""The first directory (IFD) of a TIFF file: numbers by tag, read with bounds on everything a header may claim.

stream  ->  byte order, TIFF or BigTIFF  ->  entries by tag  ->  their numbers
Adobe Developers Association 1992, TIFF Revision 6.0, section 2; BigTIFF as in libtiff's bigtiffdesign.html.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MOST_ENTRIES = 1024  # tags of one directory; a GeoTIFF has about twenty
LONGEST_TEXT = 256  # bytes
BEYOND = 2**62  # no file is so long, and two numbers below it add up in 64 bits
INTEGERS = {1: "u1", 3: "u2", 4: "u4", 16: "u8"}  # TIFF's types BYTE, SHORT, LONG, LONG8
ASCII, LONG8 = 2, 16
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}  # bytes of each TIFF type


class Unreadable(ValueError):
    """Why a layout isn't known here, in words: another reader may know it."""


class Damaged(Unreadable):
    """Why no reader should try: the header contradicts itself or its file."""


@dataclass(frozen=True)
class Entry:
    """A tag's values: their TIFF type, how many, and the byte at which they lie."""

    kind: int
    count: int
    place: int


@dataclass(frozen=True)
class Directory:
    """Entries of the first directory by tag; `order` is "<" or ">", `size` the file's length in bytes."""

    stream: BinaryIO
    size: int
    order: str
    entries: Mapping[int, Entry]

    def number(self, tag: int, default: int | None = None) -> int:
        """A tag's one number; `default` stands for an absent tag."""
        if tag not in self.entries and default is not None:
            return default
        return int(self.numbers(tag, 1)[0])

    def numbers(self, tag: int, count: int) -> NDArray[np.int64]:
        """A tag's numbers, of which there must be `count`; Unreadable otherwise, Damaged where one can't be true."""
        entry = self.entries.get(tag)
        if entry is None:
            raise Unreadable(f"tag {tag} is missing")
        if entry.count != count:
            raise Unreadable(f"tag {tag} has {entry.count} values where {count} are due")
        if entry.kind not in INTEGERS:
            raise Unreadable(f"tag {tag} is of TIFF type {entry.kind}, not a whole number")
        data = exactly(self.stream, entry.place, count * SIZES[entry.kind], self.size)
        found = np.frombuffer(data, dtype=self.order + INTEGERS[entry.kind])
        if entry.kind == LONG8 and (largest := int(found.max(initial=0))) >= BEYOND:
            raise Damaged(f"tag {tag} holds {largest}")
        return found.astype(np.int64)

    def text(self, tag: int) -> str | None:
        """A tag's text; None for an absent tag."""
        entry = self.entries.get(tag)
        if entry is None:
            return None
        if entry.kind != ASCII or entry.count > LONGEST_TEXT:
            raise Unreadable(f"tag {tag} isn't a short text")
        return exactly(self.stream, entry.place, entry.count, self.size).split(b"\0")[0].decode("ascii", "replace").strip()


def first_directory(stream: BinaryIO) -> Directory:
    """The first directory of a TIFF or BigTIFF; Damaged with the reason where there is none. Never looks at a second."""
    size = stream.seek(0, os.SEEK_END)
    head = exactly(stream, 0, 8, size)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None:
        raise Damaged(f"not a TIFF file: it begins with {head[:4]!r}")
    version = _whole(head[2:4], order)
    if version == 42:
        return Directory(stream, size, order, _entries(stream, size, order, _whole(head[4:8], order), big=False))
    if version == 43 and _whole(head[4:6], order) == 8:
        start = _whole(exactly(stream, 8, 8, size), order)
        return Directory(stream, size, order, _entries(stream, size, order, start, big=True))
    raise Damaged(f"TIFF of unknown version {version}")


def _entries(stream: BinaryIO, size: int, order: str, start: int, *, big: bool) -> dict[int, Entry]:
    width, header, inline = (20, 8, 8) if big else (12, 2, 4)
    many = _whole(exactly(stream, start, header, size), order)
    if not 0 < many <= MOST_ENTRIES:
        raise Damaged(f"a directory of {many} entries")
    table = exactly(stream, start + header, many * width, size)
    found: dict[int, Entry] = {}
    for at in range(0, many * width, width):
        tag, kind = _whole(table[at : at + 2], order), _whole(table[at + 2 : at + 4], order)
        count, value = _whole(table[at + 4 : at + width - inline], order), table[at + width - inline : at + width]
        if tag in found:
            raise Damaged(f"tag {tag} stands twice")
        within = count * SIZES.get(kind, 1) <= inline
        found[tag] = Entry(kind, count, start + header + at + width - inline if within else _whole(value, order))
    return found


def exactly(stream: BinaryIO, start: int, count: int, size: int) -> bytes:
    """`count` bytes from `start`; Damaged where the file, `size` bytes long, doesn't hold them."""
    if start < 0 or start + count > size:
        raise Damaged(f"the header points at bytes {start} to {start + count} of a file of {size}")
    stream.seek(start)
    data = stream.read(count)
    if len(data) != count:
        raise Damaged(f"bytes {start} to {start + count} can't be read")
    return data


def _whole(data: bytes, order: str) -> int:
    return int.from_bytes(data, "little" if order == "<" else "big")
