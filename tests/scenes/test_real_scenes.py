"""Stage 1 on real Sentinel-2 scenes: a cloudy year and a half over Flanders, and two tiles near Zagreb with their traps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carbonsink.base.evidence import digest, read_json
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.catalogue.serve import Catalogue
from carbonsink.declared.sensor import IMPOSSIBLE
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.lock import search
from carbonsink.scenes.pages import LIMIT
from tests.scenes.real import flanders, run_scenes, zagreb


@pytest.fixture(scope="module")
def zagreb_run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_scenes(zagreb(), shared / "imagery" / "zagreb-2023", tmp_path_factory.mktemp("zagreb"))


def test_zagreb_has_two_tiles_on_five_days(zagreb_run: Path) -> None:
    rows = read_csv(zagreb_run / "scenes" / "scenes.csv", SceneAsset)
    assert {row.tile for row in rows} == {"33TWL", "33TWM"}
    assert len({row.datetime[:10] for row in rows}) == 5
    assert len(rows) == 10 * 5
    lock = read_json(zagreb_run / "scenes" / "lock.json")
    assert (lock["matched"], lock["returned"], lock["dropped"]) == (10, 10, [])


def test_the_offset_that_zagreb_lists_is_already_in_its_pixels(zagreb_run: Path) -> None:
    lock = read_json(zagreb_run / "scenes" / "lock.json")
    assert {band["offset"] for item in lock["items"] for band in item["assets"]["red"]["raster:bands"]} == {-0.1}
    for row in read_csv(zagreb_run / "scenes" / "scenes.csv", SceneAsset):
        assert (row.offset, row.offset_rule) == ((0.0, "mask") if row.band == "scl" else (0.0, "earthsearch:boa_offset_applied=true"))


def test_the_trap_bites_whoever_applies_the_offset_again(zagreb_run: Path, shared: Path) -> None:
    lock = read_json(zagreb_run / "scenes" / "lock.json")
    for item in lock["items"]:
        item["properties"]["earthsearch:boa_offset_applied"] = False
    with Catalogue(shared / "imagery" / "zagreb-2023") as catalogue, pytest.raises(Refusal, match="E-SRC-013") as caught:
        fetch(zagreb(), lock, catalogue.url, zagreb_run / "store", zagreb_run / "trapped", lambda done, total: None)
    assert all("-0.1" in problem.line("en") for problem in caught.value.problems)
    red = read_raster(zagreb_run / "scenes/chips/S2A_33TWL_20230815_0_L2A/red.tif").layer("red")
    scl = read_raster(zagreb_run / "scenes/chips/S2A_33TWL_20230815_0_L2A/scl.tif").layer("scl")
    reflectance = red[np.isin(scl, (4, 5, 6))] * 0.0001
    assert reflectance.min() > 0
    assert ((reflectance - 0.1) < 0).mean() > 0.9


def test_every_pixel_of_zagreb_is_accounted_for_and_class_12_is_counted(zagreb_run: Path) -> None:
    rows = read_csv(zagreb_run / "scenes" / "pixel_budget.csv", PixelBudget)
    assert all(row.valid + row.masked + row.outside + row.nodata == row.pixels and row.read_failed == 0 for row in rows)
    impossible = {row.item: part for row in rows if row.band == "scl" for part in row.masked_by_class.split() if part.startswith(f"{IMPOSSIBLE}:")}
    assert impossible == {
        "S2B_33TWL_20230810_0_L2A": "255:3",
        "S2B_33TWM_20230810_0_L2A": "255:1",
        "S2B_33TWL_20230813_0_L2A": "255:3",
        "S2A_33TWL_20230818_0_L2A": "255:2",
    }


def test_flanders_gives_the_same_chips_again_from_the_store_alone(shared: Path, tmp_path: Path) -> None:
    plan = flanders(bands=["red", "swir16"])
    run = run_scenes(plan, shared / "imagery" / "flanders-2018", tmp_path)
    fetch(plan, read_json(run / "scenes" / "lock.json"), None, run / "store", run / "again", lambda done, total: None)
    one, two = (read_csv(run / name / "scenes.csv", SceneAsset) for name in ("scenes", "again"))
    assert one == two
    assert len({row.item for row in one}) == 118
    assert {row.offset for row in one} == {0.0}
    assert len({row.platform for row in one}) == 1


def test_flanders_over_two_pages_gives_the_same_lock_from_any_port(shared: Path) -> None:
    plan = flanders(bands=["red"])
    locks = []
    for _ in range(2):
        with Catalogue(shared / "imagery" / "flanders-2018") as catalogue:
            locks.append(search(plan, catalogue.url, catalogue.url))
    assert digest(locks[0]) == digest(locks[1])
    assert locks[0]["returned"] == 118 > LIMIT, "more than one page"
    with Catalogue(shared / "imagery" / "flanders-2018") as catalogue:
        fewer = search(replace(plan, vintages=(2017,)), catalogue.url, catalogue.url)
    assert {item["properties"]["datetime"][:4] for item in fewer["items"]} == {"2017"}
