"""Crops a year, winter cover, residue and burning, by thresholds on a parcel's own series (library/practice.toml)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from carbonsink.declared.practice import Practices
from carbonsink.land.practice.record import Finding
from carbonsink.land.practice.seasons import Growth
from carbonsink.land.practice.series import Looks, between, having, lower_median, ranked


def crops(looks: Looks, growing: Sequence[Growth], year: int, south: bool, rules: Practices) -> Finding:
    """How many crops a year bore, one through the winter told apart, as it may be a cover crop; nothing where one could hide in a gap."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    seen = between(having(looks, "ndvi"), first, last)
    hidden = _longest_gap([look.day for look in seen], year, south, rules) > rules.crops.longest_gap_days
    over = sum(_in_winter(growth, south, rules) for growth in growing)
    count = f"{len(growing) - over}{'+winter' if over else ''}"
    return Finding("crops", "" if hidden else count, 0, first, last, float(len(growing)), len(seen), " ".join(f"{g.start}/{g.end}" for g in growing))


def winter_cover(looks: Looks, year: int, south: bool, rules: Practices) -> Finding:
    """Whether plants cover the field in the winter months of a calendar year."""
    rule = rules.winter
    seen = [look for look in having(looks, "ndvi") if look.day.year == year and look.day.month in (rule.months_south if south else rule.months_north)]
    if len(seen) < rule.least_observations:
        return Finding("winter_cover", "", observations=len(seen))
    value = lower_median(look.value["ndvi"] for look in seen)
    found = "covered" if value >= rule.covered else "bare" if value < rule.bare else "partial"
    return Finding("winter_cover", found, 0, seen[0].day, seen[-1].day, value, len(seen))


def residue(looks: Looks, growing: Sequence[Growth], rules: Practices) -> Iterator[Finding]:
    """What of each crop's straw lies on the field after its harvest."""
    rule = rules.residue
    for number, growth in enumerate(growing, 1):
        first, last = _after(growth, rule.days)
        bare = [look for look in between(having(looks, "ndvi", "ndti"), first, last) if look.value["ndvi"] <= rule.green]
        if len(bare) < rule.least_observations:
            yield Finding("residue", "", number, first, last, None, len(bare))
            continue
        value = lower_median(look.value["ndti"] for look in bare)
        found = "retained" if value >= rule.retained else "bare" if value < rule.bare else "partial"
        yield Finding("residue", found, number, first, last, value, len(bare))


def burning(looks: Looks, growing: Sequence[Growth], every: Sequence[Growth], rules: Practices) -> Iterator[Finding]:
    """Whether each crop's straw was burnt: char under the field's own bare level. `every` are the crops of all years."""
    rule = rules.burning
    bare = [look for look in having(looks, "ndvi", "nbr") if look.value["ndvi"] <= rule.green]
    spans = [_after(growth, rule.days) for growth in every]
    usual = [look.value["nbr"] for look in bare if not any(first <= look.day <= last for first, last in spans)]
    for number, growth in enumerate(growing, 1):
        first, last = _after(growth, rule.days)
        here = between(bare, first, last)
        if not usual or len(here) < rule.least_observations:
            yield Finding("burning", "", number, first, last, None, len(here))
            continue
        lowest = min(here, key=lambda look: look.value["nbr"])
        drop = ranked(usual, rule.percentile) - lowest.value["nbr"]
        burnt = drop >= rule.drop and lowest.value["nbr"] <= rule.char
        yield Finding("burning", "burned" if burnt else "not_burned", number, first, last, drop, len(here), str(lowest.day) if burnt else "")


def _in_winter(growth: Growth, south: bool, rules: Practices) -> bool:
    """Whether a season's growth reaches into the winter months."""
    winter = rules.winter.months_south if south else rules.winter.months_north
    days = (growth.end - growth.start).days
    return any((growth.start + timedelta(days=n)).month in winter for n in range(days + 1))


def _after(growth: Growth, days: Sequence[int]) -> tuple[date, date]:
    return growth.end + timedelta(days=days[0]), growth.end + timedelta(days=days[1])


def _longest_gap(days: Sequence[date], year: int, south: bool, rules: Practices) -> int:
    """Days of the longest stretch outside the winter months without an observation."""
    winter = rules.winter.months_south if south else rules.winter.months_north
    whole = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    growing = [day for day in whole if day.year == year and day.month not in winter]
    seen, longest, now = set(days), 0, 0
    for before, day in zip([None, *growing], growing, strict=False):
        joined = before is not None and (day - before).days == 1
        now = 0 if day in seen else now + 1 if joined else 1
        longest = max(longest, now)
    return longest
