"""The chips of a run, each read once, whichever sentences ask: the digest of its pixels, and the account that stage 1 would give of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from carbonsink.base.evidence import read_json
from carbonsink.base.outline import part
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.rasters import Raster, pixel_digest, read_raster
from carbonsink.declared.plan import Plan
from carbonsink.run import Progress
from carbonsink.scenes.account import CUTTERS, Account, account
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.gather import Wanted
from carbonsink.scenes.scene import Scene, chip_name, scenes_of


@dataclass(frozen=True)
class Counted:
    """One scene of lock and plan, and what its chips in the run come to."""

    scene: Scene
    pixels: Mapping[str, str]  # pixel digest by band
    strange: tuple[Problem, ...]  # chips that aren't the rasters that lock and plan ask for; those aren't counted
    account: Account


class Chips:
    """The chips of a run; nothing is read before it is asked for, and nothing twice."""

    def __init__(self, run: Path, progress: Progress = lambda *_: None) -> None:
        self._run, self._progress = run, progress
        self._read: dict[str, tuple[Counted, ...]] = {}

    def of(self, folder: str, plan: Plan) -> tuple[Counted, ...]:
        """The scenes of one sensor, by its folder in the run and its plan; Refusal where the lock isn't one, OSError where a chip can't be read."""
        if folder not in self._read:
            self._read[folder] = tuple(self._each(folder, plan))
        return self._read[folder]

    def _each(self, folder: str, plan: Plan) -> Iterator[Counted]:
        scenes = scenes_of(read_json(self._run / folder / "lock.json"), plan)
        with ThreadPoolExecutor(CUTTERS, "chips") as readers:
            for done, counted in enumerate(readers.map(partial(_counted, plan, self._run / folder), scenes), start=1):
                self._progress("chips", done, len(scenes))
                yield counted


def _counted(plan: Plan, folder: Path, scene: Scene) -> Counted:
    pixels: dict[str, str] = {}
    strange: list[Problem] = []

    def cut_of(band: str) -> Cut:
        raster = read_raster(folder / chip_name(scene, band))
        pixels[band] = pixel_digest(raster)
        if problems := list(_unlike(raster, scene.wanted[band], chip_name(scene, band))):
            strange.extend(problems)
            raise Refusal(problems)
        return Cut(raster)

    found = account(scene, plan, cut_of)
    return Counted(scene, pixels, tuple(strange), found)


def _unlike(raster: Raster, wanted: Wanted, where: str) -> Iterator[Problem]:
    """Where a chip isn't the raster that lock and plan ask for, whatever its pixels are."""
    kind, types = raster.pixels.dtype.name, wanted.kind.types_of(wanted.asset)
    for field, stated, expected in (
        ("grid", raster.grid, part(wanted.asset.grid, wanted.frame)),
        ("layers", raster.layers, (wanted.band,)),
        ("nodata", raster.nodata, wanted.kind.nodata),
        ("type", kind, kind if kind in types else " | ".join(types)),
    ):
        if stated != expected:
            yield Problem("E-VER-030", where, {"field": field, "stated": stated, "expected": expected})
