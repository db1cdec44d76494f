"""Where an area lies as registers ask for it: its administrative division, and how its boundary was drawn.

    [place]
    division = "350627"                     GB/T 2260, six digits
    boundary_source = "rtk"                 a name of library/ledger/overlap.toml

Both are known names of `library/ledger/`, whose rules the ledger reads; here only what an area may say is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from carbonsink.base.problems import Problem
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, load_toml


class Place(Declared):
    """`[place]` of area.toml."""

    division: str | None = None  # GB/T 2260
    boundary_source: str | None = None


def place_problems(place: Place) -> Iterator[Problem]:
    """Names that no register knows."""
    if place.division is not None and not known_division(place.division):
        yield Problem("E-PLC-001", "area.toml [place.division]", {"found": place.division})
    if place.boundary_source is not None and place.boundary_source not in boundary_sources():
        yield Problem("E-PLC-002", "area.toml [place.boundary_source]", {"found": place.boundary_source, "known": ", ".join(boundary_sources())})


def known_division(code: str) -> bool:
    """Whether a code is six digits of which the first two are a province's (the list of counties changes every year and isn't kept)."""
    return re.fullmatch(r"[0-9]{6}", code) is not None and code[:2] in _provinces()


@cache
def boundary_sources() -> tuple[str, ...]:
    """How boundaries are known to be drawn."""
    return tuple(load_toml(LIBRARY / "ledger" / "overlap.toml")["boundary"])


@cache
def _provinces() -> frozenset[str]:
    return frozenset(load_toml(LIBRARY / "ledger" / "serial.toml")["division"]["provinces"])
