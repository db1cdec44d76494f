"""What is true of a simulated landscape, written beside its scenes: cover maps, practices of parcels, events.

truth/cover_<year>.tif, legend.json    the cover of every pixel in the middle of the year
truth/practice.json                    each parcel's year: water regime, flooded and drained days, crops, winter cover, straw
truth/events.json                      what was planted, with its day and the land it changed
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.plan import Plan
from carbonsink.simulate.constants import Constants, Cover
from carbonsink.simulate.knots import at
from carbonsink.simulate.landscape import Landscape, Patch, name_of
from carbonsink.simulate.phenology import YEAR_DAYS, day_of
from carbonsink.simulate.practice import practised

WET = 500  # per mille of the ground under water from which a field counts as flooded: half
REGIMES = ("continuously_flooded", "single_drainage", "multiple_drainage")  # by drainages within the season: none, one, more
Spell = tuple[date, date]  # first and last day


@dataclass(frozen=True)
class Water:
    """A flooded season: its first and last day with water, and the spells without water in between."""

    flooded: Spell
    drained: tuple[Spell, ...]

    @property
    def regime(self) -> str:
        """The water regime of the rice tables."""
        return REGIMES[min(len(self.drained), len(REGIMES) - 1)]


def cover_truth(landscape: Landscape, year: int, constants: Constants) -> NDArray[np.uint8]:
    """The cover code with most parts in every pixel in the middle of a year, the lower code where two tie; of the extent's shape."""
    extent = landscape.extent
    code = np.array([constants.covers[patch.on(date(year, 7, 1)).cover].code for patch in landscape.patches])[landscape.patch]
    pixel = np.repeat(np.arange(landscape.first.size), np.diff(landscape.first, append=landscape.patch.size))
    codes = max(cover.code for cover in constants.covers.values()) + 1
    counts = np.zeros(extent.height * extent.width * codes, dtype=np.int64)
    np.add.at(counts, pixel * codes + code, landscape.parts)
    most: NDArray[np.uint8] = counts.reshape(extent.height, extent.width, codes).argmax(axis=2).astype(np.uint8)
    return most


def legend(constants: Constants) -> list[dict[str, Any]]:
    """The covers by code."""
    covers = sorted(constants.covers.items(), key=lambda named: named[1].code)
    return [{"code": cover.code, "id": name, "name": cover.name.model_dump()} for name, cover in covers]


def practice_truth(plan: Plan, landscape: Landscape, years: Sequence[int], constants: Constants) -> list[dict[str, Any]]:
    """Each parcel's year; parcels that the scene doesn't show have none."""
    patches = {patch.name: patch for patch in reversed(landscape.patches)}  # a parcel's own before its twins under an event
    known = [(parcel.id, patches[name_of(parcel.id)]) for parcel in plan.land.parcels if name_of(parcel.id) in patches]
    return [{"parcel": parcel, "year": year, **_year_of(patch, year, constants)} for parcel, patch in known for year in years]


def _year_of(patch: Patch, year: int, constants: Constants) -> dict[str, Any]:
    state = patch.on(date(year, 7, 1))
    cover = practised(state, constants)
    water = water_of(cover, patch.late_days, year, constants)
    return {
        "cover": state.cover,
        "practices": list(state.practices),
        "water_regime": water.regime if water else None,
        "flooded": _said(water.flooded) if water else None,
        "drained": [_said(spell) for spell in water.drained] if water else [],
        "crops": [_said((_on(year, first, patch, constants), _on(year, last, patch, constants))) for first, last in cover.crops],
        "winter_cover": "winter_cover" in state.practices,
        "straw": next((name for name in state.practices if name.startswith("straw_")), None),
    }


def water_of(cover: Cover, late_days: int, year: int, constants: Constants) -> Water | None:
    """The flooded season of a year, None of a cover without crops or that never stands in water; of two crops the first."""
    if not cover.crops:
        return None
    begin, end = _season(cover)
    wet = [at(cover.wetness, day) >= WET for day in range(begin, end + 1)]
    if not any(wet):
        return None
    first, last = wet.index(True), len(wet) - 1 - wet[::-1].index(True)
    days = [_late(year, begin + place, late_days, constants) for place in range(first, last + 1)]
    spells = [(run[0][1], run[-1][1]) for dry, run in _runs(wet[first : last + 1], days) if dry]
    return Water((days[0], days[-1]), tuple(spells))


def _runs(wet: Sequence[bool], days: Sequence[date]) -> Iterator[tuple[bool, list[tuple[bool, date]]]]:
    return ((not state, list(run)) for state, run in groupby(zip(wet, days, strict=True), key=lambda one: one[0]))


def _season(cover: Cover) -> tuple[int, int]:
    """First and last day of the calendar on which the first crop's water may stand: from the harvest before to its own."""
    return 1 if len(cover.crops) == 1 else max(cover.crops[-1][1] - YEAR_DAYS, 1), cover.crops[0][1]


def _late(year: int, day: int, late_days: int, constants: Constants) -> date:
    """The date on which a patch that is so many days late has come to a day of its calendar."""
    on = date(year, 1, 1) + timedelta(days=day - 1 + late_days)
    return on + timedelta(days=day - day_of(on, late_days, constants))  # the year's own shift, too


def _on(year: int, day: int, patch: Patch, constants: Constants) -> date:
    return _late(year, day, patch.late_days, constants)


def _said(spell: Spell) -> list[str]:
    return [str(day) for day in spell]


def event_truth(landscape: Landscape) -> list[dict[str, Any]]:
    """The planted events."""
    return [{**one.event.model_dump(mode="json"), "cover": one.cover, "area_m2": one.area_m2} for one in landscape.events]
