"""One edition a project: a declared value may not come from the guidelines' other edition than the methodology's.

In: declared values and the edition whose tables are read. Out: a problem for every value of the other edition. Editions differ by
a factor of two in places, so that a mixture makes credits out of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from carbonsink.base.problems import Problem
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.declared.area import Value
from carbonsink.declared.factors import editions, read_factors

PREFIX = "ipcc-"  # folder `ipcc-2019` is the edition that library/sources calls 2019


def edition_problems(values: Iterable[Value], edition: str) -> list[Problem]:
    """E-FAC-008 for every value whose source is an entry of library/sources of another edition, unless this edition took its table over."""
    sources = read_topics(LIBRARY / "sources")
    others = {name.removeprefix(PREFIX) for name in editions()} - {edition.removeprefix(PREFIX)}
    taken_over = {row.variable.source for row in read_factors(edition).rows}
    return [
        Problem("E-FAC-008", f"area.toml [value.{number}]", {"symbol": value.symbol, "source": value.source, "other": other, "edition": edition})
        for number, value in enumerate(values)
        if (other := sources.get(value.source, {}).get("edition")) in others and value.source not in taken_over
    ]
