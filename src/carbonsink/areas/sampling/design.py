"""How many points a sample needs, and how many of them each class of the map gets.

Cochran 1977, Sampling Techniques, 3rd edition, sections 5.5 to 5.9; as eq 13 in Olofsson et al. 2014, Remote Sensing
of Environment 148, 42-57, doi:10.1016/j.rse.2014.02.015. Strata are the classes of the map; W_h is a class's share of
the area, S_h the standard deviation in it of what is estimated: whether the map is right (for the overall accuracy),
or whether the land is of one class (for that class's area).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from carbonsink.base.problems import refuse
from carbonsink.base.tables import total

Way = Literal["optimal", "proportional", "equal"]
WHOLE = 1e-9  # of a point: what floating point may add to a whole number of them


@dataclass(frozen=True)
class Stratum:
    """A class of the map: its pixels in the area, those a point may be drawn from, and S_h."""

    land_class: str
    pixels: int
    drawable: int
    deviation: float


def deviation(share: float) -> float:
    """The standard deviation of yes and no where a share of them is yes: sqrt(U (1 - U))."""
    return math.sqrt(share * (1 - share))


def scores(strata: Sequence[Stratum], way: Way) -> list[float]:
    """What points are shared out by: W_h S_h (optimal, Neyman), W_h (proportional) or one each (equal)."""
    match way:
        case "optimal":
            return [weight * s.deviation for weight, s in zip(weights(strata), strata, strict=True)]
        case "proportional":
            return weights(strata)
        case "equal":
            return [1.0] * len(strata)


def weights(strata: Sequence[Stratum]) -> list[float]:
    """W_h, summing to one."""
    whole = sum(s.pixels for s in strata)
    return [s.pixels / whole for s in strata]


def size(strata: Sequence[Stratum], standard_error: float, way: Way = "optimal") -> int:
    """Points for a standard error of a share of the area, shared out in one of the ways (Cochran eqs 5.24 to 5.26).

    n = sum(W_h^2 S_h^2 / w_h) / (V + sum(W_h S_h^2) / N) with w_h the share of the points a class gets. In the optimal
    way the numerator is (sum W_h S_h)^2, which is Olofsson's eq 13. Refuses strata that nobody expects to vary.
    """
    score = scores(strata, way)
    if not any(s.deviation for s in strata):
        raise refuse("E-SMP-003", "-", classes=", ".join(s.land_class for s in strata))
    parts = [0.0 if not s.deviation else (w * s.deviation) ** 2 / (one / total(score)) for w, s, one in zip(weights(strata), strata, score, strict=True)]
    finite = total(w * s.deviation**2 for w, s in zip(weights(strata), strata, strict=True)) / sum(s.pixels for s in strata)
    return math.ceil(total(parts) / (standard_error**2 + finite) - WHOLE)


def allocate(points: int, strata: Sequence[Stratum], way: Way, minimum: int) -> list[int]:
    """Points of each class: the minimum (or all it has), then one after the other to the class with the highest score / sqrt(n (n + 1)).

    That is the exact least variance in whole points under such bounds (Wright 2014, A simple method of exact optimal
    sample allocation under stratification with any mixed constraint patterns, US Census Bureau RRS 2014-07), and for
    the other two ways apportionment in whole points by the same rule.
    """
    score = scores(strata, way)
    counts = [min(minimum, s.drawable) for s in strata]
    queue = [(-_priority(score[h], counts[h]), h) for h, s in enumerate(strata) if counts[h] < s.drawable and score[h] > 0]
    heapq.heapify(queue)
    for _ in range(points - sum(counts)):
        if not queue:
            break
        _, h = heapq.heappop(queue)
        counts[h] += 1
        if counts[h] < strata[h].drawable:
            heapq.heappush(queue, (-_priority(score[h], counts[h]), h))
    return counts


def expected_error(counts: Sequence[int], strata: Sequence[Stratum]) -> float:
    """The standard error that so many points are expected to give (Cochran eq 5.14): of the overall accuracy, or of the class's share of the area."""
    terms = (w**2 * s.deviation**2 / n * (1 - n / s.pixels) for w, s, n in zip(weights(strata), strata, counts, strict=True) if n)
    return math.sqrt(total(terms))


def enough(strata: Sequence[Stratum], standard_error: float, way: Way, minimum: int) -> list[int]:
    """Points of each class for a standard error: eq 13's number, and more where a class's minimum or its few pixels take points from others."""
    points = max(size(strata, standard_error, way), sum(min(minimum, s.drawable) for s in strata))
    counts = allocate(points, strata, way, minimum)
    while expected_error(counts, strata) > standard_error * (1 + WHOLE) and sum(counts) == points:
        points += 1
        counts = allocate(points, strata, way, minimum)
    return counts


def _priority(score: float, have: int) -> float:
    """How much one more point is worth; without any, more than everything."""
    return score / math.sqrt(have * (have + 1)) if have else math.inf
