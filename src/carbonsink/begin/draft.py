"""What a new area declares, as far as it is answered: the draft that the interview fills and `text` writes down."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbonsink.begin.recipe import Recipe, recipes
from carbonsink.begin.zones import Found
from carbonsink.declared.schema import Words

SCENARIOS = {"baseline": Words(zh="项目前（基准线）", en="before the project (baseline)"), "project": Words(zh="项目中", en="under the project")}


@dataclass
class Treated:
    """A stratum as answered: the keys both scenarios share, and the practices of each."""

    keys: dict[str, str] = field(default_factory=dict)
    practices: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in SCENARIOS})


@dataclass
class Draft:
    """What a new area declares."""

    use: str = ""
    language: str = ""
    name: dict[str, str] = field(default_factory=dict)
    years: tuple[int, int] = (0, 0)
    country: str = ""
    imagery: str = ""
    parcel_id: str = ""
    parcel_area_mu: str | None = None
    stratum_column: str | None = None
    strata: dict[str, Treated] = field(default_factory=dict)
    values: list[dict[str, Any]] = field(default_factory=list)
    zones: list[Found] = field(default_factory=list)
    zone_source: dict[str, str] = field(default_factory=dict)
    plots: dict[int, Path] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        """The recipe of the kind of project."""
        return recipes()[self.use]


def plots_name(year: int) -> str:
    """The name that a year's table of plots gets in the area's folder."""
    return f"plots_{year}.csv"
