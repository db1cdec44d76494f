"""What the store has of files that are fetched in parts: packs of pieces, and where in them a piece lies, so that neighbouring areas share them.

Pack     a file of pieces; each lies at a place of its own and is known by its SHA-256, taken while it came
Known    names/<asset>: {"version", "pieces": {"<offset>:<length>": [pack, place in it, SHA-256]}}; nothing of a file whose server
         gives neither ETag nor date, as a later one of the same length couldn't be told from it
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, NamedTuple

from carbonsink.base.evidence import digest, sha256
from carbonsink.base.store import Store
from carbonsink.scenes.pieces import Piece, Version, write_at

PARTS = "parts"  # under which the store remembers what it has of a file


class Place(NamedTuple):
    """Where a piece lies: a file, the byte in it, and the SHA-256 of the piece."""

    path: Path
    start: int
    sha256: str


class Pack:
    """A file of pieces on its way. Rooms are given out in order, by one thread, and filled by any."""

    def __init__(self, path: Path) -> None:
        self.path, self.pieces, self._end = path, dict[Piece, Place](), 0
        self._file: IO[bytes] = path.open("wb")

    def room(self, length: int) -> int:
        """The place of the next so many bytes."""
        self._end += length
        return self._end - length

    def put(self, start: int, data: bytes) -> None:
        """Lay bytes into a room."""
        write_at(self._file, start, data)

    def hold(self, piece: Piece, start: int, sha256: str) -> None:
        """Note a piece that is here whole."""
        self.pieces[piece] = Place(self.path, start, sha256)

    @property
    def name(self) -> str:
        """A digest of what lies where."""
        return digest(sorted([place.start, piece[1], place.sha256] for piece, place in self.pieces.items()))

    def close(self) -> None:
        """Close the file; it stays on disk."""
        self._file.close()


class Known:
    """What the store has of one file, in one version of it."""

    def __init__(self, store: Store, identity: str, lasting: bool) -> None:
        self._store, self._identity, self._lasting = store, identity, lasting
        kept = store.recall(PARTS, identity) if lasting else None
        if kept is None or not Version(*kept["version"]).telling:
            kept = {"version": None, "pieces": {}}
        self._version: list[Any] | None = kept["version"]
        self._pieces: dict[str, list[Any]] = kept["pieces"]

    @property
    def version(self) -> Version | None:
        """The version of the pieces, None where there are none."""
        return Version(*self._version) if self._version else None

    def find(self, piece: Piece) -> tuple[Place, bytes] | None:
        """A piece and its bytes; None where the store hasn't got it whole. Its pack stays where it is, as others may be reading pieces that are."""
        if (kept := self._pieces.get(_key(piece))) is None:
            return None
        name, start, expected = kept
        path = self._store.pack(name)
        data = _read(path, start, piece[1])
        return (Place(path, start, expected), data) if sha256(data) == expected else None

    def keep(self, version: Version, pack: Pack) -> Path:
        """Take a pack in and remember its pieces; what was known of another version goes. The path it has then, its own where nothing may be remembered."""
        if not (self._lasting and version.telling):
            return pack.path
        if self._version != version.row:
            self._version, self._pieces = version.row, {}
        name = pack.name
        path = self._store.take_pack(pack.path, name)
        self._pieces |= {_key(piece): [name, place.start, place.sha256] for piece, place in pack.pieces.items()}
        self._store.remember({"version": self._version, "pieces": self._pieces}, PARTS, self._identity)
        return path


def _key(piece: Piece) -> str:
    return f"{piece[0]}:{piece[1]}"


def _read(path: Path, start: int, length: int) -> bytes:
    """Bytes of a pack; fewer where it ends, none where it is gone or the disk can't give them back."""
    try:
        with path.open("rb") as stream:
            stream.seek(start)
            return stream.read(length)
    except OSError:
        return b""
