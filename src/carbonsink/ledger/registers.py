"""Blocks of other registers: Verra's serial numbers; and the one search for overlapping ranges.

block = read_verra("19385-941467007-941467431-VCS-VCU-1507-VER-ET-14-1340-01012020-31122020-1")
block.quantity        425
str(block)            the same text again
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

VERRA = re.compile(r"(\d+)-(\d+)-(\d+)-(VCS)-(VCU)-(\d+)-(VER)-([A-Z]{2})-(\d+)-(\d+)-(\d{8})-(\d{8})-([01])")
DAY = "%d%m%Y"


class Range(Protocol):
    """Anything from a first number to a last."""

    @property
    def first(self) -> int:
        """The first number."""

    @property
    def last(self) -> int:
        """The last number."""


R = TypeVar("R", bound=Range)


@dataclass(frozen=True)
class VerraBlock:
    """A block of Verified Carbon Units."""

    batch: int
    first: int
    last: int
    programme: str
    unit: str
    register: int
    standard: str
    country: str
    scope: int
    project: int
    start: date
    end: date
    certified: int  # 1: with an additional certification

    @property
    def quantity(self) -> int:
        """Units in the block [t CO2e]."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        days = f"{self.start.strftime(DAY)}-{self.end.strftime(DAY)}"
        head = f"{self.batch}-{self.first}-{self.last}-{self.programme}-{self.unit}-{self.register}-{self.standard}"
        return f"{head}-{self.country}-{self.scope}-{self.project}-{days}-{self.certified}"


def read_verra(text: str) -> VerraBlock:
    """The block a Verra serial number names; a ValueError where it isn't one."""
    found = VERRA.fullmatch(text)
    if not found:
        raise ValueError(f"{text} isn't a serial number of Verra")
    batch, first, last, programme, unit, register, standard, country, scope, project, start, end, certified = found.groups()
    first_day, last_day = (datetime.strptime(day, DAY).date() for day in (start, end))
    return VerraBlock(
        int(batch), int(first), int(last), programme, unit, int(register), standard, country, int(scope), int(project), first_day, last_day, int(certified)
    )


def overlapping(blocks: Iterable[R]) -> list[tuple[R, R]]:
    """Every block that begins before an earlier one has ended, with that one."""
    found: list[tuple[R, R]] = []
    widest: R | None = None
    for block in sorted(blocks, key=lambda one: (one.first, one.last)):
        if widest is not None and block.first <= widest.last:
            found.append((widest, block))
        if widest is None or block.last > widest.last:
            widest = block
    return found
