"""Periods with their acquisitions, and the chapters they are worked in: what must be held in memory together.

Months and years, seasons and named windows come from `declared.calendar`; here they get what was seen in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from carbonsink.composites.grid import Scene, anchor
from carbonsink.declared.plan import Plan

Acquisition = tuple[Scene, ...]  # the tiles of one platform and day, in order of preference


@dataclass(frozen=True)
class Period:
    """A stretch of time: its name, first and last day, and acquisitions in order of time."""

    name: str
    start: date
    end: date
    acquisitions: tuple[Acquisition, ...]


@dataclass(frozen=True)
class Chapter:
    """Acquisitions that some spans of time share, in order of time, and for each span (by its number) where in them it lies."""

    acquisitions: tuple[Acquisition, ...]
    parts: tuple[tuple[int, slice], ...]


def periods(plan: Plan, scenes: Sequence[Scene]) -> Iterator[Period]:
    """Every period of the plan's imagery, also those without an acquisition."""
    tile = anchor(scenes, plan.land.boundary).tile
    for span in plan.spans:
        yield period(span.name, span.start, span.end, scenes, tile)


def years(plan: Plan, scenes: Sequence[Scene]) -> Iterator[Period]:
    """The years that features are of, one a vintage, as periods; none where the plan asks for no features."""
    tile = anchor(scenes, plan.land.boundary).tile
    for year in plan.feature_years:
        yield period(year.name, year.start, year.end, scenes, tile)


def period(name: str, start: date, end: date, scenes: Iterable[Scene], tile: str) -> Period:
    """A period with what was seen in it; `tile` is preferred where tiles of a day overlap."""
    return Period(name, start, end, acquisitions([scene for scene in scenes if str(start) <= scene.day <= str(end)], tile))


def acquisitions(scenes: Iterable[Scene], tile: str) -> tuple[Acquisition, ...]:
    """Scenes by day and platform; within one the preferred tile comes first, then the order of item ids."""
    groups: dict[tuple[str, str], list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: (scene.tile != tile, scene.item)):
        groups.setdefault((scene.day, scene.platform), []).append(scene)
    return tuple(tuple(groups[key]) for key in sorted(groups))


def chapters(spans: Sequence[Period]) -> Iterator[Chapter]:
    """Spans that overlap in time make one chapter, so that no acquisition is read twice."""
    order = sorted(range(len(spans)), key=lambda number: (spans[number].start, spans[number].end))
    some: list[int] = []
    for number in order:
        if some and spans[number].start > max(spans[n].end for n in some):
            yield _chapter(spans, some)
            some = []
        some.append(number)
    if some:
        yield _chapter(spans, some)


def _chapter(spans: Sequence[Period], some: list[int]) -> Chapter:
    """Acquisitions of the spans, each once. Those of a span are neighbours, as spans hold all of their days."""
    whole = sorted({_key(scenes): scenes for number in some for scenes in spans[number].acquisitions}.items())
    place = {key: n for n, (key, _) in enumerate(whole)}
    parts = []
    for number in some:
        mine = [place[_key(scenes)] for scenes in spans[number].acquisitions]
        parts.append((number, slice(min(mine), max(mine) + 1) if mine else slice(0, 0)))
    return Chapter(tuple(scenes for _, scenes in whole), tuple(parts))


def _key(scenes: Acquisition) -> tuple[str, str]:
    return scenes[0].day, scenes[0].platform
