"""The source again: every asset of a run fetched anew from where its lock says, cut anew, and held against what the run took (F30).

scenes.csv  ->  a fresh store  ->  same | changed | gone | altered, with both digests

changed, gone   the source isn't what it was: no wrong result, but none that can be held against it
altered         the source is what it was, and the run's chip isn't what stage 1 cuts from it

A mirror in the source's place answers with its chips, and with the digests of what it took at the source.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.rasters import pixel_digest
from carbonsink.base.records import SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.scenes.account import CUTTERS
from carbonsink.scenes.address import plain
from carbonsink.scenes.gather import Brought, Gatherer, Wanted, gathering
from carbonsink.scenes.http import CONNECTIONS, Patience
from carbonsink.scenes.mirrored import taken as taken_of
from carbonsink.scenes.scene import scenes_of
from carbonsink.scenes.window import NoRanges, WholeOnly

GONE = frozenset({"E-SRC-049"})
ANOTHER = frozenset({"E-SRC-022", "E-SRC-023", "E-SRC-047", "E-SRC-048"})  # of another length or checksum than its item states,
# too short for its header, or longer than any: what the run took can't be there
State = Literal["same", "changed", "gone", "altered"]
By = Literal["source", "mirror"]


@dataclass(frozen=True)
class SourceState:
    """One asset of a run: whether its source still gives the bytes the run took and they the run's chip, and both digests of each."""

    item: str
    band: str
    href: str
    state: State
    recorded: str  # SHA-256 as in scenes.csv, over the asset or over the parts taken of it
    found: str  # of what is there now; empty where nothing is
    chip: str  # pixel digest as in scenes.csv
    by: By = "source"  # who answered: a mirror answers with what its maker took, and says of what
    cut: str = ""  # of the chip cut again; empty where the source isn't the same, or no chip can be cut from it


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

    The lock is the run's, or that `through` a mirror: what it lacks is gone.

    Refusal with all assets of which nothing can be said: no network, no name, a busy server.
    """
    rows = [row for row in read_csv(scenes / "scenes.csv", SceneAsset) if chosen is None or (row.item, row.band) in chosen]
    wanted = {(one.item.id, band): one for scene in scenes_of(lock, plan) for band, one in scene.wanted.items()}
    taken = {(raw["id"], band): taken_of(raw["assets"][key]) for raw in lock["items"] for band, key in plan.dialect.assets.items() if key in raw["assets"]}
    problems: list[Problem] = []
    steps, guard = [0], threading.Lock()

    def state(row: SceneAsset) -> SourceState | None:
        try:
            return again.state(row, wanted.get((row.item, row.band)))
        except Refusal as refusal:
            problems.extend(refusal.problems)
            return None
        finally:
            with guard:
                steps[0] += 1
                progress(steps[0], len(rows))

    with gathering(plan, wanted.values(), root_url, Store(store), patience or Patience()) as gatherer, ThreadPoolExecutor(CONNECTIONS, "assets") as pool:
        again = _Again(gatherer, taken)
        states = list(pool.map(state, rows))
    if problems:
        raise Refusal(sorted(problems, key=lambda problem: problem.where), Exit.SOURCE)
    return [found for found in states if found]


def _unpinned(wanted: Wanted) -> Wanted:
    """The same without the length and checksum its item states: another file is an answer here, not an error."""
    free = replace(wanted.asset, checksum=None, size=None)
    return replace(wanted, item=replace(wanted.item, assets=wanted.item.assets | {wanted.band: free}))


def state_by(refusal: Refusal) -> State:
    """What a refusal says of an asset; raised again where it says nothing of it."""
    codes = {problem.code for problem in refusal.problems}
    if codes <= GONE:
        return "gone"
    if codes <= ANOTHER:
        return "changed"
    raise refusal


class _Again:
    """Assets brought again, many at once as they wait for servers, and chips cut again, few at once as they take memory."""

    def __init__(self, gatherer: Gatherer, taken: Mapping[tuple[str, str], str]) -> None:
        self._gatherer, self._taken = gatherer, taken
        self._cutting = threading.BoundedSemaphore(CUTTERS)

    def state(self, row: SceneAsset, wanted: Wanted | None) -> SourceState:
        """What became of one asset; Refusal where its server can't be asked."""
        by: By = "source" if wanted and wanted.asset.href == row.href else "mirror"
        unlike = SourceState(row.item, row.band, row.href, "changed", row.sha256, "", row.chip_sha256, by)
        if wanted is None:
            return replace(unlike, state="gone")
        try:
            return self._fetched(row, _unpinned(wanted), unlike) if by == "source" else self._mirrored(row, wanted, unlike)
        except Refusal as refusal:
            return replace(unlike, state=state_by(refusal))
        finally:
            self._gatherer.forget(wanted)

    def _fetched(self, row: SceneAsset, wanted: Wanted, unlike: SourceState) -> SourceState:
        """By the source's own bytes."""
        brought = self._brought(row, wanted)
        if brought is None:
            return unlike
        if brought.source.sha256 != row.sha256:
            brought.clear()
            return replace(unlike, found=brought.source.sha256)
        return self._held_against(row, brought, unlike)

    def _mirrored(self, row: SceneAsset, wanted: Wanted, unlike: SourceState) -> SourceState:
        """By a mirror's chip, whole as its item states it, where it was cut from what the run took."""
        taken = self._taken[row.item, row.band]
        return replace(unlike, found=taken) if taken != row.sha256 else self._held_against(row, self._gatherer.whole(wanted), unlike)

    def _held_against(self, row: SceneAsset, brought: Brought, unlike: SourceState) -> SourceState:
        cut = self._cut(brought)
        return replace(unlike, state="same" if cut == row.chip_sha256 else "altered", found=row.sha256, cut=cut)

    def _brought(self, row: SceneAsset, wanted: Wanted) -> Brought | None:
        """The asset as the run took it; None where it is a file that can't be taken so any more."""
        if row.mode == "whole":
            return self._gatherer.whole(wanted)
        try:
            return self._gatherer.window(wanted)
        except NoRanges as why:
            raise refuse("E-SRC-020", wanted.where, Exit.SOURCE, url=plain(row.href), found=why) from None
        except WholeOnly:
            return None

    def _cut(self, brought: Brought) -> str:
        """The pixel digest of the chip that stage 1 cuts from the same bytes; nothing where it wouldn't cut one."""
        with self._cutting:
            try:
                return pixel_digest(self._gatherer.fresh(brought).raster)
            except Refusal:
                return ""
