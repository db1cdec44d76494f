"""An observation of a paddy: how likely it is over wet and over dry ground. Optical and radar observations speak alike.

Optical, here: in NDVI and LSWI a field is a mixture of canopy and ground, so over wet ground it lies on the line from flooded ground
to the season's own closed canopy, over dry ground on the line from dry soil to it. Where the lines are close, as under a closed
canopy, both are nearly as likely, and the observation says little by itself. Once the canopy ripens it dries whatever the ground
is, and the observation says nothing.
Radar likewise, in VH: radar.py.

The likelihood falls with the distance in standard deviations as Student's t with three degrees of freedom, (1 + z^2/3)^-2:
an outlier, such as the rim of a cloud, never decides alone. No exponential enters, so it is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carbonsink.declared.practice import Anchor, Optical
from carbonsink.land.practice.series import Looks, having


@dataclass(frozen=True)
class Belief:
    """What one observation says of the ground on a day: likelihoods of wet and dry, each up to 1."""

    day: date
    wet: float
    dry: float


@dataclass(frozen=True)
class Closed:
    """A season's closed canopy, and the last day before it ripens."""

    canopy: Anchor
    ripening: date


def optical(looks: Looks, rule: Optical, noise: float, closed: Closed | None = None) -> list[Belief]:
    """The beliefs of a season's looks with NDVI and LSWI; `noise` is the standard deviation of the run's LSWI.

    The closed canopy is the season's own, unless it is told: these looks may have missed it.
    """
    seen = having(looks, "ndvi", "lswi")
    if not seen:
        return []
    canopy, ripening = (closed.canopy, closed.ripening) if closed else (_canopy(seen, rule, noise), ripening_of(seen, rule))
    return [Belief(look.day, *_on_lines(look.value["ndvi"], look.value["lswi"], canopy, rule, noise)) for look in seen if look.day <= ripening]


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


def ripening_of(looks: Looks, rule: Optical) -> date:
    """The last day on which the canopy is as green as when it was closed."""
    greenest = max(look.value["ndvi"] for look in looks)
    return max(look.day for look in looks if look.value["ndvi"] >= greenest - rule.ripening_reach)


def _on_lines(ndvi: float, lswi: float, canopy: Anchor, rule: Optical, noise: float) -> tuple[float, float]:
    wet, dry = (between_anchors((ground.ndvi, ground.lswi), (canopy.ndvi, canopy.lswi), ndvi) for ground in (rule.wet, rule.dry))
    apart = rule.spread * max(0.0, wet - dry)
    scatter: float = (max(noise, rule.least_noise) ** 2 + apart**2) ** 0.5
    return likelihood(wet - lswi, scatter), likelihood(lswi - dry, scatter)


def between_anchors(ground: tuple[float, float], canopy: tuple[float, float], ndvi: float) -> float:
    """What is measured at an NDVI between ground and canopy, each (NDVI, measure); beyond either, the end's own."""
    if canopy[0] <= ground[0]:
        return ground[1]
    share = min(max((ndvi - ground[0]) / (canopy[0] - ground[0]), 0.0), 1.0)
    return ground[1] + share * (canopy[1] - ground[1])
