"""Published maps before a verifier: each row is declared or locked, each chip is its row's, and each file is asked for again."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carbonsink.base.rasters import pixel_digest, read_raster, write_raster
from carbonsink.base.records import MapTile
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.plan import Plan
from carbonsink.run import Means, Sources
from carbonsink.run.maps import bring_maps
from carbonsink.run.maps_again import maps_again
from carbonsink.verify.maps import maps_differing
from tests.land.maps import SERVED, north_up, plan_of, served_maps, write_map
from tests.land.trial import GRID

FIELDS = np.where(np.arange(12) < 6, 1, 2) * np.ones((12, 1), int)
CORNER = north_up(GRID.west, GRID.north, 10)
YEARS = (2020, 2021)


class Run:
    """A run with maps, and its verifier."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder, self.table = plan, folder, folder / "scenes" / "maps.csv"
        self.means = Means(store=folder / "store")
        with Sources(self.means, lambda *_: None) as sources:
            bring_maps(plan, folder, sources, self.means)

    @property
    def rows(self) -> tuple[MapTile, ...]:
        return read_csv(self.table, MapTile)

    def states(self, catalogue: Path | None = None, chosen: frozenset[tuple[str, str]] | None = None) -> list[str]:
        fresh = self.folder / f"fresh-{len(list(self.folder.iterdir()))}"
        fresh.mkdir()
        with Sources(self.means, lambda *_: None) as sources:
            return [state.state for state in maps_again(self.plan, self.folder, sources, catalogue, fresh, chosen)]

    def differing(self) -> list[tuple[str, str]]:
        return [(problem.code, problem.where) for problem in maps_differing(self.folder, self.plan)]

    def forge(self, told: bool) -> None:
        """Make all of the first chip water, and say so in the table or not."""
        first, *others = self.rows
        path = self.folder / "scenes" / first.chip
        chip = read_raster(path)
        forged = replace(chip, pixels=np.full_like(chip.pixels, 7))
        write_raster(path, forged)
        if told:
            write_csv(self.table, [replace(first, chip_sha256=pixel_digest(forged)), *others], MapTile)

    def name(self, source: str) -> None:
        """Say that the first chip is of another file."""
        first, *others = self.rows
        write_csv(self.table, [replace(first, source=source), *others], MapTile)


@pytest.fixture(params=["files", "folder", "catalogue"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    if request.param == "catalogue":
        served_maps(tmp_path / "catalogue")
        return Run(plan_of(tmp_path, {"catalogue": "catalogue"}, text=SERVED, years=YEARS), tmp_path)
    for year in YEARS:
        write_map(tmp_path / "maps" / f"{year}.tif", FIELDS, CORNER)
    files = {"files": [{"file": f"maps/{year}.tif", "year": year} for year in YEARS]}
    return Run(plan_of(tmp_path, files if request.param == "files" else {"folder": "maps", "name": "{year}*.tif"}, years=YEARS), tmp_path)


def file_of(row: MapTile, folder: Path) -> Path:
    """Where a row's file lies below an area's folder."""
    return folder / row.source.replace("catalogue:/files/", "catalogue/")


def test_maps_that_are_what_they_were_are_the_same(run: Run) -> None:
    assert set(run.states()) == {"same"}
    assert run.differing() == []
    first = run.rows[0]
    assert run.states(chosen=frozenset({(first.source, str(first.year))})) == ["same"]


def test_a_file_of_other_bytes_is_changed(run: Run, tmp_path: Path) -> None:
    changed, *others = (file_of(row, tmp_path) for row in run.rows)
    write_map(changed, FIELDS[:, ::-1], CORNER)
    assert run.states() == ["changed", *["same"] * len(others)]


def test_a_chip_that_is_not_cut_from_its_map_is_altered(run: Run) -> None:
    run.forge(told=True)
    assert run.states() == ["altered", *["same"] * (len(run.rows) - 1)]
    assert run.differing() == [], "its row says what it is; only the map itself tells"


def test_a_chip_whose_pixels_are_not_its_row_s_is_found_without_the_map(run: Run) -> None:
    run.forge(told=False)
    assert run.differing() == [("E-VER-013", run.rows[0].chip)]


@pytest.mark.parametrize("source", ["other/2020.tif", "catalogue:/files/maps/far-2020/map.tif"])
def test_a_map_that_nobody_declares_and_no_lock_names_is_found(run: Run, source: str) -> None:
    run.name(source)
    assert run.differing() == [("E-VER-014", f"{source} {run.rows[0].year}")]


def test_a_verifier_says_where_the_maps_lie_here(run: Run, tmp_path: Path) -> None:
    served = bool(run.plan.area.cover_map and run.plan.area.cover_map.served)
    here = (tmp_path / ("catalogue" if served else "maps")).rename(tmp_path / "elsewhere")
    if not served:
        here = tmp_path / "handed-over"
        here.mkdir()
        (tmp_path / "elsewhere").rename(here / "maps")
        assert set(run.states()) == {"gone"}
    assert set(run.states(here)) == {"same"}


def test_a_map_that_is_no_more_is_gone(tmp_path: Path) -> None:
    catalogue = served_maps(tmp_path / "catalogue")
    run = Run(plan_of(tmp_path, {"catalogue": "catalogue"}, text=SERVED, years=YEARS), tmp_path)
    collection = catalogue / "maps" / "collection.json"
    collection.write_text(json.dumps(json.loads(collection.read_text()) | {"links": [{"rel": "item", "href": "./a-2021/item.json"}]}))
    for name in ("a-2020", "b-2020"):
        shutil.rmtree(catalogue / "maps" / name)
    assert run.states() == ["gone", "gone", "same"]
