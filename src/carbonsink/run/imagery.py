"""Where a run's scenes come from: the catalogue an area names, its lock, and the chips cut from it.

catalogues opened once  ->  lock beside the area, or one search  ->  fetch  ->  run/scenes
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.plan import Plan
from carbonsink.run.means import Means, Progress

LOCK = "scenes.lock.json"


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
        from carbonsink.simulate import simulate

        folder = self._means.store / "simulated" / plan.area.id
        simulate(plan, folder, lambda done, total: self._progress("simulation", done, total))
        return folder


def kept_lock(plan: Plan) -> dict[str, Any] | None:
    """The lock beside the area, None where there is none; refused where it answers another query."""
    from carbonsink.scenes import lock

    path = plan.folder / LOCK
    if plan.simulated or not path.is_file():
        return None
    kept: dict[str, Any] = read_json(path)
    if kept["query"] != lock.query(plan):
        raise refuse("E-LOCK-001", str(path), Exit.INVALID, area=plan.area.id)
    return kept


def keep_lock(plan: Plan, lock: dict[str, Any]) -> None:
    """Write a new lock beside the area, where that folder may be written; a simulated one isn't kept."""
    if os.access(plan.folder, os.W_OK) and not plan.simulated:
        write_json(plan.folder / LOCK, lock)


def lock_of(plan: Plan, sources: Sources) -> dict[str, Any]:
    """The lock beside the area where there is one for the same query; else one search, kept there."""
    from carbonsink.scenes import lock

    kept = kept_lock(plan)
    if kept is not None:
        return kept
    source = sources.of(plan)
    found = lock.search(plan, source.api, source.root)
    keep_lock(plan, found)
    return found
