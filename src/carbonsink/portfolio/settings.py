"""What the library says of portfolios: `library/portfolio/*.toml` as frozen declarations."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.categories import IPCC
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

FOLDER = LIBRARY / "portfolio"


class Sampling(Sourced):
    """How often all areas are drawn together, and from which seed."""

    draws: int = Field(ge=1000)
    seed: int = Field(ge=0)


class Settings(Declared):
    """settings.toml"""

    sampling: Sampling


class Planting(Sourced):
    """Methodologies that plant where no forest was."""

    methodologies: list[str]


class LandCode(Declared):
    """The codes of one land category."""

    category: IPCC
    crt: str
    remaining: str
    converted: str
    guidelines: str


class Line(Declared):
    """A line of the inventory, and the flows that stand in it: any where a list is empty."""

    id: str
    pools: list[str] = []
    gases: list[str] = []
    equations: list[str] = []
    lands: list[IPCC] = []
    changes: list[str] = []
    crt: str
    code: str
    guidelines: str
    name: Words

    def fits(self, pool: str, gas: str, equation: str, category: str, change: str) -> bool:
        """Whether a flow of this pool and gas, worked by this equation on this land, stands here."""
        asked = ((self.pools, pool), (self.gases, gas), (self.equations, equation), (self.lands, category), (self.changes, change))
        return all(not known or one in known for known, one in asked)


class InventoryTables(Sourced):
    """inventory.toml"""

    status: str
    planting: Planting
    land: list[LandCode]
    line: list[Line]


@cache
def settings() -> Sampling:
    """How all areas are drawn together."""
    return read_toml(FOLDER / "settings.toml", Settings).sampling


@cache
def inventory_tables() -> InventoryTables:
    """Where each flow stands in the tables of a national inventory."""
    return read_toml(FOLDER / "inventory.toml", InventoryTables)


@cache
def line_of(pool: str, gas: str, equation: str, category: str, change: str) -> Line:
    """The first line that a flow fits; the last one takes what fits no other."""
    return next(line for line in inventory_tables().line if line.fits(pool, gas, equation, category, change))


@cache
def codes_of(category: str) -> LandCode | None:
    """The codes of a land category; none where land of several categories was reckoned together."""
    return next((one for one in inventory_tables().land if one.category == category), None)
