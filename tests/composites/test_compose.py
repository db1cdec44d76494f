"""Composites: the same bits for every block size and scheduler, and the figures that real scenes are known by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import CompositeMean, CompositePeriod, FeatureYear, SceneAsset
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.composites import block as block_room
from carbonsink.composites import compose as stage
from carbonsink.composites.compose import compose
from carbonsink.composites.grid import project_grid, read_scenes
from carbonsink.composites.keep import Receipt
from carbonsink.composites.kernel import BIAS, CLEAR
from carbonsink.composites.observe import Rules, Stack, observe
from carbonsink.composites.periods import periods
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan
from carbonsink.scenes.fetch import fetch
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.real import TWL, flanders, run_scenes, zagreb
from tests.scenes.server import serving
from tests.scenes.synthetic import EPSG, INNER, NORTH, SIDE, WEST, bands, item, lay_scene, lock_of

NODATA = -32768
FLANDERS = flanders(["swir16"], ["lswi"])


def compose_into(plan: Plan, run: Path, block: int = 256, scheduler: str = "synchronous", workers: int | None = None) -> dict[str, str]:
    """Compose a run, and the content of every file."""
    compose(plan, run, block=block, scheduler=scheduler, workers=workers, progress=lambda done, total: None)
    return content(run)


def content(run: Path) -> dict[str, str]:
    """Every file of the stage, to the byte."""
    return {path.name: file_sha256(path) for path in sorted((run / "composites").iterdir())}


def rows_of(run: Path) -> dict[str, CompositePeriod]:
    return {row.period: row for row in read_csv(run / "composites" / "composites.csv", CompositePeriod)}


# --- a made-up area -------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Three June dates and one in July; a cloud moves over the area, one corner is never seen."""
    scenes = []
    with serving() as script:
        for day, red in ((9, 300), (14, 500), (16, 400)):
            scl = np.full((SIDE // 2, SIDE // 2), 4, dtype="uint8")
            scl[5:8, 5:8] = 9
            scl[:, day] = 8
            scenes.append(lay_scene(script, item(f"S2A_201806{day:02d}", f"2018-06-{day:02d}T10:50:29Z"), bands(red=red, nir=3000, scl=scl)))
        scenes.append(lay_scene(script, item("S2A_20180704", "2018-07-04T10:50:29Z"), bands(red=200, nir=2000)))
        plan = plan_of(lonlat(INNER, EPSG), 2018)
        fetch(plan, lock_of(*scenes), script.url, tmp_path / "store", tmp_path / "scenes", lambda done, total: None)
    return tmp_path


def test_a_months_composite_is_the_lower_median_of_its_clear_days(made: Path) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018), made)
    june = read_raster(made / "composites" / "2018-06.tif")
    assert june.layers == ("red", "nir", "ndvi", "count", "clear")
    assert june.nodata == NODATA
    assert june.pixels.dtype == np.int16
    assert june.grid.bounds == INNER
    count, red = june.layer("count"), june.layer("red")
    assert np.unique(red[count == 3]).tolist() == [400]
    assert np.unique(red[count == 2]).tolist() == [300, 400]  # without 300 the lower of 400 and 500, else 300
    assert (june.pixels[:3, count == 0] == NODATA).all()
    assert (count == 0).sum() == 36
    assert np.unique(june.layer("ndvi")[count == 3]).tolist() == [round(2600 / 3400 * 10000)]
    july = read_raster(made / "composites" / "2018-07.tif")
    assert np.unique(july.layer("ndvi")).tolist() == [round(1800 / 2200 * 10000)]


def test_every_month_has_its_row_and_file_also_one_without_a_scene(made: Path) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018), made)
    rows = rows_of(made)
    assert len(rows) == 12
    assert (rows["2018-06"].acquisitions, rows["2018-06"].median_count, rows["2018-06"].observed_share) == (3, 3, 0.96)
    assert (rows["2018-01"].acquisitions, rows["2018-01"].observed_share) == (0, 0.0)
    empty = read_raster(made / "composites" / rows["2018-01"].file)
    assert (empty.layer("count") == 0).all()
    assert (empty.pixels[[0, 1, 2, 4]] == NODATA).all()


