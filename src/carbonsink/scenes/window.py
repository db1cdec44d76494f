"""A window of a file over HTTP: its header, and the tiles that the window touches; nothing else moves.

first 16 KiB  ->  layout of the first image  ->  tiles of the window  ->  neighbours joined into runs  ->  parallel Range requests
    ->  a pack of the store, written and hashed as the bytes come, which tiles are decoded from; and a copy of the header, for GDAL to judge
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import httpx

from carbonsink.base.evidence import digest, sha256
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.store import Store
from carbonsink.base.tiff.codec import TileError
from carbonsink.base.tiff.layout import Layout, Window, known_layout
from carbonsink.base.tiff.tags import SIZES, Damaged, Unreadable, exactly, first_directory
from carbonsink.scenes.address import plain, resolved
from carbonsink.scenes.arriving import Arriving
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.flight import holding
from carbonsink.scenes.http import Asker, Transient
from carbonsink.scenes.packs import PARTS, Known, Pack, Place
from carbonsink.scenes.parts import Tiles, check_length
from carbonsink.scenes.pieces import Header, Held, Piece, Sparse, Version
from carbonsink.scenes.whole import LARGEST_FILE, lasting

BLOCK = 16 * 1024  # bytes of a header request; the tile lists of a Sentinel-2 band fit in
NEAR = 8 * 1024  # a hole between two tiles so small is cheaper moved than asked around ...
NEAR_SHARE = 0.1  # ... and moves no more than so much beyond the tiles
LONGEST_HEADER = 64 << 20  # bytes of one directory's values, all of which are held: so many are the places of 2**22 tiles
LONGEST_RUN = 8 << 20  # bytes of one request, where no single tile has more
RESTARTS = 1  # of a file that changed under the requests
Result = TypeVar("Result")


class WholeOnly(Exception):
    """The file can't be taken in parts, and why: the server knows no ranges, or the layout isn't known."""


class NoRanges(WholeOnly):
    """The server knows none: of the file itself that says nothing."""


class Changed(Exception):
    """The file is no longer the one that was begun."""


@dataclass(frozen=True)
class Taken:
    """What was taken: a copy of the header, the tiles, how many bytes, and their digest; `passing` are the files to remove when they were read."""

    path: Path
    tiles: Tiles
    size: int
    sha256: str
    passing: tuple[Path, ...]


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
        """Take what the window needs, the header into `part`; WholeOnly where that can't be done in parts."""
        with holding((self.store.root, self.identity)):
            for _ in range(RESTARTS + 1):
                known = Known(self.store, self.identity, lasting(self.asset))
                try:
                    return _Taking(self, known, part).work()
                except Changed as error:
                    self.store.forget(PARTS, self.identity)
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
        self.sparse: Sparse
        self.pack = Pack(job.store.part(f"pack {job.identity}"))
        self.closing = ExitStack()
        self.closing.callback(self.pack.close)

    def work(self) -> Taken:
        try:
            with self.closing:
                self._open(self.version) if self.version else self._begin()
                header = Header(self.sparse.total, BLOCK, self._bring)
                layout = self._layout(header)
                places = self._places(self._tiles(layout))
                blocks = {block: sha256(self.sparse.get(*block)) for block in header.blocks}
            return self._taken(layout, places, blocks)
        except BaseException:
            self.pack.path.unlink(missing_ok=True)
            raise

    def _taken(self, layout: Layout, places: dict[Piece, Place], blocks: dict[Piece, str]) -> Taken:
        """What came, under one digest over offset, length and SHA-256 of pieces, in their order in the file."""
        pieces = blocks | {piece: place.sha256 for piece, place in places.items()}
        if self.pack.pieces and self.version:
            kept = self.known.keep(self.version, self.pack)
            places = {piece: place._replace(path=kept) if place.path == self.pack.path else place for piece, place in places.items()}
        found = digest([[offset, length, sha256] for (offset, length), sha256 in sorted(pieces.items())])
        return Taken(self.part, Tiles(layout, places), Held(pieces).size, found, (self.part, self.pack.path))

    def _begin(self) -> None:
        """The first block of a file of which nothing is known: its length and its version come with it."""
        data = self._bytes(0, BLOCK)
        self._lay((0, len(data)), data)

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
            self._read_all(stream)
        except Unreadable as why:
            raise WholeOnly(str(why)) from None
        try:
            return known_layout(stream)
        except Damaged as why:
            raise refuse("E-SRC-024", self.job.where, Exit.INTEGRITY, found=why) from None
        except Unreadable as why:
            raise WholeOnly(str(why)) from None

    def _read_all(self, stream: BinaryIO) -> None:
        """Read the first directory's every value; Unreadable where there is none, or where it has too many."""
        first = first_directory(stream)
        lengths = {tag: entry.count * SIZES.get(entry.kind, 1) for tag, entry in first.entries.items()}
        if sum(lengths.values()) > LONGEST_HEADER:
            raise Unreadable(f"a header of {sum(lengths.values())} bytes")
        for tag, entry in first.entries.items():
            exactly(stream, entry.place, lengths[tag], first.size)

    def _tiles(self, layout: Layout) -> list[Piece]:
        """The tiles of the window that the file holds; none of a file that isn't of its item's shape, which is refused when read."""
        grid = self.job.asset.grid
        if (layout.height, layout.width) != (grid.height, grid.width):
            return []
        pieces = {at: (int(layout.offsets[at]), int(layout.counts[at])) for at in layout.tiles(self.job.frame) if layout.counts[at]}
        end = max((sum(piece) for piece in pieces.values()), default=0)
        if end > self.sparse.total:
            raise refuse("E-SRC-047", self.job.where, Exit.INTEGRITY, found=self.sparse.total, expected=end)
        try:
            for at, (_, count) in pieces.items():
                check_length(layout, count, at)
        except TileError as error:
            raise refuse("E-SRC-024", self.job.where, Exit.INTEGRITY, found=error) from None
        return sorted(set(pieces.values()))

    def _bring(self, blocks: list[Piece], start: int, length: int) -> bytes:
        """Bytes of the header, the blocks they lie in fetched in one go where they aren't here."""
        if missing := [block for block in blocks if not self._here(block)]:
            first = missing[0][0]
            data = self._bytes(first, sum(missing[-1]))
            for block in missing:
                self._lay(block, data[block[0] - first : sum(block) - first])
        return self.sparse.get(start, length)

    def _here(self, block: Piece) -> bool:
        """Whether a block of the header is in its copy, if need be by the store."""
        if self.sparse.held.covers(block[0], sum(block)):
            return True
        if found := self.known.find(block):
            self.sparse.put(block[0], found[1])
        return bool(found)

    def _lay(self, block: Piece, data: bytes) -> None:
        """Take in a block of the header."""
        self.sparse.put(block[0], data)
        start = self.pack.room(len(data))
        self.pack.put(start, data)
        self.pack.hold(block, start, sha256(data))

    def _places(self, tiles: Iterable[Piece]) -> dict[Piece, Place]:
        """Where each tile lies, those that aren't here fetched in runs, in parallel."""
        found = {tile: self._place(tile) for tile in tiles}
        runs = runs_of(tile for tile, place in found.items() if place is None)
        sent = [self.job.requests.submit(self._fetch, run, self.pack.room(_end(run) - run[0][0])) for run in runs]
        wait(sent)  # all of them, whatever one gives: none may write into a pack that is given up
        for answer in sent:
            answer.result().hold()
        return {tile: place or self.pack.pieces[tile] for tile, place in found.items()}

    def _place(self, tile: Piece) -> Place | None:
        """Where a tile lies that is here already."""
        if self.sparse.held.covers(tile[0], sum(tile)):
            return Place(self.part, tile[0], sha256(self.sparse.get(*tile)))
        found = self.known.find(tile)
        return found[0] if found else None

    def _fetch(self, run: list[Piece], start: int) -> Arriving:
        """Fetch a run into its room."""
        return self._range(run[0][0], _end(run), lambda chunks, due: _arrived(chunks, due, Arriving(self.pack, start, run)))

    def _bytes(self, start: int, end: int) -> bytes:
        """The bytes [start, end) of the file, cut at its end."""
        return self._range(start, end, _joined)

    def _range(self, start: int, end: int, take: Callable[[Iterator[bytes], int], Result]) -> Result:
        """What `take` makes of the bytes [start, end) of the file, cut at its end; Transient from it where they aren't as many as are due."""
        vouched = self.version.etag if self.version else ""
        headers = {"Range": f"bytes={start}-{end - 1}"} | ({"If-Range": vouched} if vouched.startswith('"') else {})
        return self.job.asker.ask(self.job.url, lambda: headers, lambda answer: take(answer.iter_raw(), self._due(answer, start, end)), self.job.where)

    def _due(self, answer: httpx.Response, start: int, end: int) -> int:
        """How many bytes a partial answer must have: those asked for, of the version that was begun."""
        if answer.status_code == 416:
            raise refuse("E-SRC-047", self.job.where, Exit.INTEGRITY, found="fewer", expected=end)
        if answer.status_code == 200:
            if self.version is None:
                raise NoRanges("the server knows no ranges")
            raise Changed("it is no longer given in parts")
        version = self._version(answer, start, end)
        if self.version is None:
            self._open(version)
        elif self.version != version:
            raise Changed(f"{self.version.row} became {version.row}")
        return min(end, version.total) - start

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


def _end(run: Iterable[Piece]) -> int:
    """Where a run ends: pieces may share bytes."""
    return max(map(sum, run))


def _joined(chunks: Iterable[bytes], due: int) -> bytes:
    """A short body."""
    data = b"".join(_no_more(chunks, due))
    _check(len(data), due)
    return data


def _arrived(chunks: Iterable[bytes], due: int, run: Arriving) -> Arriving:
    """A run, its body taken in."""
    for chunk in _no_more(chunks, due):
        run.add(chunk)
    _check(run.count, due)
    return run


def _no_more(chunks: Iterable[bytes], due: int) -> Iterator[bytes]:
    """The chunks of a body; Transient before one that goes beyond what is due."""
    count = 0
    for chunk in chunks:
        count += len(chunk)
        if count > due:
            raise Transient(f"{count} bytes of {due}")
        yield chunk


def _check(count: int, due: int) -> None:
    if count != due:
        raise Transient(f"{count} bytes of {due}")


def takes_most(frame: Window, asset: Asset, share: float) -> bool:
    """Whether a window takes at least a share of the asset's pixels."""
    return math.prod(frame[2:]) >= share * asset.grid.height * asset.grid.width
