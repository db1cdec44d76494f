"""Stages 2 to 8: each reads files of the stages before and writes its own; nothing is asked of any catalogue.

composites -> land -> areas -> carbon -> uncertainty -> credit -> report
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from carbonsink.declared.plan import Plan
from carbonsink.run.means import Means, Progress

Stage = Callable[[Plan, Path, Means, Progress], None]


def work_stages(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    """From chips to report."""
    for number, (name, stage) in enumerate(STAGES.items()):
        progress(name, number, len(STAGES))
        stage(plan, run, means, progress)


def _composites(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.composites.compose import compose

    compose(
        plan, run, block=means.block, scheduler=means.scheduler, workers=means.workers, store=means.store if means.reuse else None,
        progress=lambda done, total: progress("composites", done, total),
    )  # fmt: skip


def _land(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.land.change.detect import detect
    from carbonsink.land.cover import map_cover
    from carbonsink.land.practice.gather import gather

    map_cover(plan, run)
    detect(plan, run)
    gather(plan, run)


def _areas(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.areas.measure import measure

    measure(plan, run)


def _carbon(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.carbon.work import work

    work(plan, run)


def _uncertainty(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.uncertainty import propagate

    propagate(plan, run)


def _credit(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.credit.statement import credit

    credit(plan, run)


def _report(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.report.render import render

    render(plan, run)


STAGES: dict[str, Stage] = {
    "composites": _composites,
    "land": _land,
    "areas": _areas,
    "carbon": _carbon,
    "uncertainty": _uncertainty,
    "credit": _credit,
    "report": _report,
}
READS: dict[str, tuple[str, ...]] = {
    "scenes": (),
    "composites": ("scenes",),
    "land": ("scenes", "composites"),
    "areas": ("composites", "land"),
    "carbon": ("areas",),
    "uncertainty": ("carbon",),
    "credit": ("land", "areas", "carbon", "uncertainty"),
    "report": ("scenes", "composites", "land", "areas", "carbon", "uncertainty", "credit"),
}
