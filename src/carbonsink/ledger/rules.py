"""What the library says of the ledger's rules: `library/ledger/*.toml` as frozen declarations.

overlap()   when land is claimed twice        pools()   what a methodology's flows claim        serial_format()   division codes, modulus
"""

from __future__ import annotations

from functools import cache
from math import hypot
from typing import TYPE_CHECKING

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, read_toml

if TYPE_CHECKING:
    from carbonsink.declared.methodology import Methodology

FOLDER = LIBRARY / "ledger"


class Overlay(Sourced):
    """How outlines are laid over one another."""

    crs: str
    precision_m: float
    segment_degrees: float


class Limits(Sourced):
    """From where on an overlap is rejected."""

    thick_m2: float
    thick_share: float
    project_share: float
    pair_m2: float
    parcel_share: float
    trimmed_share: float


class Width(Sourced):
    """How wide an edge drawn twice may be."""

    factor: float
    most_m: float


class Boundary(Sourced):
    """How well a boundary is known."""

    sigma_m: float


class Overlap(Declared):
    """overlap.toml"""

    overlay: Overlay
    limits: Limits
    width: Width
    boundary: dict[str, Boundary]

    def tolerance_m(self, sigma_a: float, sigma_b: float) -> float:
        """The width [m] that an edge drawn twice may have, by the standard errors [m] of the two boundaries."""
        return min(self.width.most_m, self.width.factor * hypot(sigma_a, sigma_b))


class Compatible(Sourced):
    """Two methodologies that may be credited on the same land, for pools that differ."""

    methods: list[str]


class Pools(Sourced):
    """pools.toml"""

    pools: list[str]
    claims: dict[str, list[str]]
    compatible: list[Compatible] = []

    def of(self, methodology: Methodology) -> tuple[str, ...]:
        """The pools that a methodology's credited flows claim, in the library's order; a KeyError names a flow that isn't in the table."""
        claimed = {pool for flow in methodology.flow if flow.kind != "emission" for pool in self.claims[f"{flow.pool} {flow.gas}"]}
        return tuple(pool for pool in self.pools if pool in claimed)

    def go_together(self, method: str, other: str) -> bool:
        """Whether two methodologies are listed as compatible."""
        return any(set(pair.methods) == {method, other} for pair in self.compatible)


class Division(Sourced):
    """Codes of administrative divisions."""

    provinces: list[str]


class SerialFormat(Sourced):
    """serial.toml"""

    country: str
    modulus: int
    division: Division


@cache
def overlap() -> Overlap:
    """When land is claimed twice."""
    return read_toml(FOLDER / "overlap.toml", Overlap)


@cache
def pools() -> Pools:
    """What a methodology's flows claim, and what goes together."""
    return read_toml(FOLDER / "pools.toml", Pools)


@cache
def serial_format() -> SerialFormat:
    """Division codes and the check digits' modulus."""
    return read_toml(FOLDER / "serial.toml", SerialFormat)
