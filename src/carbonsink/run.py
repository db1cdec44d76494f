"""The line: eight stages from locked scenes to a report, each reading files of the stages before and writing its own.

    load -> lock -> scenes -> composites -> land -> areas -> carbon -> uncertainty -> credit -> report -> manifest

The run folder is named by the plan, so the same plan gives the same folder; its manifest is written last,
so a folder without one isn't a finished run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carbonsink.base.evidence import digest, file_sha256, read_json, write_bytes, write_json
from carbonsink.base.manifest import NAME, describe, write_manifest
from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan

LOCK = "scenes.lock.json"
LIBRARY = Path(str(files("carbonsink"))) / "library"


@dataclass(frozen=True)
class Means:
    """How a run is worked: none of it may change a result."""

    store: Path
    block: int = 512
    scheduler: str = "threads"
    workers: int | None = None


@dataclass(frozen=True)
class Source:
    """Where scenes come from: the STAC API, and the root whose address may not enter a lock."""

    api: str
    root: str | None


Progress = Callable[[str, int, int], None]
Stage = Callable[[Plan, Path, Means, Progress], None]


def estimate(folder: Path, out: Path, means: Means, progress: Progress) -> Path:
    """Run an area through all eight stages; the run folder, whole. A Refusal lists what stops it."""
    from carbonsink.composites.compose import check_means

    check_means(means.block, means.scheduler)
    plan = load_complete(folder)
    run = out / run_name(plan)
    prepare(plan, run)
    fetch_scenes(plan, run, means, progress)
    work_stages(plan, run, means, progress)
    finish(plan, run)
    return run


def load_complete(folder: Path) -> Plan:
    """The plan of an area whose every factor is known too, so that nothing is fetched for a run that can't end."""
    from carbonsink.carbon.work import missing

    plan = load(folder)
    if problems := missing(plan):
        raise Refusal(problems)
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


def fetch_scenes(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    """Stage 1: lock, fetch, clip. The lock beside the area is used where there is one for the same query."""
    from carbonsink.scenes import fetch

    with imagery(plan, means.store, progress) as source:
        progress("lock", 0, 1)
        lock = _locked(plan, source)
        fetch.fetch(plan, lock, source.root, means.store, run / "scenes", lambda done, total: progress("scenes", done, total))


def make_lock(folder: Path, means: Means, progress: Progress) -> tuple[Path, dict[str, Any]]:
    """Ask the catalogue and write the area's lock: its path and value."""
    from carbonsink.scenes import lock

    plan = load_complete(folder)
    with imagery(plan, means.store, progress) as source:
        value = lock.search(plan, source.api, source.root)
    write_json(folder / LOCK, value)
    return folder / LOCK, value


def work_stages(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    """Stages 2 to 8: from chips to report, with nothing asked of any catalogue."""
    for number, (name, stage) in enumerate(STAGES.items()):
        progress(name, number, len(STAGES))
        stage(plan, run, means, progress)


def finish(plan: Plan, run: Path) -> dict[str, Any]:
    """Write the manifest: what each stage read and wrote."""
    written = {name: describe(run, name) for name in ("scenes", *STAGES)}
    links = [{"stage": name, "reads": _read_by(name, written), "writes": written[name]} for name in written]
    plan_file = {"plan.json": file_sha256(run / "plan.json")}
    facts = {
        "plan": digest(explain_plan(plan)),
        "library": library_digest(LIBRARY),
        "lock": digest(read_json(run / "scenes" / "lock.json")),
        "simulated": plan.simulated,
        "declared": plan_file | {path: file["sha256"] for path, file in describe(run, "declared").items()},
        "stages": links,
    }
    return write_manifest(run, facts)


@contextmanager
def imagery(plan: Plan, store: Path, progress: Progress) -> Iterator[Source]:
    """The catalogue an area names: a public API, or a folder (simulated or a mirror) served on loopback for the run."""
    from carbonsink.catalogue.serve import Catalogue
    from carbonsink.scenes.address import is_loopback

    name = plan.area.imagery.catalogue
    if name is None or name.startswith(("https://", "http://")):
        api = urlsplit(name or plan.sensor.catalogue)
        yield Source(api.geturl(), f"{api.scheme}://{api.netloc}" if is_loopback(api.hostname) else None)
        return
    folder = _simulated(plan, store, progress) if plan.simulated else plan.path(name)
    with Catalogue(folder) as catalogue:
        yield Source(catalogue.url, catalogue.url)


def copy_declared(plan: Plan, out: Path) -> None:
    """Byte copies of what the plan was made of: the area's folder files, its pipeline, references, and the library's tables."""
    names: dict[str, str] = {}
    for number, (text, paths) in enumerate(plan.declared_files().items()):
        names[text] = f"{number:02d}/{paths[0].name}"
        for path in paths:
            write_bytes(out / f"{number:02d}" / path.name, path.read_bytes())
    write_json(out / "files.json", names)
    for path in library_files(LIBRARY):
        write_bytes(out / "library" / path.relative_to(LIBRARY), path.read_bytes())


def library_files(library: Path) -> list[Path]:
    """The library's tables that a number or a word of a report may come from."""
    return sorted(p for p in library.rglob("*") if p.suffix in {".toml", ".csv"} and p.name not in {"messages.toml", "simulation.toml"})


def library_digest(library: Path) -> str:
    """One digest over the library's tables."""
    return digest({p.relative_to(library).as_posix(): file_sha256(p) for p in library_files(library)})


def default_store() -> Path:
    """Where assets are kept by content: CARBONSINK_STORE, else the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("CARBONSINK_STORE") or Path(cache) / "carbonsink")


def _locked(plan: Plan, source: Source) -> dict[str, Any]:
    from carbonsink.scenes import lock

    path = plan.folder / LOCK
    if path.is_file() and not plan.simulated:
        kept: dict[str, Any] = read_json(path)
        if kept["query"] != lock.query(plan):
            raise refuse("E-LOCK-001", str(path), Exit.INVALID, area=plan.area.id)
        return kept
    found = lock.search(plan, source.api, source.root)
    if os.access(plan.folder, os.W_OK) and not plan.simulated:
        write_json(path, found)
    return found


def _simulated(plan: Plan, store: Path, progress: Progress) -> Path:
    from carbonsink.simulate import simulate

    folder = store / "simulated" / plan.area.id
    simulate(plan, folder, lambda done, total: progress("simulation", done, total))
    return folder


def _read_by(stage: str, written: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    return {path: file["sha256"] for before in READS[stage] for path, file in written[before].items()}


def _composites(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.composites.compose import compose

    compose(plan, run, block=means.block, scheduler=means.scheduler, workers=means.workers, progress=lambda done, total: progress("composites", done, total))


def _land(plan: Plan, run: Path, means: Means, progress: Progress) -> None:
    from carbonsink.land.cover import map_cover

    map_cover(plan, run)


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
    "land": ("composites",),
    "areas": ("land",),
    "carbon": ("areas",),
    "uncertainty": ("carbon",),
    "credit": ("carbon", "uncertainty", "areas"),
    "report": ("scenes", "composites", "land", "areas", "carbon", "uncertainty", "credit"),
}
