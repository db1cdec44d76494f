"""Measured rows: a change between two days shared out over vintages by days, and a number with its interval as a record."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from carbonsink.base.pairs import write_pairs
from carbonsink.base.problems import refuse
from carbonsink.base.records import Measured
from carbonsink.base.tables import quantise, total
from carbonsink.base.units import symbols
from carbonsink.declared.period import Period, days_in, held, vintages

PLACES = 9
OVER_BASELINE = "definition: the project's gain is over the baseline"
Shares = list[tuple[int, float]]


@dataclass(frozen=True)
class Changed:
    """A change between two days, half of its 95 % interval, and how it was measured."""

    before: date
    after: date
    value: float
    half: float
    place: str

    def named(self, symbol: str, stratum: str) -> str:
        """What every vintage's part of it is drawn by."""
        return f"change:{symbol}:{stratum}:{self.before}..{self.after}"


def by_vintage(changes: Sequence[Changed], period: Period, stratum: str, symbol: str, where: str) -> Iterator[Measured]:
    """Changes one after the other as rows of the vintages they touch, at a year's pace, nothing in the baseline; refuses changes that touch none.

    VM0042 section 8.1: results are split by calendar year. A vintage in which one change ends and the next begins has a part of
    both; their halves add in quadrature, which is no narrower than it is, since both hold the error of the day between, once each way.
    The vintages of one change share its error.
    """
    parts: dict[int, list[tuple[float, Changed]]] = {}
    for change in changes:
        for year, share in shares(change.before, change.after, period):
            parts.setdefault(year, []).append((share, change))
    if not parts:
        raise refuse("E-MEA-022", where, known=", ".join(map(str, vintages(period))), before=changes[0].before, after=changes[-1].after)
    for year, own in sorted(parts.items()):
        value, half = total(share * change.value for share, change in own), math.hypot(*(share * change.half for share, change in own))
        shared = write_pairs((change.named(symbol, stratum), share * change.half / half) for share, change in own if change.half > 0)
        yield bounded(year, stratum, symbol, value, half, "; ".join(dict.fromkeys(change.place for _, change in own)), shared=shared)
        yield bounded(year, stratum, symbol, 0.0, 0.0, OVER_BASELINE, "baseline")


def shares(before: date, after: date, period: Period) -> Shares:
    """The vintages that hold some of the days after one day up to another, each with its share of them, at a year's pace.

    A vintage that holds a part of its year's days has that share of a year's amount (`declared/period.py`), so its days are
    brought to the year's pace here.
    """
    first, last = max(before + timedelta(days=1), period.start), min(after, period.end)
    found = ((year, Fraction(days_in(year, first, last), (after - before).days)) for year in vintages(period))
    return [(year, float(share / held(period, year))) for year, share in found if share]


def bounded(year: int, stratum: str, symbol: str, value: float, half: float, place: str, scenario: str = "project", shared: str = "") -> Measured:
    """A number in its symbol's unit with half of its 95 % interval; exact where the interval has no width."""
    value, half = quantise(value, PLACES), quantise(half, PLACES)
    low, high = (quantise(value - half, PLACES), quantise(value + half, PLACES)) if half > 0 else (None, None)
    told = (value, symbols()[symbol].unit, low, high, "normal" if half > 0 else "exact", place)
    return Measured(year, scenario, stratum, symbol, *told, shared if half > 0 else "")
