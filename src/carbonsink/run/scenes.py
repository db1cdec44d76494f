"""Stage 1 by itself: an area's lock made or brought up to date, and its chips packed as a catalogue.

make_lock  ->  <area>/scenes.lock.json        mirror  ->  a static catalogue that `serve` and `estimate` read
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit, refuse, user_language
from carbonsink.declared.plan import Plan
from carbonsink.run.imagery import LOCK, Sources, lock_of
from carbonsink.run.line import load_complete
from carbonsink.run.means import Means, Progress

if TYPE_CHECKING:
    from carbonsink.scenes.difference import Difference
    from carbonsink.scenes.source import SourceState


@dataclass(frozen=True)
class Made:
    """A lock that was written, and how it differs from the one before; no difference where there was none."""

    path: Path
    lock: dict[str, Any]
    difference: Difference | None

    def value(self) -> dict[str, Any]:
        """What `lock --json` prints."""
        summary = {"lock": str(self.path), "items": len(self.lock["items"]), "dropped": self.lock["dropped"], "gaps": self.lock["gaps"]}
        return summary | ({"difference": asdict(self.difference)} if self.difference else {})

    def lines(self) -> Iterator[str]:
        """The same for a person."""
        yield f"{self.path}: {len(self.lock['items'])} items, {len(self.lock['dropped'])} dropped, {len(self.lock['gaps'])} gaps"
        yield from self.difference.words(user_language()) if self.difference else ()


def make_lock(folder: Path, means: Means, progress: Progress, update: bool = False) -> Made:
    """Ask the catalogue and write the area's lock; one that is there and differs is only replaced by an `update`."""
    from carbonsink.scenes import lock

    plan = load_complete(folder)
    path = folder / LOCK
    before: dict[str, Any] | None = read_json(path) if path.is_file() else None
    with Sources(means, progress) as sources:
        source = sources.of(plan)
        value = lock.search(plan, source.api, source.root)
    difference = None if before is None else lock.difference(before, value)
    if difference and not update:
        raise refuse("E-LOCK-002", str(path), Exit.INVALID, difference="; ".join(difference.words(user_language())))
    write_json(path, value)
    return Made(path, value, difference)


def mirror(folder: Path, to: Path, means: Means, progress: Progress) -> None:
    """Pack the chips and items of an area's lock as a static catalogue in a new or empty folder."""
    from carbonsink.scenes.mirror import mirror as pack

    plan = load_complete(folder)
    if to.exists() and any(to.iterdir()):
        raise refuse("E-RUN-002", str(to), Exit.USAGE)
    with Sources(means, progress) as sources:
        lock = lock_of(plan, sources)
        pack(plan, lock, sources.of(plan).root, means.store, to, lambda done, total: progress("mirror", done, total))


def sources_again(plan: Plan, run: Path, means: Means, progress: Progress, catalogue: Path | None = None) -> list[SourceState]:
    """Every asset of a run fetched again from where its lock says, into a store of its own: same, changed or gone.

    A catalogue folder that the area names from its own folder can't be found from a run: `catalogue` says where it lies here.
    """
    from carbonsink.scenes.source import compare

    lock = read_json(run / "scenes" / "lock.json")
    with Sources(means, progress) as sources, tempfile.TemporaryDirectory(prefix="carbonsink-source-") as fresh:
        root = (sources.served_from(catalogue) if catalogue else sources.of(plan)).root
        return compare(plan, run / "scenes", lock, root, Path(fresh), lambda done, total: progress("source", done, total))
