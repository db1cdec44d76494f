"""Which numbers a symbol may have: none below zero, but for changes and constants of curves, and no share above one.

    beyond("burnt_share", [("value", 1.2), ("low", None)])     ("value", 1.2)
    bounds_of("burnt_share").words                             "0 .. 1"

The bounds stand in library/bounds.toml, apart from the vocabulary, whose digest names the numbers that results come from: a bound refuses, and
moves no result.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from carbonsink.base.topics import LIBRARY
from carbonsink.base.units import symbols

BOUNDS = "bounds.toml"


@dataclass(frozen=True)
class Bounds:
    """The least and the most that a number of a symbol may be."""

    least: float
    most: float

    @property
    def signed(self) -> bool:
        """Whether it may lie below zero."""
        return self.least < 0

    @property
    def words(self) -> str:
        """The bounds in signs that need no translation."""
        return f">= {self.least:g}" if math.isinf(self.most) else f"{self.least:g} .. {self.most:g}"

    def hold(self, number: float) -> bool:
        """Whether a number lies within."""
        return self.least <= number <= self.most


AMOUNT, EITHER_SIDE = Bounds(0.0, math.inf), Bounds(-math.inf, math.inf)


def bounds_of(symbol: str) -> Bounds:
    """The bounds of a symbol; of one that takes another's rows, the other's."""
    known = symbols().get(symbol)
    if known and known.signed:
        return EITHER_SIDE
    return declared_bounds().get(known.of if known and known.of else symbol, AMOUNT)


def beyond(symbol: str, numbers: Iterable[tuple[str, float | None]]) -> Iterator[tuple[str, float]]:
    """Those of some numbers, by what they are called, that a symbol can't have."""
    bounds = bounds_of(symbol)
    yield from ((name, number) for name, number in numbers if number is not None and not bounds.hold(number))


@cache
def declared_bounds() -> Mapping[str, Bounds]:
    """The bounds of library/bounds.toml by symbol."""
    kinds = tomllib.loads((LIBRARY / BOUNDS).read_text(encoding="utf-8")).values()
    return {symbol: Bounds(kind.get("least", -math.inf), kind.get("most", math.inf)) for kind in kinds for symbol in kind["symbols"]}
