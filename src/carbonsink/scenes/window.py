"""A window of a file over HTTP: its header, and the tiles that the window touches; nothing else moves.

first 16 KiB  ->  layout of the first image  ->  tiles of the window  ->  neighbours joined into runs  ->  parallel Range requests
    ->  a local copy with holes, which is read as the whole file would be; what it may read is what it holds
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from concurrent.futures import Executor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import httpx

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.store import Store
from carbonsink.base.tiff.layout import Layout, Window, layout_of
from carbonsink.base.tiff.tags import SIZES, Unreadable, exactly, first_directory
from carbonsink.scenes.address import plain, resolved
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.flight import holding
from carbonsink.scenes.http import Asker, Transient
from carbonsink.scenes.pieces import Header, Held, Known, Piece, Sparse, Version
from carbonsink.scenes.whole import LARGEST_FILE, lasting

BLOCK = 16 * 1024  # bytes of a header request; the tile lists of a Sentinel-2 band fit in
NEAR = 8 * 1024  # a hole between two tiles so small is cheaper moved than asked around ...
NEAR_SHARE = 0.1  # ... and moves no more than so much beyond the tiles
LONGEST_RUN = 4 << 20  # bytes of one request: memory is at most this times the connections
RESTARTS = 1  # of a file that changed under the requests


class WholeOnly(Exception):
    """The file can't be taken in parts, and why: the server knows no ranges, or the layout isn't known."""


class Changed(Exception):
    """The file is no longer the one that was begun."""


@dataclass(frozen=True)
class Taken:
    """A local copy of what was taken, the bytes it holds, their count, and their digest."""

    path: Path
    held: Held
    size: int
    sha256: str


@dataclass(frozen=True)
class Windowed:
    """One window of one asset, and the means to take it."""

    asset: Asset
    identity: str
    where: str
    frame: Window
    root_url: str | None
    store: Store
    asker: Asker
    requests: Executor

    def take(self, part: Path) -> Taken:
        """Fill `part` with what the window needs; WholeOnly where that can't be done in parts."""
        with holding((self.store.root, self.identity)):
            for _ in range(RESTARTS + 1):
                known = Known(self.store, self.identity, lasting(self.asset))
                try:
                    return _Taking(self, known, part).work()
                except Changed as error:
                    self.store.forget("pieces", self.identity)
                    why = error
        raise refuse("E-SRC-046", self.where, Exit.SOURCE, url=plain(self.url), found=why)

    @property
    def url(self) -> str:
        """The address to ask."""
        return resolved(self.asset.href, self.where, self.root_url)


