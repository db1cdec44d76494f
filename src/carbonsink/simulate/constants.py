"""The simulator's constants, as `library/simulation.toml` declares them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

Knots = list[list[int]]


class GridConstants(Sourced):
    """Pixel sizes, margin and limit of the simulated extent; sub-pixels a side of a mixed pixel."""

    pixel_m: int
    coarse_m: int
    margin_m: int
    limit_km: int
    mixing: int


class Tile(Sourced):
    """How MGRS squares become Sentinel-2 tiles."""

    square_m: int
    snap_m: int


class Acquisitions(Sourced):
    """When and by which platform the scenes are taken."""

    epoch: date
    interval_days: int
    sensing_utc: str
    relative_orbit: int
    absolute_orbit: dict[str, int]
    orbits_per_cycle: int
    platforms: list[str]


class Baseline(Sourced):
    """A processing baseline, and what items say of the offset since then."""

    since: date
    number: str
    offset: float
    applied: bool


class Sun(Sourced):
    """[day, azimuth and elevation in 0.1 degree, shadow shift east and north in m per km]."""

    days: list[list[int]]


class BandNames(Sourced):
    """The order of every list of reflectances."""

    names: list[str]


class Spectrum(Sourced):
    """Reflectance of a pure surface [1e-4], one number a band."""

    dn: list[int]


class Cover(Sourced):
    """A land cover: canopy between green and ripe over ground between dry and wet, by day of the year.

    `laid` are shares of the ground [per mille] under something of another spectrum; `crops` are days of planting and harvest.
    """

    code: int
    name: Words
    green: str
    ripe: str
    dry: str
    wet: str
    lattice_m: list[int]
    canopy: Knots
    ripeness: Knots
    wetness: Knots
    laid: dict[str, Knots] = {}
    crops: list[list[int]] = []


class Practice(Sourced):
    """What people do on a cover: the parts of its calendar that take the place of the cover's own. One a group is done."""

    group: str
    of: list[str]
    canopy: Knots | None = None
    ripeness: Knots | None = None
    wetness: Knots | None = None
    laid: dict[str, Knots] | None = None


class EventKind(Sourced):
    """The cover that an event leaves behind."""

    cover: str


class Landscape(Sourced):
    """What lies around the parcels, and how fields differ."""

    strata: dict[str, str]
    river: Knots
    river_half_m: int
    road: Knots
    road_half_m: int
    town: Knots
    bund_reach_m: int
    plain_reach_m: int
    hill_reach_m: int
    relief_m: int
    relief_radius_m: int
    shift_days: int
    year_shift_days: int
    gain_permille: int
    texture_permille: int
    texture_radius_m: int


class Sky(Sourced):
    """Clouds, cirrus, shadows and haze."""

    deal: list[str]
    thick_permille: dict[str, list[int]]
    cirrus_permille: dict[str, list[int]]
    core_share: int
    rim_share: int
    opacity: list[int]
    cirrus_opacity: list[int]
    shadow_depth: int
    height_m: list[int]
    cirrus_radius_m: int
    radii_m: list[int]
    weights: list[int]
    haze_dn: list[int]
    haze_bands: list[int]
    haze_radius_m: int
    haze_relief: int


class Cloudy(Sourced):
    """The skies of a declared cloud share: thick cloud by a date's rank in its month [both per mille], and cirrus."""

    thick_permille: Knots
    cirrus_permille: list[int]


class Noise(Sourced):
    """The sensor's noise."""

    floor_dn: int
    share_permille: int
    neighbours: int
    minimum_dn: int


class Classification(Sourced):
    """Thresholds of the scene classification on clear pixels [per mille]."""

    vegetation_ndvi: int
    water_ndwi: int


class Radar(Sourced):
    """Radar scenes: who takes them and when, VH of pure surfaces by the name of their spectrum [power, 1e-6], what plants hide, what scatters."""

    sensor: str
    epoch: date
    interval_days: int
    sensing_utc: str
    platform: str
    orbit_state: str
    relative_orbit: int
    absolute_orbit: int
    orbits_per_cycle: int
    backscatter: dict[str, int]
    hiding_permille: int
    wind_permille: int
    soil_permille: int
    field_permille: int
    scene_permille: int


class Constants(Declared):
    """library/simulation.toml"""

    version: int
    seed: str
    collection: str
    grid: GridConstants
    tile: Tile
    acquisitions: Acquisitions
    baseline: list[Baseline]
    sun: Sun
    bands: BandNames
    spectra: dict[str, Spectrum]
    covers: dict[str, Cover]
    practices: dict[str, Practice]
    events: dict[str, EventKind]
    landscape: Landscape
    sky: Sky
    cloudy: dict[str, Cloudy]
    noise: Noise
    scl: Classification
    radar: Radar


def constants_file() -> Path:
    """The file of the simulator's constants."""
    return LIBRARY / "simulation.toml"


@cache
def constants() -> Constants:
    """The simulator's constants."""
    return read_toml(constants_file(), Constants)
