"""The line: eight stages from locked scenes to a report.

    load -> lock -> scenes -> composites -> land -> areas -> carbon -> uncertainty -> credit -> report -> manifest

The run folder is named by the plan, so the same plan gives the same folder; its manifest is written last,
so a folder without one isn't a finished run.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, read_json, write_json
from carbonsink.base.manifest import NAME, describe, write_manifest
from carbonsink.base.problems import Refusal
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.run.copies import LIBRARY, copy_declared, library_digest
from carbonsink.run.imagery import Lock, Sources, locks_of
from carbonsink.run.means import Means, Progress
from carbonsink.run.stages import READS, STAGES, work_stages


def estimate(folder: Path, out: Path, means: Means, progress: Progress) -> Path:
    """Run an area through all eight stages; the run folder, whole. A Refusal lists what stops it."""
    from carbonsink.composites.compose import check_means

    check_means(means.block, means.scheduler)
    plan = load_complete(folder)
    run = out / run_name(plan)
    prepare(plan, run)
    with Sources(means, progress) as sources:
        progress("lock", 0, 1)
        bring(plan, locks_of(plan, sources), run, sources, means, progress)
    work_stages(plan, run, means, progress)
    finish(plan, run)
    return run


def load_complete(folder: Path) -> Plan:
    """The plan of an area whose every factor and correlation is known too, so that nothing is fetched for a run that can't end."""
    from carbonsink.carbon.work import foreseen, missing
    from carbonsink.uncertainty.together import foreseen_groups, moving_together

    plan = load(folder)
    if problems := missing(plan):
        raise Refusal(problems)
    if plan.area.correlation:
        moving_together(foreseen(plan), foreseen_groups(plan.area.correlation))
    return plan


def run_name(plan: Plan) -> str:
    """`<area>-<pipeline>-<first ten digits of the plan's digest>`."""
    return f"{plan.area.id}-{plan.pipeline.id}-{digest(explain_plan(plan))[:10]}"


def prepare(plan: Plan, run: Path) -> None:
    """Make the run folder: the plan, and byte copies of everything declared; old results go, chips stay."""
    run.mkdir(parents=True, exist_ok=True)
    (run / NAME).unlink(missing_ok=True)
    for stage in ("declared", *STAGES):
        shutil.rmtree(run / stage, ignore_errors=True)
    write_json(run / "plan.json", explain_plan(plan))
    copy_declared(plan, run / "declared")


def bring(plan: Plan, locks: Mapping[str, Lock], run: Path, sources: Sources, means: Means, progress: Progress) -> None:
    """Stage 1: the locked assets, fetched and cut to chips, those of the radar below them; published maps likewise."""
    from carbonsink.run.maps import bring_maps
    from carbonsink.scenes import fetch

    for folder, part in plan.fetched.items():
        fetch.fetch(part, locks[folder], sources.of(part).root, means.store, run / folder, partial(progress, folder))
    bring_maps(plan, run, sources, means)


def finish(plan: Plan, run: Path) -> dict[str, Any]:
    """Write the manifest: what each stage read and wrote."""
    written = {name: describe(run, name) for name in ("scenes", *STAGES)}
    links = [{"stage": name, "reads": _read_by(name, written), "writes": written[name]} for name in written]
    plan_file = {"plan.json": file_sha256(run / "plan.json")}
    facts = {
        "plan": digest(explain_plan(plan)),
        "library": library_digest(LIBRARY),
        **lock_digests({folder: read_json(run / folder / "lock.json") for folder in plan.fetched}),
        "simulated": plan.simulated,
        "declared": plan_file | {path: file["sha256"] for path, file in describe(run, "declared").items()},
        "stages": links,
    }
    return write_manifest(run, facts)


def lock_digests(locks: Mapping[str, Any]) -> dict[str, str]:
    """What the manifest says of the locks: "lock", and "radar_lock" where radar was fetched."""
    names = {"scenes": "lock", "scenes/radar": "radar_lock"}
    return {names[folder]: digest(lock) for folder, lock in locks.items()}


def _read_by(stage: str, written: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    return {path: file["sha256"] for before in READS[stage] for path, file in written[before].items()}
