"""The library's tables as two halves: numbers, that a result may come from, and words, that only a page shows; a digest of each.

    library folder  ->  numbers_digest, words_digest  ->  the manifest, and whether the numbers are those of a published version

Words are the languages, and every text in both languages of other TOML files. The text of a methodology counts among the numbers: it is what
people confirm and sign. Comments and layout of a TOML file are neither.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, sha256
from carbonsink.base.topics import LIBRARY

PUBLISHED = "digests.toml"
LANGUAGES = "languages"
BOTH = {"zh", "en"}
APART = {
    "bounds.toml",
    "help.toml",
    "simulation.toml",
    "usage.toml",
    "verification.toml",
    PUBLISHED,
    "messages",
    "ledger",
    "statement",
    "screen",
    "begin",
    "portfolio",
}  # nothing of a run comes from them


def library_files(library: Path) -> list[Path]:
    """The tables that a number or a word of a report may come from."""
    return sorted(p for p in library.rglob("*") if p.suffix in {".toml", ".csv"} and p.relative_to(library).parts[0] not in APART)


def library_digests(library: Path) -> dict[str, str]:
    """What a manifest states of the library: "library", the digest of its numbers, and "words"."""
    return {"library": numbers_digest(library), "words": digest(words_of(library))}


def numbers_digest(library: Path) -> str:
    """One digest over the numbers of all tables."""
    return digest(numbers_of(library))


def numbers_of(library: Path) -> dict[str, str]:
    """The digest of each table's numbers, by path."""
    return {name: _halves(name, data)[0] for name, data in _read(library) if not name.startswith(LANGUAGES)}


def words_of(library: Path) -> dict[str, dict[str, str]]:
    """Each file's words, by path and by the dotted key of a text; files without any are left out."""
    return {name: dict(words) for name, data in _read(library) if (words := _halves(name, data)[1])}


def first_digest(library: Path) -> str:
    """The digest by which manifests of the schema carbonsink-run/1 name a library: bytes of all files, words among them."""
    return digest({p.relative_to(library).as_posix(): file_sha256(p) for p in library_files(library)})


@cache
def published(path: Path = LIBRARY / PUBLISHED) -> Mapping[str, str]:
    """The versions of the program by the digest of their numbers."""
    return {one["numbers"]: version for version, one in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def library_in(run: Path) -> Path:
    """A run's own copy of the library; this version's for a folder that holds none yet."""
    copy = run / "declared" / "library"
    return copy if copy.is_dir() else LIBRARY


def _read(library: Path) -> Iterator[tuple[str, bytes]]:
    yield from ((path.relative_to(library).as_posix(), path.read_bytes()) for path in library_files(library))


@lru_cache(maxsize=1024)
def _halves(name: str, data: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The digest of a file's numbers, and its words."""
    if name.endswith(".csv"):
        return sha256(data), ()
    value = tomllib.loads(data.decode("utf-8"))
    if name.startswith(LANGUAGES):
        return "", tuple(_texts(value))
    words: dict[str, str] = {}
    numbers = _numbers(value, "", words, name.startswith("methodologies"))
    return digest(numbers), tuple(words.items())


def _texts(value: Any, before: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, f"{before}.{key}" if before else key)
    else:
        yield before, str(value)


def _numbers(value: Any, at: str, words: dict[str, str], whole: bool) -> Any:
    """A TOML value without its words, which go into `words`; dates as text."""
    match value:
        case dict() if not whole and value.keys() == BOTH:
            words.update(_texts(value, at))
            return None
        case dict():
            return {key: _numbers(one, f"{at}.{key}" if at else key, words, whole) for key, one in value.items()}
        case list():
            return [_numbers(one, f"{at}[{place}]", words, whole) for place, one in enumerate(value)]
        case date() | time():
            return value.isoformat()
    return value
