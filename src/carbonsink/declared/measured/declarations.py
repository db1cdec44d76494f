"""Measured numbers as an area declares them: [soil_samples], [census] and [stocking] of area.toml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from carbonsink.declared.schema import Declared


class SoilSamples(Declared):
    """Soil that was sampled in two campaigns or more, on the project's sites and on linked control sites (VM0042, approach 2)."""

    file: str  # a row a layer of a sample
    sites: str  # a row a site and stratum, with the facts of VM0042 Table 7
    depth_cm: float = Field(default=30.0, gt=0)  # to which stocks are reported
    source: str  # who sampled, which laboratory, which method


class Census(Declared):
    """Planting units, all counted once and some of them measured (VM0047, census approach)."""

    file: str  # a row a sampled unit and day
    counted: dict[str, int]  # planting units of a stratum
    planted: date  # when nothing of them stood yet
    root_shoot: float = Field(ge=0)  # below-ground to above-ground biomass
    root_shoot_source: str
    source: str


class Stocking(Declared):
    """Plots of the project and of a donor pool with a stocking index of every year (VM0047, area-based approach)."""

    file: str  # a row a plot, a column a year
    start: int  # calendar year of t = 0
    controls: int = Field(ge=1)  # matched to each plot of the project, the same over the project's life
    radius_km: float | None = None  # of the donor pool; the methodology's where it isn't said
    source: str  # which index, and why it follows biomass


def measured_files(soil: SoilSamples | None, census: Census | None, stocking: Stocking | None) -> Iterator[str]:
    """Every file the declarations name."""
    yield from (soil.file, soil.sites) if soil else ()
    yield from (one.file for one in (census, stocking) if one)
