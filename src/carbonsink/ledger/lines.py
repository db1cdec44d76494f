"""Entries as they're read: the lines of an export, and the JSON that bodies hold, some thousand at a time.

read_lines(path)        lists of (seq, prev, hash, body)
bodies(texts)           what each text says; nothing of a text that holds no JSON object
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, refuse

Stored = tuple[int, str, str, str]  # seq, prev, hash, body
Facts = dict[str, Any]
CHUNK = 1000  # entries read together: enough to be quick, few enough to stay in the processor's cache
FIELDS = {"seq": int, "prev": str, "hash": str, "body": str}
STORED = itemgetter(*FIELDS)
MARK = f'"{secrets.token_hex(16)}"'  # between texts read together; drawn anew by each process, so no text can hold it, or hide where it ends


def read_lines(path: Path) -> Iterator[list[Stored]]:
    """The entries of a JSON Lines file; a Refusal names the first line that is none."""
    with path.open("rb") as stream:
        number = 1
        while lines := list(islice(stream, CHUNK)):
            yield _rows(lines) or [_row(line, f"{path.name}:{at}") for at, line in enumerate(lines, number)]
            number += len(lines)


def bodies(texts: Sequence[str]) -> list[Facts]:
    """The JSON object each text holds; an empty one where it holds none."""
    return _together(texts) or [_lone(text) for text in texts]


def _rows(lines: Sequence[bytes]) -> list[Stored] | None:
    """The entries of lines read together; None where one of them is none."""
    try:
        rows = list(map(STORED, _together([line.decode() for line in lines]) or [{}]))
    except (ValueError, KeyError):
        return None
    return rows if all(set(map(type, column)) == {kind} for column, kind in zip(zip(*rows, strict=True), FIELDS.values(), strict=True)) else None


def _row(line: bytes, where: str) -> Stored:
    """The entry of one line."""
    try:
        said = json.loads(line)
        row: Stored = STORED(said)
        wrong = [name for (name, kind), value in zip(FIELDS.items(), row, strict=True) if type(value) is not kind]
        if wrong:
            raise TypeError(", ".join(wrong))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise refuse("E-LED-070", where, Exit.INTEGRITY, why=f"{type(error).__name__} {error}") from None
    return row


def _together(texts: Sequence[str]) -> list[Facts] | None:
    """The JSON objects of texts, each of which holds exactly one; None where one doesn't. Read in one piece, which is quicker."""
    try:
        found: list[Any] = json.loads(f"[{f',{MARK},'.join(texts)}]")
    except (ValueError, RecursionError):
        return None
    objects, marks = found[::2], found[1::2]
    mark = MARK[1:-1]
    whole = len(objects) == len(texts) and marks.count(mark) == len(marks) == len(texts) - 1 and set(map(type, objects)) == {dict}
    return objects if whole else None


def _lone(text: str) -> Facts:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
