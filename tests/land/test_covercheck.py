"""Classes, legends and published maps as declared: every mistake is said by `carbonsink check`, in one line, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.base.problems import Exit
from carbonsink.cli import app
from carbonsink.declared.load import explain_plan, load
from carbonsink.run.copies import copy_declared
from carbonsink.verify import load_declared
from tests.bad.area import Area, good_area
from tests.land.maps import LEGEND, north_up, write_map

PAIR = '{ id = "paddy", code = 1, ipcc = "cropland"'
RULES = """rules = [
    { land_class = "water", when = "max(ndvi) < 0.2" },
    { land_class = "paddy", when = "1 == 1" },
]
"""
MAPS = '\n[cover_map]\nfiles = [{ file = "m20.tif", year = 2020 }, { file = "m21.tif", year = 2021 }]\n'
TO_CLASSES = '2 = "paddy"'  # the legend's wood, which no class of the tiny pipeline is


@pytest.fixture
def area(tmp_path: Path) -> Area:
    return good_area(tmp_path)


@pytest.fixture
def mapped(area: Area) -> Area:
    """The tiny area, its cover from two published maps with a legend of its own."""
    area.write("legend.toml", LEGEND)
    for year in (20, 21):
        write_map(area.folder / f"m{year}.tif", [[1, 2], [1, 7]], north_up(117.39, 24.61, 0.01), "EPSG:4326")
    area.declare("\n[[value]]", f"{MAPS}\n[[value]]")
    area.recipe('method = "rules"', 'method = "published"')
    area.recipe(RULES, f'published = {{ legend = "legend.toml", values = {{ {TO_CLASSES} }} }}\n')
    return area


def said(area: Area, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> list[str]:
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


def test_the_mapped_area_is_good(mapped: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(mapped, monkeypatch) == []


def test_the_category_follows_from_the_gbt_class(area: Area) -> None:
    area.recipe(PAIR, '{ id = "paddy", code = 1, gbt = "0101"')
    first = load(area.folder).pipeline.land.classes[0]
    assert (first.ipcc, first.gbt) == ("cropland", "0101")


def test_a_category_may_be_one_that_the_class_s_note_allows(area: Area) -> None:
    area.recipe(PAIR, '{ id = "paddy", code = 1, ipcc = "forest land", gbt = "0203"')  # a rubber plantation
    assert load(area.folder).pipeline.land.classes[0].ipcc == "forest land"


def test_an_unknown_gbt_class_names_the_nearest(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe(PAIR, PAIR + ', gbt = "0104"')
    refused(area, monkeypatch, "E-LND-040", "0104", "land.classes.0.gbt")


def test_a_gbt_class_of_another_category(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe(PAIR, PAIR + ', gbt = "0301"')
    refused(area, monkeypatch, "E-LND-041", "0301", "乔木林地", "cropland", "forest land")


def test_a_first_level_class_of_several_categories_must_say_which(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.recipe(PAIR, '{ id = "paddy", code = 1, gbt = "03"')
    refused(area, monkeypatch, "E-CFG-002", "ipcc")


CASES: dict[str, tuple[Callable[[Area], None], str, tuple[str, ...]]] = {
    "published without maps": (lambda a: a.declare(MAPS, ""), "E-LND-042", ("published", "[cover_map]")),
    "published without a legend": (
        lambda a: a.recipe(f'published = {{ legend = "legend.toml", values = {{ {TO_CLASSES} }} }}\n', ""),
        "E-LND-042",
        ("[land.published]",),
    ),
    "a value without a class": (lambda a: a.recipe(TO_CLASSES, ""), "E-LND-043", ("2", "Wood", "forest land")),
    "a value the legend lacks": (lambda a: a.recipe(TO_CLASSES, f'{TO_CLASSES}, 9 = "paddy"'), "E-CFG-011", ("9", "values")),
    "a value to a class there isn't": (lambda a: a.recipe(TO_CLASSES, '2 = "wood"'), "E-CFG-011", ("wood",)),
    "an unknown legend": (lambda a: a.recipe('"legend.toml"', '"world-cover"'), "E-CFG-011", ("world-cover", "esa-worldcover")),
    "a legend file that isn't there": (lambda a: a.recipe('"legend.toml"', '"other.toml"'), "E-CFG-020", ("other.toml",)),
    "a legend that isn't whole": (lambda a: a.write("legend.toml", LEGEND.replace('licence = "-"\n', '')), "E-CFG-002", ("licence",)),
    "a legend of words": (lambda a: a.write("legend.toml", LEGEND.replace("\n7 =", "\nseven =")), "E-CFG-034", ("11",)),
    "a year without a map": (lambda a: a.declare("year = 2021", "year = 2019"), "E-LND-044", ("2021", "2019, 2020")),
    "a map file that isn't there": (lambda a: a.declare("m21.tif", "m22.tif"), "E-CFG-020", ("m22.tif",)),
    "a map file outside": (lambda a: a.declare("m21.tif", "../m21.tif"), "E-CFG-021", ("../m21.tif",)),
    "two ways at once": (lambda a: a.declare("files =", 'folder = "."\nname = "m{year}.tif"\nfiles ='), "E-LND-048", ("files, folder",)),
    "a folder without a year in its name": (lambda a: a.declare(MAPS, '\n[cover_map]\nfolder = "."\nname = "m.tif"\n'), "E-LND-048", ("folder",)),
    "no way, and a legend that isn't served": (lambda a: a.declare(MAPS, "\n[cover_map]\n"), "E-LND-048", ("STAC",)),
    "a catalogue without encryption": (lambda a: a.write("legend.toml", SERVED) or a.declare(MAPS, HTTP), "E-CFG-010", ("http", "example.org")),
    "a smoother over one map": (
        lambda a: (
            a.declare("files = [{ file", "stands_in = { 2021 = 2020 }\nfiles = [{ file"),
            a.recipe("[areas]", '[land.consistency]\nsmoother = "majority"\n\n[areas]'),
        ),
        "E-LND-054",
        ("majority", "2021"),
    ),
    "a transition of no class": (
        lambda a: a.recipe("[areas]", '[land.consistency]\nallowed = { paddy = ["built"] }\n\n[areas]'),
        "E-CFG-011",
        ("built", "paddy"),
    ),
    "a window of even years": (lambda a: a.recipe("[areas]", "[land.consistency]\nwindow = 4\n\n[areas]"), "E-CFG-037", ("window", "4")),
}  # fmt: skip
SERVED = LEGEND.replace("[classes]", '[stac]\ncatalogue = "https://example.org/stac"\ncollection = "maps"\nasset = "map"\n[classes]')
HTTP = '\n[cover_map]\ncatalogue = "http://example.org/stac"\n'


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_said_in_one_line(name: str, mapped: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, code, words = CASES[name]
    breaks(mapped)
    refused(mapped, monkeypatch, code, *words)


def test_maps_say_nothing_to_rules(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.declare("\n[[value]]", f"{MAPS}\n[[value]]")
    refused(area, monkeypatch, "E-LND-042", "rules", "[cover_map]")


def test_a_vintage_without_a_map_may_be_declared_to_take_another_s(mapped: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped.declare('files = [{ file = "m20.tif", year = 2020 }, { file = "m21.tif", year = 2021 }]', 'files = [{ file = "m20.tif", year = 2020 }]')
    assert [line.split()[0] for line in said(mapped, monkeypatch)] == ["E-LND-044"]
    mapped.declare("[cover_map]", "[cover_map]\nstands_in = { 2021 = 2020 }")
    assert said(mapped, monkeypatch) == []


def test_maps_of_the_library_are_served_for_their_years_only(mapped: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    """WorldCover is of 2020 and 2021; the tiny pipeline has no class for trees, grass, built-up and bare land, and must say where they go."""
    others = {10: "paddy", 20: "paddy", 30: "paddy", 50: "water", 60: "water", 70: "water", 95: "paddy", 100: "paddy"}
    values = ", ".join(f'{value} = "{name}"' for value, name in others.items())
    mapped.recipe(f'legend = "legend.toml", values = {{ {TO_CLASSES} }}', f'legend = "esa-worldcover", values = {{ {values} }}')
    mapped.declare(MAPS, "\n[cover_map]\n")
    assert said(mapped, monkeypatch) == []
    mapped.declare("end = 2021-12-31", "end = 2022-12-31")
    refused(mapped, monkeypatch, "E-LND-044", "2022", "2020, 2021")


def test_a_folder_s_maps_are_found_by_their_year(mapped: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    mapped.declare(MAPS, '\n[cover_map]\nfolder = "."\nname = "m{year}.tif"\n')
    assert {line.split()[0] for line in said(mapped, monkeypatch)} == {"E-LND-044"}
    for year in (2020, 2021):
        (mapped.folder / f"m{year - 2000}.tif").rename(mapped.folder / f"m{year}.tif")
    assert said(mapped, monkeypatch) == []


def test_a_verifier_gives_the_plan_again_from_the_copies_without_the_maps(mapped: Area, tmp_path: Path) -> None:
    plan = load(mapped.folder)
    run, told = tmp_path / "run", explain_plan(plan)
    copy_declared(plan, run / "declared")
    for name in ("m20.tif", "m21.tif", "legend.toml"):
        (mapped.folder / name).unlink()
    assert explain_plan(load_declared(run)) == told
