"""What a simulated area plants in its scenes: the sky, practices against the declared ones, and what happens to the land.

    [simulation]
    cloud_percent = 40                                  # else the simulator's own sky
    revisit_days = 5                                    # else the simulator's own
    practices = { LS-007 = ["continuously_flooded"] }   # what is truly done on a parcel; else what its stratum declares
    event = [{ kind = "felling", on = 2021-06-10, parcel = "LS-012" }]

It is declared, so that a reader of the run sees what was planted; the practices and events known stand in
library/simulation.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pydantic import Field

from carbonsink.base.problems import Problem
from carbonsink.declared.schema import Declared


class Event(Declared):
    """Something that changes the land for good on a day: on a parcel, or within a box [west, south, east, north] in degrees."""

    kind: str  # of library/simulation.toml [events]
    on: date
    parcel: str | None = None
    box: list[float] | None = Field(default=None, min_length=4, max_length=4)


class Simulation(Declared):
    """area.toml [simulation]"""

    cloud_percent: int | None = None  # of library/simulation.toml [cloudy]
    revisit_days: int | None = Field(default=None, ge=1, le=30)
    practices: dict[str, list[str]] = {}  # by parcel; each takes the place of the declared one of its group
    event: list[Event] = []


def misplaced(simulation: Simulation | None, catalogue: str | None) -> Iterator[Problem]:
    """The problem of a simulation declared for imagery that isn't simulated, and of events without one place."""
    if simulation is None:
        return
    if catalogue != "simulated":
        yield Problem("E-SIM-020", "area.toml [simulation]", {"found": catalogue or "-"})
    for number, event in enumerate(simulation.event):
        if (event.parcel is None) == (event.box is None):
            yield Problem("E-SIM-021", f"area.toml [simulation.event {number + 1}]", {"parcel": event.parcel or "-", "box": event.box or "-"})
