"""Spectral indices as data: formula text over bands, the range it may take, and where it was defined."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from carbonsink.base.formula import names_in
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml


class Index(Sourced):
    """One index: what it comes to `beyond` its range from `low` to `high` is no value, or clipped to it.

    None where positive reflectances can't lead there: what does is no surface's. Its denominators must then be positive.
    """

    formula: str
    low: float
    high: float
    beyond: Literal["none", "clip"] = "clip"
    name: Words

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands the formula asks for."""
        return names_in(self.formula)


class Denominator(Sourced):
    """A formula's denominator nearer to zero than this gives no value."""

    smallest: float = Field(gt=0)


class Indices(Declared):
    """library/indices.toml"""

    denominator: Denominator
    index: dict[str, Index]


@cache
def read_indices() -> Indices:
    """Every index of the library."""
    return read_toml(LIBRARY / "indices.toml", Indices)


def bands_needed(composites: Composites) -> tuple[str, ...]:
    """The bands a composite reads, its own and its indices', in the order of the alphabet; without the mask."""
    known = read_indices().index
    return tuple(sorted({*composites.bands, *(band for name in composites.indices for band in known[name].bands)}))
