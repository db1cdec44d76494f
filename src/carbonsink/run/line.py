"""The line: eight stages from locked scenes to a report.

    load -> lock -> scenes -> composites -> land -> areas -> carbon -> uncertainty -> credit -> report -> manifest

The run folder is named by the plan, so the same plan gives the same folder; its manifest is written last,
so a folder without one isn't a finished run.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, read_json, write_json
from carbonsink.base.library import library_digests, library_in
from carbonsink.base.manifest import NAME, chip_digests, describe, write_manifest
from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.run.aside import making
from carbonsink.run.copies import copies_of, copy_declared
from carbonsink.run.holding import check_own, edited
from carbonsink.run.imagery import Lock, Sources, locks_of
from carbonsink.run.means import Means, Progress
from carbonsink.run.stages import READS, STAGES, work_stages


def estimate(folder: Path, out: Path, means: Means, progress: Progress) -> Path:
    """Run an area through all eight stages; the run folder, whole. A Refusal lists what stops it, and leaves a finished run as it was."""
    from carbonsink.composites.compose import check_means

    check_means(means.block, means.scheduler)
    plan = load_complete(folder)
    run = out / run_name(plan)
    with making(run), Sources(means, progress) as sources:
        own = prepare(plan, run)
        progress("lock", 0, 1)
        bring(own, locks_of(own, sources), run, sources, means, progress)
        work_stages(own, run, means, progress)
        finish(own, run)
    say_edited(plan, run)
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


def prepare(plan: Plan, run: Path) -> Plan:
    """Make the run folder: the plan, and byte copies of everything declared; old results go, chips stay. The plan that reads the copies.

    A Refusal where the folder is another run's, or where a declared file was changed between its reading and its copying.
    """
    check_own(plan, run)
    run.mkdir(parents=True, exist_ok=True)
    (run / NAME).unlink(missing_ok=True)
    for stage in ("declared", *STAGES):
        shutil.rmtree(run / stage, ignore_errors=True)
    write_json(run / "plan.json", explain_plan(plan))
    copy_declared(plan, run / "declared")
    own = replace(plan, copies=copies_of(run))
    if changed := [problem.where for problem in edited(plan, run)] or ["-"] * (run_name(own) != run_name(plan)):
        raise refuse("E-RUN-006", str(plan.folder), files=", ".join(changed))
    return own


def say_edited(plan: Plan, run: Path) -> None:
    """Say which declared files were edited while the run was worked; it is that of the copies."""
    for problem in edited(plan, run):
        print(problem.line(), file=sys.stderr)


def bring(plan: Plan, locks: Mapping[str, Lock], run: Path, sources: Sources, means: Means, progress: Progress) -> None:
    """Stage 1: the locked assets, fetched and cut to chips, those of the radar below them; published maps likewise."""
    from carbonsink.run.maps import bring_maps
    from carbonsink.scenes import fetch

    for folder, part in plan.fetched.items():
        fetch.fetch(part, locks[folder], sources.of(part).root, means.store, run / folder, partial(progress, folder))
    bring_maps(plan, run, sources, means)


def finish(plan: Plan, run: Path) -> dict[str, Any]:
    """Write the manifest: what each stage read and wrote; a Refusal where the library's numbers changed under the run."""
    library = library_digests(library_in(run))
    if library["library"] != library_digests(LIBRARY)["library"]:
        raise refuse("E-RUN-009", str(run), Exit.INTEGRITY)
    chips = chip_digests({folder: read_csv(run / folder / "scenes.csv", SceneAsset) for folder in plan.fetched})
    written = {name: describe(run, name, chips) for name in ("scenes", *STAGES)}
    links = [{"stage": name, "reads": _read_by(name, written), "writes": written[name]} for name in written]
    plan_file = {"plan.json": file_sha256(run / "plan.json")}
    facts = {
        "plan": digest(explain_plan(plan)),
        **library,
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
