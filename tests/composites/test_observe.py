"""One acquisition of a block: masks, fill, mosaics and coarser pixels, each against the plain definition in full arrays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import Grid
from carbonsink.composites import observe as room
from carbonsink.composites.grid import Scene
from carbonsink.composites.kernel import BIAS, CLEAR, MASKED, NOTHING
from carbonsink.composites.observe import Rules, Stack, observe, place_of
from carbonsink.composites.zones import nearest
from carbonsink.declared.sensor import Mask
from tests.composites.stacks import CRS, SENSOR, scene_of, with_masks

RULES = Rules(SENSOR, ("red",))


def seen(scenes: list[Scene], block: Grid, rules: Rules = RULES) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Reflectance [1e-4] (band, row, column) and state of one acquisition."""
    stack = Stack.empty(1, len(rules.bands), block)
    observe(scenes, block, rules, stack)
    stack.bias()
    return stack.values[0].astype(np.int64) - BIAS, stack.state[0].copy()


def red_and_scl(folder: Path, name: str, red: Any, scl: Any, *place: float, **more: Any) -> Scene:
    return scene_of(folder, name, {"red": red.astype("uint16"), "scl": scl.astype("uint8")}, *place, **more)


# --- where pixels come from -----------------------------------------------------------------------------------------------


@given(st.integers(-40, 40), st.integers(-40, 40), st.sampled_from([0.0, 60.0, 30.0, 90.0]), st.sampled_from([0.0, 60.0, 110.0]))
def test_each_pixel_takes_the_source_pixel_that_holds_its_centre(columns: int, rows: int, right: float, up: float) -> None:
    block = Grid(CRS, 499980.0, 5100000.0, 120.0, 12, 9)
    scene = Grid(CRS, block.west + columns * 120 + right, block.north + rows * 120 + up, 120.0, 20, 15)
    found = place_of(block, scene)
    centres_x = block.west + (np.arange(block.width) + 0.5) * 120
    centres_y = block.north - (np.arange(block.height) + 0.5) * 120
    source_x = np.floor((centres_x - scene.west) / 120).astype(int)
    source_y = np.floor((scene.north - centres_y) / 120).astype(int)
    inside_x, inside_y = (source_x >= 0) & (source_x < 15), (source_y >= 0) & (source_y < 20)
    if found is None:
        assert not (inside_x.any() and inside_y.any())
        return
    row, column, height, width = found.here
    top, left = found.there
    assert (np.flatnonzero(inside_x) == np.arange(column, column + width)).all()
    assert (np.flatnonzero(inside_y) == np.arange(row, row + height)).all()
    assert (source_x[column], source_y[row]) == (left, top)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40), st.integers(1, 40)), st.booleans())
def test_any_block_is_the_plain_mosaic_of_its_scenes(tmp_path_factory: pytest.TempPathFactory, seed: int, box: tuple[int, ...], whole_steps: bool) -> None:
    """Two overlapping tiles of 10 m with a 20 m and a 60 m band and a 20 m mask; clouds, fill and a tile's rim anywhere."""
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("mosaic")
    rules, scale = Rules(SENSOR, ("nir", "red", "swir16")), 0.0001 if whole_steps else 0.0000275
    tiles = []
    for name, west, north in (("a", 0.0, 0.0), ("b", 180.0, -240.0)):
        bands = {"red": rng.integers(0, 9000, (60, 60)), "nir": rng.integers(0, 9000, (10, 10)), "swir16": rng.integers(0, 30000, (30, 30))}
        bands["red"][rng.random((60, 60)) < 0.2] = 0
        made = {band: pixels.astype("uint16") for band, pixels in bands.items()} | {"scl": rng.choice([0, 4, 5, 8], (30, 30)).astype("uint8")}
        tiles.append((scene_of(folder, name, made, west, north, scale=scale, offset=-0.1), made))
    row, column, height, width = box
    block = Grid(CRS, column * 10.0, -row * 10.0, 10.0, height, width)
    values, state = seen([scene for scene, _ in tiles], block, rules)
    for y in range(height):
        for x in range(width):
            expected = plainly(tiles, rules, block.west + x * 10 + 5, block.north - y * 10 - 5, scale)
            assert (state[y, x], tuple(values[:, y, x]) if state[y, x] == CLEAR else None) == expected


