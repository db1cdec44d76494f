"""library/measured/settings.toml: limits, levels and tests of measured numbers, each with its source."""

from __future__ import annotations

from functools import cache

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.allometry import Level, Number
from carbonsink.declared.schema import Declared, Graded, read_toml


class Depth(Graded):
    """The least depth to which stocks are reported."""

    least_cm: float


class Campaigns(Graded):
    """How often soil is sampled, and by how many samples."""

    most_years: float
    least_samples: int


class Controls(Graded):
    """How many control sites there are."""

    least_sites: int
    least_in_stratum: int
    least_samples: int  # of a site, for the test of its organic carbon


class Similarity(Graded):
    """What a control site has in common with the project's land."""

    same: list[str]
    most_distance_km: float
    sloping: list[str]
    most_aspect_degrees: float
    most_rainfall_mm: float
    least_management_years: float
    most_converted_years: float
    content_percent: float


class Deduction(Graded):
    """The probability with which the credited change is exceeded."""

    probability_percent: float


class Power(Graded):
    """Levels of the power analysis."""

    significance_percent: float
    power_percent: float


class Soil(Declared):
    """Settings of soil samples."""

    depth: Depth
    campaigns: Campaigns
    controls: Controls
    similarity: Similarity
    deduction: Deduction
    power: Power


class Tolerance(Level):
    """The level of an uncertainty, what of it is free, and above what nothing is credited."""

    tolerance: float
    most: float


class CensusRules(Graded):
    """Limits of a census."""

    most_units_per_ha: float
    least_living: int
    most_years: float


class CensusSettings(Declared):
    """Settings of a census."""

    carbon_fraction: Number
    uncertainty: Tolerance
    rules: CensusRules


class PlotRules(Graded):
    """Number, size and place of plots."""

    least: int
    least_ha: float
    most_ha: float
    least_inside: float
    size_tolerance: float


class Donors(Graded):
    """What makes a plot a donor."""

    same: list[str]
    radius_km: float


class History(Graded):
    """Windows of years from the start, each of which needs an index."""

    windows: list[list[int]]  # first and last year of each


class Tests(Graded):
    """When a match is good, and slopes differ."""

    most_difference: float
    least_z: float
    slope_percent: float


class StockingSettings(Declared):
    """Settings of matched controls."""

    plots: PlotRules
    donors: Donors
    history: History
    tests: Tests


class MeasuredSettings(Declared):
    """library/measured/settings.toml"""

    interval: Level
    soil: Soil
    census: CensusSettings
    stocking: StockingSettings


@cache
def read_measured_settings() -> MeasuredSettings:
    """The library's settings."""
    return read_toml(LIBRARY / "measured" / "settings.toml", MeasuredSettings)
