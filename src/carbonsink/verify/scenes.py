"""3 and 4. Do the scenes follow from lock and plan, are the chips those that were fetched, and was every pixel accounted for?

What scenes.csv and pixel_budget.csv say is made again by the code of stage 1, from the run's own lock, plan and chips.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import read_manifest
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.run import lock_digests
from carbonsink.scenes.budget import imbalance
from carbonsink.scenes.gather import Wanted, mode_of
from carbonsink.scenes.radiometry import decide
from carbonsink.scenes.scene import Scene, scenes_of, told
from carbonsink.verify.chips import Chips, Counted
from carbonsink.verify.declared import load_declared
from carbonsink.verify.maps import maps_differing

SHA256 = "1220"  # how a multihash of that kind begins


def check_scenes(run: Path, chips: Chips) -> Iterator[Problem]:
    """3. Every row of the scenes is what lock and plan give, its chip has the pixels it states, its asset the locked checksum; radar and maps too."""
    manifest, fetched = read_manifest(run), load_declared(run).fetched
    locks = {folder: read_json(run / folder / "lock.json") for folder in fetched}
    for (name, found), folder in zip(lock_digests(locks).items(), locks, strict=True):
        if found != manifest.get(name):
            yield Problem("E-VER-011", f"{folder}/lock.json")
    for folder, plan in fetched.items():
        rows = read_csv(run / folder / "scenes.csv", SceneAsset)
        missing = list(simulated_items(plan, locks[folder])) or list(unmatched("scenes.csv", rows, scenes_of(locks[folder], plan)))
        yield from missing
        if not missing:
            yield from rows_differing(plan, {(row.item, row.band): row for row in rows}, chips.of(folder, plan))
    yield from maps_differing(run, fetched["scenes"])


def check_pixel_budget(run: Path, chips: Chips) -> Iterator[Problem]:
    """4. The pixel budget balances, nothing was left unread, and the chips, counted again, give it."""
    for folder, plan in load_declared(run).fetched.items():
        rows = read_csv(run / folder / "pixel_budget.csv", PixelBudget)
        for row in rows:
            if problem := imbalance(row):
                yield replace(problem, code="E-VER-016")
        counted = chips.of(folder, plan)
        yield from unmatched("pixel_budget.csv", rows, [one.scene for one in counted])
        by_name = {(row.item, row.band): row for row in rows}
        for one in counted:
            yield from one.account.problems
            for name, again in ((name, row) for row in one.account.budgets.values() if (name := (row.item, row.band)) in by_name):
                yield from _differing("E-VER-031", asdict(by_name[name]), asdict(again), " ".join(name))


def simulated_items(plan: Plan, lock: Mapping[str, Any]) -> Iterator[Problem]:
    """The items of a lock that say they are simulated where the plan says they aren't."""
    marked = sorted(item["id"] for item in lock["items"] if item["properties"].get(SIMULATED))
    yield from (Problem("E-VER-012", name) for name in marked if not plan.simulated)


def changed_by_hand(run: Path) -> Iterator[Problem]:
    """The locks that name fewer or more items than their search gave."""
    for folder in load_declared(run).fetched:
        lock = read_json(run / folder / "lock.json")
        named = len(lock["items"]) + len(lock["dropped"])
        if named != lock["returned"]:
            yield Problem("W-VER-003", f"{folder}/lock.json", {"named": named, "returned": lock["returned"]})


def unmatched(table: str, rows: Sequence[SceneAsset | PixelBudget], scenes: Sequence[Scene]) -> Iterator[Problem]:
    """The items and bands of which a table has more or fewer rows than lock and plan give: one each."""
    stated = Counter((row.item, row.band) for row in rows)
    given = Counter((scene.item.id, band) for scene in scenes for band in scene.wanted)
    for name in sorted(stated.keys() | given.keys()):
        if stated[name] != given[name]:
            yield Problem("E-VER-014", " ".join(name), {"table": table, "stated": stated[name], "expected": given[name]})


def rows_differing(plan: Plan, rows: Mapping[tuple[str, str], SceneAsset], scenes: Sequence[Counted]) -> Iterator[Problem]:
    """What the rows of scenes.csv say otherwise than lock, plan and chips; there is one for every item and band."""
    for counted in scenes:
        yield from counted.strange
        for band, wanted in counted.scene.wanted.items():
            row = rows[counted.scene.item.id, band]
            yield from _row_differing(plan, counted.scene, wanted, row)
            if counted.pixels[band] != row.chip_sha256:
                yield Problem("E-VER-013", row.chip, {"found": counted.pixels[band], "stated": row.chip_sha256})


def _row_differing(plan: Plan, scene: Scene, wanted: Wanted, row: SceneAsset) -> Iterator[Problem]:
    try:
        decision = decide(scene.item, row.band, plan.sensor, plan.dialect)
    except Refusal as refusal:
        yield from refusal.problems
        return
    settled = told(scene, row.band, decision) | _settled_of_asset(plan, wanted, row)
    yield from _differing("E-VER-030", asdict(row), settled, wanted.where)
    checksum = wanted.asset.checksum or ""
    if row.mode == "whole" and checksum.startswith(SHA256) and checksum.removeprefix(SHA256) != row.sha256:
        yield Problem("E-VER-015", wanted.where, {"stated": row.sha256, "locked": checksum.removeprefix(SHA256)})


def _settled_of_asset(plan: Plan, wanted: Wanted, row: SceneAsset) -> dict[str, object]:
    """What of a fetched file lock and plan settle: that all of it was taken, where no part would do, and then its size, where the lock states it."""
    settled: dict[str, object] = {}
    if mode_of(wanted, plan.pipeline.imagery.fetch) == "whole":
        settled["mode"] = "whole"
    if row.mode == "whole" and wanted.asset.size is not None:
        settled["size"] = wanted.asset.size
    return settled


def _differing(code: str, stated: Mapping[str, object], expected: Mapping[str, object], where: str) -> Iterator[Problem]:
    for field, value in expected.items():
        if stated[field] != value:
            yield Problem(code, where, {"field": field, "stated": _exact(stated[field]), "expected": _exact(value)})


def _exact(value: object) -> object:
    """Numbers with every digit, as two of them may differ in the last."""
    return repr(value) if isinstance(value, float) else value
