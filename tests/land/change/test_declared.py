"""[land.change] and red lines as declared: what doesn't fit is said by `carbonsink check`, in one line, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from carbonsink.base.problems import Exit, Refusal
from carbonsink.cli import app
from carbonsink.declared.change import Change, Protection, dating_bands, layers_of, read_change
from carbonsink.declared.load import load
from carbonsink.declared.protection import read_red_line
from carbonsink.run.copies import copy_declared
from carbonsink.verify import load_declared
from tests.bad.area import Area, good_area, square, write_vector

CHANGE = "[areas]", "[land.change]\n\n[areas]"
LINE = """
[[protection]]
id = "eco"
kind = "ecological"
name = { zh = "生态保护红线", en = "Ecological red line" }
file = "red.gpkg"
source = "provincial plan"
place = "sheet 4"
"""
FIELDS = [shapely.Polygon(square(0)), shapely.Polygon(square(1))]


@pytest.fixture
def area(tmp_path: Path) -> Area:
    """The tiny area with a pipeline that looks for change, and a red line around both fields."""
    area = good_area(tmp_path)
    area.recipe(*CHANGE)
    write_vector(area.folder / "red.gpkg", "EPSG:4490", FIELDS, ("a", "b"))
    area.declare("[[value]]", LINE.lstrip() + "\n[[value]]")
    return area


def said(area: Area, monkeypatch: pytest.MonkeyPatch, language: str) -> list[str]:
    monkeypatch.setenv("CARBONSINK_LANG", language)
    result = CliRunner().invoke(app, ["check", str(area.folder)])
    assert result.exit_code in (Exit.WELL, Exit.INVALID)
    return result.stderr.splitlines()


def refused(area: Area, monkeypatch: pytest.MonkeyPatch, code: str, *words: str) -> None:
    """The only problem, in both languages, with the words that both must hold."""
    for language in ("en", "zh"):
        lines = said(area, monkeypatch, language)
        assert len(lines) == 1 and lines[0].startswith(f"{code} "), lines
        assert all(word in lines[0] for word in words), lines[0]


def test_change_and_red_lines_are_well_declared(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(area, monkeypatch, "en") == []
    plan = load(area.folder)
    assert plan.pipeline.land.change == Change()
    assert [line.id for line in plan.area.protection] == ["eco"]


def test_a_run_keeps_the_red_line_s_file(area: Area, tmp_path: Path) -> None:
    plan = load(area.folder)
    copy_declared(plan, tmp_path / "run" / "declared")
    kept = load_declared(tmp_path / "run")
    line = kept.area.protection[0]
    assert read_red_line(kept.path(line.file), line, "CN").equals(read_red_line(plan.path(line.file), line, "CN"))


def test_a_layer_the_composites_lack_is_named_with_the_nearest(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe("[land.change]\n", '[land.change]\nlayer = "ndwi"\n')
    refused(area, monkeypatch, "E-CHG-001", "ndwi", "red, nir, ndvi", "[land.change]")


def test_years_show_no_season(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe('period = "month"', 'period = "year"')
    refused(area, monkeypatch, "E-CHG-002", "[land.change]", "month")


def test_an_id_stands_for_one_red_line(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.declare("[[value]]", LINE.lstrip() + "\n[[value]]")
    refused(area, monkeypatch, "E-CHG-003", "eco", "[protection.1.id]")


def test_red_lines_nobody_watches_are_refused(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe("[land.change]\n", "")
    refused(area, monkeypatch, "E-CHG-004", "1", "tiny.toml", "[land.change]")


def test_a_red_line_without_its_file_is_refused(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    (area.folder / "red.gpkg").unlink()
    refused(area, monkeypatch, "E-CFG-020", "red.gpkg", "[protection.0.file]")


def test_a_red_line_that_crosses_itself_is_refused_with_the_place(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, c, d, _ = square(0)
    (area.folder / "red.gpkg").unlink()
    write_vector(area.folder / "red.gpkg", "EPSG:4490", [shapely.Polygon([a, c, b, d, a]), FIELDS[1]], ("a", "b"))
    refused(area, monkeypatch, "E-AOI-007", "red.gpkg #1", "117.401000,24.600500")


def test_all_problems_come_at_once(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.declare("[[value]]", LINE.replace("red.gpkg", "blue.gpkg").lstrip() + "\n[[value]]")
    area.recipe("[land.change]\n", '[land.change]\nlayer = "nbr"\nbands = ["swir16"]\n')
    assert sorted(line.split(" ", 1)[0] for line in said(area, monkeypatch, "en")) == ["E-CFG-020", "E-CHG-001", "E-CHG-001", "E-CHG-003"]


def test_outlines_of_a_red_line_may_overlap_and_are_taken_once(area: Area) -> None:
    line = Protection.model_validate({"id": "x", "kind": "other", "name": {"zh": "试", "en": "trial"}, "file": "two.gpkg", "source": "-", "place": "-"})
    write_vector(area.folder / "two.gpkg", "EPSG:4490", [FIELDS[0], FIELDS[0]], ("a", "b"))
    assert read_red_line(area.folder / "two.gpkg", line, "CN").area == pytest.approx(FIELDS[0].area)


def test_a_red_line_without_coordinate_system_is_refused_with_candidates(area: Area) -> None:
    line = load(area.folder).area.protection[0]
    write_vector(area.folder / "two.shp", "EPSG:4490", FIELDS, ("a", "b"))
    (area.folder / "two.prj").unlink()
    with pytest.raises(Refusal, match="E-AOI-010.*EPSG:4490"):
        read_red_line(area.folder / "two.shp", line, "CN")


def test_what_dates_a_break_is_the_layer_and_every_band_unless_declared() -> None:
    assert dating_bands(Change(), ("red", "nir")) == ("ndvi", "red", "nir")
    assert dating_bands(Change(bands=["nir"]), ("red", "nir")) == ("nir",)
    assert layers_of(Change(bands=["nir"]), ("red", "nir", "blue"), ("ndvi", "nbr")) == ("ndvi", "nir", "nbr", "red")


def test_the_library_s_tables_hold_every_choice_and_their_levels_ascend() -> None:
    library = read_change()
    assert {(p, w) for p, windows in library.mosum.critical.items() for w in windows} == {(p, w) for p in ("5", "1") for w in ("25", "50", "100")}
    assert set(library.cusum.critical) == {"5", "1"}
    bounds = [level.below for level in library.severity.level]
    assert bounds == sorted(bounds) and bounds[2:6] == [0.1, 0.27, 0.44, 0.66]  # Key and Benson 2006
    assert library.kind[-1].id == "loss" and library.kind[0].id == "gain", "between them every sign is named"
