"""Stage 1 from a lock to files: assets into the store, chips out of it, the radiometry decided, every pixel accounted for.

lock  ->  store  ->  out/chips/<item>/<band>.tif, out/lock.json, out/scenes.csv, out/pixel_budget.csv
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from carbonsink.base.evidence import write_json
from carbonsink.base.outline import projected
from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import write_csv
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import Sensor
from carbonsink.scenes.budget import Masked, budget, clear_values, emptiness, imbalance, impossible
from carbonsink.scenes.chips import Cut, cut, span, store_chip
from carbonsink.scenes.http import Patience, client, obtain
from carbonsink.scenes.item import Item
from carbonsink.scenes.lock import items_of
from carbonsink.scenes.radiometry import Decision, conflict, decide

WORKERS = 4
Bounds = tuple[float, float, float, float]
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Scene:
    """An item whose tile holds part of the area, and the bounds of its chips [m]."""

    item: Item
    area: BaseGeometry  # in the item's CRS
    bounds: Bounds


@dataclass(frozen=True)
class Done:
    """What one scene gave."""

    assets: tuple[SceneAsset, ...]
    budgets: tuple[PixelBudget, ...]
    problems: tuple[Problem, ...]


def fetch(plan: Plan, lock: dict[str, Any], root_url: str | None, store: Path, out: Path, progress: Report, patience: Patience | None = None) -> None:
    """Fetch a lock's assets and write everything of stage 1 below `out`.

    Refusal with every problem found: assets that can't be had (exit 4), bytes or pixels that aren't what they claim (exit 5).
    """
    scenes = _scenes(items_of(lock, plan), plan)
    steps = _Steps(progress, sum(len(scene.item.assets) for scene in scenes) + len(scenes))
    objects = _obtain_all(scenes, root_url, Store(store), patience or Patience(), steps)
    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(lambda scene: steps.after(lambda: _work(scene, objects, Store(store), out, plan.sensor)), scenes))
    problems = [problem for scene in done for problem in scene.problems]
    if problems:
        raise Refusal(problems, Exit.INTEGRITY)
    _clear_away(out / "chips", {out / asset.chip for scene in done for asset in scene.assets})
    write_json(out / "lock.json", lock)
    write_csv(out / "scenes.csv", [asset for scene in done for asset in scene.assets], SceneAsset)
    write_csv(out / "pixel_budget.csv", [row for scene in done for row in scene.budgets], PixelBudget)


class _Steps:
    """Counts finished steps from several threads."""

    def __init__(self, progress: Report, total: int) -> None:
        self.progress, self.total, self.done, self.lock = progress, total, 0, threading.Lock()

    def after(self, work: Callable[[], Any]) -> Any:
        result = work()
        with self.lock:
            self.done += 1
            self.progress(self.done, self.total)
        return result


def _scenes(items: Iterable[Item], plan: Plan) -> list[Scene]:
    scenes = []
    for item in items:
        area = projected(plan.land.boundary, item.grid.crs)
        bounds = span(item, area)
        if bounds is not None:
            scenes.append(Scene(item, area, bounds))
    return scenes


def _obtain_all(scenes: list[Scene], root_url: str | None, store: Store, patience: Patience, steps: _Steps) -> dict[str, str]:
    """The digest of every asset by its address, each address asked once; the Refusal lists all that are missing."""
    wanted = {asset.href: (asset, f"{scene.item.id} {asset.band}") for scene in scenes for asset in scene.item.assets.values()}
    problems: list[Problem] = []
    exits: set[Exit] = set()

    with client(patience) as http:

        def one(href: str) -> str:
            asset, where = wanted[href]
            try:
                return obtain(asset, where, root_url, store, http, patience)
            except Refusal as refusal:
                problems.extend(refusal.problems)
                exits.add(refusal.exit_code)
                return ""

        with ThreadPoolExecutor(WORKERS) as pool:
            objects = dict(zip(wanted, pool.map(lambda href: steps.after(lambda: one(href)), wanted), strict=True))
    if problems:
        raise Refusal(sorted(problems, key=lambda problem: problem.where), max(exits))
    return objects


def _work(scene: Scene, objects: dict[str, str], store: Store, out: Path, sensor: Sensor) -> Done:
    """Cut, check and store one scene's chips; the mask first, as the others are read in its light."""
    item, mask = scene.item, sensor.mask.band
    try:
        cuts = {band: cut(store.path(objects[item.assets[band].href]), item, band, scene.bounds, sensor.bands[band].nodata) for band in item.assets}
        decisions = {band: decide(item, band, sensor) for band in item.assets}
    except Refusal as refusal:
        return Done((), (), refusal.problems)
    masked = Masked(item, cuts[mask].raster, scene.area)
    budgets = tuple(budget(masked, cuts[band], sensor) for band in sorted(cuts))
    found = [impossible(masked, sensor)]
    for row in budgets:
        found += [imbalance(row), emptiness(masked, row, cuts[row.band], sensor)]
        found.append(conflict(item, row.band, decisions[row.band], clear_values(masked, cuts[row.band], sensor), sensor))
    problems = tuple(problem for problem in found if problem)
    assets = () if problems else tuple(_asset(scene, band, cuts[band], decisions[band], objects, store, out) for band in sorted(cuts))
    return Done(assets, budgets, problems)


def _asset(scene: Scene, band: str, chip: Cut, decision: Decision, objects: dict[str, str], store: Store, out: Path) -> SceneAsset:
    item, name = scene.item, f"chips/{scene.item.id}/{band}.tif"
    sha256 = objects[item.assets[band].href]
    return SceneAsset(
        item=item.id,
        datetime=item.stamp,
        platform=item.platform,
        tile=item.tile,
        band=band,
        href=item.assets[band].href,
        size=store.path(sha256).stat().st_size,
        sha256=sha256,
        chip=name,
        chip_sha256=store_chip(out / name, chip.raster),
        scale=decision.scale,
        offset=decision.offset,
        offset_rule=decision.rule,
    )


def _clear_away(folder: Path, wanted: set[Path]) -> None:
    """Remove files of an earlier lock, so that a folder holds what its tables say and nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
