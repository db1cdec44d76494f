"""A parcel's observations over time, layer by layer, from composites/series.csv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carbonsink.base.records import SeriesPoint
from carbonsink.declared.practice import Observation

NORMAL = 1.4826  # of the median absolute deviation to the standard deviation of a normal distribution


@dataclass(frozen=True)
class Look:
    """One acquisition of a parcel: its day, platform, and the layers that it gives [reflectance, index or power]."""

    day: date
    platform: str
    value: Mapping[str, float]


Looks = Sequence[Look]


def looks_of(points: Iterable[SeriesPoint], rule: Observation) -> dict[str, list[Look]]:
    """Each parcel's looks in order of time, without those that saw too little of it."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for point in points:
        if point.seen_px >= rule.least_pixels and point.seen_px >= rule.least_share * point.covered_px:
            found.setdefault((point.parcel, point.date, point.platform), {})[point.layer] = point.mean
    looks: dict[str, list[Look]] = {}
    for (parcel, day, platform), value in sorted(found.items()):
        looks.setdefault(parcel, []).append(Look(date.fromisoformat(day), platform, value))
    return looks


def having(looks: Looks, *layers: str) -> list[Look]:
    """The looks that give all of some layers."""
    return [look for look in looks if all(layer in look.value for layer in layers)]


def between(looks: Looks, first: date, last: date) -> list[Look]:
    """The looks of a stretch of days, both ends included."""
    return [look for look in looks if first <= look.day <= last]


def lower_median(values: Iterable[float]) -> float:
    """The middle value, the lower of two; of at least one value."""
    return ranked(values, 50)


def ranked(values: Iterable[float], percent: int) -> float:
    """The value at the whole part of (n - 1) p / 100 of the sorted."""
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) * percent // 100]


def noise_of(many: Iterable[Looks], layer: str, span_days: int) -> float:
    """The scatter of a layer's parcel means in this run: how far an observation lies from the line between its neighbours.

    The median over all parcels, so that what truly happens between three observations, being rare, doesn't count. The
    line's own scatter is taken as half of an observation's variance. 0 where there are no three near each other.
    """
    apart = [abs(gap) for looks in many for gap in _off_the_line(having(looks, layer), layer, span_days)]
    return NORMAL * lower_median(apart) / 1.5**0.5 if apart else 0.0


def _off_the_line(looks: Looks, layer: str, span_days: int) -> Iterable[float]:
    for before, here, after in zip(looks, looks[1:], looks[2:], strict=False):
        whole = (after.day - before.day).days
        if 0 < whole <= span_days:
            first, last = before.value[layer], after.value[layer]
            yield here.value[layer] - first - (last - first) * ((here.day - before.day).days / whole)
