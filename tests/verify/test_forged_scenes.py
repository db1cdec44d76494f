"""Scenes changed by a submitter who writes every digest anew and works every stage again: what doesn't follow from lock, plan and source is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Exit, Problem
from carbonsink.base.rasters import Raster, pixel_digest, read_raster, write_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.run import Means, finish, work_stages
from carbonsink.verify import Asked, Chips, Verdict, check_pixel_budget, check_scenes, load_declared, verify
from tests.verify.conftest import quiet
from tests.verify.test_verify import failed

FIRST = "S2A_50RNN_20200101_0_L2A"
SCENES, BUDGET, LOCK = "scenes/scenes.csv", "scenes/pixel_budget.csv", "scenes/lock.json"
DECIDING = ("earthsearch:boa_offset_applied", "s2:processing_baseline")  # which offset an item's numbers have


def scenes(run: Path, change: Callable[[SceneAsset], SceneAsset]) -> None:
    """Change rows of scenes.csv."""
    write_csv(run / SCENES, [change(row) for row in read_csv(run / SCENES, SceneAsset)], SceneAsset)


def chip(run: Path, band: str, change: Callable[[Raster], Raster], item: str | None = None) -> None:
    """Change a band's chips, all of them or an item's, and their digests in scenes.csv."""

    def changed(row: SceneAsset) -> SceneAsset:
        if row.band != band or item not in (None, row.item):
            return row
        path = run / "scenes" / row.chip
        raster = change(read_raster(path))
        path.unlink()  # the store has the same file
        write_raster(path, raster)
        return replace(row, chip_sha256=pixel_digest(raster))

    scenes(run, changed)


def of_nir(**fields: Any) -> Callable[[SceneAsset], SceneAsset]:
    return lambda row: replace(row, **fields) if row.band == "nir" else row


def without_first(run: Path) -> None:
    """Leave an item out of both tables, and its chips with it."""
    for path, record in ((SCENES, SceneAsset), (BUDGET, PixelBudget)):
        write_csv(run / path, [row for row in read_csv(run / path, record) if row.item != FIRST], record)  # type: ignore[attr-defined, var-annotated]
    shutil.rmtree(run / "scenes" / "chips" / FIRST)


def twice(run: Path) -> None:
    rows = read_csv(run / SCENES, SceneAsset)
    write_csv(run / SCENES, [rows[0], *rows], SceneAsset)


def shifted(raster: Raster) -> Raster:
    """The same pixels, said to lie one pixel further east."""
    return replace(raster, grid=replace(raster.grid, west=raster.grid.west + raster.grid.resolution))


def found(run: Path) -> dict[str, list[Problem]]:
    """What checks 3 and 4 find, by code."""
    chips = Chips(run)
    by_code: dict[str, list[Problem]] = {}
    for problem in (*check_scenes(run, chips), *check_pixel_budget(run, chips)):
        by_code.setdefault(problem.code, []).append(problem)
    return by_code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("offset", 0.1), ("scale", 0.00012), ("offset_rule", "x"), ("datetime", "2020-07-01T00:00:00Z"), ("platform", "sentinel-2z"), ("tile", "50RNP"),
        ("href", "catalogue:/files/elsewhere.tif"), ("mode", "window"), ("size", 7),
    ],
)  # fmt: skip
def test_what_lock_and_plan_settle_is_theirs_and_not_the_tables(run: Path, field: str, value: Any) -> None:
    scenes(run, of_nir(**{field: value}))
    names = {(one.where, one.facts["field"]) for one in found(run)["E-VER-030"]}
    assert names == {(f"{row.item} nir", field) for row in read_csv(run / SCENES, SceneAsset) if row.band == "nir"}


@pytest.mark.parametrize(("tamper", "stated", "bands"), [(without_first, 0, {"blue", "nir", "red", "scl"}), (twice, 2, {"blue"})])
def test_an_item_that_is_left_out_or_told_twice_is_named_by_item_and_band(run: Path, tamper: Callable[[Path], None], stated: int, bands: set[str]) -> None:
    tamper(run)
    problems = list(check_scenes(run, Chips(run)))
    assert {one.where for one in problems} == {f"{FIRST} {band}" for band in bands}
    assert {(one.code, one.facts["table"], one.facts["stated"], one.facts["expected"]) for one in problems} == {("E-VER-014", "scenes.csv", stated, 1)}


def test_a_chip_moved_to_another_place_is_named_with_both_grids(run: Path) -> None:
    chip(run, "nir", shifted, FIRST)
    (problem,) = check_scenes(run, Chips(run))
    assert (problem.code, problem.where, problem.facts["field"]) == ("E-VER-030", f"chips/{FIRST}/nir.tif", "grid")


def test_a_mask_made_clear_is_found_by_counting_again(run: Path) -> None:
    chip(run, "scl", lambda raster: replace(raster, pixels=raster.pixels * 0 + 9), FIRST)
    problems = found(run)["E-VER-031"]
    assert {one.where for one in problems} >= {f"{FIRST} red", f"{FIRST} nir"} and {"valid", "masked"} & {one.facts["field"] for one in problems}


def test_a_budget_that_balances_and_is_not_the_chips_is_found(run: Path) -> None:
    rows = read_csv(run / BUDGET, PixelBudget)
    write_csv(run / BUDGET, [replace(rows[0], valid=rows[0].valid + 1, outside=rows[0].outside - 1), *rows[1:]], PixelBudget)
    problems = found(run)
    assert set(problems) == {"E-VER-031"} and [one.facts["field"] for one in problems["E-VER-031"]] == ["valid", "outside"]


def test_an_emptied_chip_is_not_believed(run: Path) -> None:
    chip(run, "nir", lambda raster: replace(raster, pixels=raster.pixels * 0))
    assert "E-SRC-014" in found(run), "the reasons of stage 1 not to believe a chip are the verifier's too"


def test_a_lock_that_decides_nothing_is_named(run: Path) -> None:
    lock = read_json(run / LOCK)
    for item in lock["items"]:
        item["properties"] = {key: value for key, value in item["properties"].items() if key not in DECIDING}
        item["assets"] = {key: {name: value for name, value in asset.items() if name != "raster:bands"} for key, asset in item["assets"].items()}
    write_json(run / LOCK, lock)
    manifest = {name: one for name, one in read_json(run / "manifest.json").items() if name != "digest"} | {"lock": digest(lock)}
    write_json(run / "manifest.json", manifest | {"digest": digest(manifest)})
    assert "E-SRC-012" in found(run)


def sourced(run: Path, catalogue: Path) -> Verdict:
    return verify(run, Means(run.parent / "store"), quiet, asked=Asked(source=True, catalogue=catalogue))


def test_brighter_chips_with_every_stage_worked_again_fail_by_their_source_alone(run: Path, made: Path) -> None:
    (catalogue,) = (made.parent.parent / "store" / "simulated").iterdir()
    honest = sourced(run, catalogue)
    assert (failed(honest), honest.outcome, len(honest.checks), {one["state"] for one in honest.sources}) == ([], "V0", 10, {"same"})

    chip(run, "nir", lambda raster: replace(raster, pixels=(raster.pixels + 2000).astype(raster.pixels.dtype)))
    plan = load_declared(run)
    work_stages(plan, run, Means(run.parent / "store", reuse=False), quiet)
    finish(plan, run)
    offline = verify(run, Means(run.parent / "store"), quiet)
    assert (failed(offline), offline.outcome) == ([], "V0"), "of itself it is whole"

    forged = sourced(run, catalogue)
    assert (failed(forged), forged.outcome, forged.exit_code, forged.passed) == ([10], "V6", Exit.INTEGRITY, False)
    assert {(one["band"], one["state"]) for one in forged.sources} == {("nir", "altered"), ("blue", "same"), ("red", "same"), ("scl", "same")}
    assert not forged.strayed and "E-VER-032" in forged.checks[-1].detail("en")
