"""Stage 1 from a lock to files: chips out of the store or off the net, the radiometry decided, every pixel accounted for.

lock  ->  store  ->  out/chips/<item>/<band>.tif, out/lock.json, out/scenes.csv, out/pixel_budget.csv
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import naming, sweep, write_json
from carbonsink.base.gdal import check_gdal
from carbonsink.base.problems import Exit, Problem, Refusal, say_counted
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import write_csv
from carbonsink.declared.plan import Plan
from carbonsink.scenes.account import CUTTERS, account
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.gather import Brought, Gatherer, Source, Wanted, gathering
from carbonsink.scenes.http import CONNECTIONS, Patience
from carbonsink.scenes.radiometry import Decision
from carbonsink.scenes.scene import Scene, chip_name, scenes_of, told

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Done:
    """What one scene gave."""

    assets: tuple[SceneAsset, ...]
    budgets: tuple[PixelBudget, ...]
    problems: tuple[Problem, ...]
    exits: frozenset[Exit]


def fetch(plan: Plan, lock: dict[str, Any], root_url: str | None, store: Path, out: Path, progress: Report, patience: Patience | None = None) -> None:
    """Fetch what a lock's scenes have of the area and write everything of stage 1 below `out`.

    Refusal with every problem found: assets that can't be had (exit 4), bytes or pixels that aren't what they claim (exit 5).
    """
    check_gdal()
    import_module("carbonsink.base.tiff.predictor")  # compiled code, whose loading would take many times as long beside threads at work
    scenes = scenes_of(lock, plan)
    kept = Store(store)
    kept.sweep()
    sweep(out)
    with naming(store):
        done = _work_all(plan, scenes, root_url, kept, out, progress, patience or Patience())
    if problems := [problem for scene in done for problem in scene.problems]:
        raise Refusal(problems, max(code for scene in done for code in scene.exits))
    _clear_away(out / "chips", {out / asset.chip for scene in done for asset in scene.assets})
    write_json(out / "lock.json", lock)
    write_csv(out / "scenes.csv", [asset for scene in done for asset in scene.assets], SceneAsset)
    write_csv(out / "pixel_budget.csv", [row for scene in done for row in scene.budgets], PixelBudget)


def _work_all(plan: Plan, scenes: list[Scene], root_url: str | None, store: Store, out: Path, progress: Report, patience: Patience) -> list[Done]:
    """Ask for every asset in the order of the scenes, and work on each scene as soon as its assets are here."""
    wanted = [one for scene in scenes for one in scene.wanted.values()]
    steps = _Steps(progress, len(wanted) + len(scenes))
    with (
        gathering(plan, wanted, root_url, store, patience) as gatherer,
        ThreadPoolExecutor(CONNECTIONS, "assets") as assets,
        ThreadPoolExecutor(CUTTERS, "scenes") as cutters,
    ):
        brought = [
            {band: assets.submit(steps.after, gatherer.bring, one) for band, one in _masks_first(scene, plan)}
            for scene in scenes
        ]  # fmt: skip
        done = list(cutters.map(lambda scene, coming: steps.after(_Work(plan, scene, coming, gatherer, out).done), scenes, brought))
        say_counted("scenes", gatherer.fallbacks)
        return done


def _masks_first(scene: Scene, plan: Plan) -> list[tuple[str, Wanted]]:
    masks = plan.sensor.mask_bands
    return sorted(scene.wanted.items(), key=lambda pair: (masks.index(pair[0]) if pair[0] in masks else len(masks), pair[0]))


class _Steps:
    """Counts finished steps from several threads."""

    def __init__(self, progress: Report, total: int) -> None:
        self.progress, self.total, self.done, self.lock = progress, total, 0, threading.Lock()

    def after(self, work: Callable[..., Any], *given: Any) -> Any:
        try:
            return work(*given)
        finally:
            with self.lock:
                self.done += 1
                self.progress(self.done, self.total)


class _Work:
    """One scene, whose account asks for its assets one by one."""

    def __init__(self, plan: Plan, scene: Scene, coming: dict[str, Future[Brought]], gatherer: Gatherer, out: Path) -> None:
        self.plan, self.scene, self.coming, self.gatherer, self.out = plan, scene, coming, gatherer, out
        self.taken: dict[str, tuple[Source, str]] = {}  # by band: what was taken of its asset, and the digest of its pixels

    def done(self) -> Done:
        """Everything the scene gives, or every problem it has."""
        found = account(self.scene, self.plan, self._cut)
        if found.problems:
            for wanted in self.scene.wanted.values():
                self.gatherer.forget(wanted)
            return Done((), (), found.problems, found.exits)
        assets = (self._asset(band, found.decisions[band]) for band in found.budgets)
        return Done(tuple(assets), tuple(found.budgets.values()), (), frozenset())

    def _cut(self, band: str) -> Cut:
        """A band's chip, remembered and given its name in the run; Refusal where there is none."""
        chip = self.gatherer.chip(self.coming[band].result())
        self.gatherer.remember(self.scene.wanted[band], chip)
        self.gatherer.store.lend(chip.object, self.out / chip_name(self.scene, band))
        self.taken[band] = chip.source, chip.pixels
        return chip.cut

    def _asset(self, band: str, decision: Decision) -> SceneAsset:
        source, pixels = self.taken[band]
        return SceneAsset(**told(self.scene, band, decision), size=source.size, sha256=source.sha256, chip_sha256=pixels, mode=source.mode)


def _clear_away(folder: Path, wanted: set[Path]) -> None:
    """Remove files of an earlier lock, so that a folder holds what its tables say and nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
