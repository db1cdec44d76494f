"""Change as declared: [land.change] of a pipeline, [[protection]] of an area, and what library/change.toml says of both.

[land.change]
layer = "ndvi"           the layer whose move counts; watched and dated are all bands of the composites too, where `bands` doesn't say
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Literal

from pydantic import Field

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

NEEDED = ("nbr", "nir", "ndvi", "red")  # what the library's kinds ask for, taken where the composites hold it


class Change(Declared):
    """How breaks are looked for: the layer measured, the bands watched, the test of each, the history, the least that counts."""

    layer: str = "ndvi"
    bands: list[str] = []  # that are watched and date a break; none: that layer and every band of the composites
    test: Literal["mosum", "cusum"] = "mosum"
    significance_percent: Literal[5, 1] = 1
    window_percent: Literal[25, 50, 100] = 50  # of the history's observations, summed by the moving sum
    history_months: int = Field(default=12, ge=12, le=120)
    waves: int = Field(default=1, ge=1, le=2)  # a year, in the model
    least_magnitude: float = Field(default=0.2, gt=0, lt=2)  # of the tested layer
    minimum_unit_m2: float = Field(default=400.0, ge=0)  # smaller changes are neither listed nor alarmed of


class Protection(Sourced):
    """A red line: land in which every break is an alert; the file as a boundary file is."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,39}$")
    kind: Literal["ecological", "farmland", "other"]
    name: Words
    file: str
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None


class Model(Sourced):
    """The harmonic model's year and what it needs."""

    year_days: float = Field(gt=0)
    observations_per_coefficient: int = Field(ge=2)
    smallest_pivot: float = Field(gt=0, lt=0.5)
    smallest_error: float = Field(gt=0)


class Mosum(Sourced):
    """Critical values by significance and window, both in percent."""

    critical: dict[str, dict[str, float]]


class Cusum(Sourced):
    """Critical values by significance in percent."""

    critical: dict[str, float]


class Stable(Sourced):
    """The bound of a stable history."""

    critical: float = Field(gt=0)


class Breaks(Sourced):
    """What makes a break of an alarm."""

    slots: int = Field(ge=1, le=5)
    confirm: int = Field(ge=3)
    measured_days: int = Field(gt=0)


class Recovery(Sourced):
    """How much of a loss must be made good."""

    share_percent: int = Field(gt=0, le=100)


class Objects(Sourced):
    """How near in time neighbours must be."""

    same_event_days: int = Field(gt=0)


class Level(Declared):
    """A severity: dNBR below, from the level before."""

    id: str
    below: float


class Severity(Sourced):
    """Levels of dNBR, ascending."""

    level: list[Level]


class Kind(Sourced):
    """A rule: formula text over the means of a change's pixels."""

    id: str
    when: str


class Chips(Sourced):
    """How chips are drawn."""

    white: float = Field(gt=0, le=1)
    side_pixels: int = Field(ge=8)
    zoom: int = Field(ge=1, le=16)
    least_clear: float = Field(gt=0, le=1)
    search_periods: int = Field(ge=1)
    colours: list[list[str]]


class Library(Declared):
    """library/change.toml"""

    model: Model
    mosum: Mosum
    cusum: Cusum
    stable: Stable
    dating: Sourced
    breaks: Breaks
    recovery: Recovery
    objects: Objects
    severity: Severity
    kind: list[Kind]
    chips: Chips


@cache
def read_change() -> Library:
    """The library's settings of change."""
    return read_toml(LIBRARY / "change.toml", Library)


def dating_bands(change: Change, bands: Sequence[str]) -> tuple[str, ...]:
    """The layers that date a break."""
    return tuple(change.bands or dict.fromkeys((change.layer, *bands)))


def layers_of(change: Change, bands: Sequence[str], indices: Sequence[str]) -> tuple[str, ...]:
    """The layers read: the tested one first, those that date, and what kinds are told by, where the composites hold it."""
    held = (*bands, *indices)
    return tuple(dict.fromkeys((change.layer, *dating_bands(change, bands), *(name for name in NEEDED if name in held))))
