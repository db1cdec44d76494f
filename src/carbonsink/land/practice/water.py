"""The water regime of each season of a paddy, in the words of the rice tables, beside the declared one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.records import PracticeEvidence
from carbonsink.base.tables import quantise
from carbonsink.declared.area import Parcel, Stratum
from carbonsink.declared.practice import Practices
from carbonsink.land.practice.radar import Calendar, by_calendar, by_ndvi, closed_canopy
from carbonsink.land.practice.record import PLACES, recorded
from carbonsink.land.practice.regime import Course, Season, courses
from carbonsink.land.practice.seasons import Growth
from carbonsink.land.practice.series import Looks, between
from carbonsink.land.practice.wetness import Belief, optical

HALF = 0.5  # probability from which a day counts as drained
KEY = "water_regime"
UPLAND = "upland"


@dataclass(frozen=True)
class Case:
    """One season of one parcel: its number in the year, first and last day, the gap about its edges, and what was believed on which day."""

    year: int
    parcel: Parcel
    number: int
    start: date
    end: date
    gap: int
    beliefs: tuple[Belief, ...]
    radar: int = 0  # of the beliefs, those by radar
    shown_by_radar: bool = False  # whether only VH shows the season

    def season(self, rules: Practices) -> Season:
        """The season as days counted from its first."""
        rule, days = rules.water.season, (self.end - self.start).days + 1
        by_day = tuple(((belief.day - self.start).days, belief) for belief in self.beliefs)
        return Season(days, rule.before_days - rule.establish_days, days - rule.ripening_days, by_day)


def case_of(year: int, parcel: Parcel, number: int, growth: Growth, looks: Looks, rules: Practices, noise: float) -> Case:
    """A growing season of NDVI with the flooding before it, and what its looks say of the ground: NDVI with LSWI, VH, or both."""
    start, seen = _looked_at(growth, looks, rules)
    by_radar = by_ndvi(seen, rules.water.radar, rules.water.optical)
    beliefs = (*optical(seen, rules.water.optical, noise), *by_radar)
    return Case(year, parcel, number, start, growth.end, growth.gap, beliefs, len(by_radar))


def case_by_radar(year: int, parcel: Parcel, number: int, growth: Growth, looks: Looks, rules: Practices, noise: float, calendar: Calendar) -> Case:
    """The same of a season that only VH shows: its canopy is that of the calendar."""
    start, seen = _looked_at(growth, looks, rules)
    by_radar, closed = by_calendar(seen, growth, calendar, rules), closed_canopy(growth, calendar, rules)
    beliefs = (*(optical(seen, rules.water.optical, noise, closed) if closed else ()), *by_radar)
    return Case(year, parcel, number, start, growth.end, growth.gap, beliefs, len(by_radar), shown_by_radar=True)


def _looked_at(growth: Growth, looks: Looks, rules: Practices) -> tuple[date, Looks]:
    start = growth.start - timedelta(days=rules.water.season.before_days)
    return start, between(looks, start, growth.end)


def water_rows(cases: Sequence[Case], declared: Mapping[str, str], rules: Practices) -> Iterator[PracticeEvidence]:
    """One row a case; `declared` is the regime of each stratum.

    A season that is never flooded, in a year with one that is, is of another crop: the record of the rice says nothing of it.
    """
    seasons = [case.season(rules) for case in cases]
    worked = zip(cases, courses(seasons, rules.water.season, rules.water.regimes), strict=True)
    found = [_row(case, course, declared[case.parcel.stratum], rules) for case, course in worked]
    paddies = {(row.year, row.parcel) for row in found if row.found not in ("", UPLAND)}
    for row in found:
        other = row.found == UPLAND and (row.year, row.parcel) in paddies
        yield replace(row, declared="", declared_probability=None, verdict="undeclared") if other else row


def nothing(year: int, parcel: Parcel, declared: str) -> PracticeEvidence:
    """The row of a year without a season that could be seen."""
    verdict = "unclear" if declared else "undeclared"
    return PracticeEvidence(
        year=year, parcel=parcel.id, stratum=parcel.stratum, practice=KEY, season=0, start="", end="", found="", declared=declared, verdict=verdict,
        probability=None, declared_probability=None, flooded_days=None, drained_days=None, drainages=None, value=None, observations=0, dates="",
    )  # fmt: skip


def shares(course: Course, rules: Practices) -> dict[str, float]:
    """The probability of each regime."""
    found = course.drainages
    by_name = rules.water.regimes.by_name
    return {name: course.upland if counts is None else float(found[counts[0] : counts[1] + 1].sum()) for name, counts in by_name.items()}


def _row(case: Case, course: Course, declared: str, rules: Practices) -> PracticeEvidence:
    enough = len(case.beliefs) >= rules.water.season.least_observations and case.gap <= rules.water.season.longest_gap_days
    by_name = {name: quantise(share, PLACES) for name, share in shares(course, rules).items()}
    best = max(by_name, key=lambda name: by_name[name])
    known = enough and by_name[best] >= (rules.verdict.found_by_radar_at if case.shown_by_radar else rules.verdict.found_at)
    wider = rules.water.wider.get(declared, [declared])
    chance = quantise(sum(by_name[name] for name in wider), PLACES) if set(wider) <= by_name.keys() else None
    dates = _drainages(case.start, course.drained)
    return PracticeEvidence(
        year=case.year, parcel=case.parcel.id, stratum=case.parcel.stratum, practice=KEY, season=case.number, start=str(case.start), end=str(case.end),
        found=best if known else "", declared=declared, verdict=_verdict(declared, chance if enough else None, rules),
        probability=by_name[best] if enough else None, declared_probability=chance if enough else None,
        flooded_days=_days(course.flooded) if enough else None, drained_days=_days(course.drained + course.ended) if enough else None,
        drainages=_count(dates, rules.water.regimes.by_name[best]) if known else None,
        value=None, observations=len(case.beliefs), dates=dates if enough else "", radar=case.radar,
    )  # fmt: skip


def _verdict(declared: str, chance: float | None, rules: Practices) -> str:
    """How the declared regime stands to what was seen; `chance` is None where nothing can be said of it."""
    if not declared:
        return "undeclared"
    if chance is None or rules.verdict.contradicts_at < chance < rules.verdict.supports_at:
        return "unclear"
    return "supports" if chance >= rules.verdict.supports_at else "contradicts"


def _count(dates: str, bounds: tuple[int, int] | None) -> int | None:
    """The drainages that can be dated, at least and at most as many as the regime has; None without flooding."""
    return None if bounds is None else min(max(len(dates.split()), bounds[0]), bounds[1])


def _days(chances: NDArray[np.float64]) -> int:
    """The expected number of days."""
    return int(np.rint(quantise(float(np.add.accumulate(chances)[-1]), PLACES)))


def _drainages(start: date, drained: NDArray[np.float64]) -> str:
    """First and last day of each stretch that is more likely drained than not."""
    dry = np.round(drained, PLACES) >= HALF
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dry, [False]]).astype(np.int8)))
    days = [(start + timedelta(days=int(first)), start + timedelta(days=int(end) - 1)) for first, end in zip(edges[::2], edges[1::2], strict=True)]
    return " ".join(f"{first}/{last}" for first, last in days)


def declared_regimes(strata: Mapping[str, Stratum]) -> dict[str, str]:
    """The declared regime of each stratum that is a paddy, which is one whose record knows the key."""
    return {name: word for name, stratum in strata.items() if (word := recorded(stratum, KEY))}
