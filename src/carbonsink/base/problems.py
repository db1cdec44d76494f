"""Problems of the user's inputs are values: collected, then shown all at once, each in one line.

A `Problem` is a code and the facts; its words stand in `library/messages/`, in English and
Chinese. A `Refusal` carries the problems out of whichever depth found them.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from pathlib import Path

from carbonsink.base.topics import LIBRARY, read_topics


class Exit(IntEnum):
    """Exit codes of the command line."""

    WELL = 0
    USAGE = 2
    INVALID = 3
    SOURCE = 4
    INTEGRITY = 5
    RESOURCES = 6
    DOUBLE_COUNTING = 7
    INTERNAL = 8
    DIFFERS = 9
    INTERRUPTED = 130


LONGEST_FACT = 200  # characters of a fact in a message
FULL = (errno.ENOSPC, errno.EDQUOT)  # a disk without room, a share that is used up
NO_ROOM = 65536  # bytes: a disk with less is full, whatever a library says of it


@dataclass(frozen=True)
class Phrase:
    """A part of a message with words of its own in each language: a fact of a problem that is no name, number or quotation."""

    name: str
    facts: dict[str, object] = field(default_factory=dict)

    def said(self, language: str) -> str:
        """The words in a language."""
        return messages()[self.name][language].format(**{key: _plain(value, language) for key, value in self.facts.items()})

    def __str__(self) -> str:
        return self.said("en")


class Wrong(ValueError):
    """A value that can't be, and why, in words of both languages: for validators, whose errors become a problem's `why`."""

    def __init__(self, name: str, **facts: object) -> None:
        super().__init__(name)
        self.phrase = Phrase(name, facts)

    def __str__(self) -> str:
        return str(self.phrase)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the code names the message, `where` the place, `facts` both sides."""

    code: str
    where: str
    facts: dict[str, object] = field(default_factory=dict)

    def line(self, language: str | None = None) -> str:
        """The problem in one line of the user's language."""
        chosen = language or user_language()
        words = Phrase(self.code, self.facts).said(chosen)
        return f"{self.code} {_printable(self.where)}: {words}"


class Refusal(Exception):
    """The run can't go on; every problem found is inside, and the exit code to leave with."""

    def __init__(self, problems: Problem | Iterable[Problem], exit_code: Exit = Exit.INVALID) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.exit_code = exit_code
        super().__init__("; ".join(problem.line("en") for problem in self.problems))

    def __reduce__(self) -> tuple[type[Refusal], tuple[tuple[Problem, ...], Exit]]:
        """As it is handed on from a worker of a cluster: an exception would be made again of its text alone."""
        return type(self), (self.problems, self.exit_code)


def refuse(code: str, where: str, exit_code: Exit = Exit.INVALID, **facts: object) -> Refusal:
    """The refusal for a single problem, ready to raise."""
    return Refusal(Problem(code, where, facts), exit_code)


def of_the_system(error: OSError) -> Problem:
    """The problem that an error of the system is: a full disk with its room, else the system's own words."""
    where = str(error.filename or "-")
    here = Path(where).absolute()
    folder = next((folder for folder in (here, *here.parents) if folder.is_dir()), Path.cwd())
    room = shutil.disk_usage(folder)
    if error.errno in FULL or (error.errno is None and room.free < NO_ROOM):
        return Problem("E-RES-002", where, {"free": f"{room.free / 1e6:.1f}", "total": f"{room.total / 1e6:.1f}"})
    return Problem("E-RES-001", where, {"why": error})


def unforeseen(error: Exception) -> Refusal:
    """The refusal for a fault that no code of ours refuses: the system's, or an internal one; the fault is its cause."""
    told = of_the_system(error) if isinstance(error, OSError) else Problem("E-INT-001", type(error).__name__, {"error": error})
    found = Refusal(told, Exit.RESOURCES if isinstance(error, OSError) else Exit.INTERNAL)
    found.__cause__ = error  # its traceback, for --debug
    return found


def say_counted(where: str, found: Iterable[tuple[str, str]]) -> None:
    """One line on stderr for each notice's code and reason, with how often it came."""
    for (code, why), count in sorted(Counter(found).items()):
        print(Problem(code, where, {"count": count, "why": why}).line(), file=sys.stderr)


def must_be_file(path: Path) -> None:
    """Refuse an input that isn't there."""
    if not path.is_file():
        raise refuse("E-CFG-015", str(path))


@cache
def messages() -> dict[str, dict[str, str]]:
    """Every message by code and language."""
    return read_topics(LIBRARY / "messages")


def user_language() -> str:
    """`zh` or `en`, from CARBONSINK_LANG, else from the locale's variables."""
    chosen = next((os.environ[key] for key in ("CARBONSINK_LANG", "LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(key)), "en")
    return "zh" if chosen.lower().startswith("zh") else "en"


def _plain(value: object, language: str) -> str:
    match value:
        case Phrase():
            return value.said(language)
        case Wrong():
            return value.phrase.said(language)
        case object(zh=str(), en=str()):  # a declared text in both languages
            return str(getattr(value, language))
        case OSError() if (name := f"P-SYS-{errno.errorcode.get(value.errno or 0)}") in messages():
            return messages()[name][language]
        case OSError():
            return _quoted(str(value.strerror or value), language)
        case Exception():
            return _quoted(str(value), language)
    return _short(_printable(f"{value:g}" if isinstance(value, float) else str(value)))


def _short(text: str) -> str:
    """A fact in at most so many characters: a list that is longer ends between two of its words."""
    if len(text) <= LONGEST_FACT:
        return text
    kept = text[: LONGEST_FACT - 2]
    last = kept.rfind(" ")
    return f"{kept[:last] if last > 0 else kept} …"


def _quoted(text: str, language: str) -> str:
    """The words of another program, which speaks English: as a quotation where the reader is told in Chinese."""
    said = _short(_printable(text))
    return f"“{said}”" if language == "zh" and said else said


def _printable(text: str) -> str:
    """A text without signs that move a cursor or hide what follows: names of files are anybody's."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
