"""A pipeline: the reusable recipe an area names, one TOML, one section a stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from carbonsink.declared.land import IPCC as IPCC
from carbonsink.declared.land import Land as Land
from carbonsink.declared.land import LandClass as LandClass
from carbonsink.declared.land import Rule as Rule
from carbonsink.declared.practice import Practice
from carbonsink.declared.schema import Declared, Words


class Imagery(Declared):
    """Stage 1: which sensor, and the scenes not worth fetching."""

    sensor: str
    max_cloud_cover: float = Field(default=100.0, ge=0, le=100)  # percent, by eo:cloud_cover
    lead_months: int = Field(default=0, ge=0, le=24)  # imagery before the first vintage that the land stage needs
    tail_months: int = Field(default=0, ge=0, le=24)
    fetch: Literal["auto", "whole", "window"] = "auto"  # auto: whole where the area takes a quarter of the asset's pixels, or its checksum is known


class NamedWindow(Declared):
    """A part of every year by its first and last day (MM-DD); one that ends before it starts crosses new year and is named by the year it starts in."""

    name: str = Field(pattern="^[a-z][a-z0-9-]{0,31}$")
    start: str = Field(pattern="^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    end: str = Field(pattern="^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")


class Composites(Declared):
    """Stage 2: periods, bands to reduce, indices of library/indices.toml, how observations become one, least of them a pixel."""

    period: Literal["month", "season", "year", "windows"]  # season: December to February and so on, the winter named by its December
    windows: list[NamedWindow] = []
    bands: list[str] = Field(min_length=1)
    indices: list[str] = []
    features: list[str] = []  # of a year's series, "<layer>.<feature>": ndvi.amplitude1
    features_from: int = Field(default=1, ge=1, le=12)  # the month that year begins in: from February on, in the calendar year before the one it is named by
    series: list[str] = []  # bands and indices whose parcel means are taken of every acquisition
    reducer: Literal["median", "medoid", "percentile", "mean", "max-ndvi", "best-pixel"] = "median"
    percentile: float = Field(default=50.0, ge=0, le=100)  # of the reducer "percentile"
    minimum_observations: int = Field(default=1, ge=1)


class Areas(Declared):
    """Stage 4: how hectares are known."""

    method: Literal["parcels", "error_adjusted", "pixel_count"]
    minimum_share: float = Field(default=0.5, gt=0, le=1)  # of a parcel's monitored pixels that must show its class
    minimum_parcel_m2: float | None = Field(default=None, ge=0)  # where it isn't said, by library/parcels.toml and the day the period starts
    edge_pixels: Literal["weighted", "whole"] = "weighted"  # which pixels a parcel's condition is read from
    estimator: Literal["stratified", "regression"] = "stratified"  # of areas adjusted by samples in parcels
    error: Literal["published", "cautious"] = "cautious"  # cautious: an omission that no sample met is not taken for none


class Carbon(Declared):
    """Stage 5: the methodology that binds activity, factors and equations."""

    methodology: str


class Uncertainty(Declared):
    """Stage 6: Monte Carlo draws and the seed both sides agree on."""

    draws: int = Field(default=10_000, ge=1_000, le=1_000_000)
    seed: int = Field(default=0, ge=0, lt=2**63)


class Report(Declared):
    """Stage 8: languages of the report, first the leading one."""

    languages: list[Literal["zh", "en"]] = Field(min_length=1)


class Pipeline(Declared):
    """pipelines/<id>.toml"""

    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{2,39}$")
    name: Words
    imagery: Imagery
    composites: Composites
    land: Land
    areas: Areas
    carbon: Carbon
    uncertainty: Uncertainty
    report: Report
    practice: Practice | None = None
