"""Entries as they're read: the lines of an export, and the JSON that bodies hold, some thousand at a time (pydantic's reader is the quickest here).

read_lines(path)        lists of (seq, prev, hash, body)
bodies(texts)           what each text says; nothing of a text that holds no JSON object, or whose reading isn't the text again (a key twice)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from carbonsink.base.problems import Exit, refuse

Stored = tuple[int, str, str, str]  # seq, prev, hash, body
Facts = dict[str, Any]
CHUNK = 1000  # entries read together: enough to be quick, few enough to stay in the processor's cache
FIELDS = {"seq": int, "prev": str, "hash": str, "body": str}
STORED = itemgetter(*FIELDS)


def read_lines(path: Path) -> Iterator[list[Stored]]:
    """The entries of a JSON Lines file; a Refusal names the first line that is none."""
    with path.open("rb") as stream:
        number = 1
        while lines := list(islice(stream, CHUNK)):
            yield _rows(lines) or [_row(line, f"{path.name}:{at}") for at, line in enumerate(lines, number)]
            number += len(lines)


def bodies(texts: Sequence[str]) -> list[Facts]:
    """The JSON object each text holds; an empty one where it holds none, or where two readers could read it differently."""
    try:
        found: list[Facts] = list(map(from_json, texts))
    except ValueError:
        found = [_lone(text) for text in texts]
    return [one if type(one) is dict and to_json(one) == text.encode() else {} for one, text in zip(found, texts, strict=True)]


def _rows(lines: Sequence[bytes]) -> list[Stored] | None:
    """The entries of lines read together; None where one of them is none."""
    try:
        rows: list[Stored] = list(map(STORED, map(from_json, lines)))
    except (ValueError, KeyError, TypeError):
        return None
    return rows if all(set(map(type, column)) == {kind} for column, kind in zip(zip(*rows, strict=True), FIELDS.values(), strict=True)) else None


def _row(line: bytes, where: str) -> Stored:
    """The entry of one line."""
    try:
        row: Stored = STORED(from_json(line))
        wrong = [name for (name, kind), value in zip(FIELDS.items(), row, strict=True) if type(value) is not kind]
        if wrong:
            raise TypeError(", ".join(wrong))
    except (ValueError, KeyError, TypeError) as error:
        raise refuse("E-LED-070", where, Exit.INTEGRITY, why=f"{type(error).__name__} {error}") from None
    return row


def _lone(text: str) -> Facts:
    try:
        found: Facts = from_json(text)
    except ValueError:
        return {}
    return found
