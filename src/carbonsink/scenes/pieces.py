"""Pieces of a file: which stretches of it are here, and a local copy of its header that fetches what is read of it.

Held     stretches of a file        Version  one state of it
Sparse   a local file of the source's length with the blocks of its header; the rest are holes nobody may read
"""

from __future__ import annotations

import bisect
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

Piece = tuple[int, int]  # offset and length [bytes]


@dataclass(frozen=True)
class Version:
    """What tells one state of a file from another: its length, its ETag, its date of change, as far as the server says them."""

    total: int
    etag: str
    modified: str

    @property
    def row(self) -> list[Any]:
        """The version as the store keeps it."""
        return [self.total, self.etag, self.modified]

    @property
    def telling(self) -> bool:
        """Whether another file of the same length would be another version."""
        return bool(self.etag or self.modified)


class Held:
    """The stretches of a file that are here, each [start, end), apart from each other and in order."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for offset, length in pieces:
            self.add(offset, offset + length)

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return sum(self._ends) - sum(self._starts)

    def add(self, start: int, end: int) -> None:
        """Take a stretch in, joined with those it touches."""
        first, after = bisect.bisect_left(self._ends, start), bisect.bisect_right(self._starts, end)
        if first < after:
            start, end = min(start, self._starts[first]), max(end, self._ends[after - 1])
        self._starts[first:after], self._ends[first:after] = [start], [end]

    def covers(self, start: int, end: int) -> bool:
        """Whether all of [start, end) is here."""
        at = bisect.bisect_right(self._starts, start) - 1
        return start >= end or (at >= 0 and self._ends[at] >= end)


class Sparse:
    """A copy of a file with holes: `path` has the source's length, `held` says which of its bytes are true."""

    def __init__(self, path: Path, total: int) -> None:
        self.path, self.total, self.held = path, total, Held()
        self._file: IO[bytes] = path.open("w+b")
        self._file.truncate(total)

    def put(self, offset: int, data: bytes) -> None:
        """Lay bytes at their place."""
        write_at(self._file, offset, data)
        self.held.add(offset, offset + len(data))

    def get(self, offset: int, length: int) -> bytes:
        """Bytes that are here."""
        return os.pread(self._file.fileno(), length, offset)

    def close(self) -> None:
        """Close the file; it stays on disk."""
        self._file.close()


def write_at(file: IO[bytes], start: int, data: bytes) -> None:
    """Write all bytes at a place of an open file; from any thread."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file.fileno(), view, start)
        view, start = view[written:], start + written


class Header(io.RawIOBase):
    """A file's beginning as a stream that fetches what is read of it, in blocks, and notes which blocks were."""

    def __init__(self, total: int, block: int, bring: Callable[[list[Piece], int, int], bytes]) -> None:
        self._total, self._block, self._bring, self._at = total, block, bring, 0
        self.blocks: set[Piece] = set()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be sought in."""
        return True

    def tell(self) -> int:
        """Where the next read starts."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._total}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Bytes from here on, fetched where they aren't here yet."""
        end = self._total if size < 0 else min(self._at + size, self._total)
        if end <= self._at:
            return b""
        first, last = self._at // self._block, (end - 1) // self._block
        wanted = [(n * self._block, min(self._block, self._total - n * self._block)) for n in range(first, last + 1)]
        data = self._bring([piece for piece in wanted if piece not in self.blocks], self._at, end - self._at)
        self.blocks |= set(wanted)
        self._at = end
        return data
