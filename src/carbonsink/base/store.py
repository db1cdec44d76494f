"""The content-addressed store of fetched and made files: a file's name is the SHA-256 of its bytes.

store/objects/ab/<sha256>    whole, read-only files
store/packs/ab/<digest>      pieces of files that are fetched in parts; whoever reads a piece proves it by its own digest
store/names/ab/<key>         what was learned under a name: the digest of an object, or a small JSON value
store/parts/                 files on their way; never read by anyone else, swept when their process is gone
store/quarantine/            objects that had other bytes than their name says, kept for whoever asks why
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, lives, sha256, write_whole

HOST = sha256(socket.gethostname().encode())[:8]  # a store may lie on a disk that machines share


@dataclass(frozen=True)
class Store:
    """A folder of objects, shared by runs and by processes: putting is idempotent, a name that exists is whole."""

    root: Path

    def path(self, sha256: str) -> Path:
        """Where the object of a digest lies, whether or not it's there."""
        return self.root / "objects" / sha256[:2] / sha256

    def get(self, sha256: str) -> Path | None:
        """The object, its bytes checked against its name; None where it is absent. One altered or unreadable is put in quarantine."""
        path = self.path(sha256)
        try:
            good = _is(path, sha256)
        except FileNotFoundError:
            return None
        return path if good or self._quarantine(path) else None

    def part(self, name: str) -> Path:
        """A temporary file of this process and thread, to be filled and then `put`."""
        folder = self.root / "parts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{digest(name)[:16]}.{HOST}.{os.getpid()}.{threading.get_ident()}.part"

    def put(self, part: Path, sha256: str = "") -> str:
        """Take a finished temporary file in under its digest, where that isn't known reckoned here, and return it.

        An object that is there already stays the very file it is.
        """
        sha256 = sha256 or file_sha256(part)
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.get(sha256) is None:
            with part.open("rb") as stream:
                os.fsync(stream.fileno())
            part.chmod(0o444)
            try:
                path.hardlink_to(part)
            except FileExistsError:
                pass  # somebody else was quicker, with the same bytes
            except OSError:  # a disk without links
                part.replace(path)
        part.unlink(missing_ok=True)
        return sha256

    def pack(self, name: str) -> Path:
        """Where the pack of a name lies, whether or not it's there."""
        return self.root / "packs" / name[:2] / name

    def take_pack(self, part: Path, name: str) -> Path:
        """Take a finished pack in under the digest of what lies in it, and return where.

        Not forced to the disk: a piece that a power cut took doesn't prove itself, and is asked for again.
        """
        path = self.pack(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part.chmod(0o444)
        part.replace(path)
        return path

    def lend(self, sha256: str, path: Path) -> None:
        """Give an object a second name elsewhere: a hard link, or a copy on another disk; a file already there is replaced."""
        ours = self.path(sha256)
        if path.is_file() and path.samefile(ours):
            return

        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
        part.unlink(missing_ok=True)
        try:
            part.hardlink_to(ours)
        except OSError:
            write_whole(path, lambda whole: shutil.copyfile(ours, whole))
        else:
            part.replace(path)

    def recall(self, *name: str) -> Any:
        """The JSON value remembered under a name; None where there is none, or it can't be read."""
        try:
            return json.loads(self._named(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def remember(self, value: Any, *name: str) -> None:
        """Remember a small JSON value under a name: the digest of an object, or what is known of it.

        Not forced to the disk: a value that a power cut took is asked for again, and an object proves itself.
        """
        path = self._named(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = self.part(path.name)
        try:
            part.write_text(json.dumps(value, sort_keys=True) + "\n", encoding="utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def forget(self, *name: str) -> None:
        """Remember nothing under a name."""
        self._named(name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove the temporary files of processes of this machine that are gone."""
        for path in (self.root / "parts").glob(f"*.{HOST}.*.part"):
            if not lives(int(path.name.split(".")[2])):
                path.unlink(missing_ok=True)

    def _named(self, name: tuple[str, ...]) -> Path:
        key = digest(list(name))
        return self.root / "names" / key[:2] / key

    def _quarantine(self, path: Path) -> bool:
        """Put an object aside; True where it is good after all and back again: somebody put it there since a bad one was read."""
        folder = self.root / "quarantine"
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f"{path.name}.{HOST}.{os.getpid()}.{threading.get_ident()}"
        try:
            path.replace(aside)
        except FileNotFoundError:
            return False  # somebody else was quicker
        good = _is(aside, path.name)
        aside.replace(path if good else folder / path.name)
        return good


def _is(path: Path, sha256: str) -> bool:
    """Whether a file has a digest; one that the disk can't give back has none."""
    try:
        return file_sha256(path) == sha256
    except FileNotFoundError:
        raise
    except OSError:
        return False
