"""The source again: every asset of a run fetched anew from where its lock says, and held against what the run took (F30).

scenes.csv  ->  a fresh store  ->  same | changed | gone, with both digests        a changed source isn't a wrong result
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.records import SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.scenes.address import plain
from carbonsink.scenes.gather import Brought, Gatherer, Wanted, gathering
from carbonsink.scenes.http import CONNECTIONS, Patience
from carbonsink.scenes.scene import scenes_of
from carbonsink.scenes.window import WholeOnly

GONE = ("E-SRC-049",)
ALTERED = ("E-SRC-047",)  # its header points beyond its end: what the run took can't be there


@dataclass(frozen=True)
class SourceState:
    """One asset of a run: whether its source still gives the bytes the run took, and both digests."""

    item: str
    band: str
    href: str
    state: Literal["same", "changed", "gone"]
    recorded: str  # SHA-256 as in scenes.csv, over the asset or over the parts taken of it
    found: str  # of what is there now; empty where nothing is


def compare(
    plan: Plan,
    scenes: Path,
    lock: dict[str, Any],
    root_url: str | None,
    store: Path,
    progress: Callable[[int, int], None],
    patience: Patience | None = None,
    chosen: frozenset[tuple[str, str]] | None = None,
) -> list[SourceState]:
    """Fetch every asset of the run's `scenes` folder again, in the mode it was fetched in, into the empty `store`; or only the `chosen` (item, band).

    Refusal with all assets of which nothing can be said: no network, no name, a busy server.
    """
    rows = [row for row in read_csv(scenes / "scenes.csv", SceneAsset) if chosen is None or (row.item, row.band) in chosen]
    wanted = {(one.item.id, band): _unpinned(one) for scene in scenes_of(lock, plan) for band, one in scene.wanted.items()}
    problems: list[Problem] = []
    steps, guard = [0], threading.Lock()

    def state(row: SceneAsset) -> SourceState | None:
        try:
            return _state(row, wanted[row.item, row.band], gatherer)
        except Refusal as refusal:
            problems.extend(refusal.problems)
            return None
        finally:
            with guard:
                steps[0] += 1
                progress(steps[0], len(rows))

    with gathering(plan, wanted.values(), root_url, Store(store), patience or Patience()) as gatherer, ThreadPoolExecutor(CONNECTIONS, "assets") as pool:
        states = list(pool.map(state, rows))
    if problems:
        raise Refusal(sorted(problems, key=lambda problem: problem.where), Exit.SOURCE)
    return [found for found in states if found]


def _unpinned(wanted: Wanted) -> Wanted:
    """The same without the length and checksum its item states: another file is an answer here, not an error."""
    free = replace(wanted.asset, checksum=None, size=None)
    return replace(wanted, item=replace(wanted.item, assets=wanted.item.assets | {wanted.band: free}))


def _state(row: SceneAsset, wanted: Wanted, gatherer: Gatherer) -> SourceState:
    try:
        brought = _again(row, wanted, gatherer)
    except Refusal as refusal:
        codes = {problem.code for problem in refusal.problems}
        if codes <= set(GONE):
            return SourceState(row.item, row.band, row.href, "gone", row.sha256, "")
        if codes <= set(ALTERED):
            return SourceState(row.item, row.band, row.href, "changed", row.sha256, "")
        raise
    finally:
        gatherer.forget(wanted)
    brought.clear()
    found = brought.source.sha256
    return SourceState(row.item, row.band, row.href, "same" if found == row.sha256 else "changed", row.sha256, found)


def _again(row: SceneAsset, wanted: Wanted, gatherer: Gatherer) -> Brought:
    if row.mode == "whole":
        return gatherer.whole(wanted)
    try:
        return gatherer.window(wanted)
    except WholeOnly as why:
        raise refuse("E-SRC-020", wanted.where, Exit.SOURCE, url=plain(row.href), found=why) from None
