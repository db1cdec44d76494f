"""Scenes of a neighbouring UTM zone: each pixel takes the pixel its centre lies in, whatever block it is asked in."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.warp import Resampling, reproject

from carbonsink.base.outline import part
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.tiff import reader
from carbonsink.composites.zones import Nearest, gather, nearest

WEST_ZONE, EAST_ZONE = "EPSG:32650", "EPSG:32651"  # they meet at 120 degrees east


def beside_the_border(crs: str, latitude: float, resolution: float = 10.0, height: int = 60, width: int = 50) -> Grid:
    """A grid whose middle lies on 120 degrees east, its corner on whole pixels."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(120.0, latitude)
    west, north = (round(place / resolution) * resolution for place in (x, y))
    return Grid(crs, west - width // 2 * resolution, north + height // 2 * resolution, resolution, height, width)


def brute(block: Grid, scene: Grid) -> Nearest:
    """The definition, pixel by pixel."""
    carry = Transformer.from_crs(block.crs, scene.crs, always_xy=True).transform
    found = Nearest(*(np.zeros((block.height, block.width), dtype=kind) for kind in (np.int32, np.int32, np.bool_)))
    for row in range(block.height):
        for column in range(block.width):
            x, y = carry(block.west + (column + 0.5) * block.resolution, block.north - (row + 0.5) * block.resolution)
            if math.isfinite(x):
                there_column = math.floor((round(x, 3) - scene.west) / scene.resolution)
                there_row = math.floor((scene.north - round(y, 3)) / scene.resolution)
                if 0 <= there_row < scene.height and 0 <= there_column < scene.width:
                    found.rows[row, column], found.columns[row, column], found.inside[row, column] = there_row, there_column, True
    return found


def same(one: Nearest, other: Nearest) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@settings(max_examples=40)
@given(
    st.floats(0, 60),
    st.sampled_from([10.0, 20.0, 30.0]),
    st.sampled_from([10.0, 20.0, 30.0]),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.tuples(st.integers(-40, 40), st.integers(-40, 40)),
    st.booleans(),
)
def test_a_pixel_takes_the_one_its_centre_lies_in(
    latitude: float, mine: float, theirs: float, shape: tuple[int, int], shift: tuple[int, int], eastwards: bool
) -> None:
    zones = (WEST_ZONE, EAST_ZONE) if eastwards else (EAST_ZONE, WEST_ZONE)
    block = part(beside_the_border(zones[0], latitude, mine), (*shift, *shape))
    scene = beside_the_border(zones[1], latitude, theirs)
    assert same(nearest(block, scene), brute(block, scene))


@pytest.mark.parametrize("latitude", [10.0, 45.0, 70.0])
@pytest.mark.parametrize("resolution", [10.0, 30.0])
def test_the_short_cut_between_nodes_moves_no_pixel_of_a_large_block(latitude: float, resolution: float) -> None:
    block = beside_the_border(WEST_ZONE, latitude, resolution, 500, 700)
    scene = beside_the_border(EAST_ZONE, latitude, resolution, 1200, 1200)
    columns, rows = np.meshgrid(np.arange(700) + 0.5, np.arange(500) + 0.5)
    carry = Transformer.from_crs(WEST_ZONE, EAST_ZONE, always_xy=True).transform
    x, y = carry(block.west + columns * resolution, block.north - rows * resolution)
    found = nearest(block, scene)
    assert found.inside.all()
    assert np.array_equal(found.columns, np.floor((x.round(3) - scene.west) / resolution))
    assert np.array_equal(found.rows, np.floor((scene.north - y.round(3)) / resolution))


@given(st.integers(0, 99), st.integers(0, 79), st.integers(1, 100), st.integers(1, 80))
def test_a_block_gives_what_any_larger_block_gives(row: int, column: int, height: int, width: int) -> None:
    whole, scene = beside_the_border(WEST_ZONE, 31.2, 10.0, 100, 80), beside_the_border(EAST_ZONE, 31.2)
    height, width = min(height, 100 - row), min(width, 80 - column)
    cut = [place[row : row + height, column : column + width] for place in nearest(whole, scene)]
    assert same(nearest(part(whole, (row, column, height, width)), scene), Nearest(*cut))


def test_the_pixel_taken_holds_the_centre_it_was_taken_for() -> None:
    block, scene = beside_the_border(WEST_ZONE, 50.0), beside_the_border(EAST_ZONE, 50.0)
    found = nearest(block, scene)
    rows, columns = np.nonzero(found.inside)
    carry = Transformer.from_crs(WEST_ZONE, EAST_ZONE, always_xy=True).transform
    x, y = carry(block.west + (columns + 0.5) * 10, block.north - (rows + 0.5) * 10)
    off_x = x - (scene.west + (found.columns[rows, columns] + 0.5) * 10)
    off_y = y - (scene.north - (found.rows[rows, columns] + 0.5) * 10)
    assert len(rows) > 1000
    assert max(np.abs(off_x).max(), np.abs(off_y).max()) <= 5.0005


def test_there_and_back_again_ends_within_a_pixel() -> None:
    block, scene = beside_the_border(WEST_ZONE, 31.2, 10.0, 40, 40), beside_the_border(EAST_ZONE, 31.2, 10.0, 80, 80)
    there, back = nearest(block, scene), nearest(scene, block)
    assert there.inside.all()
    again = [place[there.rows, there.columns] for place in back]
    rows, columns = np.indices((40, 40))
    met = again[2]
    assert met[1:-1, 1:-1].all()
    assert np.abs(again[0] - rows)[met].max() <= 1 and np.abs(again[1] - columns)[met].max() <= 1


def test_within_a_zone_it_is_plain_counting() -> None:
    block = Grid(WEST_ZONE, 700_000.0, 3_450_000.0, 10.0, 40, 70)
    scene = Grid(WEST_ZONE, 700_104.0, 3_449_896.0, 20.0, 100, 100)
    found = nearest(block, scene)
    x, y = 700_005.0 + 10 * np.arange(70), 3_449_995.0 - 10 * np.arange(40)
    columns, rows = np.floor((x - scene.west) / 20), np.floor((scene.north - y) / 20)
    assert np.array_equal(found.inside, (rows >= 0)[:, None] & (columns >= 0)[None, :])
    assert np.array_equal(found.columns[found.inside], np.broadcast_to(columns, (40, 70))[found.inside])
    assert np.array_equal(found.rows[found.inside], np.broadcast_to(rows[:, None], (40, 70))[found.inside])


def test_gdals_warp_by_nearest_differs_only_within_its_own_tolerance() -> None:
    """GDAL carries some centres and guesses between: an eighth of a pixel at most, where it is asked for no more."""
    block, scene = beside_the_border(WEST_ZONE, 45.0, 10.0, 200, 200), beside_the_border(EAST_ZONE, 45.0, 10.0, 400, 400)
    pixels = np.arange(160_000, dtype=np.float64).reshape(400, 400)
    warped: NDArray[np.float64] = np.zeros((200, 200))
    places = {"src_transform": scene.transform, "src_crs": scene.crs, "dst_transform": block.transform, "dst_crs": block.crs}
    reproject(pixels, warped, resampling=Resampling.nearest, **places)
    found = nearest(block, scene)
    assert found.inside.all()
    differs = pixels[found.rows, found.columns] != warped
    assert 0 < differs.mean() < 0.05
    rows, columns = np.nonzero(differs)
    carry = Transformer.from_crs(WEST_ZONE, EAST_ZONE, always_xy=True).transform
    x, y = carry(block.west + (columns + 0.5) * 10, block.north - (rows + 0.5) * 10)
    taken_rows, taken_columns = np.divmod(warped[differs], 400)
    off = np.maximum(np.abs(x - scene.west - (taken_columns + 0.5) * 10), np.abs(scene.north - y - (taken_rows + 0.5) * 10))
    assert off.max() <= (0.5 + 0.125) * 10


# --- bands ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_band_is_read_once_and_its_pixels_may_be_larger_than_the_scenes(tmp_path: Path, times: int) -> None:
    block = beside_the_border(WEST_ZONE, 31.2, 10.0, 33, 35)
    scene = beside_the_border(EAST_ZONE, 31.2, 10.0, 60, 60)
    shape = (60 // times, 60 // times)
    pixels = np.arange(1, shape[0] * shape[1] + 1, dtype=np.uint16).reshape(shape)
    write_raster(tmp_path / "b.tif", Raster(Grid(scene.crs, scene.west, scene.north, 10.0 * times, *shape), ("b",), pixels[None], 0))
    source, asked = reader(tmp_path / "b.tif"), []

    def read(window: tuple[int, int, int, int]) -> NDArray[np.uint16]:
        asked.append(window)
        return source.read(window)

    found = nearest(block, scene)
    assert found.inside.any()
    got = gather(read, found, times)
    assert got is not None and got.dtype == np.uint16
    assert np.array_equal(got, np.where(found.inside, pixels.repeat(times, 0).repeat(times, 1)[found.rows, found.columns], 0))
    assert len(asked) == 1
    coarse = nearest(block, Grid(scene.crs, scene.west, scene.north, 10.0 * times, *shape))
    assert np.array_equal(got, np.where(coarse.inside, pixels[coarse.rows, coarse.columns], 0))


def test_a_scene_elsewhere_is_not_read() -> None:
    scene = beside_the_border(EAST_ZONE, 45.0)
    found = nearest(beside_the_border(WEST_ZONE, 31.2), scene)
    assert not found.inside.any()

    def read(window: tuple[int, int, int, int]) -> NDArray[np.uint16]:
        raise AssertionError(window)

    assert gather(read, found) is None


# --- what has no exact way --------------------------------------------------------------------------------------------


def test_places_that_a_projection_does_not_know_are_outside() -> None:
    far = Grid("EPSG:32650", 1e9, 4e6, 10.0, 40, 40)
    assert not nearest(far, beside_the_border(EAST_ZONE, 31.2)).inside.any()


def test_pixels_that_are_no_whole_millimetres_are_refused() -> None:
    odd = Grid(WEST_ZONE, 700_000.0, 3_450_000.0, 10 / 3, 4, 4)
    with pytest.raises(ValueError, match="isn't a whole number of millimetres"):
        nearest(odd, beside_the_border(EAST_ZONE, 31.2))


def test_a_way_that_proj_could_only_guess_is_refused() -> None:
    with pytest.raises(ValueError, match="no exact way from EPSG:32650 to EPSG:99999"):
        nearest(beside_the_border(WEST_ZONE, 31.2), Grid("EPSG:99999", 0.0, 0.0, 10.0, 4, 4))


def test_indices_that_are_shared_cannot_be_changed() -> None:
    found = nearest(beside_the_border(WEST_ZONE, 31.2), beside_the_border(EAST_ZONE, 31.2))
    with pytest.raises(ValueError):
        found.rows[0, 0] = 1
