"""File operations that fail: the nth open, write, flush, rename or read below a folder ends with an error, or with kill -9.

with Shim(folder, at=7, error=errno.ENOSPC) as shim:    shim.fired says whether there was a seventh
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

WRITES = frozenset({"open", "write", "flush", "rename", "folder", "link"})
KILL = -signal.SIGKILL


class _File:
    """An open file whose writes and reads are counted."""

    def __init__(self, shim: Shim, file: Any, path: str) -> None:
        self._shim, self._file, self._path = shim, file, path

    def write(self, data: Any) -> int:
        self._shim.count("write", self._path)
        return int(self._file.write(data))

    def read(self, *size: int) -> Any:
        self._shim.count("read", self._path)
        return self._file.read(*size)

    def readinto(self, buffer: Any) -> int:
        self._shim.count("read", self._path)
        return int(self._file.readinto(buffer))

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Any:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Shim:
    """Counts operations of some kinds on paths below a folder, and fails the nth."""

    def __init__(self, folder: Path, at: int, error: int, kinds: frozenset[str] = WRITES) -> None:
        self.folder, self.at, self.error, self.kinds = str(folder), at, error, kinds
        self.counted, self.fired, self.what = 0, False, ""
        self._lock = threading.Lock()
        self._kept: list[tuple[Any, str, Any]] = []

    def count(self, kind: str, path: Any) -> None:
        """Note an operation, and fail it where it's the one."""
        if kind not in self.kinds or not str(path).startswith(self.folder):
            return
        with self._lock:
            self.counted += 1
            if self.counted != self.at:
                return
            self.fired, self.what = True, f"{kind} {path}"
        if self.error == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(self.error, os.strerror(self.error), str(path))

    def __enter__(self) -> Shim:
        real = io.open

        def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            path = os.fspath(file) if isinstance(file, str | os.PathLike) else ""
            if not str(path).startswith(self.folder):
                return real(file, mode, *more, **named)
            if set(mode) & set("wax+"):
                self.count("open", path)
            return _File(self, real(file, mode, *more, **named), str(path))

        self._patch(io, "open", opened)
        self._patch(builtins, "open", opened)
        for name, kind in (("replace", "rename"), ("rename", "rename"), ("mkdir", "folder"), ("link", "link")):
            self._patch(os, name, self._counting(getattr(os, name), kind))
        for name, kind in (("fsync", "flush"), ("pwrite", "write"), ("ftruncate", "write")):
            self._patch(os, name, self._counting_descriptor(getattr(os, name), kind))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for owner, name, real in reversed(self._kept):
            setattr(owner, name, real)

    def _patch(self, owner: Any, name: str, instead: Any) -> None:
        self._kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, instead)

    def _counting(self, real: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def instead(path: Any, *more: Any, **named: Any) -> Any:
            if kind != "folder" or not Path(path).exists():  # a folder that is there needs no room
                self.count(kind, path)
            return real(path, *more, **named)

        return instead

    def _counting_descriptor(self, real: Callable[..., Any], kind: str) -> Callable[..., Any]:
        def instead(descriptor: int, *more: Any) -> Any:
            with suppress(FileNotFoundError):
                self.count(kind, Path(f"/proc/self/fd/{descriptor}").readlink())
            return real(descriptor, *more)

        return instead
