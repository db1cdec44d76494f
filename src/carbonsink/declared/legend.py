"""The legend of a published map: what its values mean, where it is served, and the years it was made for.

library/legends/<name>.toml, or a file of the same form in the area's folder
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.categories import IPCC
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared, Graded, read_toml

LARGEST_VALUE = 65_535  # of a map of whole numbers


class Meaning(Declared):
    """What one value of a map means."""

    zh: str
    en: str
    ipcc: IPCC
    gbt: str | None = None


class Served(Declared):
    """Where a map is served: a STAC collection, the asset of an item that holds the classes, and how addresses are signed."""

    catalogue: str
    collection: str
    asset: str
    credentials: Literal["none", "sas"] = "none"
    sign_url: str | None = None


class Legend(Graded):
    """A legend file. Values are written as text, as TOML's keys are."""

    name: dict[Literal["zh", "en"], str]
    years: list[int] = []  # the years there is a map of; empty where that isn't the legend's to say
    nodata: list[int] = []  # values that mean nothing
    classes: dict[str, Meaning] = Field(min_length=1)
    stac: Served | None = None
    licence: str
    attribution: str


def legend_names() -> list[str]:
    """The library's legends."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def is_file(name: str) -> bool:
    """Whether a legend is named by a file and not by the library's name."""
    return name.endswith(".toml")


def read_legend(name: str, places: Places, where: str) -> Legend:
    """A legend of the library by its name, or of the area by its file; a Refusal lists what is wrong with it."""
    return read_toml(places.existing(name, where) if is_file(name) else _folder() / f"{name}.toml", Legend)


def values_of(legend: Legend) -> dict[int, Meaning]:
    """What each value means; ValueError where a key is no whole number a map can hold."""
    meanings = {int(value): meaning for value, meaning in legend.classes.items()}
    if len(meanings) < len(legend.classes) or not all(0 <= value <= LARGEST_VALUE for value in meanings):
        raise ValueError(", ".join(legend.classes))
    return meanings


def _folder() -> Path:
    return LIBRARY / "legends"