def test_too_few_observations_are_none(made: Path) -> None:
    composites = Composites(period="year", bands=["nir"], indices=["ndvi"], minimum_observations=4)
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, composites), made)
    year = read_raster(made / "composites" / "2018.tif")
    count = year.layer("count")
    assert np.unique(count).tolist() == [1, 3, 4]
    assert (year.pixels[:2, count < 4] == NODATA).all()
    assert (year.pixels[:2, count == 4] != NODATA).all()
    assert np.unique(year.layer("clear")[count == 3]).tolist() == [7500]


def test_two_platforms_on_a_day_are_two_observations_and_two_tiles_one(tmp_path: Path) -> None:
    when = "2018-06-04T10:50:29Z"
    with serving() as script:
        twins = [
            lay_scene(script, item("A", when), bands(red=300)),
            lay_scene(script, item("B", when, platform="sentinel-2b"), bands(red=500)),
            lay_scene(script, item("C", when, **{"grid:code": "MGRS-31UDT"}), bands(red=900)),
        ]
        plan = plan_of(lonlat(INNER, EPSG), 2018)
        fetch(plan, lock_of(*twins), script.url, tmp_path / "store", tmp_path / "scenes", lambda done, total: None)
    compose_into(plan, tmp_path)
    june = read_raster(tmp_path / "composites" / "2018-06.tif")
    assert np.unique(june.layer("count")).tolist() == [2]
    assert np.unique(june.layer("red")).tolist() == [300]


def test_the_means_are_of_the_boundary_and_of_what_was_seen(made: Path) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018), made)
    june = read_raster(made / "composites" / "2018-06.tif")
    rows = {row.layer: row for row in read_csv(made / "composites" / "means.csv", CompositeMean) if row.period == "2018-06"}
    assert list(rows) == list(june.layers)
    red = june.layer("red")
    assert rows["red"].parcel == ""
    assert rows["red"].mean == pytest.approx(red[red != NODATA].mean() / 10_000, abs=1e-6)
    assert rows["red"].covered_px == pytest.approx(red.size, abs=0.1)
    assert rows["red"].seen_px == pytest.approx((red != NODATA).sum(), abs=0.1)
    assert rows["count"].mean == pytest.approx(june.layer("count").mean(), abs=1e-4)
    january = [row for row in read_csv(made / "composites" / "means.csv", CompositeMean) if row.period == "2018-01" and row.layer == "ndvi"]
    assert [(row.mean, row.seen_px) for row in january] == [(None, 0.0)]


@pytest.mark.parametrize("block", [64, 256])
def test_features_of_a_year_come_from_its_observations(made: Path, block: int) -> None:
    composites = Composites(period="month", bands=["red"], indices=["ndvi"], features=["red.observations", "ndvi.maximum", "red.minimum"])
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, composites), made, block)
    (row,) = read_csv(made / "composites" / "features.csv", FeatureYear)
    assert (row.year, row.file) == (2018, "features_2018.tif")
    features = read_raster(made / "composites" / row.file)
    june, july = (read_raster(made / "composites" / f"2018-0{month}.tif") for month in (6, 7))
    assert features.layers == ("red.observations", "ndvi.maximum", "red.minimum")
    assert (features.layer("red.observations") == june.layer("count") + july.layer("count")).all()
    enough = features.layer("ndvi.maximum") != NODATA
    assert (features.layer("ndvi.maximum")[enough] >= july.layer("ndvi")[enough]).all()


def test_features_of_a_year_from_july_are_of_what_was_seen_until_june(made: Path) -> None:
    features = ["red.observations", "red.maximum"]
    composites = Composites(period="month", bands=["red"], features=features, features_from=7)
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, composites), made)
    june = read_raster(made / "composites" / "2018-06.tif")
    assert (read_raster(made / "composites" / "features_2018.tif").layer("red.observations") == june.layer("count")).all()


@pytest.mark.parametrize(("block", "scheduler", "code"), [(63, "threads", "E-COM-001"), (32, "threads", "E-COM-001"), (64, "processes", "E-COM-002")])
def test_a_wrong_call_is_refused(made: Path, block: int, scheduler: str, code: str) -> None:
    with pytest.raises(Refusal, match=code) as caught:
        compose_into(plan_of(lonlat(INNER, EPSG), 2018), made, block, scheduler)
    assert caught.value.exit_code == Exit.USAGE


