"""The content-addressed store of fetched files: a file's name is the SHA-256 of its bytes.

store/objects/ab/<sha256>    whole, read-only files
store/names/ab/<key>         SHA-256 of what an address with a published checksum gave before
store/parts/                 files on their way; never read by anyone else
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256, write_bytes


@dataclass(frozen=True)
class Store:
    """A folder of objects, shared by runs and by processes: putting is idempotent, a name that exists is whole."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the object of a digest lies, whether or not it's there."""
        return self.root / "objects" / sha256[:2] / sha256

    def get(self, sha256: str) -> Path | None:
        """The object, its bytes checked against its name; None where it is absent. An altered object is thrown away."""
        path = self.path(sha256)
        if not path.is_file():
            return None
        if file_sha256(path) == sha256:
            return path
        path.unlink(missing_ok=True)
        return None

    def part(self, name: str) -> Path:
        """A temporary file of this process and thread, to be filled and then `put`."""
        folder = self.root / "parts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{digest(name)[:16]}.{os.getpid()}.{threading.get_ident()}.part"

    def put(self, part: Path) -> str:
        """Take a finished temporary file in under its digest, and return it."""
        sha256 = file_sha256(part)
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.chmod(0o444)
        part.replace(path)
        return sha256

    def recall(self, *name: str) -> str | None:
        """The digest that was remembered under a name."""
        path = self._named(name)
        return path.read_text(encoding="ascii").strip() if path.is_file() else None

    def remember(self, sha256: str, *name: str) -> None:
        """Remember which object a name gave."""
        write_bytes(self._named(name), f"{sha256}\n".encode())

    def _named(self, name: tuple[str, ...]) -> Path:
        key = digest(list(name))
        return self.root / "names" / key[:2] / key
