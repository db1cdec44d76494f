"""What is truly done on a parcel: what its stratum declares, but for what the area plants against it.

practices_of(plan, parcel, "project")   ("multiple_drainage",)
practised(State("single-rice", ("multiple_drainage",)), constants)   the cover with its parts of the calendar replaced
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from carbonsink.base.problems import Problem
from carbonsink.declared.area import Parcel
from carbonsink.declared.plan import Plan
from carbonsink.declared.simulation import Simulation
from carbonsink.simulate.constants import Constants, Cover

Scenario = Literal["baseline", "project"]


@dataclass(frozen=True)
class State:
    """What land is: its cover, and what is done on it."""

    cover: str
    practices: tuple[str, ...] = ()


def simulation_of(plan: Plan) -> Simulation:
    """What the area plants; nothing where it declares nothing."""
    return plan.area.simulation or Simulation()


def practised(state: State, constants: Constants) -> Cover:
    """A cover with the parts of its calendar that practices replace."""
    cover = constants.covers[state.cover]
    for name in state.practices:
        practice = constants.practices[name]
        cover = cover.model_copy(update={part: knots for part in ("canopy", "ripeness", "wetness", "laid") if (knots := getattr(practice, part)) is not None})
    return cover


def practices_of(plan: Plan, parcel: Parcel, scenario: Scenario, constants: Constants) -> tuple[str, ...]:
    """The practices of a parcel, one a group, in the order of groups; planted ones are those of the project's years."""
    stratum = plan.area.strata.get(parcel.stratum)
    declared = getattr(stratum, scenario).values() if stratum else ()
    planted = simulation_of(plan).practices.get(parcel.id, ()) if scenario == "project" else ()
    by_group = {constants.practices[name].group: name for name in (*declared, *planted) if name in constants.practices}
    return tuple(name for _, name in sorted(by_group.items()))


def problems(plan: Plan, constants: Constants) -> Iterator[Problem]:
    """What the area plants that can't be: unknown parcels, practices, events and cloud shares, practices of other covers."""
    planted, strata = simulation_of(plan), {parcel.id: parcel.stratum for parcel in plan.land.parcels}
    if planted.cloud_percent is not None and str(planted.cloud_percent) not in constants.cloudy:
        yield _unknown(planted.cloud_percent, constants.cloudy, "cloud_percent")
    for parcel, names in planted.practices.items():
        if parcel not in strata:
            yield Problem("E-SIM-022", "area.toml [simulation.practices]", {"found": parcel})
            continue
        cover = constants.landscape.strata.get(strata[parcel], "")
        fitting = [name for name, practice in constants.practices.items() if cover in practice.of]
        yield from (_unknown(name, fitting, f"practices.{parcel}") for name in names if name not in fitting)
    for number, event in enumerate(planted.event, 1):
        if event.kind not in constants.events:
            yield _unknown(event.kind, constants.events, f"event {number}")
        if event.parcel is not None and event.parcel not in strata:
            yield Problem("E-SIM-022", f"area.toml [simulation.event {number}]", {"found": event.parcel})


def _unknown(found: object, known: Iterable[str], place: str) -> Problem:
    return Problem("E-SIM-023", f"area.toml [simulation.{place}]", {"found": found, "known": ", ".join(known) or "-"})
