"""Many areas in one call: catalogues opened once, one search a neighbourhood, one transfer an asset; what stops an area stops it alone.

plans  ->  locks  ->  scenes of every area  ->  stages 2 to 8, area by area
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from carbonsink import __version__
from carbonsink.base.evidence import digest, file_sha256
from carbonsink.base.library import library_digests
from carbonsink.base.manifest import NAME, read_manifest, stated_files
from carbonsink.base.problems import Exit, Refusal, refuse, unforeseen
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.load import explain_plan
from carbonsink.declared.plan import Plan
from carbonsink.run.aside import making, restore
from carbonsink.run.imagery import Lock, Source, Sources, keep_lock, kept_locks
from carbonsink.run.line import bring, finish, load_complete, lock_digests, prepare, run_name, say_edited
from carbonsink.run.means import Means, Progress
from carbonsink.run.stages import work_stages

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What became of one area: its run folder, or what stopped it; `kept` where a finished run of the same plan was there."""

    folder: Path
    plan: Plan | None = None
    run: Path | None = None
    refusal: Refusal | None = None
    kept: bool = False
    sources: Mapping[str, Source] = field(default_factory=dict)  # by what is fetched
    locks: Mapping[str, Lock | None] = field(default_factory=dict)


def estimate_all(folders: Sequence[Path], out: Path, means: Means, progress: Progress, resume: bool = False) -> list[Outcome]:
    """Run areas through all eight stages, one outcome each, in their order; a folder that is named twice, by whatever path, is one area.

    With `resume`, a finished run of the same plan, lock, library and version is kept as it is.
    """
    from carbonsink.composites.compose import check_means

    check_means(means.block, means.scheduler)
    with ExitStack() as held, Sources(means, progress) as sources:
        once = {folder.resolve(): folder for folder in reversed(folders)}
        named: dict[Path, Path] = {}
        areas = [_tried(Outcome(folder), partial(_planned, out=out, resume=resume, held=held, named=named)) for folder in reversed(once.values())]
        progress("locks", 0, 1)
        areas = _locked([_tried(area, partial(_sourced, sources=sources)) for area in areas])
        for number, area in enumerate(areas):
            areas[number] = _tried(area, partial(_brought, sources=sources, means=means, progress=_named(progress, area, number, len(areas))))
        for number, area in enumerate(areas):
            areas[number] = _tried(area, partial(_worked, means=means, progress=_named(progress, area, number, len(areas))))
    return areas


def finished(plan: Plan, run: Path) -> bool:
    """Whether a run folder holds a whole run of this plan and lock, made with this library and version, every file as it was."""
    if not (run / NAME).is_file():
        return False
    try:
        manifest = read_manifest(run)
    except Refusal:  # damaged: to be made again
        return False
    locks = {folder: lock for folder, lock in kept_locks(plan).items() if lock is not None}
    same = {"plan": digest(explain_plan(plan)), **library_digests(LIBRARY), "tool": __version__}
    same |= lock_digests(locks)
    body = {key: value for key, value in manifest.items() if key != "digest"}
    if manifest.get("digest") != digest(body) or any(manifest.get(key) != value for key, value in same.items()):
        return False
    return all((run / path).is_file() and file_sha256(run / path) == sha256 for path, sha256 in stated_files(manifest).items())


def _tried(area: Outcome, step: Callable[[Outcome], Outcome]) -> Outcome:
    """The outcome after a step; an area already stopped or kept is left alone."""
    if area.refusal or area.kept:
        return area
    after = _or_refusal(partial(step, area))
    return _stopped(area, after) if isinstance(after, Refusal) else after


def _or_refusal(work: Callable[[], T]) -> T | Refusal:
    """What a piece of work gives, or what stopped it: whatever that is, it is this area's, and the others go on."""
    try:
        return work()
    except Refusal as refusal:
        return refusal
    except BrokenPipeError:  # nobody reads on
        raise
    except Exception as error:
        return unforeseen(error)


def _planned(area: Outcome, out: Path, resume: bool, held: ExitStack, named: dict[Path, Path]) -> Outcome:
    """The area's plan and its run folder, which is held from here on; `named` are those of the call so far, with their areas."""
    plan = load_complete(area.folder)
    run = out / run_name(plan)
    if (other := named.setdefault(run, area.folder)) is not area.folder:
        raise refuse("E-RUN-020", str(area.folder), Exit.USAGE, other=other)
    restore(run)
    if resume and finished(plan, run):
        return replace(area, plan=plan, run=run, kept=True)
    held.enter_context(making(run))
    return replace(area, plan=prepare(plan, run), run=run)


def _sourced(area: Outcome, sources: Sources) -> Outcome:
    plan = _plan(area)
    return replace(area, sources={folder: sources.of(part) for folder, part in plan.fetched.items()}, locks=kept_locks(plan))


def _locked(areas: list[Outcome]) -> list[Outcome]:
    """The areas with their locks: those that lie beside them, and of the others what common searches give."""
    areas = list(areas)
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, area in enumerate(areas):
        for folder, source in area.sources.items():
            if area.locks[folder] is None:
                part = _plan(area).fetched[folder]
                groups.setdefault((folder, source, part.dialect.collection, part.imagery_span), []).append(number)
    for (folder, source, *_), members in groups.items():
        found = _or_refusal(partial(_searched, [_plan(areas[number]).fetched[folder] for number in members], source))
        for number, lock in zip(members, [found] * len(members) if isinstance(found, Refusal) else found, strict=True):
            areas[number] = _stopped(areas[number], lock) if isinstance(lock, Refusal) else _tried(areas[number], partial(_with_lock, folder=folder, lock=lock))
    return areas


def _searched(plans: list[Plan], source: Source) -> list[Lock | Refusal]:
    from carbonsink.scenes.neighbours import search_together

    return search_together(plans, source.api, source.root)


def _stopped(area: Outcome, refusal: Refusal) -> Outcome:
    """The outcome of an area that was refused, with what refused another of its searches."""
    if area.refusal:
        refusal = Refusal([*area.refusal.problems, *refusal.problems], refusal.exit_code)
    return replace(area, run=None, refusal=refusal)


def _with_lock(area: Outcome, folder: str, lock: Lock) -> Outcome:
    """The area with a lock that was found for it, kept beside it."""
    keep_lock(_plan(area), folder, lock)
    return replace(area, locks={**area.locks, folder: lock})


def _brought(area: Outcome, sources: Sources, means: Means, progress: Progress) -> Outcome:
    assert area.run is not None
    bring(_plan(area), {folder: lock for folder, lock in area.locks.items() if lock}, area.run, sources, means, progress)
    return replace(area, locks={})


def _plan(area: Outcome) -> Plan:
    assert area.plan is not None
    return area.plan


def _worked(area: Outcome, means: Means, progress: Progress) -> Outcome:
    assert area.run is not None
    work_stages(_plan(area), area.run, means, progress)
    finish(_plan(area), area.run)
    say_edited(replace(_plan(area), copies={}), area.run)
    return area


def _named(progress: Progress, area: Outcome, number: int, total: int) -> Progress:
    """Progress that says which area of how many."""
    return lambda stage, done, steps: progress(f"{number + 1}/{total} {area.folder.name} {stage}", done, steps)
