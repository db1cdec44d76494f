"""New forest: when land was planted, and whether what was planted lives, from a parcel's levels of NDVI year by year.

A parcel's mean can't count trees: survival is that of the stand, to be held against plots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from carbonsink.declared.practice import Planting, Practices
from carbonsink.land.practice.record import Finding
from carbonsink.land.practice.series import Looks, having, ranked


def planting(looks: Looks, years: Sequence[int], rules: Practices) -> Iterator[tuple[int, Finding]]:
    """By year: whether the land was planted by its end (`found` is the year of planting), and how the stand does since."""
    rule, seen = rules.planting, having(looks, "ndvi")
    levels = levels_of(seen, rule)
    for year in years:
        known = {y: level for y, level in levels.items() if y <= year}
        start = _planted(known, rule)
        count = sum(look.day.year == year for look in seen)
        last = levels.get(year)
        yield year, Finding("planting", str(start) if start else "", 0, date(year, 1, 1), date(year, 12, 31), last, count, _bare_until(seen, start))
        yield year, Finding("survival", _state(known, start, year, rule), 0, date(year, 1, 1), date(year, 12, 31), last, count)


def levels_of(looks: Looks, rule: Planting) -> dict[int, float]:
    """The level of each calendar year that has enough observations."""
    by_year: dict[int, list[float]] = {}
    for look in looks:
        by_year.setdefault(look.day.year, []).append(look.value["ndvi"])
    return {year: ranked(values, rule.percentile) for year, values in sorted(by_year.items()) if len(values) >= rule.least_observations}


def _planted(levels: Mapping[int, float], rule: Planting) -> int | None:
    """The last year that was bare and is followed by a higher level; None where there is none."""
    bare = [year for year, level in levels.items() if level < rule.bare]
    rising = [year for year in bare if any(later > year and level >= levels[year] + rule.rise for later, level in levels.items())]
    return max(rising, default=None)


def _state(levels: Mapping[int, float], start: int | None, year: int, rule: Planting) -> str:
    since = [level for y, level in levels.items() if start and start <= y]
    if start is None or year not in levels or len(since) < 2:
        return ""
    if max(since) - levels[year] >= rule.loss:
        return "failing"
    return "growing" if levels[year] - since[0] >= rule.rise else "uncertain"


def _bare_until(looks: Looks, start: int | None) -> str:
    """The day of the lowest NDVI of the year of planting: the land as it was prepared."""
    mine = [look for look in looks if look.day.year == start]
    return str(min(mine, key=lambda look: look.value["ndvi"]).day) if mine else ""
