"""Published maps as the area's cover: cut in their own grid, taken pixel by pixel, values by a legend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer
from rasterio import Affine

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid, read_raster
from carbonsink.base.records import Confusion, MapTile
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.land import published
from carbonsink.land.cover import map_cover
from carbonsink.land.mapchips import Held, gather_maps
from carbonsink.land.published import Tile, by_published
from carbonsink.run.imagery import Sources
from carbonsink.run.maps import bring_maps
from carbonsink.run.means import Means
from tests.land import trial
from tests.land.maps import ALBERS, SERVED, north_up, plan_of, served_maps, write_map
from tests.land.trial import GRID

FIELDS = np.where(np.arange(12) < 6, 1, 2) * np.ones((12, 1), int)  # value 1 in the west, 2 in the east
ALIGNED = north_up(GRID.west, GRID.north, 10)
ONE = {"files": [{"file": "map.tif", "year": 2020}]}


def bring(plan: Plan, run: Path) -> tuple[MapTile, ...]:
    means = Means(store=run / "store")
    with Sources(means, lambda *_: None) as sources:
        bring_maps(plan, run, sources, means)
    return read_csv(run / "scenes" / "maps.csv", MapTile)


def cover_of(plan: Plan, run: Path, vintage: int = 2020) -> np.ndarray:
    bring(plan, run)
    return by_published(plan, run, GRID, vintage)


def test_a_map_on_the_project_grid_is_taken_as_it_stands(tmp_path: Path) -> None:
    write_map(tmp_path / "map.tif", FIELDS, ALIGNED)
    plan = plan_of(tmp_path, ONE)
    assert cover_of(plan, tmp_path).tolist() == np.where(FIELDS == 1, 1, 3).tolist()
    (row,) = read_csv(tmp_path / "scenes" / "maps.csv", MapTile)
    assert (row.year, row.source, row.sha256) == (2020, "map.tif", file_sha256(tmp_path / "map.tif"))


def test_a_coarser_map_gives_every_pixel_the_value_its_centre_lies_in(tmp_path: Path) -> None:
    """30 m pixels that begin 10 m west and 10 m north: columns 0 and 1 of the project lie in the first."""
    values = np.array([[1, 2, 1, 2, 1], [2, 1, 2, 1, 2], [1, 1, 7, 7, 7], [0, 2, 2, 2, 2], [1, 1, 1, 1, 1]])
    write_map(tmp_path / "map.tif", values, north_up(GRID.west - 10, GRID.north + 10, 30))
    at = (np.arange(12) + 1) // 3
    expected = np.array([0, 1, 3, 0, 0, 0, 0, 4])[values][at][:, at]
    assert cover_of(plan_of(tmp_path, ONE), tmp_path).tolist() == expected.tolist()


@pytest.mark.parametrize("crs", ["EPSG:4326", ALBERS, "EPSG:4490"], ids=["degrees", "Albers without a code", "CGCS2000"])
def test_a_map_in_another_crs_is_the_nearest_pixel_of_all(tmp_path: Path, crs: str) -> None:
    """Held against the distances, in the map's own units, from each pixel's centre to the centres of all the map's pixels."""
    carry = Transformer.from_crs(GRID.crs, crs, always_xy=True).transform
    x, y = np.meshgrid(GRID.west + 5 + 10 * np.arange(12), GRID.north - 5 - 10 * np.arange(12))
    across, down = carry(x, y)
    size = (across.max() - across.min()) / 9.3
    west, north = across.min() - 2.13 * size, down.max() + 2.13 * size
    values = np.random.default_rng(2).choice([1, 2, 7], (40, 40))
    write_map(tmp_path / "map.tif", values, north_up(west, north, size), crs)
    centres = np.arange(40) + 0.5
    columns = np.abs(across[..., None] - (west + size * centres)).argmin(axis=-1)
    rows = np.abs(down[..., None] - (north - size * centres)).argmin(axis=-1)
    expected = np.array([0, 1, 3, 0, 0, 0, 0, 4])[values[rows, columns]]
    assert (cover_of(plan_of(tmp_path, ONE), tmp_path) == expected).all()


def test_a_centre_on_a_border_goes_east_and_south() -> None:
    tile = Tile("t", "", 0.0, 20.0, 10.0, 10.0, np.array([[1, 2], [3, 4]], np.int32))
    points = [(10.0, 10.0), (10.0 - 1e-9, 10.0), (0.0, 20.0), (20.0, 10.0), (5.0, 0.0), (-1e-3, 15.0)]
    x, y = (np.array(axis) for axis in zip(*points, strict=True))
    assert tile.at(x, y).tolist() == [4, 4, 1, -1, -1, -1]


def test_nodata_of_the_legend_and_of_the_file_is_not_monitored(tmp_path: Path) -> None:
    values = FIELDS.copy()
    values[0], values[1] = 0, 200
    write_map(tmp_path / "map.tif", values, ALIGNED, nodata=200)
    found = cover_of(plan_of(tmp_path, ONE), tmp_path)
    assert (found[:2] == 0).all() and (found[2:] > 0).all()


