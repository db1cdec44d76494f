"""VH of a paddy: how likely it is over wet and over dry ground, and the seasons that it shows where clouds hide those of NDVI.

Growing plants scatter too, so a flooded field soon is as bright as bare soil. VH is read on two lines, from flooded ground and from
dry soil to the season's own closed canopy, by how far the canopy has closed on the radar's day: by NDVI where it is known then,
else by the calendar of the season.

A season is a rise from flooded ground to a closed canopy, and a fall: Bouvet and Le Toan 2011, Remote Sensing of Environment 115,
1090-1101. Once the canopy ripens VH says nothing, as the optical indices.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carbonsink.declared.practice import Anchor, Crops, Optical, Practices, Radar
from carbonsink.land.practice.seasons import Growth, growths
from carbonsink.land.practice.series import Look, Looks, between, having, lower_median
from carbonsink.land.practice.wetness import Belief, Closed, likelihood, ripening_of

Shares = tuple[float, float]  # of the way from flooded ground, and from dry soil, to the closed canopy


@dataclass(frozen=True)
class Calendar:
    """How the paddies of a run grow: days from the start of growth to the closed canopy, and what that is in NDVI and LSWI."""

    rise_days: int
    canopy: Anchor | None

    def share(self, growth: Growth, day: date, rule: Crops) -> float:
        """How far the canopy of a season has closed on a day: straight from the share at which growth starts to 1."""
        first = rule.start_percent / 100
        return min(max(first + (1 - first) * (day - growth.start).days / self.rise_days, 0.0), 1.0)


def by_ndvi(looks: Looks, rule: Radar, ground: Optical) -> list[Belief]:
    """The beliefs of a season's looks with VH in power, among its looks with NDVI; `ground` says what NDVI bare ground has."""
    green = having(looks, "ndvi")
    if not green:
        return []
    greenest, ripening = max(look.value["ndvi"] for look in green), ripening_of(green, ground)
    known = [(look, ndvi) for look in having(looks, "vh") if (ndvi := ndvi_on(look.day, green, rule.longest_gap_days)) is not None]
    closed = [look for look, ndvi in known if ndvi >= greenest - rule.canopy_reach]
    shares = [(look, (_share(ndvi, ground.wet.ndvi, greenest), _share(ndvi, ground.dry.ndvi, greenest))) for look, ndvi in known if look.day <= ripening]
    return list(_beliefs(shares, closed, rule))


def by_calendar(looks: Looks, growth: Growth, calendar: Calendar, rules: Practices) -> list[Belief]:
    """The beliefs of a season's looks with VH where NDVI isn't known."""
    last = ripening_day(growth, rules)
    seen = [(look, calendar.share(growth, look.day, rules.crops)) for look in having(looks, "vh") if look.day <= last]
    closed = [look for look, share in seen if share == 1]
    return list(_beliefs([(look, (share, share)) for look, share in seen], closed, rules.water.radar))


def closed_canopy(growth: Growth, calendar: Calendar, rules: Practices) -> Closed | None:
    """What the optical looks of such a season are held against; None where no paddy's canopy was seen closed."""
    return Closed(calendar.canopy, ripening_day(growth, rules)) if calendar.canopy else None


def rises(looks: Looks, rules: Practices) -> list[Growth]:
    """The seasons that VH shows: from nearer to flooded ground than to dry soil, to nearer to a closed canopy."""
    rule, seen = rules.water.radar, having(looks, "vh")
    scaled = [Look(look.day, look.platform, {"ndvi": (look.value["vh"] - rule.wet) / (rule.canopy - rule.wet)}) for look in seen]
    return [growth for growth in growths(scaled, rules.crops) if _from_water(growth, seen, rules)]


def calendar_of(shown: Iterable[tuple[Growth, Looks]], rules: Practices) -> Calendar | None:
    """The calendar of a run's paddies from the seasons that VH shows, each with its field's looks; None where there are none."""
    seasons = list(shown)
    if not seasons:
        return None
    days = max(1, int(lower_median((growth.peak - growth.start).days for growth, _ in seasons)))
    closed = [look for growth, looks in seasons for look in _while_closed(growth, looks, days, rules)]
    canopy = Anchor(**{name: lower_median(look.value[name] for look in closed) for name in ("ndvi", "lswi")}) if closed else None
    return Calendar(days, canopy)


def ripening_day(growth: Growth, rules: Practices) -> date:
    """The day from which a season may dry for harvest."""
    return growth.end - timedelta(days=rules.water.season.ripening_days)


def ndvi_on(day: date, green: Looks, longest: int) -> float | None:
    """NDVI of a day on the straight line between the looks before and after it; None where one lacks or they lie too far apart."""
    before = max((look for look in green if look.day <= day), key=lambda look: look.day, default=None)
    after = min((look for look in green if look.day >= day), key=lambda look: look.day, default=None)
    if before is None or after is None or (after.day - before.day).days > longest:
        return None
    whole = (after.day - before.day).days
    share = (day - before.day).days / whole if whole else 0.0
    return before.value["ndvi"] + share * (after.value["ndvi"] - before.value["ndvi"])


def _share(ndvi: float, ground: float, greenest: float) -> float:
    return min(max((ndvi - ground) / (greenest - ground), 0.0), 1.0) if greenest > ground else 0.0


def _beliefs(seen: Sequence[tuple[Look, Shares]], closed: Sequence[Look], rule: Radar) -> Iterator[Belief]:
    """The beliefs of looks; the closed canopy is the library's where the season shows none."""
    canopy = lower_median([look.value["vh"] for look in closed] or [rule.canopy])
    for look, (over_water, over_soil) in seen:
        wet, dry = rule.wet + over_water * (canopy - rule.wet), rule.dry + over_soil * (canopy - rule.dry)
        scatter = ((rule.noise * (wet + dry) / 2) ** 2 + (rule.spread * max(0.0, dry - wet)) ** 2) ** 0.5
        power = look.value["vh"]
        yield Belief(look.day, likelihood(power - wet, scatter), likelihood(dry - power, scatter))


def _from_water(growth: Growth, seen: Looks, rules: Practices) -> bool:
    rule, before = rules.water.radar, timedelta(days=rules.water.season.before_days)
    low = min(look.value["vh"] for look in between(seen, growth.start - before, growth.peak))
    high = max(look.value["vh"] for look in between(seen, growth.start, growth.end))
    return low <= (rule.wet + rule.dry) / 2 and high >= (rule.dry + rule.canopy) / 2


def _while_closed(growth: Growth, looks: Looks, rise_days: int, rules: Practices) -> list[Look]:
    return having(between(looks, growth.start + timedelta(days=rise_days), ripening_day(growth, rules)), "ndvi", "lswi")
