"""A cell of a table that holds names with a number each: `0.025=4.1 ; 0.5=10.0`; empty where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

SEPARATOR = " ; "


def write_pairs(pairs: Iterable[tuple[object, float]]) -> str:
    """Pairs as a cell holds them, numbers in their shortest exact form."""
    return SEPARATOR.join(f"{name}={number!r}" for name, number in pairs)


@cache
def read_pairs(text: str) -> tuple[tuple[str, float], ...]:
    """The pairs of a cell; a name may hold `=` itself."""
    parts = (part.rpartition("=") for part in text.split(SEPARATOR) if part)
    return tuple((name, float(number)) for name, _, number in parts)
