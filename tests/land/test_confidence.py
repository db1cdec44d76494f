"""The confidence of a trained map, and what becomes of it where a rule of consistency changes a class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from shapely.geometry import box

from carbonsink.base.rasters import COMPOSITE_NODATA, read_raster
from carbonsink.land.confidence import follow, write_confidence
from carbonsink.land.cover import map_cover
from carbonsink.land.ground import touched
from tests.land import trial
from tests.land.consistency.classes import CLASSES, cover
from tests.land.test_cover import REFERENCE, TRAINED, register, squares, valley
from tests.land.trial import GRID


def test_a_trained_map_comes_with_probabilities_that_sum_to_one(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    register(tmp_path, np.where(truth > 0, truth, 1), squares(3))
    map_cover(trial.plan(tmp_path, land=TRAINED, reference=REFERENCE), tmp_path)
    raster = read_raster(tmp_path / "land" / "confidence_2020.tif")
    assert (raster.grid, raster.layers, raster.pixels.dtype) == (GRID, ("confidence", "paddy", "tea", "forest"), np.int16)
    found = read_raster(tmp_path / "land" / "cover_2020.tif").layer("cover")
    seen = found > 0
    assert (raster.pixels[:, ~seen] == COMPOSITE_NODATA).all()
    assert np.abs(raster.pixels[1:, seen].astype(int).sum(axis=0) - 10_000).max() <= 2  # rounded one by one
    assert (raster.pixels[1:, seen].argmax(axis=0) + 1 == found[seen]).all(), "the likeliest class is the map's"
    two = np.sort(raster.pixels[1:, seen].astype(int), axis=0)[-2:]
    assert np.abs(raster.layer("confidence")[seen] - (two[1] - two[0])).max() <= 1


def test_only_the_area_s_pixels_are_classified(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    register(tmp_path, np.where(truth > 0, truth, 1), squares(3))
    outline = box(GRID.west + 42, GRID.north - 78, GRID.west + 81, GRID.north - 33)
    map_cover(trial.plan(tmp_path, land=TRAINED, reference=REFERENCE, ground=trial.ground(outline)), tmp_path)
    found = read_raster(tmp_path / "land" / "cover_2020.tif").layer("cover") > 0
    assert found[3:8, 4:9].all(), "what the area touches"
    assert not found[:2].any() and not found[9:].any() and not found[:, :3].any() and not found[:, 10:].any(), "and a rim of one pixel"


def test_the_rim_is_one_pixel() -> None:
    outline = trial.lonlat(box(GRID.west + 52, GRID.north - 58, GRID.west + 58, GRID.north - 52))
    rows, columns = np.nonzero(touched(GRID, outline))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 6, 4, 6)


def test_a_changed_pixel_has_the_confidence_of_its_final_class(tmp_path: Path) -> None:
    layers = np.array([[[3000, 3000]], [[6000, 6000]], [[3000, 3000]], [[1000, 1000]], [[0, 0]]], np.int16)  # paddy before tea, forest, built-up
    grid = trial.Grid(GRID.crs, GRID.west, GRID.north, 10.0, 1, 2)
    write_confidence(tmp_path, 2020, grid, CLASSES, iter([layers]))
    follow(tmp_path, 2020, cover("pp"), cover("pf"), CLASSES)
    raster = read_raster(tmp_path / "land" / "confidence_2020.tif")
    assert raster.layer("confidence").tolist() == [[3000, -5000]]
    assert (raster.pixels[1:] == layers[1:]).all(), "probabilities stay the classifier's"


def test_maps_without_confidence_and_maps_unchanged_are_left_alone(tmp_path: Path) -> None:
    follow(tmp_path, 2020, cover("pp"), cover("pf"), CLASSES)
    assert not list(tmp_path.iterdir())
