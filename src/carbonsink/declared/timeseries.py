"""Features of a pixel's observations over a year as data: what they are called, what they are given in, how many observations they need.

[composites] features = ["ndvi.amplitude1", "lswi.drydowns"]     layers of composites/features_<year>.tif
[[land.rules]] when = "ndvi_amplitude1 > 0.2 and lswi_drydowns >= 2"
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from pydantic import Field

from carbonsink.base.rasters import COMPOSITE_UNIT
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

WATER = ("drydowns", "wet_days")  # only of layers that have thresholds of wet and dry


class Kind(Sourced):
    """One feature: its unit, and the fewest observations of a pixel that give it."""

    unit: Literal["value", "value per year", "day", "days", "count"]
    observations: int = Field(ge=0)
    name: Words


class Harmonics(Sourced):
    """The waves' year, and how far apart the observations' days must keep them (a share of the number of observations)."""

    year_days: float = Field(gt=0)
    smallest_pivot: float = Field(gt=0, lt=0.5)


class Seasons(Sourced):
    """Where on the rise and on the fall of its largest season a year's begins and ends."""

    start_percent: int = Field(gt=0, lt=100)
    end_percent: int = Field(gt=0, lt=100)


class Turns(Sourced):
    """How large a rise and a fall are a season: of the year's range, and that range at least, in the layer's unit."""

    percent: int = Field(gt=0, lt=100)
    least_amplitude: float = Field(gt=0)
    power: dict[str, float]  # by layer of radar, instead of least_amplitude


class Thresholds(Sourced):
    """Where a layer is wet and where it is dry; wet below dry means that low values are wet."""

    wet: float
    dry: float


class Water(Sourced):
    """Thresholds by layer, and how long an observation speaks for the days around it."""

    longest_gap_days: int = Field(gt=0)
    layer: dict[str, Thresholds]


class Features(Declared):
    """library/features.toml"""

    harmonics: Harmonics
    seasons: Seasons
    turns: Turns
    water: Water
    feature: dict[str, Kind]


@cache
def read_features() -> Features:
    """Every feature of the library and its settings."""
    return read_toml(LIBRARY / "features.toml", Features)


def known_features(layers: Iterable[str]) -> tuple[str, ...]:
    """Every feature there is of the given layers, in the layers' order and then the library's."""
    library = read_features()
    return tuple(f"{layer}.{kind}" for layer in layers for kind in library.feature if kind not in WATER or layer in library.water.layer)


def layer_and_kind(feature: str) -> tuple[str, str]:
    """The two parts of a feature's name, the layer without the feature's kind where there is no point in it."""
    layer, _, kind = feature.partition(".")
    return layer, kind


def unit_of(feature: str) -> int:
    """What one is in a feature's whole numbers: 10,000 where they are values of the layer, 1 where they are days or counts."""
    return COMPOSITE_UNIT if read_features().feature[layer_and_kind(feature)[1]].unit.startswith("value") else 1


def names_in_rules(features: Sequence[str]) -> dict[str, str]:
    """The declared features by the names that rules call them, a point being an underscore there."""
    return {feature.replace(".", "_"): feature for feature in features}