@pytest.mark.parametrize(("dtype", "value", "said"), [("uint8", 9, "9"), ("int16", -3, "65535"), ("uint16", 300, "300")])
def test_a_value_the_legend_doesn_t_know_is_refused(tmp_path: Path, dtype: str, value: int, said: str) -> None:
    write_map(tmp_path / "map.tif", np.where(FIELDS == 2, value, 1), ALIGNED, dtype=dtype)
    with pytest.raises(Refusal, match="E-LND-045") as refused:
        cover_of(plan_of(tmp_path, ONE), tmp_path)
    assert refused.value.problems[0].facts["found"] == said


def test_tiles_of_one_year_make_one_map(tmp_path: Path) -> None:
    write_map(tmp_path / "maps" / "m_2020_a.tif", FIELDS[:, :7], ALIGNED)  # they overlap by a column, and agree
    write_map(tmp_path / "maps" / "m_2020_b.tif", FIELDS[:, 6:], north_up(GRID.west + 60, GRID.north, 10))
    write_map(tmp_path / "maps" / "m_2021_a.tif", FIELDS * 0 + 1, ALIGNED)
    plan = plan_of(tmp_path, {"folder": "maps", "name": "m_{year}_*.tif"}, years=(2020, 2021))
    assert (cover_of(plan, tmp_path) == np.where(FIELDS == 1, 1, 3)).all()
    assert (by_published(plan, tmp_path, GRID, 2021) == 1).all()
    assert [row.chip for row in read_csv(tmp_path / "scenes" / "maps.csv", MapTile)] == ["maps/2020-01.tif", "maps/2020-02.tif", "maps/2021-01.tif"]


def test_tiles_that_disagree_are_refused(tmp_path: Path) -> None:
    write_map(tmp_path / "maps" / "m_2020_a.tif", FIELDS, ALIGNED)
    write_map(tmp_path / "maps" / "m_2020_b.tif", FIELDS * 0 + 1, ALIGNED)
    with pytest.raises(Refusal, match="E-LND-050"):
        cover_of(plan_of(tmp_path, {"folder": "maps", "name": "m_{year}_*.tif"}), tmp_path)


def test_a_file_beside_the_area_is_left_out_and_a_year_without_any_is_refused(tmp_path: Path) -> None:
    far = north_up(GRID.west + 50_000, GRID.north, 10)
    write_map(tmp_path / "maps" / "m_2020_a.tif", FIELDS, ALIGNED)
    write_map(tmp_path / "maps" / "m_2020_b.tif", FIELDS, far)
    maps = {"folder": "maps", "name": "m_{year}_*.tif"}
    assert len(bring(plan_of(tmp_path, maps), tmp_path)) == 1
    (tmp_path / "maps" / "m_2020_a.tif").unlink()
    with pytest.raises(Refusal, match="E-LND-047"):
        bring(plan_of(tmp_path, maps), tmp_path)


@pytest.mark.parametrize(
    ("values", "transform", "dtype"),
    [
        (np.stack([FIELDS, FIELDS]), ALIGNED, "uint8"),
        (FIELDS, ALIGNED, "float32"),
        (FIELDS, Affine(9.9, 0.9, GRID.west, 0.9, -9.9, GRID.north), "uint8"),
    ],
    ids=["two bands", "fractions", "rotated"],
)
def test_what_is_no_map_of_classes_is_refused(tmp_path: Path, values: Any, transform: Any, dtype: str) -> None:
    write_map(tmp_path / "map.tif", values, transform, dtype=dtype)
    with pytest.raises(Refusal, match="E-LND-046"):
        bring(plan_of(tmp_path, ONE), tmp_path)


def test_all_files_that_are_wrong_come_at_once(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ONE)
    for name in ("a.tif", "b.tif"):
        (tmp_path / name).write_bytes(b"no map")
    with pytest.raises(Refusal) as refused:
        gather_maps(plan, [Held(2020, name, tmp_path / name) for name in ("a.tif", "b.tif")], tmp_path / "scenes")
    assert [problem.code for problem in refused.value.problems] == ["E-LND-046"] * 2


def test_the_chip_is_small_however_large_the_map(tmp_path: Path) -> None:
    write_map(tmp_path / "map.tif", np.ones((2000, 2000)), north_up(GRID.west - 10_000, GRID.north + 10_000, 10))
    (row,) = bring(plan_of(tmp_path, ONE), tmp_path)
    assert read_raster(tmp_path / "scenes" / row.chip).pixels.shape == (1, 76, 76)


def test_a_vintage_may_take_another_year_s_map_only_where_that_is_declared(tmp_path: Path) -> None:
    write_map(tmp_path / "map.tif", FIELDS, ALIGNED)
    plan = plan_of(tmp_path, ONE | {"stands_in": {"2021": 2020}}, years=(2020, 2021))
    assert (cover_of(plan, tmp_path, 2021) == by_published(plan, tmp_path, GRID, 2020)).all()
    with pytest.raises(Refusal, match="E-LND-052"):
        by_published(plan_of(tmp_path, ONE, years=(2020, 2021)), tmp_path, GRID, 2021)


