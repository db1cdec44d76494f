"""3 and 4. Are the chips those that were fetched, and was every pixel accounted for?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import read_manifest
from carbonsink.base.problems import Problem
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.run import Means, lock_digests
from carbonsink.verify.declared import load_declared


def check_scenes(run: Path, _: Means) -> Iterator[Problem]:
    """3. Every chip has the pixels its row states, and every asset the checksum of its locked item; those of the radar too."""
    manifest, fetched = read_manifest(run), load_declared(run).fetched
    locks = {folder: read_json(run / folder / "lock.json") for folder in fetched}
    for (name, found), folder in zip(lock_digests(locks).items(), locks, strict=True):
        if found != manifest.get(name):
            yield Problem("E-VER-011", f"{folder}/lock.json")
    for folder, plan in fetched.items():
        yield from scenes_differing(plan, run / folder, locks[folder])


def scenes_differing(plan: Plan, scenes: Path, lock: Mapping[str, Any]) -> Iterator[Problem]:
    """What the chips and assets of one sensor's scenes say otherwise than their rows, their lock and the plan do."""
    items = {item["id"]: item for item in lock["items"]}
    for name in () if plan.simulated else sorted(name for name, item in items.items() if item["properties"].get(SIMULATED)):
        yield Problem("E-VER-012", name)
    assets = plan.dialect.assets
    for row in read_csv(scenes / "scenes.csv", SceneAsset):
        found = pixel_digest(read_raster(scenes / row.chip))
        if found != row.chip_sha256:
            yield Problem("E-VER-013", row.chip, {"found": found, "stated": row.chip_sha256})
        if row.item not in items:
            yield Problem("E-VER-014", row.chip, {"item": row.item})
            continue
        checksum = items[row.item]["assets"][assets[row.band]].get("file:checksum")
        if row.mode == "whole" and checksum and checksum.startswith("1220") and checksum[4:] != row.sha256:
            yield Problem("E-VER-015", f"{row.item} {row.band}", {"stated": row.sha256, "locked": checksum[4:]})


def check_pixel_budget(run: Path, _: Means) -> Iterator[Problem]:
    """4. The pixel budget balances and nothing was left unread."""
    for row in (row for folder in load_declared(run).fetched for row in read_csv(run / folder / "pixel_budget.csv", PixelBudget)):
        accounted = row.valid + row.masked + row.outside + row.nodata
        if row.pixels != accounted or row.read_failed:
            facts: dict[str, object] = {"pixels": row.pixels, "counted": accounted, "failed": row.read_failed}
            yield Problem("E-VER-016", f"{row.item} {row.band}", facts)
