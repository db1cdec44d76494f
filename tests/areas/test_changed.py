"""Change between vintages: the two maps' own matrix, and what interpreted points make of it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.measure import measure
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Confusion, Transition
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import ChangeSample, inventory_problems
from tests.land import trial
from tests.land.trial import GRID, ground, lonlat

YEARS = (2020, 2021)
BEFORE = np.repeat([1, 2, 0], [4, 7, 1]) * np.ones((12, 1), int)
AFTER = np.repeat([1, 2, 0], [2, 9, 1]) * np.ones((12, 1), int)  # two columns of paddy have become tea
SAMPLE = [{"before": 2020, "after": 2021, "file": "points.csv", "source": "trial"}]
Row = tuple[int, int, str, str]


def points(folder: Path, rows: list[Row], header: str = "id,longitude,latitude,before,after") -> Path:
    """Points at pixel centres (row, column) with their classes."""
    import shapely

    lines = [header]
    for number, (row, column, before, after) in enumerate(rows):
        place = lonlat(shapely.Point(GRID.west + (column + 0.5) * GRID.resolution, GRID.north - (row + 0.5) * GRID.resolution))
        lines.append(f"{number},{place.x},{place.y},{before},{after}")
    (folder / "points.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "points.csv"


def good() -> list[Row]:
    """Ten points each in paddy that stays, in tea, and in mapped change, of which two are no change."""
    stay = [(row, 0, "paddy", "paddy") for row in range(10)]
    tea = [(row, 8, "tea", "tea") for row in range(9)] + [(9, 8, "paddy", "tea")]
    changed = [(row, 2, "paddy", "tea") for row in range(8)] + [(row, 3, "paddy", "paddy") for row in range(2)]
    return stay + tea + changed


def plan(folder: Path, **given: object) -> Plan:
    return trial.plan(folder, years=YEARS, strata={"rice": "paddy"}, classes=(("paddy", 1), ("tea", 2)), areas={"method": "pixel_count"}, **given)


def transitions(folder: Path, made: Plan) -> dict[tuple[str, str], Transition]:
    for year, codes in zip(YEARS, (BEFORE, AFTER), strict=True):
        write_raster(folder / "land" / f"cover_{year}.tif", Raster(GRID, ("cover",), codes.astype(np.uint8)[None], 0))
    write_csv(folder / "land" / "confusion.csv", [], Confusion)
    measure(made, folder)
    return {(row.from_class, row.to_class): row for row in read_csv(folder / "areas" / "transitions.csv", Transition)}


def test_two_maps_alone_show_change_and_no_error(tmp_path: Path) -> None:
    rows = transitions(tmp_path, plan(tmp_path))
    hectares = ground().area_m2 / 10_000
    assert {name: row.mapped_ha for name, row in rows.items()} == pytest.approx(
        {("paddy", "paddy"): hectares / 6, ("paddy", "tea"): hectares / 6, ("tea", "tea"): hectares * 7 / 12, ("not monitored",) * 2: hectares / 12}, abs=1e-5
    )
    assert all(row.adjusted_ha is None and row.standard_error_ha is None for row in rows.values())


def test_points_adjust_the_matrix_cell_by_cell_reckoned_by_hand(tmp_path: Path) -> None:
    points(tmp_path, good())
    rows = transitions(tmp_path, plan(tmp_path, changes=SAMPLE))
    stay, change, tea = rows["paddy", "paddy"].mapped_ha, rows["paddy", "tea"].mapped_ha, rows["tea", "tea"].mapped_ha
    found = rows["paddy", "tea"]
    assert found.adjusted_ha == pytest.approx(0.8 * change + 0.1 * tea, abs=1e-5)
    assert found.standard_error_ha == pytest.approx((change**2 * 0.8 * 0.2 / 9 + tea**2 * 0.1 * 0.9 / 9) ** 0.5, abs=1e-5)
    assert 0 < found.low_ha < found.adjusted_ha < found.high_ha
    assert sum(row.adjusted_ha for row in rows.values() if row.adjusted_ha is not None) == pytest.approx(stay + change + tea, abs=1e-5)
    assert sum(row.samples for row in rows.values()) == 30


def test_points_under_cloud_in_either_year_are_left_out(tmp_path: Path) -> None:
    points(tmp_path, [*good(), (0, 11, "tea", "tea")])
    assert sum(row.samples for row in transitions(tmp_path, plan(tmp_path, changes=SAMPLE)).values()) == 30


def test_a_change_that_no_point_was_drawn_in_is_refused(tmp_path: Path) -> None:
    points(tmp_path, [row for row in good() if row[1] not in (2, 3)])
    with pytest.raises(Refusal, match="E-ARE-020 changed.* 0 samples"):
        transitions(tmp_path, plan(tmp_path, changes=SAMPLE))


def test_every_wrong_point_is_told_at_once(tmp_path: Path) -> None:
    file = points(tmp_path, good())
    lines = file.read_text().splitlines()
    lines += [lines[1], "x,0,0,paddy,tea", "y,here,there,paddy,tea", lines[2].replace("1,", "z,", 1).replace("paddy,paddy", "paddy,teak")]
    file.write_text("\n".join(lines))
    with pytest.raises(Refusal) as caught:
        transitions(tmp_path, plan(tmp_path, changes=SAMPLE))
    assert [p.code for p in caught.value.problems] == ["E-ARE-024", "E-ARE-026", "E-ARE-023", "E-ARE-038"]


def test_a_table_of_other_columns_is_refused(tmp_path: Path) -> None:
    points(tmp_path, good(), "id,longitude,latitude,class,after")
    with pytest.raises(Refusal, match="E-ARE-022.*lack before.*have class"):
        transitions(tmp_path, plan(tmp_path, changes=SAMPLE))


def test_declared_years_and_files_are_held_against_the_area(tmp_path: Path) -> None:
    change = ChangeSample(before=2022, after=2021, file="gone.csv", source="trial")
    found = [p.code for p in inventory_problems([], [change], YEARS, Places(tmp_path, {}))]
    assert found[:2] == ["E-ARE-039", "E-ARE-040"] and len(found) == 3


def test_the_table_reads_as_csv(tmp_path: Path) -> None:
    transitions(tmp_path, plan(tmp_path))
    rows = list(csv.DictReader((tmp_path / "areas" / "transitions.csv").read_text().splitlines()))
    assert rows[0]["before"] == "2020" and rows[0]["after"] == "2021"
