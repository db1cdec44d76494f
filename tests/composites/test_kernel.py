"""Median, indices, and pixels taken from shifted and coarser grids: each against the plain definition."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, Raster, write_raster
from carbonsink.composites.compose import acquisitions, spans
from carbonsink.composites.grid import Chip, Scene, anchor, blocks, project_grid
from carbonsink.composites.index import denominators
from carbonsink.composites.index import observe as observe_index
from carbonsink.composites.kernel import lower_median, network
from carbonsink.composites.read import Rules, observe, overlap_of, reflectance
from carbonsink.declared.indices import Index, read_indices
from tests.scenes.plans import lonlat

CRS = "EPSG:32633"


# --- the median -------------------------------------------------------------------------------------------------------


def test_the_median_is_the_lower_of_the_two_in_the_middle() -> None:
    stack = np.array([5, 1, 9, 7], dtype=np.int16).reshape(4, 1, 1)
    assert lower_median(stack, np.ones((4, 1, 1), dtype=bool))[0, 0] == 5
    assert lower_median(stack, np.array([0, 1, 1, 1], dtype=bool).reshape(4, 1, 1))[0, 0] == 7
    assert lower_median(stack, np.zeros((4, 1, 1), dtype=bool))[0, 0] == COMPOSITE_NODATA


@settings(max_examples=60)
@given(st.data())
def test_the_median_is_that_of_the_sorted_valid_values(data: st.DataObject) -> None:
    shape = (data.draw(st.integers(0, 21)), 3, 4)
    stack = data.draw(arrays(np.int16, shape, elements=st.integers(-32767, 32767)))
    valid = data.draw(arrays(np.bool_, shape))
    got = lower_median(stack, valid)
    for y in range(3):
        for x in range(4):
            values = sorted(stack[valid[:, y, x], y, x].tolist())
            assert got[y, x] == (values[(len(values) - 1) // 2] if values else COMPOSITE_NODATA)


def test_the_order_of_dates_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    stack = rng.integers(-2000, 9000, (150, 5, 7), dtype=np.int16)
    valid = rng.random((150, 5, 7)) < 0.3
    order = rng.permutation(150)
    assert (lower_median(stack, valid) == lower_median(stack[order], valid[order])).all()


@pytest.mark.parametrize("n", [*range(1, 13)])
def test_the_network_sorts_every_pattern_of_zeros_and_ones(n: int) -> None:
    """By the zero-one principle (Knuth, TAOCP 5.3.4) a network that does sorts everything."""
    for pattern in range(2**n):
        values = [pattern >> k & 1 for k in range(n)]
        for low, high in network(n).tolist():
            values[low], values[high] = min(values[low], values[high]), max(values[low], values[high])
        assert values == sorted(values)


# --- indices ------------------------------------------------------------------------------------------------------------


def one(index: str, **bands: int) -> tuple[int, bool]:
    library = read_indices()
    value, valid = observe_index(library.index[index], library.denominator.smallest, {name: np.array([v], dtype=np.int16) for name, v in bands.items()})
    return int(value[0]), bool(valid[0])


def test_indices_by_hand() -> None:
    assert one("ndvi", nir=4000, red=400) == (8182, True)  # 3600 / 4400
    assert one("evi", nir=4000, red=400, blue=200) == (6040, True)  # 2.5 * 0.36 / 1.49
    assert one("lswi", nir=3000, swir16=1500) == (3333, True)
    assert one("nbr", nir=1000, swir22=3000) == (-5000, True)


def test_an_index_is_rounded_half_to_even() -> None:
    half = Index(formula="nir / 2", low=-1.0, high=1.0, name=read_indices().index["ndvi"].name, source="-", place="-")
    value, _ = observe_index(half, 0.001, {"nir": np.array([625, 1875, -625], dtype=np.int16)})
    assert value.tolist() == [312, 938, -312]  # 312.5, 937.5 and -312.5, exact in binary


def test_a_denominator_near_zero_gives_no_observation_and_a_value_out_of_range_is_clipped() -> None:
    assert one("ndvi", nir=5, red=-5)[1] is False
    assert one("ndvi", nir=0, red=0)[1] is False
    assert one("ndvi", nir=9, red=0)[1] is False
    assert one("ndvi", nir=10, red=0) == (10000, True)
    assert one("ndvi", nir=500, red=-100) == (10000, True)
    assert one("evi", nir=2000, red=500, blue=2000)[1] is False  # 0.2 + 0.3 - 1.5 + 1 = 0
    assert one("evi", nir=9000, red=100, blue=2400) == (10000, True)


def test_every_denominator_of_a_formula_is_found() -> None:
    assert denominators("a / (b + c) - d / e + 1") == ("b + c", "e")
    assert all(denominators(index.formula) for index in read_indices().index.values())


def test_every_index_of_the_library_is_a_finite_number_with_a_source() -> None:
    for name, index in read_indices().index.items():
        values = {band: np.array([1500 + 100 * n], dtype=np.int16) for n, band in enumerate(index.bands)}
        _, valid = observe_index(index, read_indices().denominator.smallest, values)
        assert valid.all(), name
        assert index.low < index.high
        assert index.source
        assert index.place


def test_reflectance_is_rounded_and_held_in_range() -> None:
    applied, listed = Chip(Path(), 10.0, 0.0001, 0.0), Chip(Path(), 10.0, 0.0001, -0.1)
    dn = np.array([2, 1000, 65535], dtype=np.uint16)
    assert reflectance(dn, applied).tolist() == [2, 1000, 32767]
    assert reflectance(dn, listed).tolist() == [-998, 0, 32767]


# --- pixels from other grids ----------------------------------------------------------------------------------------------


@given(st.integers(-40, 40), st.integers(-40, 40), st.sampled_from([0.0, 60.0, 30.0, 90.0]), st.sampled_from([0.0, 60.0, 110.0]))
def test_each_pixel_takes_the_source_pixel_that_holds_its_centre(columns: int, rows: int, right: float, up: float) -> None:
    block = Grid(CRS, 499980.0, 5100000.0, 120.0, 12, 9)
    scene = Grid(CRS, block.west + columns * 120 + right, block.north + rows * 120 + up, 120.0, 20, 15)
    found = overlap_of(block, scene)
    centres_x = block.west + (np.arange(block.width) + 0.5) * 120
    centres_y = block.north - (np.arange(block.height) + 0.5) * 120
    source_x = np.floor((centres_x - scene.west) / 120).astype(int)
    source_y = np.floor((scene.north - centres_y) / 120).astype(int)
    inside_x, inside_y = (source_x >= 0) & (source_x < 15), (source_y >= 0) & (source_y < 20)
    if found is None:
        assert not (inside_x.any() and inside_y.any())
        return
    row, column, height, width = found.here
    top, left, _, _ = found.there
    assert (np.flatnonzero(inside_x) == np.arange(column, column + width)).all()
    assert (np.flatnonzero(inside_y) == np.arange(row, row + height)).all()
    assert (source_x[column], source_y[row]) == (left, top)


def scene_of(folder: Path, name: str, red: Any, scl: Any, west: float = 0.0, north: float = 0.0, **more: Any) -> Scene:
    """Chips on disk: red at 10 m, the mask at 20 m."""
    grid = Grid(CRS, west, north, 10.0, *red.shape)
    coarse = Grid(CRS, west, north, 20.0, *scl.shape)
    chips = {}
    for band, g, pixels in (("red", grid, red.astype("uint16")), ("scl", coarse, scl.astype("uint8"))):
        write_raster(folder / name / f"{band}.tif", Raster(g, (band,), pixels[None], 0))
        chips[band] = Chip(folder / name / f"{band}.tif", g.resolution, 0.0001, 0.0)
    return Scene(name, more.get("day", "2018-06-04"), more.get("platform", "sentinel-2a"), more.get("tile", "33TWL"), grid, chips)


RULES = Rules("scl", (4, 5, 6), 1, ("red",))


def test_a_mask_pixel_covers_four_and_odd_windows_stay_aligned(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    red, scl = rng.integers(0, 500, (24, 24)), rng.integers(3, 6, (12, 12))
    scene = scene_of(tmp_path, "a", red, scl)
    clear = np.isin(scl, (4, 5)).repeat(2, 0).repeat(2, 1) & (red > 1)
    for row, column, height, width in [(0, 0, 24, 24), (3, 5, 7, 9), (1, 0, 2, 24), (23, 23, 1, 1)]:
        block = Grid(CRS, column * 10.0, -row * 10.0, 10.0, height, width)
        values, valid = observe([scene], block, RULES)
        window = (slice(row, row + height), slice(column, column + width))
        assert (valid == clear[window]).all()
        assert (values[0][valid] == red[window][valid]).all()


def test_of_one_day_a_pixel_takes_the_first_scene_that_is_clear(tmp_path: Path) -> None:
    first = scene_of(tmp_path, "first", np.full((4, 4), 100), np.array([[4, 9], [0, 4]]))
    second = scene_of(tmp_path, "second", np.full((4, 4), 200), np.array([[4, 4], [9, 4]]))
    values, valid = observe([first, second], Grid(CRS, 0.0, 0.0, 10.0, 4, 4), RULES)
    assert values[0].tolist() == [[100, 100, 200, 200], [100, 100, 200, 200], [0, 0, 100, 100], [0, 0, 100, 100]]
    assert valid.tolist() == [[True] * 4] * 2 + [[False, False, True, True]] * 2


def test_fill_is_no_observation_and_bands_are_read_only_where_something_is_clear(tmp_path: Path) -> None:
    red = np.array([[0, 1], [2, 300]])
    _, valid = observe([scene_of(tmp_path, "fill", red, np.array([[4]]))], Grid(CRS, 0.0, 0.0, 10.0, 2, 2), RULES)
    assert valid.tolist() == [[False, False], [True, True]]
    cloudy = scene_of(tmp_path, "cloudy", red, np.array([[9]]))
    cloudy.chips["red"].path.unlink()
    assert not observe([cloudy], Grid(CRS, 0.0, 0.0, 10.0, 2, 2), RULES)[1].any()


def test_the_anchor_tile_leads_then_the_item_id() -> None:
    grid = Grid(CRS, 0.0, 0.0, 10.0, 4, 4)
    made = [
        Scene(name, day, platform, tile, grid, {})
        for name, day, platform, tile in [
            ("a", "2018-06-04", "2a", "33TWM"),
            ("c", "2018-06-04", "2a", "33TWL"),
            ("b", "2018-06-04", "2a", "33TWL"),
            ("d", "2018-06-04", "2b", "33TWM"),
            ("e", "2018-06-01", "2a", "33TWM"),
        ]
    ]
    assert [[scene.item for scene in day] for day in acquisitions(made, "33TWL")] == [["e"], ["b", "c", "a"], ["d"]]
    assert acquisitions(made[::-1], "33TWL") == acquisitions(made, "33TWL")


# --- the grid, blocks and periods -------------------------------------------------------------------------------------------


def test_the_project_grid_is_the_anchor_tiles_pixels_over_the_area() -> None:
    def scene(item: str, tile: str, grid: Grid) -> Scene:
        return Scene(item, "2023-08-10", "", tile, grid, {})

    south = scene("s", "33TWL", Grid(CRS, 499980.0, 5100000.0, 120.0, 915, 915))
    north = scene("n", "33TWM", Grid(CRS, 499980.0, 5200020.0, 120.0, 915, 915))
    boundary = lonlat((520000, 5080000, 530000, 5104000), 32633)
    assert anchor((north, south), boundary) is south
    grid = project_grid((north, south), boundary)
    assert ((grid.west - 499980.0) % 240, (5100000.0 - grid.north) % 240, grid.height % 2, grid.width % 2) == (0, 0, 0, 0)
    west, bottom, east, top = grid.bounds
    assert 520000 - 240 < west <= 520000
    assert 530000 <= east < 530000 + 480
    assert 5104000 <= top < 5104000 + 480
    assert 5080000 - 480 < bottom <= 5080000
    tie = lonlat((520000, 5095110 - 4000, 530000, 5095110 + 4000), 32633)
    assert anchor((north, south), tie) is south


@pytest.mark.parametrize("side", [64, 256])
def test_blocks_cover_a_grid_once(side: int) -> None:
    grid = Grid(CRS, 0.0, 0.0, 10.0, 300, 130)
    seen = np.zeros((300, 130), dtype=int)
    for row, column, height, width in blocks(grid, side):
        assert (row % 2, column % 2) == (0, 0)
        seen[row : row + height, column : column + width] += 1
    assert (seen == 1).all()


def test_periods_are_calendar_months_and_years_cut_at_the_ends() -> None:
    months = list(spans(date(2017, 11, 1), date(2018, 2, 28), "month"))
    assert [name for name, _, _ in months] == ["2017-11", "2017-12", "2018-01", "2018-02"]
    assert months[-1][1:] == (date(2018, 2, 1), date(2018, 2, 28))
    years = list(spans(date(2017, 10, 1), date(2019, 12, 31), "year"))
    assert years[0] == ("2017", date(2017, 10, 1), date(2017, 12, 31))
    assert [name for name, _, _ in years] == ["2017", "2018", "2019"]
