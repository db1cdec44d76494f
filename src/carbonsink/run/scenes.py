"""Stage 1 by itself: an area's lock made or brought up to date, and its chips packed as a catalogue.

make_lock  ->  <area>/scenes.lock.json, scenes.radar.lock.json        mirror  ->  a static catalogue that `serve` and `estimate` read
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit, Problem, Refusal, refuse, user_language
from carbonsink.declared.plan import Plan
from carbonsink.run.imagery import Lock, Source, Sources, lock_name, locks_of
from carbonsink.run.line import load_complete
from carbonsink.run.maps_again import maps_again
from carbonsink.run.means import Means, Progress

if TYPE_CHECKING:
    from carbonsink.scenes.difference import Difference
    from carbonsink.scenes.source import SourceState


@dataclass(frozen=True)
class Made:
    """A lock that was written, and how it differs from the one before; no difference where there was none. The radar's beside it."""

    path: Path
    lock: Lock
    difference: Difference | None
    radar: Made | None = None

    def value(self) -> dict[str, Any]:
        """What `lock --json` prints."""
        summary = {"lock": str(self.path), "items": len(self.lock["items"]), "dropped": self.lock["dropped"], "gaps": self.lock["gaps"]}
        summary |= {"difference": asdict(self.difference)} if self.difference else {}
        return summary | ({"radar": self.radar.value()} if self.radar else {})


def make_lock(folder: Path, means: Means, progress: Progress, update: bool = False) -> Made:
    """Ask the catalogues and write the area's locks; one that is there and differs is only replaced by an `update`, and then all are written."""
    plan = load_complete(folder)
    with Sources(means, progress) as sources:
        made = [_searched(part, folder / lock_name(name), sources) for name, part in plan.fetched.items()]
    if differing := [one for one in made if one.difference and not update]:
        raise Refusal([_differs(one) for one in differing], Exit.INVALID)
    for one in made:
        write_json(one.path, one.lock)
    return replace(made[0], radar=made[1]) if plan.radar else made[0]


def _searched(plan: Plan, path: Path, sources: Sources) -> Made:
    """What a catalogue says now, beside the lock that is there."""
    from carbonsink.scenes import lock

    before = lock.read_lock(path) if path.is_file() else None
    source = sources.of(plan)
    value = lock.search(plan, source.api, source.root)
    return Made(path, value, None if before is None else lock.difference(before, value))


def _differs(made: Made) -> Problem:
    assert made.difference is not None
    return Problem("E-LOCK-002", str(made.path), {"difference": "; ".join(made.difference.words(user_language()))})


def mirror(folder: Path, to: Path, means: Means, progress: Progress) -> None:
    """Pack the chips and items of an area's locks as a static catalogue in a new or empty folder."""
    from carbonsink.scenes.mirror import Part
    from carbonsink.scenes.mirror import mirror as pack

    plan = load_complete(folder)
    if to.exists() and any(to.iterdir()):
        raise refuse("E-RUN-002", str(to), Exit.USAGE)
    with Sources(means, progress) as sources:
        locks = locks_of(plan, sources)
        parts = [Part(part, locks[name], sources.of(part).root) for name, part in plan.fetched.items()]
        pack(parts, means.store, to, lambda done, total: progress("mirror", done, total))


def sources_again(
    plan: Plan, run: Path, means: Means, progress: Progress, catalogue: Path | None = None, chosen: frozenset[tuple[str, str]] | None = None
) -> tuple[list[SourceState], list[Problem]]:
    """Every asset and published map of a run, or the `chosen` (item and band, source and year), fetched and cut again from where locks and area say.

    Beside them the items that either the lock or the catalogue has now, and the other hasn't; or why that can't be searched.

    They go into a store of their own. A catalogue folder that the area names from its own folder can't be found from a run: `catalogue` says
    where it lies here, or where a mirror of the source does.
    """
    from carbonsink.scenes.source import compare

    states: list[SourceState] = []
    relocked: list[Problem] = []
    with Sources(means, progress) as sources, tempfile.TemporaryDirectory(prefix="carbonsink-source-") as fresh:
        for name, part in plan.fetched.items():
            lock, source = read_json(run / name / "lock.json"), sources.served_from(catalogue) if catalogue else sources.of(part)
            there = _through(lock, catalogue, source) if catalogue else lock
            states += compare(part, run / name, there, source.root, Path(fresh), lambda done, total: progress("source", done, total), chosen=chosen)
            if there is lock:  # a mirror has what the lock has
                progress("locks", 0, 1)
                relocked += _relocked(part, lock, source)
        states += maps_again(plan, run, sources, catalogue, Path(fresh), chosen)
    return states, relocked


def _through(lock: Lock, catalogue: Path, source: Source) -> Lock:
    """A run's lock as a catalogue folder answers for it."""
    from carbonsink.catalogue.holdings import read_folder, served
    from carbonsink.scenes.mirrored import through

    assert source.root is not None, "a folder is served on loopback"
    return through(lock, [served(entry, f"{source.root}/") for entry in read_folder(catalogue).entries], source.root)


def _relocked(plan: Plan, lock: Lock, source: Source) -> list[Problem]:
    """Where a search gives other items now than the lock has; where it is refused, why."""
    from carbonsink.scenes.lock import difference, search

    try:
        unlike = difference(lock, search(plan, source.api, source.root))
    except Refusal as refusal:
        return list(refusal.problems)
    return [*(Problem("W-VER-004", name) for name in unlike.added), *(Problem("W-VER-005", name) for name in unlike.gone)]
