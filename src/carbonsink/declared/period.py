"""The monitoring period and its vintages: calendar years, each with the share of its days that lies in the period.

`held` is the one rule for a year that the period covers in part: what flows in a year flows evenly over its days, so the
vintage has that share of it. Equations that give a year's amount are multiplied by it in `carbon`, and nowhere else.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from carbonsink.declared.schema import Declared


class Period(Declared):
    """First and last day; every calendar year that holds a day of it is a vintage."""

    start: date
    end: date


def vintages(period: Period) -> tuple[int, ...]:
    """The calendar years that hold a day of a period."""
    return tuple(range(period.start.year, period.end.year + 1))


def days_in(year: int, start: date, end: date) -> int:
    """How many days of a calendar year lie between two days, both counted."""
    first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
    return max((last - first).days + 1, 0)


def held(period: Period, year: int) -> Fraction:
    """The share of a calendar year's days that lies in a period; 1 where all do."""
    return Fraction(days_in(year, period.start, period.end), days_in(year, date(year, 1, 1), date(year, 12, 31)))
