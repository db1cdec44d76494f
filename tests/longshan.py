"""The demonstration, with other truths: simulated, composed and looked at stage by stage, without what a whole run adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import read_json
from carbonsink.composites.compose import compose
from carbonsink.declared.plan import Plan
from carbonsink.declared.simulation import Event, Simulation
from carbonsink.run.imagery import Sources, locks_of
from carbonsink.run.line import bring
from carbonsink.run.means import Means
from tests.simulate.plans import longshan


def quiet(*_: object) -> None:
    """Progress nobody watches."""


def planted(
    cloud: int | None, practices: Mapping[str, Sequence[str]] | None = None, events: Sequence[Event] = (), *, start: date, end: date, revisit: int | None = 5
) -> Plan:  # fmt: skip
    """The demonstration with another sky and truth; imagery from start to end, vintages are the years of these days."""
    simulation = Simulation(cloud_percent=cloud, revisit_days=revisit, practices={k: list(v) for k, v in (practices or {}).items()}, event=list(events))
    period = longshan().area.period.model_copy(update={"start": start, "end": end})
    area = longshan().area.model_copy(update={"simulation": simulation, "period": period})
    return replace(longshan(), area=area, vintages=tuple(range(start.year, end.year + 1)))


def composed(plan: Plan, folder: Path) -> Path:
    """A run folder with the plan's chips and composites."""
    run, means = folder / "run", Means(folder / "store")
    with Sources(means, quiet) as sources:
        bring(plan, locks_of(plan, sources), run, sources, means, quiet)
    compose(plan, run, block=means.block, scheduler=means.scheduler, workers=None, progress=quiet, store=None)
    return run


def truth(folder: Path, plan: Plan, name: str) -> Any:
    """A file of the truth that the simulator wrote beside the plan's scenes."""
    (simulated,) = (folder / "store" / "simulated").glob(f"{plan.area.id}-*")
    return read_json(simulated / "truth" / name)
