"""What differs is weighed: stage by stage, both values of each figure, pixels on a map, and the class it comes to (reliability 5.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.rasters import read_raster, write_raster
from carbonsink.base.records import Activity, ClassArea, Posting, Spread, WorksheetRow
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.verify.comparison import Comparison, compare
from carbonsink.verify.pixels import write_patches
from carbonsink.verify.weights import equivalent, percent


def edited(path: Path, record: type[Any], change: Callable[[Any], Any]) -> None:
    write_csv(path, [change(row) for row in read_csv(path, record)], record)


def scaled(again: Path, share: float) -> None:
    """Every result of the worksheet larger by a share, as another table row would make it."""
    edited(again / "carbon" / "worksheet.csv", WorksheetRow, lambda row: replace(row, co2e_t=row.co2e_t * (1 + share)))


def differing(found: Comparison) -> dict[str, float]:
    return {f"{one.kind} {one.name}": one.percent for one in found.figures if one.differs}


def test_the_same_content_is_v0_and_every_stage_equal(made: Path, again: Path) -> None:
    found = compare(made, again)
    assert (found.outcome(5.0, False), found.files, differing(found)) == ("V0", (), {})
    assert [state.stage for state in found.stages] == ["composites", "land", "areas", "carbon", "uncertainty", "credit", "report"]
    assert {one.kind for one in found.figures} == {"area", "class_area", "stock", "interval", "posting"}


@pytest.mark.parametrize(("share", "outcome"), [(1e-13, "V1"), (0.01, "V2"), (0.049, "V2"), (0.06, "V3"), (-0.06, "V3")])
def test_the_class_is_that_of_the_largest_figure(made: Path, again: Path, share: float, outcome: str) -> None:
    scaled(again, share)
    found = compare(made, again)
    assert found.outcome(5.0, False) == outcome
    assert [state.stage for state in found.stages] == ["composites", "land", "areas", "carbon"], "the walk stops at the first that differs"
    last = found.stages[-1]
    assert (
        last.inputs_stated == last.inputs_again
        and not last.equal
        and (last.differing[0].code, last.differing[0].where) == ("E-VER-029", "carbon/worksheet.csv")
    )
    for figure in (one for one in found.figures if one.differs):
        assert figure.stated and figure.again and figure.difference == pytest.approx(share * figure.stated, rel=1e-3, abs=1e-9)


def test_materiality_is_the_programmes_to_set(made: Path, again: Path) -> None:
    scaled(again, 0.02)
    assert [compare(made, again).outcome(threshold, False) for threshold in (5.0, 1.0)] == ["V2", "V3"]


def test_a_class_that_moves_by_more_than_a_percent_is_material(made: Path, again: Path) -> None:
    for factor, outcome in ((1.009, "V2"), (1.02, "V3")):
        edited(again / "areas" / "classes.csv", ClassArea, lambda row, factor=factor: replace(row, adjusted_ha=row.mapped_ha * factor))
        assert compare(made, again).outcome(5.0, False) == outcome


def test_postings_are_judged_by_the_gross_but_what_is_issued_by_itself(made: Path, again: Path) -> None:
    path = again / "credit" / "statement.csv"
    edited(path, Posting, lambda row: replace(row, co2e_t=row.co2e_t / 2) if row.account == "rounding" else row)
    assert compare(made, again).outcome(5.0, False) == "V2"
    edited(path, Posting, lambda row: replace(row, co2e_t=Decimal(1)) if row.account == "issued" else row)
    found = compare(made, again)
    assert found.outcome(5.0, False) == "V3" and differing(found)["posting issued"] == 100


def test_an_interval_and_a_stratum_that_differ_are_named_with_both_values(made: Path, again: Path) -> None:
    edited(again / "uncertainty" / "uncertainty.csv", Spread, lambda row: replace(row, half_width_percent=row.half_width_percent / 2))
    edited(again / "areas" / "activity.csv", Activity, lambda row: replace(row, area_ha=row.area_ha * 2))
    found = compare(made, again)
    assert found.outcome(5.0, False) == "V3"
    assert (differing(found)["area single-rice"], differing(found)["interval net 1 95 %"]) == pytest.approx((50, 50))
    edited(again / "areas" / "activity.csv", Activity, lambda row: replace(row, stratum="another"))
    absent = next(one for one in compare(made, again).figures if one.kind == "area" and one.name == "single-rice")
    assert (absent.again, absent.difference, absent.percent) == (None, None, 100)


def test_pixels_of_another_class_are_a_map(made: Path, again: Path, tmp_path: Path) -> None:
    path = again / "land" / "cover_2020.tif"
    raster = read_raster(path)
    raster.pixels[0, 2:4, 3:6] = 2
    write_raster(path, raster)
    found = compare(made, again)
    assert found.outcome(5.0, False) == "V2" and found.stages[-1].stage == "land"
    before = read_raster(made / "land" / "cover_2020.tif").pixels[0]
    assert sum(patch.pixels for patch in found.patches) == int((before[2:4, 3:6] != 2).sum()) == found.files[0].differing
    assert {patch.again for patch in found.patches} == {2} and sum(patch.hectares for patch in found.patches) == pytest.approx(0.06)
    for name in ("a.gpkg", "b.gpkg"):
        write_patches(tmp_path / name, found.patches)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    written = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="differences")
    assert written.crs.to_string() == raster.grid.crs and list(written.columns[:3]) == ["year", "class_in_run", "class_again"]


def test_a_report_that_says_something_else_than_its_tables_is_material(made: Path, again: Path) -> None:
    report = again / "report" / "report.json"
    value = read_json(report)
    value["vintages"][0]["issued_t_co2e"] = "5000"
    write_json(report, value)
    found = compare(made, again)
    assert found.outcome(5.0, True) == "V3" and "report vintages[0].issued_t_co2e" in differing(found)


def test_a_page_that_looks_otherwise_is_material_unless_another_environment_made_it(made: Path, again: Path) -> None:
    (again / "report" / "report.html").write_text("another page")
    found = compare(made, again)
    assert [found.outcome(5.0, elsewhere) for elsewhere in (False, True)] == ["V3", "V2"]
    assert found.files[0].largest_percent is None


def test_a_table_that_can_t_be_read_is_material(made: Path, again: Path) -> None:
    (again / "areas" / "activity.csv").write_text("year\n?\n")
    found = compare(made, again)
    assert found.outcome(5.0, False) == "V3" and "E-TAB-001" in found.unread
    (again / "areas" / "activity.csv").unlink()
    assert compare(made, again).outcome(5.0, False) == "V3"


@pytest.mark.parametrize(
    ("a", "b", "off", "same"), [(0, 0, 0, True), (2, 1, 50, False), (1, -1, 200, False), (1e9, 1e9 + 0.5, 5e-8, True), (0, 1e-9, 100, True)]
)
def test_numbers_are_weighed_by_the_larger(a: float, b: float, off: float, same: bool) -> None:
    assert percent(a, b) == pytest.approx(off) and equivalent(a, b) == same
    assert percent(b, a) == percent(a, b)