def test_an_area_between_pixel_centres_is_refused(made: Path) -> None:
    sliver = lonlat((WEST + 101, NORTH - 109, WEST + 104, NORTH - 106), EPSG)
    with pytest.raises(Refusal, match="E-SRC-016"):
        compose_into(plan_of(sliver, 2018), made)


# --- Zagreb: two tiles shifted by half a pixel, five dates ------------------------------------------------------------------


@pytest.fixture(scope="module")
def zagreb_run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = run_scenes(zagreb(), shared / "imagery" / "zagreb-2023", tmp_path_factory.mktemp("zagreb"))
    compose_into(zagreb(), run, 512)
    return run


def test_the_median_ndvi_of_tile_33twl_over_five_masked_dates(zagreb_run: Path) -> None:
    """The median over the tile's pixels of the pixels' NDVI medians over time."""
    composite = read_raster(zagreb_run / "composites" / "2023.tif")
    assert composite.grid.bounds == (TWL[0], TWL[1] - 120, TWL[2] + 120, TWL[3])
    ndvi = composite.layer("ndvi")[:915, :915]
    seen = ndvi[ndvi != NODATA]
    assert abs(np.median(seen) / 10000 - 0.82) <= 0.02
    assert rows_of(zagreb_run)["2023"].acquisitions == 5


def test_the_composite_covers_what_any_scene_saw_and_no_red_is_negative(zagreb_run: Path) -> None:
    composite = read_raster(zagreb_run / "composites" / "2023.tif")
    count, red = composite.layer("count"), composite.layer("red")
    north = count[:81]  # the rows that both tiles cover
    assert (north[:, :915] > 0).mean() > 0.99
    assert rows_of(zagreb_run)["2023"].observed_share > 0.99
    assert red[count > 0].min() >= 0


def test_pixels_of_the_shifted_tile_are_taken_by_exact_nearest(zagreb_run: Path) -> None:
    """Where the anchor tile is cloudy on a day, the other tile's pixel is the one that holds the centre."""
    folder = zagreb_run / "scenes" / "chips"
    day = "S2B_33TW{}_20230810_0_L2A"
    own, other = (read_raster(folder / day.format(tile) / "red.tif") for tile in "LM")
    scl, other_scl = (read_raster(folder / day.format(tile) / "scl.tif") for tile in "LM")
    rows = read_csv(zagreb_run / "scenes" / "scenes.csv", SceneAsset)
    scenes = read_scenes(rows, zagreb_run / "scenes")
    grid = project_grid(scenes, zagreb().land.boundary)
    (first,) = [days for days in next(periods(zagreb(), scenes)).acquisitions if days[0].day == "2023-08-10"]
    assert [scene.tile for scene in first] == ["33TWL", "33TWM"]
    read = stage.recipe_of(zagreb()).read
    stack = Stack.empty(1, len(read), grid)
    observe(first, grid, Rules(zagreb().sensor, read), stack)
    stack.bias()
    red, valid = stack.values[0, read.index("red")].astype(int) - BIAS, stack.state[0] == CLEAR
    shift = (other.grid.north - grid.north) / 120
    assert shift % 1 == 0.5
    taken = 0
    for y, x in np.argwhere(valid[:80, :914])[::37]:
        source = int(np.floor(shift + y + 0.5))
        if scl.pixels[0, y, x] in (4, 5, 6) and own.pixels[0, y, x] > 1:
            assert red[y, x] == own.pixels[0, y, x]
        else:
            taken += 1
            assert other_scl.pixels[0, source, x] in (4, 5, 6)
            assert red[y, x] == other.pixels[0, source, x]
    assert taken > 0


def test_applying_the_listed_offset_again_would_make_red_negative(zagreb_run: Path, tmp_path: Path) -> None:
    rows = read_csv(zagreb_run / "scenes" / "scenes.csv", SceneAsset)
    trapped = [row if row.band == "scl" else replace(row, offset=-0.1) for row in rows]
    (tmp_path / "scenes").mkdir()
    (tmp_path / "scenes" / "chips").symlink_to(zagreb_run / "scenes" / "chips")
    write_csv(tmp_path / "scenes" / "scenes.csv", trapped, SceneAsset)
    compose_into(zagreb(), tmp_path, 512)
    composite = read_raster(tmp_path / "composites" / "2023.tif")
    red = composite.layer("red")[composite.layer("count") > 0]
    assert (red < 0).mean() > 0.9


