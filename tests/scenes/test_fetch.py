"""From a lock to chips: what a file must be, what every pixel was, and what stops a run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import box

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import Grid, Raster, pixel_digest, read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import IMPOSSIBLE, read_sensor
from carbonsink.scenes.budget import budget, imbalance, masked, under
from carbonsink.scenes.chips import Cut, tile_of
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import parse
from carbonsink.scenes.radiometry import baseline_number, decide
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Script, serving
from tests.scenes.synthetic import EPSG, EXTENT, INNER, NIR, NORTH, RED, SIDE, VEGETATION, WEST, bands, item, lay_asset, lay_scene, lock_of, tif

PLAN = plan_of(lonlat(INNER, EPSG), 2018)
SENSOR = read_sensor("sentinel-2-l2a")
DIALECT = next(iter(SENSOR.dialects.values()))
PATIENCE = Patience(attempts=2, first_wait=0.01)
HALF = np.full((SIDE // 2, SIDE // 2), VEGETATION, dtype="uint8")


class Area:
    """A server, a store and a place for chips."""

    def __init__(self, script: Script, folder: Path, plan: Plan = PLAN) -> None:
        self.script, self.folder, self.plan = script, folder, plan
        self.out = folder / "scenes"

    def fetch(self, *items: dict[str, Any], plan: Plan | None = None) -> None:
        fetch(plan or self.plan, lock_of(*items), self.script.url, self.folder / "store", self.out, lambda done, total: None, PATIENCE)

    def refused(self, *items: dict[str, Any], plan: Plan | None = None) -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.fetch(*items, plan=plan)
        assert not (self.out / "scenes.csv").exists()
        return caught.value

    def scene(self, raw: dict[str, Any] | None = None, **pixels: Any) -> dict[str, Any]:
        return lay_scene(self.script, raw or item(), bands(**pixels))

    def rows(self) -> dict[str, SceneAsset]:
        return {row.band: row for row in read_csv(self.out / "scenes.csv", SceneAsset)}

    def budgets(self) -> dict[str, PixelBudget]:
        return {row.band: row for row in read_csv(self.out / "pixel_budget.csv", PixelBudget)}


@pytest.fixture
def area(tmp_path: Path) -> Iterator[Area]:
    with serving() as script:
        yield Area(script, tmp_path)


def codes(found: Refusal) -> list[str]:
    return [problem.code for problem in found.problems]


# --- chips ------------------------------------------------------------------------------------------------------------


def test_chips_cover_the_area_outwards_to_pixels_that_nest(area: Area) -> None:
    rng = np.random.default_rng(0)
    red = rng.integers(100, 3000, (SIDE, SIDE), dtype="uint16")
    area.plan = plan_of(lonlat((WEST + 115, NORTH - 305, WEST + 395, NORTH - 95), EPSG), 2018)
    area.fetch(area.scene(red=red))
    chip, mask = (read_raster(area.out / f"chips/S2A_31UDS_20180604_0_L2A/{band}.tif") for band in ("red", "scl"))
    assert chip.grid == Grid(f"EPSG:{EPSG}", WEST + 100, NORTH - 80, 10.0, 24, 30)
    assert mask.grid == Grid(f"EPSG:{EPSG}", WEST + 100, NORTH - 80, 20.0, 12, 15)
    assert (chip.layer("red") == red[8:32, 10:40]).all()
    row = area.rows()["red"]
    assert row.chip_sha256 == pixel_digest(chip)
    assert (row.scale, row.offset, row.datetime, row.tile) == (0.0001, 0.0, "2018-06-04T10:50:29Z", "31UDS")
    assert row.href == "catalogue:/files/S2A_31UDS_20180604_0_L2A/red.tif"


@pytest.mark.parametrize(("side", "resolution", "tile"), [(256, 10.0, 256), (257, 10.0, 512), (5000, 10.0, 512), (2500, 20.0, 256), (834, 60.0, 256)])
def test_a_block_of_512_pixels_lies_in_one_tile_of_every_band_and_small_chips_have_small_tiles(side: int, resolution: float, tile: int) -> None:
    finest = Grid("EPSG:32650", 500_000.0, 4_000_000.0, 10.0, 10_980, 10_980)
    assert tile_of(replace(finest, resolution=resolution, height=side, width=side), finest) == tile


def test_chips_end_at_the_tile_and_a_tile_beside_the_area_gives_none(area: Area) -> None:
    west, south, _, north = EXTENT
    there = area.scene()
    aside = item("S2A_31UDT_20180604_0_L2A", **{"grid:code": "MGRS-31UDT"})
    for asset in aside["assets"].values():
        asset["proj:transform"][2] += SIDE * 10
    area.fetch(there, aside, plan=plan_of(lonlat((west - 55, south, west + 95, north), EPSG), 2018))
    assert read_raster(area.out / area.rows()["red"].chip).grid.bounds == (west, south, west + 100, north)
    assert {row.item for row in read_csv(area.out / "scenes.csv", SceneAsset)} == {there["id"]}


def test_a_second_fetch_asks_nothing_writes_no_chip_and_clears_what_is_no_longer_locked(area: Area) -> None:
    one, two = area.scene(), area.scene(item("S2B_31UDS_20180609_0_L2A", "2018-06-09T10:50:29Z"))
    area.fetch(one, two)
    asked = len(area.script.asked)
    chips = {path: path.stat().st_mtime_ns for path in area.out.rglob("*.tif")}
    assert len(chips) == 6
    area.fetch(one)
    assert len(area.script.asked) == asked
    assert {path: path.stat().st_mtime_ns for path in area.out.rglob("*.tif")} == {p: t for p, t in chips.items() if one["id"] in str(p)}
    (area.out / area.rows()["red"].chip).write_bytes(b"damaged")
    area.fetch(one)
    assert read_raster(area.out / area.rows()["red"].chip).layers == ("red",)


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"<VRTDataset rasterXSize='64'/>", b"<html>log in</html>", b"\x89HDF\r\n", b"\0\0\0\x0cjP  ", b""], ids=["VRT", "HTML", "NetCDF", "JP2", "empty"]
)
def test_only_a_geotiff_is_opened(area: Area, body: bytes) -> None:
    raw = area.scene()
    lay_asset(area.script, raw, "red", body)
    assert codes(area.refused(raw)) == ["E-SEC-003"]


def damaged() -> dict[str, tuple[str, bytes]]:
    red = np.full((SIDE, SIDE), RED, dtype="uint16")
    shifted = rasterio.Affine(10, 0, WEST + 1000, 0, -10, NORTH)
    south_up = rasterio.Affine(10, 0, WEST, 0, 10, NORTH)
    return {
        "other CRS": ("E-SRC-001", tif(red, 10, crs="EPSG:32632")),
        "shifted by 1 km": ("E-SRC-001", tif(red, 10, transform=shifted)),
        "south up": ("E-SRC-001", tif(red, 10, transform=south_up)),
        "20 m for 10 m": ("E-SRC-001", tif(red[::2, ::2], 20)),
        "two bands": ("E-SRC-002", tif(np.stack([red, red]), 10)),
        "float": ("E-SRC-002", tif(red.astype("float32"), 10)),
        "bytes": ("E-SRC-002", tif(red.astype("uint8"), 10)),
        "nodata 65535": ("E-SRC-003", tif(red, 10, nodata=65535)),
        "lossy": ("E-SRC-002", tif(red.astype("uint8"), 10, compress="jpeg")),
        "cut in half": ("E-SRC-047", tif(red, 10, compress=None)[:-4000]),
    }


@pytest.mark.parametrize("name", list(damaged()))
def test_a_file_that_is_not_what_its_item_says_is_refused(area: Area, name: str) -> None:
    code, body = damaged()[name]
    raw = area.scene()
    lay_asset(area.script, raw, "red", body)
    found = area.refused(raw)
    assert code in codes(found)
    assert found.problems[0].where == "S2A_31UDS_20180604_0_L2A red"


def test_a_lossy_codec_is_refused_by_name(area: Area) -> None:
    raw = area.scene()
    lay_asset(area.script, raw, "scl", tif(HALF, 20, compress="jpeg"))
    assert "JPEG" in str(area.refused(raw)).upper()


@pytest.mark.parametrize(
    "profile", [{"compress": None}, {"compress": "lzw"}, {"compress": "zstd"}, {"BIGTIFF": "YES"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}]
)
def test_lossless_files_of_every_kind_give_the_same_chip(area: Area, profile: dict[str, Any]) -> None:
    red = np.arange(SIDE * SIDE, dtype="uint16").reshape(SIDE, SIDE) + 2
    raw = area.scene(red=red)
    area.fetch(raw)
    before = area.rows()["red"]
    lay_asset(area.script, raw, "red", tif(red, 10, **profile))
    area.fetch(raw)
    after = area.rows()["red"]
    assert after.chip_sha256 == before.chip_sha256
    assert after.sha256 != before.sha256


def test_all_missing_assets_are_named_at_once(area: Area) -> None:
    one, two = area.scene(), area.scene(item("S2B_31UDS_20180609_0_L2A", "2018-06-09T10:50:29Z"), red=500, scl=5)
    del area.script.answers[f"/files/{one['id']}/red.tif"], area.script.answers[f"/files/{two['id']}/scl.tif"]
    found = area.refused(one, two)
    assert [problem.where for problem in found.problems] == [f"{one['id']} red", f"{two['id']} scl"]
    assert found.exit_code == Exit.SOURCE


# --- the pixel budget ---------------------------------------------------------------------------------------------------


def test_the_budget_of_a_scene(area: Area) -> None:
    scl = HALF.copy()
    scl[5:10, 5:20] = 9  # 75 mask pixels of cloud, all inside
    scl[10, 5:8] = 0
    red = np.full((SIDE, SIDE), RED, dtype="uint16")
    red[30, 30:33] = (0, 1, 2)  # fill, fill, and the darkest true value
    area.fetch(area.scene(red=red, scl=scl), plan=plan_of(lonlat((WEST + 100, NORTH - 400, WEST + 395, NORTH - 100), EPSG), 2018))
    rows = area.budgets()
    inside = 30 * 30
    assert rows["red"].pixels == rows["red"].valid + rows["red"].masked + rows["red"].outside + rows["red"].nodata
    assert rows["red"] == PixelBudget(
        item="S2A_31UDS_20180604_0_L2A",
        band="red",
        pixels=900,
        valid=inside - 300 - 14,
        masked=300,
        masked_by_class="9:300",
        outside=0,
        nodata=14,
        read_failed=0,
    )
    assert (rows["scl"].pixels, rows["scl"].masked, rows["scl"].nodata) == (225, 75, 3)


@settings(max_examples=40)
@given(
    scl=arrays("uint8", (6, 8), elements=st.integers(0, 13)),
    red=arrays("uint16", (12, 16), elements=st.integers(0, 4)),
    absent=arrays("bool", (12, 16)),
    east=st.floats(1, 159),
)
def test_every_pixel_is_accounted_for_whatever_the_scene(scl: Any, red: Any, absent: Any, east: float) -> None:
    grid = Grid(f"EPSG:{EPSG}", WEST, NORTH, 10.0, 12, 16)
    mask = Cut(Raster(Grid(grid.crs, WEST, NORTH, 20.0, 6, 8), ("scl",), scl[None], 0))
    found = masked(parse(item(), DIALECT, ("red", "scl")), {"scl": mask}, SENSOR, box(WEST, NORTH - 100, WEST + east, NORTH))
    missing = tuple((int(r), int(c), 1, 1) for r, c in np.argwhere(absent))
    row = budget(found, Cut(Raster(grid, ("red",), red[None], 0), missing), SENSOR)
    assert row.valid + row.masked + row.outside + row.nodata == row.pixels == 192
    assert row.masked == sum(int(part.split(":")[1]) for part in row.masked_by_class.split())
    assert (imbalance(row) is None) == (row.read_failed == 0)


def test_an_account_whose_classes_lack_pixels_is_out_of_balance() -> None:
    grid = Grid(f"EPSG:{EPSG}", WEST, NORTH, 20.0, 6, 8)
    mask = Cut(Raster(grid, ("scl",), np.full((1, 6, 8), VEGETATION, np.uint8), 0))
    found = masked(parse(item(), DIALECT, ("red", "scl")), {"scl": mask}, SENSOR, box(WEST, NORTH - 100, WEST + 100, NORTH))
    assert imbalance(budget(found, mask, SENSOR)) is None
    under(found, mask.raster).counts[VEGETATION] -= 1
    assert imbalance(budget(found, mask, SENSOR)) is not None


def test_a_band_without_data_under_a_clear_mask_is_fatal(area: Area) -> None:
    found = area.refused(area.scene(red=0))
    assert codes(found) == ["E-SRC-014"]
    assert found.exit_code == Exit.INTEGRITY


def test_blocks_that_a_sparse_file_does_not_hold_are_fatal_where_the_mask_has_data(area: Area) -> None:
    sparse = np.zeros((SIDE, SIDE), dtype="uint16")
    sparse[:32, :32] = RED
    body = tif(sparse, 10, tiled=True, blockxsize=16, blockysize=16, SPARSE_OK="TRUE", compress=None)
    raw = area.scene()
    lay_asset(area.script, raw, "red", body)
    found = area.refused(raw)
    assert codes(found) == ["E-SRC-007"]
    scl = HALF.copy()
    scl[16:], scl[:, 16:] = 0, 0
    raw = area.scene(scl=scl)
    lay_asset(area.script, raw, "red", body)
    area.fetch(raw)
    assert area.budgets()["red"].valid == 22 * 22


def test_tiles_that_a_sparse_mask_does_not_hold_are_legitimate_at_a_swath_edge_and_fatal_deep_in_the_footprint(area: Area) -> None:
    scl = HALF.copy()
    scl[16:], scl[:, 16:] = 0, 0
    body = tif(scl, 20, tiled=True, blockxsize=16, blockysize=16, SPARSE_OK="TRUE", compress=None)
    deep = area.scene(scl=scl)
    lay_asset(area.script, deep, "scl", body)
    assert codes(area.refused(deep)) == ["E-SRC-007"]
    edge = area.scene(item() | {"geometry": lonlat((WEST, NORTH - 20000, WEST + 20000, NORTH), EPSG).__geo_interface__}, scl=scl)
    lay_asset(area.script, edge, "scl", body)
    area.fetch(edge)
    assert area.budgets()["scl"].nodata == 15 * 15 - 11 * 11


def test_an_empty_scene_is_legitimate_at_a_swath_edge_and_fatal_deep_in_the_footprint(area: Area) -> None:
    deep = area.scene(red=0, nir=0, scl=0)
    assert codes(area.refused(deep)) == ["E-SRC-015"]
    edge = item() | {"geometry": lonlat((WEST, NORTH - 20000, WEST + 20000, NORTH), EPSG).__geo_interface__}
    area.fetch(area.scene(edge, red=0, nir=0, scl=0))
    assert area.budgets()["red"].nodata == 900


def test_impossible_classes_are_masked_and_counted_up_to_a_share(area: Area) -> None:
    scl = HALF.copy()
    scl[6, 6] = 12
    area.fetch(area.scene(scl=scl))
    assert area.budgets()["red"].masked_by_class == f"{IMPOSSIBLE}:4"
    scl[6, 6:12] = 12
    (area.out / "scenes.csv").unlink()
    assert codes(area.refused(area.scene(scl=scl))) == ["E-SRC-006"]


# --- radiometry -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "listed", "baseline", "offset", "rule"),
    [
        (True, -0.1, "05.09", 0.0, "earthsearch:boa_offset_applied=true"),
        (False, -0.1, "05.09", -0.1, "raster:bands.offset"),
        (None, 0, "02.14", 0.0, "raster:bands.offset"),
        (False, 0, "05.09", 0.0, "raster:bands.offset"),
        (False, None, "04.00", -0.1, "s2:processing_baseline>=04.00"),
        (None, None, "03.01", 0.0, "s2:processing_baseline<04.00"),
    ],
)
def test_the_offset_is_decided_in_a_fixed_order(applied: bool | None, listed: float | None, baseline: str, offset: float, rule: str) -> None:
    raw = item(**{"earthsearch:boa_offset_applied": applied, "s2:processing_baseline": baseline})
    raw["assets"]["red"]["raster:bands"] = [{"data_type": "uint16"} | ({} if listed is None else {"offset": listed})]
    decision = decide(parse(raw, DIALECT, ("red", "scl")), "red", SENSOR, DIALECT)
    assert (decision.scale, decision.offset, decision.rule) == (0.0001, offset, rule)


@pytest.mark.parametrize("baseline", [None, "unknown", ""])
def test_an_item_that_says_nothing_of_the_offset_is_refused(baseline: str | None) -> None:
    raw = item(**{"earthsearch:boa_offset_applied": None, "s2:processing_baseline": baseline})
    del raw["assets"]["red"]["raster:bands"]
    with pytest.raises(Refusal, match="E-SRC-012"):
        decide(parse(raw, DIALECT, ("red",)), "red", SENSOR, DIALECT)


def test_an_offset_that_cannot_be_in_the_pixels_is_a_conflict_with_both_numbers(area: Area) -> None:
    flag = {"earthsearch:boa_offset_applied": False}
    area.fetch(area.scene(item(**flag), red=RED + 1000, nir=NIR + 1000))
    assert (area.rows()["red"].offset, area.rows()["red"].offset_rule) == (-0.1, "raster:bands.offset")
    (area.out / "scenes.csv").unlink()
    found = area.refused(area.scene(item(**flag)))
    assert codes(found) == ["E-SRC-013"]
    assert all(number in str(found) for number in ("-0.1", str(RED), "900"))


def test_baselines_compare_as_numbers() -> None:
    assert baseline_number("05.10") > baseline_number("05.09") > baseline_number("04.00") > baseline_number("02.14") > baseline_number(None)


def test_the_store_holds_each_asset_under_its_digest(area: Area) -> None:
    raw = area.scene()
    area.fetch(raw)
    for band, row in area.rows().items():
        data = (area.folder / "store" / "objects" / row.sha256[:2] / row.sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == row.sha256 == raw["assets"][band]["file:checksum"][4:]
        assert len(data) == row.size
