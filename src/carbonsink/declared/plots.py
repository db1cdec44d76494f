"""Plot inventories and samples of change, as an area declares them; the least parcel by the day a project began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Literal

from pydantic import Field

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared, Sourced, read_toml


class Plots(Declared):
    """One inventory of plots in a vintage: a row a plot, its biomass stated or reckoned from a table of trees."""

    year: int
    file: str
    trees: str | None = None
    route: Literal["volume", "biomass"] = "volume"  # AR-TOOL14 eq A1.5, or A1.4
    equations: dict[str, str] = {}  # a species to the one whose equation it takes
    roots: Literal["function", "species"] = "function"  # the default function of AR-TOOL14, or the species table
    features: list[str] = []  # of the imagery, for the estimate by regression: "<layer>@<period>", or a feature of the series
    scenario: Literal["project", "baseline"] = "project"
    source: str


class ChangeSample(Declared):
    """Points interpreted in two vintages: a row a point with its class before and after."""

    before: int
    after: int
    file: str
    source: str


class Minimum(Sourced):
    """The least parcel [m2] of projects begun by a day, of any project where no day is given."""

    begun_by: date | None = None
    area_m2: float = Field(gt=0)
    status: str


class Edge(Sourced):
    """When a pixel is whole, and how many a parcel needs to be read from whole ones."""

    whole_share: float = Field(gt=0, le=1)
    least_whole_px: int = Field(ge=1)
    status: str


class ParcelRules(Declared):
    """library/parcels.toml"""

    minimum: list[Minimum]
    edge: Edge


@cache
def read_parcel_rules() -> ParcelRules:
    """The library's rules for parcels."""
    return read_toml(LIBRARY / "parcels.toml", ParcelRules)


def minimum_parcel_m2(declared: float | None, begun: date | None) -> float:
    """The least parcel [m2]: as the pipeline declares it, else by the first rule that holds for the day the period starts."""
    return minimum_rule(begun).area_m2 if declared is None else declared


def minimum_rule(begun: date | None) -> Minimum:
    """The library's rule of the least parcel that holds for the day the period starts."""
    rules = read_parcel_rules().minimum
    return next(rule for rule in rules if rule.begun_by is None or (begun is not None and begun <= rule.begun_by))


def plot_files(inventories: Iterable[Plots], changes: Iterable[ChangeSample]) -> list[str]:
    """Every file that inventories and samples of change name."""
    return [text for p in inventories for text in (p.file, p.trees) if text] + [c.file for c in changes]


def inventory_problems(inventories: Sequence[Plots], changes: Sequence[ChangeSample], years: Sequence[int], places: Places) -> Iterator[Problem]:
    """Years that are no vintages, changes that run backwards, and files that aren't there."""
    for number, one in enumerate(inventories):
        yield from _years([one.year], years, f"area.toml [plots.{number}]")
    for number, change in enumerate(changes):
        yield from _years([change.before, change.after], years, f"area.toml [changes.{number}]")
        if change.before >= change.after:
            yield Problem("E-ARE-040", f"area.toml [changes.{number}]", {"before": change.before, "after": change.after})
    for text in plot_files(inventories, changes):
        try:
            places.existing(text, "area.toml [plots], [changes]")
        except Refusal as refusal:
            yield from refusal.problems


def _years(asked: Iterable[int], years: Sequence[int], where: str) -> Iterator[Problem]:
    known = ", ".join(map(str, years))
    yield from (Problem("E-ARE-039", where, {"year": year, "known": known}) for year in asked if years and year not in years)
