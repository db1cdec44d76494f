"""NDVI of each parcel for the map's chart: single acquisitions as dots, the composites' means as a line.

    composites/series.csv, means.csv -> {"LS-001": {"seen": [day, NDVI, share seen, ...], "mean": [day, NDVI, ...]}}

Days count from the first of January 1970; NDVI is in thousandths and the share seen in tenths, so that the page stays small.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from carbonsink.base.records import CompositeMean, CompositePeriod, SeriesPoint
from carbonsink.base.tables import read_if_there

LAYER = "ndvi"
THOUSAND, TENTHS = 1000, 9
EPOCH = date(1970, 1, 1)
Series = dict[str, dict[str, list[int]]]


def series(run: Path, periods: Iterable[CompositePeriod], shown: Iterable[str]) -> Series:
    """The series of the parcels shown; the parcel named "" is the whole boundary. Nothing of a run without series."""
    found: Series = {name: {"seen": [], "mean": []} for name in shown}
    for point in read_if_there(run / "composites" / "series.csv", SeriesPoint):
        if point.layer == LAYER and point.parcel in found and point.covered_px > 0:
            share = round(point.seen_px / point.covered_px * TENTHS)
            found[point.parcel]["seen"] += [day_of(point.date), round(point.mean * THOUSAND), share]
    middles = {p.period: (day_of(p.start) + day_of(p.end)) // 2 for p in periods}
    for mean in read_if_there(run / "composites" / "means.csv", CompositeMean):
        if mean.layer == LAYER and mean.parcel in found and mean.mean is not None and mean.period in middles:
            found[mean.parcel]["mean"] += [middles[mean.period], round(mean.mean * THOUSAND)]
    return {name: both for name, both in found.items() if both["seen"] or both["mean"]}


def day_of(text: str) -> int:
    """Days since the first of January 1970 of an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days
