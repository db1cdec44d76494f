"""Days between two measurements, and how far apart they may lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from carbonsink.base.problems import Problem


def gap_problems(where: str, pairs: Iterable[tuple[date, date]], most_years: float) -> Iterator[Problem]:
    """Pairs of days further apart than so many years, to the day of the month: five years from 1 June end on 1 June."""
    for before, after in pairs:
        if (after.month, after.day) > (before.month, before.day):
            years: float = after.year - before.year + 1
        else:
            years = after.year - before.year
        if years > most_years:
            yield Problem("E-MEA-015", where, {"before": before, "after": after, "limit": most_years})
