"""Change of a run: where the series of its composites break, when, what that is, and which of it lies inside red lines.

composites/ -> land/breaks.tif, changes.csv, alerts.csv, alerts/*.png     where [land.change] is declared
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, write_rows
from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import write_csv
from carbonsink.declared.change import Change, read_change
from carbonsink.declared.plan import Plan
from carbonsink.land.change import kernel
from carbonsink.land.change.alerts import alerts, red_lines
from carbonsink.land.change.events import Events, events_of, joined
from carbonsink.land.change.maps import maps_of
from carbonsink.land.change.objects import Patch, patches
from carbonsink.land.change.rows import Describer
from carbonsink.land.change.search import EPOCH, MONTH_DAYS, Axis, Found, axis_of, search

LAYERS = ("day", "earliest", "latest", "magnitude", "recovery")  # of each break kept, numbered from 1
NO_BREAK = 0  # where a pixel was monitored and nothing broke


def detect(plan: Plan, run: Path) -> None:
    """Write a run's breaks, changes and alerts; nothing where the pipeline declares no [land.change].

    Refuses a run without composites, composites on different grids, and series too short for a history and what follows it.
    """
    change = plan.pipeline.land.change
    if change is None:
        return
    axis = axis_of(plan, run, change)
    _check_length(axis, change)
    events = _write_breaks(plan, run, axis, change)
    described = _described(plan, run, axis, change, events)
    write_csv(run / "land" / "changes.csv", [row for row, _ in described], LandChange)
    found = list(alerts(red_lines(plan, axis), described, axis, change.minimum_unit_m2, run))
    write_csv(run / "land" / "alerts.csv", found, Alert)


def _check_length(axis: Axis, change: Change) -> None:
    """Refuse what can't hold a history and the observations that confirm a break."""
    library = read_change()
    least = library.model.observations_per_coefficient * (1 + 2 * change.waves)
    months = round((axis.days[-1] - axis.days[0]) / MONTH_DAYS) + 1
    if len(axis.periods) < least + library.breaks.confirm or months <= change.history_months:
        facts = {"count": len(axis.periods), "months": months, "history": change.history_months, "least": least, "confirm": library.breaks.confirm}
        raise refuse("E-CHG-007", "[land.change]", **facts)


def _write_breaks(plan: Plan, run: Path, axis: Axis, change: Change) -> Events:
    """breaks.tif row of blocks by row of blocks; the breaks themselves."""
    parts: list[Events] = []
    names = [f"{layer}_{slot}" for slot in range(1, read_change().breaks.slots + 1) for layer in LAYERS]

    def strips() -> Iterator[NDArray[np.int16]]:
        for blocks in search(axis, change, tuple(plan.pipeline.composites.bands)):
            parts.extend(events_of(found) for found in blocks)
            yield np.concatenate([_layers(found, axis) for found in blocks], axis=2)

    write_rows(run / "land" / "breaks.tif", axis.grid, names, COMPOSITE_NODATA, strips())
    return joined(parts)


def _layers(found: Found, axis: Axis) -> NDArray[np.int16]:
    """A block's layers: days from 1 January 1970, magnitude in ten-thousandths, days until the loss was made good."""
    starts, ends = _numbered([p.start for p in axis.periods]), _numbered([p.end for p in axis.periods])
    out = []
    for slot in found.breaks.astype(np.int64):
        after, before, back = slot[kernel.AFTER], slot[kernel.BEFORE], slot[kernel.RETURN]
        day = between(axis.days, before, after)
        recovery = np.where(back == kernel.NONE, 0, axis.days[back] - day)
        values = (day, starts[before], ends[after], slot[kernel.SIZE], recovery)
        out += [np.where(after == kernel.NONE, NO_BREAK, value) for value in values]
    stack = np.where(found.monitored[None] == 1, np.stack(out), COMPOSITE_NODATA)
    return stack.astype(np.int16)


def _numbered(days: list[str]) -> NDArray[np.int64]:
    return np.array([date.fromisoformat(day).toordinal() - EPOCH for day in days])


def between(days: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.int64]:
    """The day of a break: halfway from the middle of the last period before it to that of the first after."""
    return np.asarray((days[before] + days[after]) // 2)


def _described(plan: Plan, run: Path, axis: Axis, change: Change, events: Events) -> Sequence[tuple[LandChange, Patch]]:
    """Changes of at least the minimum unit, by day and then by rows and columns."""
    days = between(axis.days, events.last, events.first)
    found = list(patches(events, days, axis.grid, read_change().objects.same_event_days, change.minimum_unit_m2))
    describer = Describer(plan, axis, change, maps_of(plan, run))
    return describer.described(found, [between(axis.days, patch.events.last, patch.events.first) for patch in found])
