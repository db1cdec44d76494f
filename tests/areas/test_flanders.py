"""Real Sentinel-2 scenes and a real parcel register: the trained map, judged twice, and the areas that follow."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.measure import measure
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import Activity, ClassArea, Confusion
from carbonsink.base.tables import read_csv
from carbonsink.land.cover import map_cover
from tests.land.flanders import flanders_plan, write_flanders

REGISTER_HA = {"annual-crops": 1401 / 100, "grass": 835 / 100, "other": 1860 / 100}  # labelled pixels of 10 m


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, plan = tmp_path_factory.mktemp("flanders"), flanders_plan()
    write_flanders(shared, folder, plan)
    map_cover(plan, folder)
    measure(plan, folder)
    return folder


def rows(run: Path, split: str) -> dict[str, ClassArea]:
    return {row.land_class: row for row in read_csv(run / "areas" / "classes.csv", ClassArea) if row.split == split}


def test_the_register_holds_68_parcels_and_every_labelled_pixel_is_judged_once_by_each_split(run: Path) -> None:
    samples = read_csv(run / "land" / "confusion.csv", Confusion)
    assert len({s.cluster for s in samples if s.split == "parcel"}) == 68
    assert {split: sum(s.count for s in samples if s.split == split) for split in ("pixel", "parcel")} == {"pixel": 4096, "parcel": 4096}


def test_the_map_knows_its_own_parcels_well_and_new_ones_less_well_and_less_certainly(run: Path) -> None:
    pixel, parcel = rows(run, "pixel")["grass"], rows(run, "parcel")["grass"]
    assert pixel.overall_accuracy == pytest.approx(0.90, abs=0.03)
    assert pixel.overall_standard_error < 0.01
    assert 0.74 < parcel.overall_accuracy < pixel.overall_accuracy - 0.02
    assert parcel.overall_standard_error > 10 * pixel.overall_standard_error


def test_the_register_s_areas_lie_within_one_standard_error_of_the_adjusted_ones(run: Path) -> None:
    for name, hectares in REGISTER_HA.items():
        row = rows(run, "parcel")[name]
        assert abs(row.adjusted_ha - hectares) < row.standard_error_ha
    assert sum(row.adjusted_ha for row in rows(run, "parcel").values()) == pytest.approx(flanders_plan().land.area_m2 / 10_000, abs=3e-6)
    assert {(a.stratum, a.area_ha, a.method) for a in read_csv(run / "areas" / "activity.csv", Activity)} == {
        ("arable", rows(run, "parcel")["annual-crops"].adjusted_ha, "error_adjusted")
    }


def test_the_map_is_whole_and_its_trees_are_plain_numbers(run: Path) -> None:
    cover = read_raster(run / "land" / "cover_2018.tif").layer("cover")
    assert set(np.unique(cover)) == {1, 2, 3}
    model = json.loads((run / "land" / "model.json").read_text())
    assert len(model["features"]) == (5 + 12) * (7 + 5), "five months before the year and its twelve; seven bands and five indices"
    leaves = [sum(counts) for tree in model["trees"] for counts in tree["leaf"] if counts]
    assert all(number * 2 == int(number * 2) for tree in model["trees"] for number in tree["threshold"]), "halfway between two whole numbers"
    assert all(isinstance(count, int) for tree in model["trees"] for counts in tree["leaf"] for count in counts)
    assert min(leaves) >= 20
