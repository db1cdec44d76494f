"""3 and 4. Are the chips those that were fetched, and was every pixel accounted for?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import read_manifest
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.run import Means, lock_digests
from carbonsink.verify.declared import load_declared


def check_scenes(run: Path, _: Means) -> Iterator[str]:
    """3. Every chip has the pixels its row states, and every asset the checksum of its locked item; those of the radar too."""
    manifest, fetched = read_manifest(run), load_declared(run).fetched
    locks = {folder: read_json(run / folder / "lock.json") for folder in fetched}
    for (name, found), folder in zip(lock_digests(locks).items(), locks, strict=True):
        if found != manifest.get(name):
            yield f"{folder}/lock.json isn't the lock the manifest states"
    for folder, plan in fetched.items():
        yield from _scenes_of(plan, run / folder, locks[folder])


def _scenes_of(plan: Plan, scenes: Path, lock: Mapping[str, Any]) -> Iterator[str]:
    items = {item["id"]: item for item in lock["items"]}
    for name in () if plan.simulated else sorted(name for name, item in items.items() if item["properties"].get(SIMULATED)):
        yield f"{name} is marked as simulated, the plan says its imagery is real"
    assets = plan.dialect.assets
    for row in read_csv(scenes / "scenes.csv", SceneAsset):
        found = pixel_digest(read_raster(scenes / row.chip))
        if found != row.chip_sha256:
            yield f"{row.chip} has pixels {found}, scenes.csv states {row.chip_sha256}"
        if row.item not in items:
            yield f"{row.chip} is of {row.item}, which isn't in the lock"
            continue
        checksum = items[row.item]["assets"][assets[row.band]].get("file:checksum")
        if row.mode == "whole" and checksum and checksum.startswith("1220") and checksum[4:] != row.sha256:
            yield f"{row.item} {row.band} has sha256 {row.sha256}, its locked item states {checksum[4:]}"


def check_pixel_budget(run: Path, _: Means) -> Iterator[str]:
    """4. The pixel budget balances and nothing was left unread."""
    for row in (row for folder in load_declared(run).fetched for row in read_csv(run / folder / "pixel_budget.csv", PixelBudget)):
        accounted = row.valid + row.masked + row.outside + row.nodata
        if row.pixels != accounted or row.read_failed:
            yield f"{row.item} {row.band}: {row.pixels} pixels, {accounted} accounted for, {row.read_failed} unread"
