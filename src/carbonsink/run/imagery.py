"""Where a run's scenes come from: the catalogues an area names, their locks, and the chips cut from them.

catalogues opened once  ->  a lock beside the area for each that is fetched, or one search  ->  fetch  ->  run/scenes

What is fetched goes by its folder in the run (`plan.fetched`): "scenes", and "scenes/radar" where the pipeline asks for radar.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carbonsink.base.evidence import write_json
from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.plan import Plan
from carbonsink.run.means import Means, Progress

Lock = dict[str, Any]


def lock_name(folder: str) -> str:
    """The lock's file beside the area: scenes.lock.json, scenes.radar.lock.json."""
    return f"{folder.replace('/', '.')}.lock.json"


@dataclass(frozen=True)
class Source:
    """Where scenes come from: the STAC API, and the root whose address may not enter a lock."""

    api: str
    root: str | None


class Sources:
    """The catalogues of a call, each folder served once on loopback for as long as this is open."""

    def __init__(self, means: Means, progress: Progress) -> None:
        self._means, self._progress = means, progress
        self._open = ExitStack()
        self._served: dict[Path, Source] = {}

    def __enter__(self) -> Sources:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def of(self, plan: Plan) -> Source:
        """The source an area names: a public API, or a folder (simulated, or a mirror)."""
        from carbonsink.scenes.address import is_loopback

        name = plan.area.imagery.catalogue
        if name is None or name.startswith(("https://", "http://")):
            api = urlsplit(name or plan.dialect.catalogue)
            return Source(api.geturl(), f"{api.scheme}://{api.netloc}" if is_loopback(api.hostname) else None)
        return self.served_from(self._simulated(plan) if plan.simulated else plan.path(name))

    def served_from(self, folder: Path) -> Source:
        """A catalogue folder, served on loopback."""
        from carbonsink.catalogue.serve import Catalogue

        if folder.resolve() not in self._served:
            url = self._open.enter_context(Catalogue(folder)).url
            self._served[folder.resolve()] = Source(url, url)
        return self._served[folder.resolve()]

    def _simulated(self, plan: Plan) -> Path:
        from carbonsink.simulate import simulate, simulation_key

        folder = self._means.store / "simulated" / f"{plan.area.id}-{simulation_key(plan)[:10]}"  # another of this id may be read meanwhile
        simulate(plan, folder, lambda done, total: self._progress("simulation", done, total))
        return folder


def kept_locks(plan: Plan) -> dict[str, Lock | None]:
    """The locks beside the area, None where there is none; refused where one answers another query."""
    return {folder: _kept(part, plan.folder / lock_name(folder)) for folder, part in plan.fetched.items()}


def _kept(plan: Plan, path: Path) -> Lock | None:
    from carbonsink.scenes import lock

    if plan.simulated or not path.is_file():
        return None
    kept = lock.read_lock(path)
    if kept["query"] != lock.query(plan):
        raise refuse("E-LOCK-001", str(path), Exit.INVALID, area=plan.area.id)
    return kept


def keep_lock(plan: Plan, folder: str, lock: Lock) -> None:
    """Write a new lock beside the area, where that folder may be written; a simulated one isn't kept."""
    if os.access(plan.folder, os.W_OK) and not plan.simulated:
        write_json(plan.folder / lock_name(folder), lock)


def locks_of(plan: Plan, sources: Sources) -> dict[str, Lock]:
    """The locks beside the area where they are there for the same query; else one search each, kept there."""
    from carbonsink.scenes import lock

    found: dict[str, Lock] = {}
    for folder, kept in kept_locks(plan).items():
        part = plan.fetched[folder]
        if kept is None:
            source = sources.of(part)
            kept = lock.search(part, source.api, source.root)
            keep_lock(plan, folder, kept)
        found[folder] = kept
    return found
