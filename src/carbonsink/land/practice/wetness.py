"""An observation of a paddy: how likely it is over wet and over dry ground. Optical and radar observations speak alike.

Optical: in NDVI and LSWI a field is a mixture of canopy and ground, so over wet ground it lies on the line from flooded ground
to the season's own closed canopy, over dry ground on the line from dry soil to it. Where the lines are close, as under a closed
canopy, both are nearly as likely, and the observation says little by itself. Once the canopy ripens it dries whatever the ground
is, and the observation says nothing.
Radar: VH likewise, on the lines from flooded ground and from dry soil to the season's own closed canopy, by the NDVI of the day: what
the optical observations before and after give, as growing plants scatter too and would look like dry ground. Far from both it says
nothing.

The likelihood falls with the distance in standard deviations as Student's t with three degrees of freedom, (1 + z^2/3)^-2:
an outlier, such as the rim of a cloud, never decides alone. No exponential enters, so it is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from carbonsink.declared.practice import Anchor, Optical, Radar
from carbonsink.land.practice.series import Looks, having, lower_median


@dataclass(frozen=True)
class Belief:
    """What one observation says of the ground on a day: likelihoods of wet and dry, each up to 1."""

    day: date
    wet: float
    dry: float


def optical(looks: Looks, rule: Optical, noise: float) -> list[Belief]:
    """The beliefs of a season's looks with NDVI and LSWI; `noise` is the standard deviation of the run's LSWI."""
    seen = having(looks, "ndvi", "lswi")
    if not seen:
        return []
    canopy, ripening = _canopy(seen, rule, noise), _ripening(seen, rule)
    return [Belief(look.day, *_on_lines(look.value["ndvi"], look.value["lswi"], canopy, rule, noise)) for look in seen if look.day <= ripening]


def radar(looks: Looks, rule: Radar, ground: Optical) -> Iterator[Belief]:
    """The beliefs of a season's looks with VH in power, among its looks with NDVI; `ground` says what NDVI bare ground has."""
    green = having(looks, "ndvi")
    known = [(look, ndvi) for look in having(looks, "vh") if (ndvi := ndvi_on(look.day, green, rule.longest_gap_days)) is not None]
    if not known:
        return
    greenest, ripening = max(look.value["ndvi"] for look in green), _ripening(green, ground)
    closed = lower_median([look.value["vh"] for look, ndvi in known if ndvi >= greenest - rule.canopy_reach] or [rule.canopy])
    for look, ndvi in known:
        if look.day <= ripening:
            wet = _between((ground.wet.ndvi, rule.wet), (greenest, closed), ndvi)
            dry = _between((ground.dry.ndvi, rule.dry), (greenest, closed), ndvi)
            yield Belief(look.day, *_beside(look.value["vh"], wet, dry, rule))


def ndvi_on(day: date, green: Looks, longest: int) -> float | None:
    """NDVI of a day on the straight line between the looks before and after it; None where one lacks or they lie too far apart."""
    before = max((look for look in green if look.day <= day), key=lambda look: look.day, default=None)
    after = min((look for look in green if look.day >= day), key=lambda look: look.day, default=None)
    if before is None or after is None or (after.day - before.day).days > longest:
        return None
    whole = (after.day - before.day).days
    share = (day - before.day).days / whole if whole else 0.0
    return before.value["ndvi"] + share * (after.value["ndvi"] - before.value["ndvi"])


def _beside(power: float, wet: float, dry: float, rule: Radar) -> tuple[float, float]:
    """Likelihoods of wet and dry ground for a power beside both lines."""
    scatter = ((rule.noise * (wet + dry) / 2) ** 2 + (rule.spread * max(0.0, dry - wet)) ** 2) ** 0.5
    return likelihood(power - wet, scatter), likelihood(dry - power, scatter)


def likelihood(beyond: float, scatter: float) -> float:
    """Of a distance beyond what is expected; 1 where there is none."""
    z = max(0.0, beyond) / scatter
    fall = 1 + z * z / 3
    return 1 / (fall * fall)


def _canopy(looks: Looks, rule: Optical, noise: float) -> Anchor:
    """The season's closed canopy: its greatest NDVI, and the wettest LSWI near it, less what noise adds to the greatest of several."""
    greenest = max(look.value["ndvi"] for look in looks)
    near = (look.value["lswi"] for look in looks if look.value["ndvi"] >= greenest - rule.canopy_reach)
    return Anchor(ndvi=greenest, lswi=max(near) - rule.canopy_noise * noise)


def _ripening(looks: Looks, rule: Optical) -> date:
    """The last day on which the canopy is as green as when it was closed."""
    greenest = max(look.value["ndvi"] for look in looks)
    return max(look.day for look in looks if look.value["ndvi"] >= greenest - rule.ripening_reach)


def _on_lines(ndvi: float, lswi: float, canopy: Anchor, rule: Optical, noise: float) -> tuple[float, float]:
    wet, dry = (_between((ground.ndvi, ground.lswi), (canopy.ndvi, canopy.lswi), ndvi) for ground in (rule.wet, rule.dry))
    apart = rule.spread * max(0.0, wet - dry)
    scatter: float = (max(noise, rule.least_noise) ** 2 + apart**2) ** 0.5
    return likelihood(wet - lswi, scatter), likelihood(lswi - dry, scatter)


def _between(ground: tuple[float, float], canopy: tuple[float, float], ndvi: float) -> float:
    """What is measured at an NDVI between ground and canopy, each (NDVI, measure); beyond either, the end's own."""
    if canopy[0] <= ground[0]:
        return ground[1]
    share = min(max((ndvi - ground[0]) / (canopy[0] - ground[0]), 0.0), 1.0)
    return ground[1] + share * (canopy[1] - ground[1])
