"""A parcel register on the project grid: nothing resampled, patches as parcels, folds by whole parcels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.land.folds import parcel_folds, pixel_folds
from carbonsink.land.reference import Labels, patches, read_labels
from tests.land import trial
from tests.land.trial import GRID

LEGEND = {"11": "paddy", "12": "tea"}


def field_map(text: str) -> np.ndarray:
    return np.array([[int(c) if c != "." else 0 for c in row] for row in text.split()])


def labels(folder: Path, values: np.ndarray, grid: Grid = GRID, clusters: np.ndarray | None = None) -> Labels:
    trial.write_labels(folder / "labels.tif", values, grid)
    reference: dict[str, Any] = {"file": "labels.tif", "legend": LEGEND, "year": 2020, "source": "register", "place": "all of it"}
    if clusters is not None:
        trial.write_labels(folder / "crops.tif", clusters, grid)
        reference["clusters"] = "crops.tif"
    plan = trial.plan(folder, reference=reference)
    assert plan.area.reference
    return read_labels(plan, plan.area.reference, GRID)


def register(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(1).choice([0, 11, 12, 99], (height, width))


def test_values_become_classes_by_the_legend_and_others_stay_unlabelled(tmp_path: Path) -> None:
    values = register(12, 12)
    codes = labels(tmp_path, values).codes
    assert (codes == np.select([values == 11, values == 12], [1, 2], 0)).all()


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (3, 5), (-4, -2), (-4, 5), (20, 20)])
def test_a_register_that_begins_elsewhere_is_placed_by_whole_pixels(tmp_path: Path, rows: int, columns: int) -> None:
    values = register(12, 12)
    moved = replace(GRID, west=GRID.west + 10 * columns, north=GRID.north - 10 * rows)
    found = labels(tmp_path, values, moved, clusters=values)
    for row in range(12):
        for column in range(12):
            there = (row - rows, column - columns)
            inside = all(0 <= k < 12 for k in there)
            assert found.codes[row, column] == ({11: 1, 12: 2}.get(int(values[there]), 0) if inside else 0)
            assert found.index[row, column] == (there[0] * 12 + there[1] if inside else 0)


@pytest.mark.parametrize(
    "grid",
    [replace(GRID, west=GRID.west + 5), replace(GRID, north=GRID.north + 0.01), replace(GRID, resolution=20.0), replace(GRID, crs="EPSG:32651")],
    ids=["half a pixel", "a centimetre", "coarser", "another zone"],
)
def test_a_register_on_another_grid_is_refused_with_both_grids(tmp_path: Path, grid: Grid) -> None:
    with pytest.raises(Refusal, match="E-LND-003") as caught:
        labels(tmp_path, register(12, 12), grid)
    assert caught.value.problems[0].facts == {"found": grid, "expected": GRID}


def test_what_isn_t_a_reference_raster_is_refused(tmp_path: Path) -> None:
    reference = {"file": "labels.tif", "legend": LEGEND, "year": 2020, "source": "register", "place": "all of it"}
    plan = trial.plan(tmp_path, reference=reference)
    assert plan.area.reference
    write_raster(tmp_path / "labels.tif", Raster(GRID, ("label",), np.ones((1, 12, 12), np.int16), 0))
    assert read_labels(plan, plan.area.reference, GRID).codes.shape == (12, 12)
    write_raster(tmp_path / "labels.tif", Raster(GRID, ("a", "b"), np.ones((2, 12, 12), np.int16), 0))
    with pytest.raises(Refusal, match="E-LND-004.*2 x int16"):
        read_labels(plan, plan.area.reference, GRID)
    (tmp_path / "labels.tif").write_bytes(b"not a raster")
    with pytest.raises(Refusal, match="E-LND-004"):
        read_labels(plan, plan.area.reference, GRID)


def test_parcels_touch_by_an_edge_and_hold_one_crop() -> None:
    land = field_map("1122 1122 ..22 11..")
    crops = field_map("3344 3374 ..44 33..")
    found = patches(land, crops, land > 0)
    assert (found == field_map("1122 1132 ..22 44..")).all()
    diagonal = field_map("1. .1")
    assert (patches(diagonal, diagonal, diagonal > 0) == field_map("1. .2")).all()


def test_a_field_of_one_crop_class_with_two_crops_is_two_parcels(tmp_path: Path) -> None:
    values, crops = np.full((12, 12), 11), np.full((12, 12), 1200)
    crops[:, 6:] = 7900
    assert labels(tmp_path, values).parcels is None
    found = labels(tmp_path, values, clusters=crops).parcels
    assert found is not None
    assert (found[:, :6] == 1).all()
    assert (found[:, 6:] == 2).all()


def test_a_pixel_s_fold_doesn_t_hang_on_the_other_samples() -> None:
    every = np.arange(4000)
    folds = pixel_folds(every, 5, 7)
    assert (pixel_folds(every[::3], 5, 7) == folds[::3]).all()
    assert (pixel_folds(every, 5, 8) != folds).mean() > 0.5
    assert np.bincount(folds).min() > 700


def test_parcels_stay_whole_and_every_class_is_in_every_fold() -> None:
    random = np.random.default_rng(3)
    sizes = random.integers(1, 60, 40)
    parcels = np.repeat(np.arange(1, 41), sizes)
    codes = np.where(parcels % 4 == 0, 2, 1).astype(np.uint8)
    folds = parcel_folds(parcels, codes, 5, 0)
    assert all(len(set(folds[parcels == number])) == 1 for number in range(1, 41))
    for code in (1, 2):
        held = np.bincount(folds[codes == code], minlength=5)
        assert held.max() - held.min() <= sizes.max()
    shuffled = random.permutation(parcels.size)
    assert (parcel_folds(parcels[shuffled], codes[shuffled], 5, 0) == folds[shuffled]).all()


def test_five_small_tea_parcels_among_large_paddies_go_to_five_folds() -> None:
    sizes = np.array([50] * 7 + [1, 2, 3, 4, 5])
    parcels = np.repeat(np.arange(1, 13), sizes)
    folds = parcel_folds(parcels, np.where(parcels > 7, 2, 1).astype(np.uint8), 5, 0)
    assert sorted(folds[parcels == number][0] for number in range(8, 13)) == [0, 1, 2, 3, 4]
