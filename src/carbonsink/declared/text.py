"""Text from outside: no control, bidirectional or zero-width characters, no endless names (they deceive readers and logs)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from carbonsink.base.evidence import UNWANTED as UNWANTED
from carbonsink.base.problems import Problem
from carbonsink.declared.limits import LONG_TEXT, SHORT_TEXT


def text_problems(text: str, where: str, limit: int = SHORT_TEXT, allowed: str = "") -> list[Problem]:
    """What must not stand in a text; `allowed` are control characters that may (line breaks in long texts)."""
    odd = next((c for c in text if unicodedata.category(c) in UNWANTED and c not in allowed), None)
    if odd is not None:
        return [Problem("E-SEC-007", where, {"found": _shown(text), "character": f"U+{ord(odd):04X}"})]
    if len(text) > limit:
        return [Problem("E-SEC-011", where, {"found": text[:40] + "…", "length": len(text), "limit": limit})]
    return []


def declaration_texts(raw: Any, where: str, path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """The problems of every key and text of a raw declaration; names and ids must be short."""
    match raw:
        case str():
            short = bool({"name", "id"} & set(path))
            yield from text_problems(raw, f"{where} [{'.'.join(path)}]", SHORT_TEXT if short else LONG_TEXT, "" if short else "\n\t")
        case dict():
            for key, value in raw.items():
                yield from text_problems(key, f"{where} [{'.'.join(path)}]")
                yield from declaration_texts(value, where, (*path, key))
        case list():
            for index, value in enumerate(raw):
                yield from declaration_texts(value, where, (*path, str(index)))


def _shown(text: str) -> str:
    return "".join(c if unicodedata.category(c) not in UNWANTED else f"<U+{ord(c):04X}>" for c in text)[:80]
