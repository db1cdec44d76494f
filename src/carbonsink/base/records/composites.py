"""Stage 2: what was seen of the land, and when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CompositePeriod:
    """composites/composites.csv: one period's composite."""

    period: str  # 2020-05, 2020, or a window's name with its year
    start: str
    end: str  # last day
    file: str
    acquisitions: int  # days with an acquisition, tiles of one day taken as one
    observed_share: float  # share of the area's pixels with enough clear observations
    median_count: int  # median number of clear observations a pixel


@dataclass(frozen=True)
class CompositeMean:
    """composites/means.csv: the area-weighted mean of a layer over a parcel, of pixels that were seen."""

    period: str
    parcel: str  # empty: the boundary, where the land has no parcels
    layer: str
    mean: float | None  # reflectance, index, observations or share; none where nothing was seen
    seen_px: float  # pixels' worth of the parcel that the mean is of
    covered_px: float  # of the parcel


@dataclass(frozen=True)
class SeriesPoint:
    """composites/series.csv: the area-weighted mean of a layer over a parcel in one acquisition, of pixels that were seen."""

    date: str
    platform: str
    parcel: str  # empty: the boundary, where the land has no parcels
    layer: str
    mean: float  # reflectance or index
    seen_px: float  # pixels' worth of the parcel that the mean is of; above 0, as what wasn't seen has no row
    covered_px: float  # of the parcel


@dataclass(frozen=True)
class FeatureYear:
    """composites/features.csv: the file of a year's features."""

    year: int
    file: str