def test_values_that_are_named_go_where_they_are_sent(tmp_path: Path) -> None:
    write_map(tmp_path / "map.tif", FIELDS, ALIGNED)
    assert set(np.unique(cover_of(plan_of(tmp_path, ONE, values={"2": "water"}), tmp_path))) == {1, 4}


def test_the_land_stage_maps_judges_and_mends_a_published_map(tmp_path: Path) -> None:
    noisy = FIELDS.copy()
    noisy[3, 3] = 2
    write_map(tmp_path / "map.tif", noisy, ALIGNED)
    trial.write_composites(tmp_path, {"2020-05": {"nir": 3000, "ndvi": 7000, "lswi": 2000}})
    trial.write_labels(tmp_path / "labels.tif", FIELDS)
    reference = {"file": "labels.tif", "legend": {"1": "paddy", "2": "wood"}, "year": 2020, "source": "register", "place": "all of it"}
    plan = plan_of(tmp_path, ONE, reference=reference, land={"consistency": {"minimum_unit_m2": 400.0}})
    bring(plan, tmp_path)
    map_cover(plan, tmp_path)
    raw, cover = (read_raster(tmp_path / "land" / f"{name}_2020.tif").layer("cover") for name in ("raw", "cover"))
    assert (raw[3, 3], cover[3, 3]) == (3, 1)
    rows = read_csv(tmp_path / "land" / "confusion.csv", Confusion)
    assert all(row.map_class == row.reference_class for row in rows), "the final map is what is judged"
    assert (tmp_path / "land" / "consistency.csv").read_text().splitlines()[1:] == ["2020,minimum-unit,wood,paddy,1"]


def test_rows_taken_together_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_map(tmp_path / "map.tif", np.random.default_rng(1).choice([1, 2, 7], (9, 9)), north_up(GRID.west - 3, GRID.north + 4, 16))
    plan = plan_of(tmp_path, ONE)
    whole = cover_of(plan, tmp_path)
    monkeypatch.setattr(published, "ROWS", 5)
    assert (by_published(plan, tmp_path, GRID, 2020) == whole).all()


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    return served_maps(tmp_path / "catalogue")


def test_maps_of_a_stac_catalogue_are_searched_once_frozen_and_cut(tmp_path: Path, catalogue: Path) -> None:
    plan = plan_of(tmp_path, {"catalogue": "catalogue"}, text=SERVED, years=(2020, 2021))
    rows = bring(plan, tmp_path)
    assert [(row.year, row.source) for row in rows] == [
        (2020, "catalogue:/files/maps/a-2020/map.tif"),
        (2020, "catalogue:/files/maps/b-2020/map.tif"),
        (2021, "catalogue:/files/maps/a-2021/map.tif"),
    ]
    assert by_published(plan, tmp_path, GRID, 2020).tolist() == np.where(FIELDS == 1, 1, 3).tolist()
    assert (by_published(plan, tmp_path, GRID, 2021) == 4).all()
    kept = (tmp_path / "maps.lock.json").read_bytes()
    assert (tmp_path / "scenes" / "maps.lock.json").read_bytes() == kept and b"127.0.0.1" not in kept
    (catalogue / "maps" / "collection.json").write_text((catalogue / "maps" / "collection.json").read_text().replace("./b-2020", "./a-2020"))
    assert bring(plan, tmp_path) == rows, "the lock decides, not what the catalogue lists today"


def test_a_year_the_catalogue_has_no_map_of_is_refused(tmp_path: Path, catalogue: Path) -> None:
    with pytest.raises(Refusal, match="E-LND-049"):
        bring(plan_of(tmp_path, {"catalogue": "catalogue"}, text=SERVED, years=(2020, 2022)), tmp_path)


def test_a_rule_map_brings_no_map(tmp_path: Path) -> None:
    means = Means(store=tmp_path / "store")
    with Sources(means, lambda *_: None) as sources:
        bring_maps(trial.plan(tmp_path), tmp_path, sources, means)
    assert not (tmp_path / "scenes").exists()


def test_the_real_grid_of_the_library_s_maps(tmp_path: Path) -> None:
    """WorldCover's grid of 1/12,000 degree at its own corners: a 10 m pixel takes the pixel around its centre, none is skipped wrongly."""
    grid = Grid("EPSG:32650", 500_000.0, 2_720_000.0, 10.0, 30, 30)
    step = 1 / 12_000
    values = (np.arange(36 * 40).reshape(36, 40) % 3 == 0).astype(int) + 1
    to = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform
    west, north = to(grid.west, grid.north)
    corner = (np.floor(west / step) * step, np.ceil(north / step) * step)
    write_map(tmp_path / "map.tif", values, north_up(*corner, step), "EPSG:4326")
    plan = plan_of(tmp_path, ONE)
    bring(plan, tmp_path)
    found = by_published(plan, tmp_path, grid, 2020)
    for row, column in ((0, 0), (7, 21), (29, 29), (13, 2)):
        lon, lat = to(grid.west + 10 * column + 5, grid.north - 10 * row - 5)
        value = values[int((corner[1] - lat) / step), int((lon - corner[0]) / step)]
        assert found[row, column] == {1: 1, 2: 3}[value]
