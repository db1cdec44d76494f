"""layers.gpkg: what other programs see of the land, with words and styles, the same bytes again, and no name that does anything."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyogrio
import pytest

from carbonsink.base.geometry import hectares_to_mu
from carbonsink.base.records import Alert, PracticeEvidence, SampleLabel
from carbonsink.declared.change import Protection
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import Plots
from carbonsink.declared.schema import Words
from carbonsink.report.layers.shapes import layers
from carbonsink.report.layers.vectors import write_vectors
from carbonsink.report.results import Results, gather
from tests.report.conftest import RICE, make_plan

Run = tuple[Plan, Path]
LANGUAGES = read_languages(["zh", "en"])
HOSTILE = [
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "\t=1",
    "＝1+1",
    "'; DROP TABLE parcels; --",
    "<img src=x>&\"'",
    "a\0b",
    "\u202eabc",
    "名" * 200,
]
ALERT = Alert(
    "eco-1", "eco", "c-1", "felling", "2021-07-31", "2021-07-01", "2021-08-31", 0.6, "LS-001", 117.398, 24.603, "2021-06", "2021-09", "b.png", "a.png", "red",
)  # fmt: skip
SAMPLE = SampleLabel(2022, "1", 117.398, 24.603, "paddy", 0.01, "paddy", "tea", "tea", "tea", True)


def looked(parcel: str, verdict: str) -> PracticeEvidence:
    known = ("flooded", "flooded", verdict, None, None, 90, 10, 2, None, 12, "")
    return PracticeEvidence(2022, parcel, "single-rice", "water_regime", 1, "2022-05-01", "2022-08-31", *known)


@pytest.fixture(scope="module")
def results(rice: Run) -> Results:
    return gather(*rice)


@pytest.fixture(scope="module")
def full(rice: Run, results: Results, tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Results, Path]:
    """A run with something of everything."""
    folder = tmp_path_factory.mktemp("layers")
    (folder / "plots.csv").write_text("\ufeffplot,stratum,longitude,latitude,area_m2,biomass_t_ha\nP1 ,single-rice,117.398,24.603,400,90.5\n", encoding="utf-8")
    line = Protection.model_validate({"id": "eco", "kind": "ecological", "name": {"zh": "红线", "en": "red line"}, "file": "x", "source": "s", "place": "p"})
    update = {"plots": [Plots(year=2022, file="plots.csv", source="survey")], "protection": [line]}
    plan = replace(rice[0], folder=folder, area=rice[0].area.model_copy(update=update))
    practice = (looked("LS-001", "supports"), looked("LS-001", "supports"), looked("LS-001", "contradicts"))
    found = replace(results, alerts=(ALERT,), labels=(SAMPLE, replace(SAMPLE, id="2", label="?", second=None)), practice=practice)
    write_vectors(plan, found, folder / "layers.gpkg", LANGUAGES)
    return plan, found, folder / "layers.gpkg"


def rows(path: Path, layer: str) -> Any:
    return pyogrio.read_dataframe(path, layer=layer)


def asked(path: Path, sql: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def test_every_layer_stands_there_and_the_file_is_sound(full: tuple[Plan, Results, Path]) -> None:
    path = full[2]
    assert dict(pyogrio.list_layers(path)) == {
        "alerts": "Point", "samples": "Point", "plots": "Point", "parcels": "MultiPolygon", "strata": "MultiPolygon", "boundary": "MultiPolygon",
        "layer_styles": None,
    }  # fmt: skip
    assert asked(path, "PRAGMA integrity_check") == [("ok",)] and asked(path, "PRAGMA foreign_key_check") == []
    assert {pyogrio.read_info(path, layer=name)["crs"] for name in ("alerts", "parcels")} == {"EPSG:4326"}


def test_the_report_folder_holds_it_without_layers_that_have_nothing_to_show(rice: Run, soil: Run) -> None:
    assert [name for name, _ in pyogrio.list_layers(rice[1] / "report/layers.gpkg")] == ["parcels", "strata", "boundary", "layer_styles"]
    assert [name for name, _ in pyogrio.list_layers(soil[1] / "report/layers.gpkg")] == ["boundary", "layer_styles"]


def test_a_parcel_says_what_became_of_it(full: tuple[Plan, Results, Path]) -> None:
    plan, results, path = full
    found = rows(path, "parcels").set_index("parcel")
    assert len(found) == len(plan.land.parcels)
    for share in (p for p in results.parcels if p.year == 2022):
        one = found.loc[share.parcel]
        assert (one.area_ha, one.area_mu) == (round(share.area_ha, 6), round(share.area_mu, 4))
        assert one.outcome == (share.reason or "counted") and one.counted_in == ("2020–2022" if share.counted else "")
    assert found.loc["LS-006"].outcome_words == "目标地类占比不足 / too little of it shows its class"
    assert list(found.loc["LS-001", ["supports", "contradicts", "unclear"]]) == [2, 1, 0]


def test_shapes_are_the_declared_ones_and_strata_are_their_union(full: tuple[Plan, Results, Path]) -> None:
    plan, _, path = full
    found = rows(path, "parcels").set_index("parcel").geometry
    assert all(found[p.id].equals(p.geometry) for p in plan.land.parcels)
    strata = rows(path, "strata")
    assert strata.geometry[0].equals(found.union_all()) and strata.parcels[0] == len(found)
    assert strata.area_mu[0] == pytest.approx(hectares_to_mu(strata.area_ha[0]), abs=1e-4) and strata.reckoned_ha[0] == 429.0
    assert rows(path, "boundary").geometry[0].equals(plan.land.boundary)


def test_points_lie_where_they_were_seen(full: tuple[Plan, Results, Path]) -> None:
    path = full[2]
    for name in ("alerts", "samples", "plots"):
        assert (rows(path, name).geometry[0].x, rows(path, name).geometry[0].y) == (117.398, 24.603)
    assert list(rows(path, "samples").agrees) == ["no", "no"] and rows(path, "samples").second_label.isna().tolist() == [False, True]
    assert list(rows(path, "plots").loc[0, ["plot", "stratum", "area_m2"]]) == ["P1", "single-rice", 400.0]
    assert rows(path, "alerts").red_line[0] == "红线 / red line" and rows(path, "alerts").kind_words[0].endswith("felling")


def test_every_column_and_layer_has_words_in_both_languages(full: tuple[Plan, Results, Path]) -> None:
    path = full[2]
    words = {(table, column): name for table, column, name in asked(path, "SELECT table_name, column_name, name FROM gpkg_data_columns")}
    for layer, kind in pyogrio.list_layers(path):
        if kind:
            assert {column for table, column in words if table == layer} == set(pyogrio.read_info(path, layer=layer)["fields"])
    assert words["parcels", "area_mu"] == "面积（亩） / Area (mu)" and all(" / " in name for name in words.values())
    assert ("parcels", "地块 / Parcels") in asked(path, "SELECT table_name, identifier FROM gpkg_contents")


def test_every_layer_has_one_style_in_both_languages_of_styles(full: tuple[Plan, Results, Path]) -> None:
    plan, _, path = full
    styles = {name: (qml, sld) for name, qml, sld, used in asked(path, "SELECT f_table_name, styleQML, styleSLD, useAsDefault FROM layer_styles") if used == 1}
    assert set(styles) == {name for name, kind in pyogrio.list_layers(path) if kind}
    for qml, sld in styles.values():
        drawn, painted = ElementTree.fromstring(qml), ElementTree.fromstring(sld)
        symbols = [symbol.get("name") for symbol in drawn.iter("symbol")]
        assert symbols == [str(n) for n in range(len(painted.findall(".//{http://www.opengis.net/se}Rule")))] and symbols
        assert {c.get("symbol") for c in drawn.iter("category")} <= set(symbols)
    colours = {c.id: c.colour for c in plan.pipeline.land.classes}
    assert f">{colours['paddy']}<" in styles["strata"][1] and 'value="counted"' in styles["parcels"][0]


def test_the_same_run_gives_the_same_bytes(full: tuple[Plan, Results, Path], tmp_path: Path) -> None:
    plan, results, path = full
    write_vectors(plan, results, tmp_path / "again.gpkg", LANGUAGES)
    assert (tmp_path / "again.gpkg").read_bytes() == path.read_bytes()
    assert b"1970-01-01T00:00:00" in path.read_bytes()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_texts_and_nothing_else(name: str, tmp_path: Path, results: Results) -> None:
    plan = make_plan(RICE, 1)
    strata = {key: stratum.model_copy(update={"name": Words(zh=name, en=name)}) for key, stratum in plan.area.strata.items()}
    plan = replace(plan, area=plan.area.model_copy(update={"strata": strata, "name": Words(zh=name, en=name)}))
    write_vectors(plan, results, tmp_path / "l.gpkg", LANGUAGES)
    shown = rows(tmp_path / "l.gpkg", "parcels").stratum_name[0]
    printable = all(c.isprintable() for c in name)
    assert shown == name if printable else shown != name and shown.isprintable()
    qml, sld = asked(tmp_path / "l.gpkg", "SELECT styleQML, styleSLD FROM layer_styles WHERE f_table_name = 'strata'")[0]
    assert next(ElementTree.fromstring(qml).iter("category")).get("label") == shown
    assert ElementTree.fromstring(sld).find(".//{http://www.opengis.net/se}Rule/{http://www.opengis.net/se}Name").text == shown  # type: ignore[union-attr]


def test_points_lie_above_polygons_in_the_order_layers_are_listed(full: tuple[Plan, Results, Path]) -> None:
    plan, results, _ = full
    assert [layer.name for layer in layers(plan, results, LANGUAGES)] == ["alerts", "samples", "plots", "parcels", "strata", "boundary"]
