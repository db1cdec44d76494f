"""Parcel means of every acquisition, from which the land stage reads water, crops and burning: series.csv

[composites] series = ["ndvi", "lswi"]     some of the declared bands and indices

A chapter holds its acquisitions one by one anyway; each is reduced alone and summed over parcels in integers, as periods are.
Acquisitions that lie in no period get a day of their own, so that none is left out whatever the periods are; those of a radar beside the
imagery all have one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from carbonsink.base.rasters import COMPOSITE_UNIT
from carbonsink.base.records import SeriesPoint
from carbonsink.composites.grid import Scene
from carbonsink.composites.means import Sums, whole_pixels
from carbonsink.composites.parcels import ONE, Weights
from carbonsink.composites.periods import Period, acquisitions, chapters

Key = tuple[str, str]  # day and platform


def loose_days(spans: Sequence[Period], scenes: Sequence[Scene], tile: str) -> Iterator[Period]:
    """The acquisitions that none of the spans holds, each day a period."""
    held = set(acquired(spans))
    loose = [some for some in acquisitions(scenes, tile) if (some[0].day, some[0].platform) not in held]
    for day in sorted({some[0].day for some in loose}):
        when = date.fromisoformat(day)
        yield Period(day, when, when, tuple(some for some in loose if some[0].day == day))


def acquired(spans: Sequence[Period]) -> list[Key]:
    """Day and platform of every acquisition of the spans, in the order in which tasks number them: that of time."""
    return [(some[0].day, some[0].platform) for chapter in chapters(spans) for some in chapter.acquisitions]


def series_rows(sums: Sums, keys: Sequence[Key], layers: Sequence[str], parcels: Sequence[str], weights: Sequence[Weights]) -> Iterator[SeriesPoint]:
    """The rows of series.csv: what was seen, acquisition by acquisition; where nothing was there is no row."""
    whole = whole_pixels(len(parcels), weights)
    for t, (day, platform) in enumerate(keys):
        for n, parcel in enumerate(parcels):
            for k, layer in enumerate(layers):
                mean = sums.mean(t, k, n, COMPOSITE_UNIT)
                if mean is not None:
                    yield SeriesPoint(day, platform, parcel, layer, mean, int(sums.covered[t, k, n]) / ONE, int(whole[n]) / ONE)