def plainly(tiles: list[tuple[Scene, dict[str, Any]]], rules: Rules, x: float, y: float, scale: float) -> tuple[int, tuple[int, ...] | None]:
    """State and values at a place: the first tile that is clear there; masked where any has data."""
    state = NOTHING
    for scene, made in tiles:
        row, column = int((scene.grid.north - y) // 10), int((x - scene.grid.west) // 10)
        if not (0 <= row < 60 and 0 <= column < 60):
            continue
        at = {band: int(pixels[row * pixels.shape[0] // 60, column * pixels.shape[0] // 60]) for band, pixels in made.items()}
        if at["scl"] in (4, 5) and all(at[band] > 1 for band in rules.bands):
            return CLEAR, tuple(int(np.clip(np.rint(at[b] * (scale * 10_000) + -0.1 * 10_000), -32766, 32766)) for b in rules.bands)
        state = max(state, MASKED if at["scl"] else NOTHING)
    return state, None


def test_scenes_of_the_neighbouring_zone_are_taken_by_nearest(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    red, scl = rng.integers(100, 9000, (80, 80)), rng.choice([4, 9, 0], (40, 40))
    scene = red_and_scl(tmp_path, "east", red, scl, 199800.0, 3_500_000.0, crs="EPSG:32651")
    middle = Grid("EPSG:32650", 766_200.0, 3_500_900.0, 10.0, 90, 90)
    near = (replace(middle, west=middle.west + dx, north=middle.north + dy) for dx in range(-4000, 4001, 400) for dy in range(-9000, 9001, 300))
    block = next(b for b in near if nearest(b, scene.grid).inside.sum() > 2000)
    values, state = seen([scene], block)
    found = nearest(block, scene.grid)
    classes = scl[found.rows // 2, found.columns // 2]
    expected = np.where(~found.inside | (classes == 0), NOTHING, np.where(classes == 4, CLEAR, MASKED))
    assert (state == expected).all()
    assert (values[0] == red[found.rows, found.columns])[state == CLEAR].all()


# --- what is an observation -----------------------------------------------------------------------------------------------


def test_of_one_day_a_pixel_takes_the_first_scene_that_is_clear(tmp_path: Path) -> None:
    first = red_and_scl(tmp_path, "first", np.full((4, 4), 100), np.array([[4, 9], [0, 4]]))
    second = red_and_scl(tmp_path, "second", np.full((4, 4), 200), np.array([[4, 4], [9, 4]]))
    values, state = seen([first, second], Grid(CRS, 0.0, 0.0, 10.0, 4, 4))
    assert np.where(state == CLEAR, values[0], 0).tolist() == [[100, 100, 200, 200]] * 2 + [[0, 0, 100, 100]] * 2
    assert state[2, 0] == MASKED


@pytest.mark.parametrize("scale", [0.0001, 0.0000275])
def test_fill_is_no_observation_and_bands_are_read_only_where_something_is_clear(tmp_path: Path, scale: float) -> None:
    red = np.array([[0, 1], [2, 300]])
    _, state = seen([red_and_scl(tmp_path, "fill", red, np.array([[4]]), scale=scale)], Grid(CRS, 0.0, 0.0, 10.0, 2, 2))
    assert state.tolist() == [[MASKED, MASKED], [CLEAR, CLEAR]]
    cloudy = red_and_scl(tmp_path, "cloudy", red, np.array([[9]]), scale=scale)
    cloudy.chips["red"].path.unlink()
    assert (seen([cloudy], Grid(CRS, 0.0, 0.0, 10.0, 2, 2))[1] == MASKED).all()


def test_counts_of_whole_steps_and_counts_with_a_factor_become_the_same_reflectance(tmp_path: Path) -> None:
    """Ways that differ for speed: as they stand in the file, and through a factor."""
    red, scl = np.arange(16 * 16).reshape(16, 16) * 250, np.full((8, 8), 4)
    applied, listed = red_and_scl(tmp_path, "applied", red, scl), red_and_scl(tmp_path, "listed", red, scl, offset=-0.1)
    block = Grid(CRS, 0.0, 0.0, 10.0, 16, 16)
    assert (seen([applied], block)[0][0] == np.minimum(red, 32766))[red > 1].all()
    assert (seen([listed], block)[0][0] == np.minimum(red - 1000, 32766))[red > 1].all()
    assert (seen([applied, applied], block)[0] == seen([applied], block)[0])[0][red > 1].all()


def test_a_radars_observation_is_any_number_above_zero_in_every_band(tmp_path: Path) -> None:
    sensor = SENSOR.model_copy(update={"masks": [], "minimum_dn": 0.0})
    vv = np.array([[0.0, 0.1234], [np.nan, np.inf]], np.float32)
    scene = scene_of(tmp_path, "r", {"red": vv, "nir": np.full((2, 2), 0.05, np.float32)}, scale=1.0)
    values, state = seen([scene], Grid(CRS, 0.0, 0.0, 10.0, 2, 2), Rules(sensor, ("nir", "red")))
    assert state.tolist() == [[NOTHING, CLEAR], [NOTHING, NOTHING]]
    assert values[:, 0, 1].tolist() == [500, 1234]


def test_a_second_mask_takes_away_what_the_first_leaves(tmp_path: Path) -> None:
    def mask(band: str) -> Mask:
        kinds = [{"code": 10 + len(band), "name": "bad", "clear": False, "bits": [3]}, {"code": 20 + len(band), "name": "rest", "clear": True}]
        return Mask.model_validate({"band": band, "kind": "bits", "dtype": "uint16", "nodata_bit": 0, "classes": kinds, "source": "-", "place": "-"})

    sensor = with_masks(mask("qa"), mask("sat"))
    qa, sat = np.array([[0, 8], [1, 0]], np.uint16), np.array([[0, 0], [8, 8]], np.uint16)
    scene = scene_of(tmp_path, "l", {"red": np.full((2, 2), 500, np.uint16), "qa": qa, "sat": sat})
    _, state = seen([scene], Grid(CRS, 0.0, 0.0, 10.0, 2, 2), Rules(sensor, ("red",)))
    assert state.tolist() == [[CLEAR, MASKED], [NOTHING, MASKED]]


def test_a_mask_of_another_type_and_a_chip_that_is_no_chip_are_refused(tmp_path: Path) -> None:
    block = Grid(CRS, 0.0, 0.0, 10.0, 2, 2)
    wide = scene_of(tmp_path, "wide", {"red": np.full((2, 2), 500, np.uint16), "scl": np.full((1, 1), 4, np.uint16)})
    with pytest.raises(Refusal, match="E-COM-016") as caught:
        seen([wide], block)
    assert caught.value.problems[0].facts == {"found": np.dtype("uint16"), "expected": "uint8"}
    torn = red_and_scl(tmp_path, "torn", np.full((2, 2), 500), np.array([[4]]))
    torn.chips["red"].path.write_bytes(torn.chips["red"].path.read_bytes()[:-8])
    with pytest.raises(Refusal, match="E-COM-017") as caught:
        seen([torn], block)
    assert caught.value.exit_code == Exit.INTEGRITY
    assert caught.value.problems[0].facts["why"]


def test_clouds_are_what_no_scene_of_an_acquisition_sees_clear(tmp_path: Path) -> None:
    first = red_and_scl(tmp_path, "first", np.full((4, 4), 100), np.array([[4, 9], [0, 9]]))
    second = red_and_scl(tmp_path, "second", np.full((4, 4), 200), np.array([[9, 4], [0, 9]]))
    assert room.clouds([first, second], Grid(CRS, 0.0, 0.0, 10.0, 4, 4), RULES).tolist() == [[0] * 4, [0] * 4, [0, 0, 1, 1], [0, 0, 1, 1]]
