"""Digests, and files that are whole as soon as they have their name (rule R10)."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rfc8785

from carbonsink.base.problems import FULL

UNWANTED = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode categories: control, format, surrogate, line and paragraph separator


def sha256(data: bytes) -> str:
    """Hex SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(value: Any) -> str:
    """Hex SHA-256 of a JSON value in its canonical form (RFC 8785)."""
    return sha256(rfc8785.dumps(value))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary neighbour, then give it its final name: a name that exists is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.{threading.get_ident()}.part{path.suffix}")
    try:
        write(part)
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
        try:
            _flush_folder(path.parent)
        except OSError:
            path.unlink(missing_ok=True)  # a name that may not last isn't given
            raise
    except OSError as error:
        if error.errno in FULL or error.filename in (None, "", str(part)):  # a full disk says no name, or that of the file copied from; nor does GDAL
            error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def naming(folder: Path) -> Iterator[None]:
    """Give an error of the system that says no name, as a full disk's, that of the folder which is written to."""
    try:
        yield
    except OSError as error:
        if error.filename in (None, ""):
            error.filename = str(folder)
        raise


def move_whole(folder: Path, path: Path) -> None:
    """Give a folder of whole files its final name, of which the disk keeps every name in it first."""
    for each in (*(each for each in folder.rglob("*") if each.is_dir()), folder):
        _flush_folder(each)
    folder.replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Have the disk keep the names in a folder, which it may lose with the power however well the files were flushed; 1 ms a file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove the temporary files that processes of this machine left below a folder when they died."""
    for path in folder.rglob(".*.part*"):
        pid = path.name.partition(".part")[0].split(".")[-2]
        if pid.isdecimal() and not lives(int(pid)):
            path.unlink(missing_ok=True)


def lives(pid: int) -> bool:
    """Whether a process of this machine goes on."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_bytes(path: Path, data: bytes) -> None:
    """Write bytes under a whole name."""
    write_whole(path, lambda part: part.write_bytes(data))


def write_json(path: Path, value: Any) -> None:
    """Write JSON, sorted and indented, so that it can be read and compared."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
    write_bytes(path, _shown(text).encode())


def _shown(text: str) -> str:
    """JSON in which every character that hides or turns a text around stands as its escape; the value is the same."""
    hidden = {ord(c): json.dumps(c)[1:-1] for c in set(text) - {"\n"} if unicodedata.category(c) in UNWANTED}
    return text.translate(hidden) if hidden else text


def read_json(path: Path) -> Any:
    """Read a JSON file of our own."""
    return json.loads(path.read_text(encoding="utf-8"))
