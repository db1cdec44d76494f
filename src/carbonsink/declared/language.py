"""The report's languages as data: `library/languages/<code>.toml`, one word or sentence a key, the same keys in every language.

A key that one language lacks, or a placeholder that differs, refuses to render: a half-translated document is worse than none.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Words

PARTS = re.compile("[ _+]")  # of a code, joined by strokes in a key


@dataclass(frozen=True)
class Language:
    """One language: its words by dotted key, its forms for numbers and dates."""

    code: str
    words: Mapping[str, str]

    def __call__(self, key: str, **facts: object) -> str:
        """The words of a key with its placeholders filled; a key that isn't there refuses to render."""
        if key not in self.words:
            raise refuse("E-RPT-001", f"{self.code}.toml", Exit.INTERNAL, key=key, language=self.code)
        return self.words[key].format(**facts)

    def has(self, key: str) -> bool:
        """Whether the language has words for a key that only some values own."""
        return key in self.words

    def named(self, group: str, code: str) -> str:
        """What a code of a group is called ("pool", "dead_wood": the words of pool.dead-wood); one without words keeps itself."""
        key = f"{group}.{PARTS.sub('-', code.lower())}"
        return self(key) if self.has(key) else code

    def of(self, words: Words) -> str:
        """A declared text in this language."""
        text: str = getattr(words, self.code)
        return text

    def number(self, value: float | Decimal | int, places: int) -> str:
        """A number with so many decimals, digits grouped, a true minus sign; never `-0.0`."""
        exact = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
        whole, _, part = f"{abs(exact):,f}".partition(".")
        text = whole.replace(",", self("format.group")) + (self("format.decimal") + part if part else "")
        return self("format.minus") + text if exact < 0 else text

    def significant(self, value: float, digits: int = 6) -> str:
        """A number with at most so many significant digits and no trailing zeros."""
        if value == 0:
            return "0"
        exact = Decimal(repr(value))
        text = self.number(exact, max(0, digits - 1 - exact.adjusted()))
        mark = self("format.decimal")
        return text.rstrip("0").removesuffix(mark) if mark in text else text

    def date(self, day: date) -> str:
        """A day in the language's long form."""
        return self("format.date", year=day.year, month=day.month, day=day.day, name=self(f"month.{day.month}"))

    def month(self, year: int, month: int) -> str:
        """A month in the language's form."""
        return self("format.month", year=year, month=month, name=self(f"month.{month}"))


def read_languages(codes: Iterable[str], folder: Path | None = None) -> tuple[Language, ...]:
    """The languages asked for, in that order; a Refusal lists every key that is missing or differs in its placeholders."""
    folder = folder or LIBRARY / "languages"
    found = {path.stem: _flat(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))}
    problems = list(_missing(found)) + list(_unlike(found))
    if problems:
        raise Refusal(problems, Exit.INTERNAL)
    return tuple(Language(code, found[code]) for code in codes)


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        flat |= _flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: str(value)}
    return flat


def _missing(found: Mapping[str, Mapping[str, str]]) -> Iterable[Problem]:
    every = {key for words in found.values() for key in words}
    for code, words in found.items():
        for key in sorted(every - words.keys()):
            yield Problem("E-RPT-001", f"{code}.toml", {"key": key, "language": code})


def _unlike(found: Mapping[str, Mapping[str, str]]) -> Iterable[Problem]:
    first, *others = found
    for code in others:
        for key in sorted(found[first].keys() & found[code].keys()):
            a, b = placeholders(found[first][key]), placeholders(found[code][key])
            if a != b and not key.startswith("format."):
                yield Problem("E-RPT-002", f"{code}.toml", {"key": key, "first": first, "a": ", ".join(a), "second": code, "b": ", ".join(b)})


def placeholders(text: str) -> tuple[str, ...]:
    """The names in braces of a text, sorted."""
    return tuple(sorted({name for _, name, _, _ in string.Formatter().parse(text) if name}))
