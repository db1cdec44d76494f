"""Stage 1 from a lock to files: chips out of the store or off the net, the radiometry decided, every pixel accounted for.

lock  ->  store  ->  out/chips/<item>/<band>.tif, out/lock.json, out/scenes.csv, out/pixel_budget.csv
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from carbonsink.base.evidence import sweep, write_json
from carbonsink.base.gdal import check_gdal
from carbonsink.base.outline import projected
from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import write_csv
from carbonsink.declared.plan import Plan
from carbonsink.scenes.asset import media_of
from carbonsink.scenes.budget import Masked, budget, clear_values, darkest_values, emptiness, hollow, imbalance, impossible, masked
from carbonsink.scenes.chips import TYPES, Frame, Kind, frame_of, span
from carbonsink.scenes.gather import Brought, Chip, Gatherer, Wanted, gathering, identity_of
from carbonsink.scenes.http import CONNECTIONS, Patience
from carbonsink.scenes.item import Item
from carbonsink.scenes.lock import items_of
from carbonsink.scenes.radiometry import Decision, Shade, conflict, decide, leftover, mixed, shade

CUTTERS = min(4, os.cpu_count() or 1)  # scenes worked on at once: each holds its masks and one band in memory
Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Scene:
    """An item whose tile holds part of the area, and its chips by band."""

    item: Item
    area: BaseGeometry  # in the item's CRS
    wanted: dict[str, Wanted]


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
    done = _work_all(plan, scenes, root_url, kept, out, progress, patience or Patience())
    if problems := [problem for scene in done for problem in scene.problems]:
        raise Refusal(problems, max(code for scene in done for code in scene.exits))
    _clear_away(out / "chips", {out / asset.chip for scene in done for asset in scene.assets})
    write_json(out / "lock.json", lock)
    write_csv(out / "scenes.csv", [asset for scene in done for asset in scene.assets], SceneAsset)
    write_csv(out / "pixel_budget.csv", [row for scene in done for row in scene.budgets], PixelBudget)


def scenes_of(lock: dict[str, Any], plan: Plan) -> list[Scene]:
    """The scenes of a lock that hold part of the area, in its order."""
    scenes = []
    for raw, item in zip(lock["items"], items_of(lock, plan), strict=True):
        area = projected(plan.land.boundary, item.grid.crs)
        bounds = span(item, area)
        if bounds is not None:
            scenes.append(Scene(item, area, {band: _wanted(plan, raw, item, band, frame_of(item, band, bounds)) for band in item.assets}))
    return scenes


def _wanted(plan: Plan, raw: dict[str, Any], item: Item, band: str, frame: Frame) -> Wanted:
    sensor, dialect = plan.sensor, plan.dialect
    types = TYPES["reflectance" if band in sensor.mask_bands else sensor.values]
    media = media_of(raw["assets"][dialect.assets[band]], item.assets[band].href, dialect)
    return Wanted(item, band, frame, Kind(media, types, sensor.bands[band].nodata), identity_of(raw, item, band, dialect))


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
        return list(cutters.map(lambda scene, coming: steps.after(_Work(plan, scene, coming, gatherer, out).done), scenes, brought))


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
    """One scene: its masks first, as the others are read in their light, then band by band."""

    def __init__(self, plan: Plan, scene: Scene, coming: dict[str, Future[Brought]], gatherer: Gatherer, out: Path) -> None:
        self.plan, self.scene, self.coming, self.gatherer, self.out = plan, scene, coming, gatherer, out
        self.problems: list[Problem] = []
        self.exits: set[Exit] = set()
        self.shades: list[Shade] = []
        self.decisions: dict[str, Decision] = {}

    def done(self) -> Done:
        """Everything the scene gives, or every problem it has."""
        item, sensor = self.scene.item, self.plan.sensor
        masks = {band: chip for band in sensor.mask_bands if (chip := self._chip(band))}
        classes = masked(item, {band: chip.cut for band, chip in masks.items()}, sensor, self.scene.area) if len(masks) == len(sensor.mask_bands) else None
        rows: list[tuple[SceneAsset, PixelBudget]] = []
        for mask in sensor.masks:
            if classes is not None:
                self._note(impossible(mask, masks[mask.band].cut, item), Exit.INTEGRITY)
        for band in sorted(self.coming):
            chip = masks.get(band) or (None if band in sensor.mask_bands else self._chip(band))
            decision = self._decision(band)
            if chip and classes is not None and decision:
                rows.append((self._asset(band, chip, decision), self._account(chip, classes, decision)))
        self._note(mixed(item, self.decisions), Exit.INTEGRITY)
        self._note(leftover(item, self.shades, sensor), Exit.INTEGRITY)
        if self.problems:
            for wanted in self.scene.wanted.values():
                self.gatherer.forget(wanted)
            return Done((), (), tuple(self.problems), frozenset(self.exits))
        return Done(tuple(asset for asset, _ in rows), tuple(row for _, row in rows), (), frozenset())

    def _chip(self, band: str) -> Chip | None:
        """A band's chip, remembered and given its name in the run; None, with its problems noted, where there is none."""
        try:
            chip = self.gatherer.chip(self.coming[band].result())
        except Refusal as refusal:
            self.problems += refusal.problems
            self.exits.add(refusal.exit_code)
            return None
        self.gatherer.remember(self.scene.wanted[band], chip)
        self.gatherer.store.lend(chip.object, self.out / self._name(band))
        return chip

    def _decision(self, band: str) -> Decision | None:
        try:
            self.decisions[band] = decide(self.scene.item, band, self.plan.sensor, self.plan.dialect)
            return self.decisions[band]
        except Refusal as refusal:
            self.problems += refusal.problems
            self.exits.add(Exit.INTEGRITY)
            return None

    def _account(self, chip: Chip, classes: Masked, decision: Decision) -> PixelBudget:
        """Where the band's pixels went, with every reason not to believe them noted."""
        item, sensor = self.scene.item, self.plan.sensor
        row = budget(classes, chip.cut, sensor)
        self._note(imbalance(row), Exit.INTEGRITY)
        self._note(emptiness(classes, row, chip.cut, sensor) or hollow(classes, chip.cut, sensor), Exit.INTEGRITY)
        if decision.offset < 0:
            self._note(conflict(item, row.band, decision, clear_values(classes, chip.cut, sensor), sensor), Exit.INTEGRITY)
        elif sensor.radiometry.darkest and row.band in sensor.radiometry.darkest.bands:
            seen = shade(row.band, decision, darkest_values(classes, chip.cut, sensor), sensor)
            self.shades += [seen] if seen else []
        return row

    def _note(self, problem: Problem | None, code: Exit) -> None:
        if problem:
            self.problems.append(problem)
            self.exits.add(code)

    def _name(self, band: str) -> str:
        return f"chips/{self.scene.item.id}/{band}.tif"

    def _asset(self, band: str, chip: Chip, decision: Decision) -> SceneAsset:
        item = self.scene.item
        return SceneAsset(
            item=item.id,
            datetime=item.stamp,
            platform=item.platform,
            tile=item.tile,
            band=band,
            href=item.assets[band].href,
            size=chip.source.size,
            sha256=chip.source.sha256,
            chip=self._name(band),
            chip_sha256=chip.pixels,
            scale=decision.scale,
            offset=decision.offset,
            offset_rule=decision.rule,
            mode=chip.source.mode,
        )


def _clear_away(folder: Path, wanted: set[Path]) -> None:
    """Remove files of an earlier lock, so that a folder holds what its tables say and nothing else."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
