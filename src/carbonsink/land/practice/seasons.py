"""Growing seasons of a parcel's NDVI: a rise followed by a fall, both large against the range of the series.

After a running median of three, turns are taken with hysteresis, so that scatter makes no season. A season's start and end
lie where its edges have reached a share of their amplitude, as in TIMESAT: Jonsson and Eklundh 2004, Computers and
Geosciences 30, 833-845.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carbonsink.declared.practice import Crops
from carbonsink.land.practice.series import Looks


@dataclass(frozen=True)
class Growth:
    """One season: first and last day of its growth, the day of the peak; how many days lie between the observations about either edge."""

    start: date
    peak: date
    end: date
    gap: int = 0


def growths(looks: Looks, rule: Crops) -> list[Growth]:
    """The seasons of a series of NDVI, in order of time."""
    if len(looks) < 3:
        return []
    values = smooth([look.value["ndvi"] for look in looks])
    turn = max(rule.least_amplitude, rule.turn_percent / 100 * (max(values) - min(values)))
    days = [look.day for look in looks]
    return [_growth(values, days, place, rule) for place in turns(values, turn)]


def smooth(values: Sequence[float]) -> list[float]:
    """The running median of three; the first and the last stay as they are."""
    return [values[0], *(sorted(three)[1] for three in zip(values, values[1:], values[2:], strict=False)), values[-1]]


def turns(values: Sequence[float], least: float) -> list[tuple[int, int, int]]:
    """Places of left valley, peak and right valley of every rise and fall by at least `least`."""
    found: list[tuple[int, int, int]] = []
    left, high, low = 0, 0, 0
    rising = False
    for place, value in enumerate(values):
        if rising:
            high = place if value > values[high] else high
            if values[high] - value >= least:
                found.append((left, high, place))
                rising, low = False, place
        else:
            low = place if value <= values[low] else low
            found = [*found[:-1], (*found[-1][:2], low)] if found and low == place else found
            if value - values[low] >= least:
                left, high, rising = low, place, True
    return found


def _growth(values: Sequence[float], days: Sequence[date], place: tuple[int, int, int], rule: Crops) -> Growth:
    left, peak, right = place
    up = values[left] + rule.start_percent / 100 * (values[peak] - values[left])
    down = values[right] + rule.end_percent / 100 * (values[peak] - values[right])
    rise = next(n for n in range(peak, left - 1, -1) if values[n] <= up)
    fall = next(n for n in range(peak, right + 1) if values[n] <= down)
    gap = max((days[rise + 1] - days[rise]).days, (days[fall] - days[fall - 1]).days)
    return Growth(_crossing(values, days, rise, up), days[peak], _crossing(values, days, fall - 1, down), gap)


def _crossing(values: Sequence[float], days: Sequence[date], before: int, level: float) -> date:
    """The day on the straight line between two observations on which a level is reached."""
    first, last = values[before], values[before + 1]
    whole = (days[before + 1] - days[before]).days
    return days[before] + timedelta(days=round(whole * (level - first) / (last - first)) if last != first else 0)
