"""Periods of the calendar as a pipeline declares them: months, seasons, years, or its own windows.

Months and years are cut at the ends of the imagery. Seasons and windows that begin in it are whole, also beyond its end:
the winter of 2020 is December 2020 to February 2021.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from carbonsink.declared.pipeline import Composites

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}  # the month each begins in: the meteorological seasons of three months


@dataclass(frozen=True)
class Span:
    """A named stretch of days, first and last included."""

    name: str
    start: date
    end: date


def spans(first: date, last: date, composites: Composites) -> Iterator[Span]:
    """The periods that begin between two days, in order of time; `first` begins a month."""
    if composites.period in ("month", "year"):
        yield from _cut(first, last, composites.period)
        return
    whole = _windows if composites.period == "windows" else _seasons
    found = [span for year in range(first.year, last.year + 1) for span in whole(year, composites) if first <= span.start <= last]
    yield from sorted(found, key=lambda span: (span.start, span.end, span.name))


def twelve_months(year: int, first_month: int) -> Span:
    """The twelve months from a month on that end in a year, by whose number they are named: from July, 2020 is July 2019 to June 2020."""
    begins = year - (first_month > 1)
    return Span(f"{year:04d}", date(begins, first_month, 1), date(begins + 1, first_month, 1) - timedelta(days=1))


def day_of(year: int, text: str) -> date:
    """MM-DD in a year; the 29th of February is the 28th where there is none. ValueError for a day of no year."""
    month, day = int(text[:2]), int(text[3:])
    date(2000, month, day)
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _cut(first: date, last: date, step: str) -> Iterator[Span]:
    for year in range(first.year, last.year + 1):
        for month, until in ((1, 12),) if step == "year" else ((month, month) for month in range(1, 13)):
            start, end = date(year, month, 1), _month_end(year, until)
            if end >= first and start <= last:
                yield Span(f"{year:04d}" if step == "year" else f"{year:04d}-{month:02d}", max(start, first), min(end, last))


def _seasons(year: int, _: Composites) -> Iterator[Span]:
    for name, month in SEASONS.items():
        after = month + 2
        yield Span(f"{year:04d}-{name}", date(year, month, 1), _month_end(year + (after > 12), (after - 1) % 12 + 1))


def _windows(year: int, composites: Composites) -> Iterator[Span]:
    for window in composites.windows:
        start, end = day_of(year, window.start), day_of(year, window.end)
        yield Span(f"{year:04d}-{window.name}", start, end if end >= start else day_of(year + 1, window.end))


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