class _Taking:
    """One attempt, in which the file must stay the same."""

    def __init__(self, job: Windowed, known: Known, part: Path) -> None:
        self.job, self.known, self.part = job, known, part
        self.version = known.version
        self.fetched: set[Piece] = set()
        self.sparse: Sparse
        self.closing = ExitStack()

    def work(self) -> Taken:
        with self.closing:
            if self.version is None:
                self._begin()
            else:
                self._open(self.version)
            header = Header(self.sparse.total, BLOCK, self._bring)
            layout = self._layout(header)
            tiles = self._tiles(layout)
            self._fetch(tile for tile in tiles if not self._here(tile))
            if self.fetched and self.version:
                self.known.add(self.version, self.fetched, self.sparse)
            pieces = header.blocks | set(tiles)
            return Taken(self.part, self.sparse.held, Held(pieces).size, self.sparse.digest(pieces))

    def _begin(self) -> None:
        """The first block of a file of which nothing is known: its length and its version come with it."""
        data = self._range(0, BLOCK)
        self.sparse.put(0, data)
        self._holds((0, len(data)))

    def _open(self, version: Version) -> None:
        if self.job.asset.size is not None and version.total != self.job.asset.size:
            raise refuse("E-SRC-022", self.job.where, Exit.INTEGRITY, expected=self.job.asset.size, found=version.total)
        if version.total > LARGEST_FILE:
            raise refuse("E-SRC-048", self.job.where, Exit.SOURCE, url=plain(self.job.url), limit=LARGEST_FILE)
        self.version, self.sparse = version, Sparse(self.part, version.total)
        self.closing.callback(self.sparse.close)

    def _layout(self, header: Header) -> Layout:
        """Where the tiles lie; every value of the first directory is fetched, so that another reader finds it too."""
        stream = cast(BinaryIO, header)
        try:
            first = first_directory(stream)
            for entry in first.entries.values():
                exactly(stream, entry.place, entry.count * SIZES.get(entry.kind, 1), first.size)
        except Unreadable as why:
            raise WholeOnly(str(why)) from None
        layout = layout_of(stream)
        if isinstance(layout, str):
            raise WholeOnly(layout)
        return layout

    def _tiles(self, layout: Layout) -> list[Piece]:
        """The tiles of the window that the file holds; none of a file that isn't of its item's shape, which is refused when read."""
        grid = self.job.asset.grid
        if (layout.height, layout.width) != (grid.height, grid.width):
            return []
        at = layout.tiles(self.job.frame)
        pieces = {(int(layout.offsets[tile]), int(layout.counts[tile])) for tile in at if layout.counts[tile] > 0}
        end = max((sum(piece) for piece in pieces), default=0)
        if end > self.sparse.total or min(pieces, default=(0, 0))[0] < 0:
            raise refuse("E-SRC-047", self.job.where, Exit.INTEGRITY, found=self.sparse.total, expected=end)
        return sorted(pieces)

    def _bring(self, blocks: list[Piece], start: int, length: int) -> bytes:
        """Bytes of the header, the blocks they lie in fetched in one go where they aren't here."""
        if missing := [block for block in blocks if not self._here(block)]:
            first, end = missing[0][0], sum(missing[-1])
            self.sparse.put(first, self._range(first, end))
            for block in missing:
                self._holds(block)
        return self.sparse.get(start, length)

    def _here(self, piece: Piece) -> bool:
        return self.sparse.held.covers(piece[0], sum(piece)) or self.known.copy(piece, self.sparse)

    def _holds(self, piece: Piece) -> None:
        self.sparse.held.add(piece[0], sum(piece))
        self.fetched.add(piece)

    def _fetch(self, missing: Iterable[Piece]) -> None:
        """Fetch tiles in runs, in parallel."""
        runs = runs_of(missing)
        sent = [self.job.requests.submit(self._fetch_run, run) for run in runs]
        wait(sent)  # all of them, whatever one gives: none may write into a copy that is given up
        for run, answer in zip(runs, sent, strict=True):
            answer.result()
            for piece in run:
                self._holds(piece)

    def _fetch_run(self, run: list[Piece]) -> None:
        start = run[0][0]
        data = memoryview(self._range(start, sum(run[-1])))
        for offset, length in run:
            self.sparse.put(offset, bytes(data[offset - start : offset - start + length]))

    def _range(self, start: int, end: int) -> bytes:
        """The bytes [start, end) of the file, cut at its end."""
        vouched = self.version.etag if self.version else ""
        headers = {"Range": f"bytes={start}-{end - 1}"} | ({"If-Range": vouched} if vouched.startswith('"') else {})
        return self.job.asker.ask(self.job.url, lambda: headers, lambda answer: self._body(answer, start, end), self.job.where)

    def _body(self, answer: httpx.Response, start: int, end: int) -> bytes:
        """The body of a partial answer: exactly the bytes asked for, of the version that was begun."""
        if answer.status_code == 416:
            raise refuse("E-SRC-047", self.job.where, Exit.INTEGRITY, found="fewer", expected=end)
        if answer.status_code == 200:
            if self.version is None:
                raise WholeOnly("the server knows no ranges")
            raise Changed("it is no longer given in parts")
        version = self._version(answer, start, end)
        if self.version is None:
            self._open(version)
        elif self.version != version:
            raise Changed(f"{self.version.row} became {version.row}")
        wanted = min(end, version.total) - start
        data = _read(answer, wanted)
        if len(data) != wanted:
            raise Transient(f"{len(data)} bytes of {wanted}")
        return data

    def _version(self, answer: httpx.Response, start: int, end: int) -> Version:
        said = answer.headers.get("content-range", "")
        total = said.rpartition("/")[2]
        if not total.isdecimal() or said != f"bytes {start}-{min(end, int(total)) - 1}/{total}":
            raise Transient(f"asked for bytes {start}-{end - 1}, got {said or 'no Content-Range'}")
        return Version(int(total), answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))


def runs_of(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Pieces in the order of the file, joined where they touch or the hole between is cheap, into runs of bounded length."""
    runs: list[list[Piece]] = []
    for piece in sorted(pieces):
        if runs and _joins(runs[-1], piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return runs


def _joins(run: list[Piece], piece: Piece) -> bool:
    hole = piece[0] - sum(run[-1])
    cheap = min(NEAR, NEAR_SHARE * min(run[-1][1], piece[1]))
    return hole <= cheap and sum(piece) - run[0][0] <= LONGEST_RUN


def _read(answer: httpx.Response, most: int) -> bytes:
    """A body, up to one byte beyond what is due."""
    parts: list[bytes] = []
    count = 0
    for chunk in answer.iter_raw():
        parts.append(chunk)
        count += len(chunk)
        if count > most:
            break
    return b"".join(parts)


def takes_most(frame: Window, asset: Asset, share: float) -> bool:
    """Whether a window takes at least a share of the asset's pixels."""
    return math.prod(frame[2:]) >= share * asset.grid.height * asset.grid.width
