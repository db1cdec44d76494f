"""What the library knows of trees and plots: equations, species, the discount of uncertain stocks, a few settings.

Every row has its source and how far it was confirmed (`recalled`: seen nowhere, so it must be confirmed before issuance).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from carbonsink.base.records import Variable
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.factors import Factors, editions, read_factors
from carbonsink.declared.schema import Declared, Graded, read_toml

Kind = Literal["volume", "biomass"]
SPECIES = "china"  # the folder of factor tables that holds species groups


@dataclass(frozen=True)
class Species:
    """A species group: basic density [t d.m./m3], stem to above-ground biomass, root to above-ground biomass."""

    name: str
    density: float
    bef: float
    root_shoot: float
    source: str
    place: str
    status: str


@dataclass(frozen=True)
class TreeEquation:
    """Stem volume over bark [m3] or above-ground biomass [kg d.m.] of a tree by `dbh` [cm] and `height` [m]."""

    species: str
    kind: Kind
    formula: str
    source: str
    place: str
    status: str


@dataclass(frozen=True)
class Band:
    """A share of the half-width that is taken where the uncertainty [%] is over the one bound and not over the other."""

    over_percent: float
    up_to_percent: float  # infinite in the last band
    share: float


class Number(Graded):
    """One number."""

    value: float


class RootShoot(Graded):
    """R = exp(constant + slope ln b) / b."""

    constant: float
    slope: float


class Level(Graded):
    """A level of confidence."""

    percent: float


class Inventory(Graded):
    """The least of plots."""

    least_plots: int
    plots_a_feature: int


class PlotSettings(Declared):
    """library/plots/settings.toml"""

    carbon_fraction: Number
    root_shoot: RootShoot
    level: Level
    inventory: Inventory


@cache
def read_species() -> Mapping[str, Species]:
    """The species groups of library/factors/china by name, those that have all three numbers."""
    tables = read_factors(editions()[0], (SPECIES,))
    density, bef, root_shoot = (_by_species(tables, symbol) for symbol in ("wood_density", "biomass_expansion", "root_shoot"))
    complete = [name for name in density if name in bef and name in root_shoot]
    return {name: Species(name, density[name].value, bef[name].value, root_shoot[name].value, *_cited(density[name])) for name in complete}


@cache
def read_tree_equations() -> Mapping[tuple[str, Kind], TreeEquation]:
    """library/plots/equations.csv by species and kind."""
    kinds: dict[str, Kind] = {"volume": "volume", "biomass": "biomass"}
    return {
        (row["species"], kinds[row["kind"]]): TreeEquation(row["species"], kinds[row["kind"]], row["formula"], *_origin(row)) for row in _table("equations.csv")
    }


@cache
def read_discount() -> tuple[Band, ...]:
    """library/plots/discount.csv, upwards."""
    return tuple(Band(float(row["over_percent"]), float(row["up_to_percent"] or "inf"), float(row["share"])) for row in _table("discount.csv"))


@cache
def read_plot_settings() -> PlotSettings:
    """library/plots/settings.toml"""
    return read_toml(_folder() / "settings.toml", PlotSettings)


def _by_species(tables: Factors, symbol: str) -> dict[str, Variable]:
    return {row.keys["species"][0]: row.variable for row in tables.select(symbol) if row.folder == SPECIES and "species" in row.keys}


def _cited(known: Variable) -> tuple[str, str, str]:
    return known.source, known.place, known.status


def _origin(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["source"], row["place"], row["status"]


def _table(name: str) -> list[dict[str, str]]:
    with (_folder() / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _folder() -> Path:
    return LIBRARY / "plots"
