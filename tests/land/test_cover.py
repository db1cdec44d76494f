"""The land stage: maps of every vintage, judged by pixels and by whole parcels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import Confusion
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.land import features
from carbonsink.land.cover import map_cover
from tests.land import trial
from tests.land.trial import GRID, MISSING

RULES = [{"land_class": "paddy", "when": "any(lswi > ndvi) and max(ndvi) > 0.6"}, {"land_class": "tea", "when": "max(ndvi) > 0.6"}]
TRAINED = {"method": "classifier", "trees": 7, "depth": 6, "minimum_leaf": 2, "folds": 3}
REFERENCE = {"file": "labels.tif", "clusters": "crops.tif", "legend": {"1": "paddy", "2": "tea"}, "year": 2020, "source": "register", "place": "all of it"}


def cover(run: Path, year: int = 2020) -> np.ndarray:
    return read_raster(run / "land" / f"cover_{year}.tif").layer("cover")


def confusion(run: Path) -> tuple[Confusion, ...]:
    return read_csv(run / "land" / "confusion.csv", Confusion)


def accuracy(run: Path, split: str) -> float:
    rows = [row for row in confusion(run) if row.split == split]
    return sum(row.count for row in rows if row.map_class == row.reference_class) / sum(row.count for row in rows)


def valley(run: Path, year: int = 2020) -> np.ndarray:
    """Paddy in the west, flooded in May; tea in the east; the last row under cloud all year. Returns the true codes."""
    truth = np.where(np.arange(12) < 6, 1, 2) * np.ones((12, 1), int)
    truth[11] = 0
    seen = truth > 0
    noise = np.random.default_rng(0).integers(-300, 300, truth.shape)
    may = {
        "nir": np.where(seen, 2000, MISSING),
        "ndvi": np.where(seen, np.where(truth == 1, 1500, 6500) + noise, MISSING),
        "lswi": np.where(seen, 3000 + noise, MISSING),
    }
    august = {"nir": np.where(seen, 3500, MISSING), "ndvi": np.where(seen, 7800 + noise, MISSING), "lswi": np.where(seen, 3500, MISSING)}
    trial.write_composites(run, {f"{year}-05": may, f"{year}-08": august})
    return truth


def register(folder: Path, truth: np.ndarray, crops: np.ndarray) -> None:
    trial.write_labels(folder / "labels.tif", truth)
    trial.write_labels(folder / "crops.tif", crops)


def squares(side: int) -> np.ndarray:
    """Crop numbers in squares, so that each is a parcel."""
    rows, columns = np.indices((12, 12)) // side
    return 1 + rows * 12 + columns


def test_flooded_and_then_green_is_paddy_and_cloud_is_not_monitored(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    map_cover(trial.plan(tmp_path, land={"rules": RULES}), tmp_path)
    raster = read_raster(tmp_path / "land" / "cover_2020.tif")
    assert (raster.grid, raster.layers, raster.nodata, raster.pixels.dtype) == (GRID, ("cover",), 0, np.uint8)
    assert (raster.layer("cover") == truth).all()
    assert confusion(tmp_path) == ()
    assert not (tmp_path / "land" / "model.json").exists()


def test_a_map_by_rules_is_compared_with_the_register_as_it_stands(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    mistaken = truth.copy()
    mistaken[0, :2] = 2  # the register holds two pixels of tea where the map shows paddy
    register(tmp_path, mistaken, squares(6))
    map_cover(trial.plan(tmp_path, land={"rules": RULES}, reference=REFERENCE), tmp_path)
    pixel = {(row.map_class, row.reference_class): row.count for row in confusion(tmp_path) if row.split == "pixel"}
    assert pixel == {("paddy", "paddy"): 64, ("paddy", "tea"): 2, ("tea", "tea"): 66}
    parcels = [(row.cluster, row.map_class, row.reference_class, row.count) for row in confusion(tmp_path) if row.split == "parcel"]
    assert parcels == [
        ("1", "paddy", "tea", 2),
        ("2", "paddy", "paddy", 34),
        ("3", "tea", "tea", 36),
        ("4", "paddy", "paddy", 30),
        ("5", "tea", "tea", 30),
    ]


def trained(folder: Path, **given: Any) -> Plan:
    return trial.plan(folder, land=TRAINED, reference=REFERENCE | given.pop("reference", {}), **given)


def test_a_trained_map_finds_what_it_was_shown_and_leaves_cloud_alone(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    register(tmp_path, np.where(truth > 0, truth, 1), squares(3))
    map_cover(trained(tmp_path), tmp_path)
    assert (cover(tmp_path) == truth).all()
    for split in ("pixel", "parcel"):
        rows = [row for row in confusion(tmp_path) if row.split == split]
        assert sum(row.count for row in rows) == (truth > 0).sum(), "every observed label once"
        assert accuracy(tmp_path, split) > 0.95
    assert {row.cluster for row in confusion(tmp_path) if row.split == "pixel"} == {""}
    model = json.loads((tmp_path / "land" / "model.json").read_text())
    assert model["classes"] == [1, 2]
    assert len(model["features"]) == 36
    assert len(model["trees"]) == 7


def test_land_that_only_tells_parcels_apart_looks_known_by_pixels_and_unknown_by_parcels(tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    crops = squares(3)  # 16 parcels, each with a colour of its own that says nothing of its class
    colour = random.permutation(16) * 600
    classes = np.resize([1, 2], 16)
    kind = np.unique(crops, return_inverse=True)[1].reshape(12, 12)
    register(tmp_path, classes[kind], crops)
    months = [
        {"nir": 2000, "ndvi": colour[kind] + random.integers(-50, 50, (12, 12)), "lswi": colour[kind] + random.integers(-50, 50, (12, 12))} for _ in range(12)
    ]
    trial.write_composites(tmp_path, {f"2020-{number:02d}": layers for number, layers in enumerate(months, 1)})
    map_cover(trained(tmp_path), tmp_path)
    assert accuracy(tmp_path, "pixel") > 0.9
    assert accuracy(tmp_path, "parcel") < 0.7


def test_runs_and_strips_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = []
    for name, rows in (("one", 256), ("again", 256), ("strips", 5)):
        monkeypatch.setattr(features, "STRIP_ROWS", rows)
        truth = valley(tmp_path / name)
        register(tmp_path, truth, squares(3))
        map_cover(trained(tmp_path), tmp_path / name)
        digests.append([file_sha256(tmp_path / name / "land" / file) for file in ("cover_2020.tif", "confusion.csv", "model.json")])
    assert digests[0] == digests[1] == digests[2]


def test_a_forest_of_one_year_maps_the_next(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    kept = {p.name: p.read_bytes() for p in (tmp_path / "composites").iterdir()}
    valley(tmp_path, 2021)
    rows = (tmp_path / "composites" / "composites.csv").read_bytes().splitlines(keepends=True)
    for name, data in kept.items():
        (tmp_path / "composites" / name).write_bytes(data + b"".join(rows[1:]) if name == "composites.csv" else data)
    register(tmp_path, truth, squares(3))
    map_cover(trained(tmp_path, years=(2020, 2021)), tmp_path)
    assert (cover(tmp_path, 2021) == truth).all()
    assert {row.year for row in confusion(tmp_path)} == {2020}


def test_without_clusters_there_is_no_parcel_split(tmp_path: Path) -> None:
    truth = valley(tmp_path)
    register(tmp_path, truth, truth)
    map_cover(trained(tmp_path, reference={"clusters": None}), tmp_path)
    assert {row.split for row in confusion(tmp_path)} == {"pixel"}


@pytest.mark.parametrize(
    ("labels", "crops", "year", "code"),
    [
        (1, 1, 2020, "E-LND-006"),  # one class only
        (9, 1, 2020, "E-LND-006"),  # nothing the legend knows
        (None, 1, 2019, "E-LND-010"),
    ],
    ids=["one class", "no class", "another year"],
)
def test_a_reference_that_can_t_train_a_map_is_refused(tmp_path: Path, labels: int | None, crops: int, year: int, code: str) -> None:
    truth = valley(tmp_path)
    register(tmp_path, truth if labels is None else np.full((12, 12), labels), np.full((12, 12), crops))
    with pytest.raises(Refusal, match=code):
        map_cover(trained(tmp_path, reference={"year": year}), tmp_path)


def test_samples_that_all_fall_into_one_fold_can_t_judge_a_map(tmp_path: Path) -> None:
    valley(tmp_path)
    truth = np.zeros((12, 12), int)
    truth[5, 5], truth[5, 6] = 1, 2
    register(tmp_path, truth, truth)
    seeds = range(20)  # two pixels share one of three folds for some of the seeds
    refused = 0
    for seed in seeds:
        plan = trial.plan(tmp_path, land=TRAINED | {"seed": seed, "minimum_leaf": 1}, reference=REFERENCE)
        try:
            map_cover(plan, tmp_path)
        except Refusal as refusal:
            assert refusal.problems[0].code == "E-LND-011"
            refused += 1
    assert 0 < refused < len(seeds)


def test_features_of_the_whole_series_part_what_two_months_can_t(tmp_path: Path) -> None:
    """Paddy and tea alike in May and August; only how often the field fell dry tells them apart, to rules and to the forest."""
    truth = valley(tmp_path)
    alike = {"nir": 3000, "ndvi": 7000, "lswi": 2000}
    trial.write_composites(tmp_path, {"2020-05": alike, "2020-08": alike})
    trial.write_features(tmp_path, 2020, {"lswi.drydowns": np.where(truth == 1, 3, 0)})
    composites = {"features": ["lswi.drydowns"]}
    rules = [{"land_class": "paddy", "when": "lswi_drydowns >= 2"}, {"land_class": "tea", "when": "max(ndvi) > 0.6"}]
    map_cover(trial.plan(tmp_path, land={"rules": rules}, composites=composites), tmp_path)
    assert (cover(tmp_path)[:11] == truth[:11]).all()
    register(tmp_path, truth, squares(2))
    map_cover(trial.plan(tmp_path, land=TRAINED, reference=REFERENCE, composites=composites), tmp_path)
    assert (cover(tmp_path)[:11] == truth[:11]).all()
    assert json.loads((tmp_path / "land" / "model.json").read_text())["features"][-1] == "lswi.drydowns"
    assert accuracy(tmp_path, "parcel") == 1.0
