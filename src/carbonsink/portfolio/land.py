"""Hectares by land category and year, and from category to category, over all areas.

    [Member, ...]  ->  LandArea and LandTransition, by the six categories of the IPCC and by the classes of GB/T 21010-2017

Where parcels were surveyed, their land is what their stratum is and stays so; elsewhere it is what the map shows, adjusted by samples
where there are any. A standard error is that of the land whose error is known (`known_ha`); areas are taken as independent. Sums are
of decimals, and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from carbonsink.declared.land import LandClass
from carbonsink.portfolio.exact import added, decimal, together
from carbonsink.portfolio.member import Member

STANDARDS = ("ipcc", "gbt")
UNSEEN = "not monitored"  # as stage 4 calls it


@dataclass(frozen=True)
class LandArea:
    """land_area.csv: hectares of a kind of land in a year."""

    year: int
    standard: str  # ipcc | gbt
    land: str  # the category, or the code of the class
    area_ha: Decimal
    standard_error_ha: float | None  # of the known hectares; none where none are known
    known_ha: Decimal
    areas: int


@dataclass(frozen=True)
class LandTransition:
    """land_transitions.csv: hectares that were one kind of land in a year and are one in the next vintage."""

    before: int
    after: int
    standard: str
    from_land: str
    to_land: str
    area_ha: Decimal
    standard_error_ha: float | None
    known_ha: Decimal
    areas: int


@dataclass(frozen=True)
class Piece:
    """One area's part of a cell."""

    member: str
    area_ha: Decimal
    error_ha: float | None


Stand = tuple[int, str, str]  # year, standard, land
Move = tuple[int, int, str, str, str]  # years, standard, lands
Cell = TypeVar("Cell", bound=tuple[object, ...])


def land_areas(members: Sequence[Member]) -> list[LandArea]:
    """Every kind of land of every year."""
    found = _gathered(piece for member in members for standard in STANDARDS for piece in _areas(member, standard))
    return [LandArea(year, standard, land, *_sum(pieces)) for (year, standard, land), pieces in found]


def land_transitions(members: Sequence[Member]) -> list[LandTransition]:
    """Every pair of vintages that follow one another: what was which land, and is which."""
    found = _gathered(piece for member in members for standard in STANDARDS for piece in _transitions(member, standard))
    return [LandTransition(before, after, standard, one, other, *_sum(pieces)) for (before, after, standard, one, other), pieces in found]


def _areas(member: Member, standard: str) -> Iterator[tuple[Stand, Piece]]:
    if member.surveyed:
        for year, land, hectares in _parcels(member, standard):
            yield (year, standard, land), Piece(member.id, hectares, 0.0)
        return
    classes = {one.id: one for one in member.plan.pipeline.land.classes}
    for row in member.classes:
        land = _named(classes.get(row.land_class), standard)
        if row.used and land:
            yield (row.year, standard, land), Piece(member.id, decimal(row.adjusted_ha), row.standard_error_ha)


def _transitions(member: Member, standard: str) -> Iterator[tuple[Move, Piece]]:
    if member.surveyed:
        yield from _staying(member, standard)
        return
    classes = {one.id: one for one in member.plan.pipeline.land.classes}
    sampled = {(row.before, row.after) for row in member.transitions if row.adjusted_ha is not None}
    following = set(pairwise(member.plan.vintages))
    for row in member.transitions:
        was, now = (_named(classes.get(name), standard) for name in (row.from_class, row.to_class))
        if (row.before, row.after) not in following or not (was and now):
            continue
        known = (row.before, row.after) in sampled and row.from_class != UNSEEN
        hectares = (row.adjusted_ha or 0.0) if known else row.mapped_ha
        yield (row.before, row.after, standard, was, now), Piece(member.id, decimal(hectares), (row.standard_error_ha or 0.0) if known else None)


def _staying(member: Member, standard: str) -> Iterator[tuple[Move, Piece]]:
    """Surveyed land of two vintages: what is counted in both stays what it is."""
    by_year = {(year, land): hectares for year, land, hectares in _summed(_parcels(member, standard))}
    for before, after in pairwise(member.plan.vintages):
        for land in sorted({land for _, land in by_year}):
            both = min(by_year.get((before, land), Decimal(0)), by_year.get((after, land), Decimal(0)))
            yield (before, after, standard, land, land), Piece(member.id, both, 0.0)


def _parcels(member: Member, standard: str) -> Iterator[tuple[int, str, Decimal]]:
    """Surveyed hectares by year and land: by what each stratum declares, or by the class that it covers."""
    classes = {one.id: one for one in member.plan.pipeline.land.classes}
    for row in member.activity:
        if row.scenario == "project":
            covered = classes[member.plan.area.strata[row.stratum].cover]
            land = member.lands[row.stratum].category if standard == "ipcc" else _named(covered, standard)
            if land:
                yield row.year, land, decimal(row.area_ha)


def _summed(rows: Iterable[tuple[int, str, Decimal]]) -> Iterator[tuple[int, str, Decimal]]:
    sums: dict[tuple[int, str], Decimal] = {}
    for year, land, hectares in rows:
        sums[year, land] = sums.get((year, land), Decimal(0)) + hectares
    yield from ((*key, value) for key, value in sums.items())


def _named(land_class: LandClass | None, standard: str) -> str:
    """A class's category or code; what isn't monitored by that name; empty where the pipeline gives no code."""
    if land_class is None:
        return UNSEEN
    return land_class.ipcc if standard == "ipcc" else land_class.gbt or ""


def _gathered(pieces: Iterable[tuple[Cell, Piece]]) -> list[tuple[Cell, list[Piece]]]:
    cells: dict[Cell, list[Piece]] = {}
    for cell, piece in pieces:
        cells.setdefault(cell, []).append(piece)
    return sorted(cells.items(), key=lambda one: tuple(map(str, one[0])))


def _sum(pieces: Sequence[Piece]) -> tuple[Decimal, float | None, Decimal, int]:
    known = [(piece.area_ha, piece.error_ha) for piece in pieces if piece.error_ha is not None]
    error = together(error for _, error in known) if known else None
    return added(piece.area_ha for piece in pieces), error, added(area for area, _ in known), len({piece.member for piece in pieces})