# --- the same bits, however it is worked --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "scheduler", "workers"),
    [(256, "threads", 2), (1024, "threads", 1), (1024, "synchronous", None)],
)
def test_block_size_and_scheduler_change_no_bit(zagreb_run: Path, tmp_path: Path, block: int, scheduler: str, workers: int | None) -> None:
    (tmp_path / "scenes").symlink_to(zagreb_run / "scenes")
    assert compose_into(zagreb(), tmp_path, block, scheduler, workers) == content(zagreb_run)


def test_small_blocks_across_both_tiles_change_no_bit(zagreb_run: Path, tmp_path: Path) -> None:
    (tmp_path / "scenes").symlink_to(zagreb_run / "scenes")
    border = zagreb((520000, 5088000, 550000, 5112000))
    one, many = compose_into(border, tmp_path, 512), compose_into(border, tmp_path, 64, "threads", 2)
    assert one == many
    assert rows_of(tmp_path)["2023"].observed_share > 0.5


def test_a_small_working_set_changes_no_bit(zagreb_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenes").symlink_to(zagreb_run / "scenes")
    border = zagreb((520000, 5088000, 550000, 5112000))
    whole = compose_into(border, tmp_path, 1024)
    monkeypatch.setattr(block_room, "WORKING_SET", 2**16)
    assert compose_into(border, tmp_path, 1024) == whole


@pytest.fixture
def cluster() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0", memory_limit=0) as local:
        yield local.scheduler_address


def test_flanders_over_118_dates_is_the_same_in_this_process_and_on_a_cluster_of_two(shared: Path, tmp_path: Path, cluster: str) -> None:
    run = run_scenes(FLANDERS, shared / "imagery" / "flanders-2018", tmp_path)
    here = compose_into(FLANDERS, run, 64)
    there = compose_into(FLANDERS, run, 512, cluster)
    assert here == there
    assert len(here) == 17 + 2
    rows = rows_of(run)
    assert len(rows) == 17
    assert sum(row.acquisitions for row in rows.values()) == 118
    assert rows["2018-07"].observed_share > 0.99


def test_a_clusters_workers_find_a_run_that_is_named_from_here(made: Path, cluster: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--out runs` is a path from the folder that the command was called in, which isn't the workers'."""
    plan = plan_of(lonlat(INNER, EPSG), 2018)
    expected = compose_into(plan, made)
    monkeypatch.chdir(made)
    compose(plan, Path(), block=64, scheduler=cluster, workers=None, progress=lambda done, total: None, store=Path("blocks"))
    assert content(made) == expected


def test_blocks_that_a_cluster_puts_on_another_disk_are_told_as_such(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def elsewhere(scheduler: str, workers: int | None) -> Iterator[Any]:
        yield lambda task, works, done: [done(number, Receipt("0" * 64, {})) for number in range(len(works))]

    monkeypatch.setattr(stage, "computing", elsewhere)
    with pytest.raises(Refusal, match="E-COM-033") as caught:
        compose(plan_of(lonlat(INNER, EPSG), 2018), made, block=64, scheduler="tcp://127.0.0.1:1", workers=None, progress=print, store=made / "blocks")
    assert caught.value.problems[0].where == str(made / "blocks")


def test_files_that_gdal_must_read_are_named_once_with_the_reason(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A chip packed in a way the direct reader doesn't know gives the same pixels, and one line says so."""
    plan = plan_of(lonlat(INNER, EPSG), 2018)
    expected = compose_into(plan, made)
    assert capsys.readouterr().err == ""
    for chip in made.glob("scenes/chips/*/red.tif"):
        with rasterio.open(chip) as source:
            profile, pixels = source.profile | {"compress": "lzma", "predictor": 1}, source.read()
        with rasterio.open(chip, "w", **profile) as target:
            target.write(pixels)
    assert compose_into(plan, made) == expected
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("W-COM-010 composites: 4 ")
