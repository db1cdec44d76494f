"""Zones by rules and by layers, and what a stratum may say otherwise: the edges of every rule, and one broken input a message."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from shapely.geometry import box
from typer.testing import CliRunner

from carbonsink.base.problems import Refusal, messages
from carbonsink.cli import app
from carbonsink.declared.area import AreaFile
from carbonsink.declared.factors import read_factors
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.paths import Places
from carbonsink.declared.zones import KINDS, Kind, Zone, read_zones, zone_of
from carbonsink.declared.zoning import apply_zones, zones_of
from tests.carbon.projects import SOIL, area_file
from tests.conftest import REPOSITORY

FUJIAN = {"mat": 19.8, "map": 1700.0, "pet": 1200.0, "elevation": 80.0, "frost_days": 3.0}
LAND = box(117.0, 24.0, 117.4, 24.4)
BROKEN: set[str] = set()  # codes that some test has seen


def refused(code: str) -> Any:
    BROKEN.add(code)
    return pytest.raises(Refusal, match=code)


CLIMATES: list[tuple[dict[str, float], str]] = [
    ({}, "tropical_moist"),
    ({"frost_days": 8.0}, "warm_temperate_moist"),
    ({"mat": 18.0}, "warm_temperate_moist"),
    ({"elevation": 1000.1}, "tropical_montane"),
    ({"elevation": 1000.0}, "tropical_moist"),
    ({"map": 2000.1}, "tropical_wet"),
    ({"map": 2000.0}, "tropical_moist"),
    ({"map": 1000.0}, "tropical_dry"),
    ({"mat": 10.1, "map": 1200.0}, "warm_temperate_dry"),
    ({"mat": 10.0}, "cool_temperate_moist"),
    ({"mat": 0.1, "map": 1200.0}, "cool_temperate_dry"),
    ({"mat": 0.0, "warmest_month": 10.0}, "boreal_moist"),
    ({"mat": 0.0, "warmest_month": 10.0, "map": 1200.0}, "boreal_dry"),
    ({"mat": 0.0, "warmest_month": 9.9}, "polar_moist"),
    ({"mat": 0.0, "warmest_month": 9.9, "map": 1200.0}, "polar_dry"),
]


@pytest.mark.parametrize(("change", "word"), CLIMATES)
def test_climate_by_the_guidelines_rules(change: Mapping[str, float], word: str) -> None:
    assert zone_of("climate", FUJIAN | change).word == word


def test_all_twelve_climates_have_a_case() -> None:
    assert {word for _, word in CLIMATES} == set(read_zones()["climate"].words)


def test_a_fact_is_asked_for_only_where_it_decides() -> None:
    assert zone_of("climate", {"mat": 12.0, "map": 900.0, "pet": 800.0}).word == "warm_temperate_moist"
    with refused("E-ZON-004") as caught:
        zone_of("climate", {"mat": -3.0, "map": 300.0, "pet": 400.0})
    assert caught.value.problems[0].facts["missing"] == "warmest_month"


@pytest.mark.parametrize(
    ("wrb", "sand", "clay", "word"),
    [
        ("acrisols", 40.0, 30.0, "lac"),
        ("ferralsols", 70.0, 7.9, "lac"),
        ("ferralsols", 70.1, 7.9, "sandy"),
        ("ferralsols", 70.1, 8.0, "lac"),
        ("luvisols", 20.0, 25.0, "hac"),
        ("andosols", 20.0, 25.0, "volcanic"),
        ("podzols", 60.0, 25.0, "spodic"),
        ("gleysols", 80.0, 5.0, "wetland"),
        ("histosols", 80.0, 5.0, "organic"),
        ("arenosols", 60.0, 9.0, "sandy"),
    ],
)
def test_soil_by_group_and_texture(wrb: str, sand: float, clay: float, word: str) -> None:
    assert zone_of("soil", {"wrb": wrb, "sand": sand, "clay": clay}).word == word


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"coldest_month": 20.0, "elevation": 100.0, "dry_months": 2.0}, "tropical_rainforest"),
        ({"coldest_month": 20.0, "elevation": 100.0, "dry_months": 4.0}, "tropical_moist"),
        ({"coldest_month": 20.0, "elevation": 1500.0}, "tropical_mountain"),
        ({"coldest_month": 10.0, "warm_months": 11.0, "elevation": 100.0, "moisture": "humid"}, "subtropical_humid"),
        ({"coldest_month": -2.0, "warm_months": 6.0, "elevation": 100.0, "moisture": "humid"}, "temperate_continental"),
        ({"coldest_month": 2.0, "warm_months": 6.0, "elevation": 100.0, "moisture": "humid"}, "temperate_oceanic"),
        ({"coldest_month": -9.0, "warm_months": 3.0, "elevation": 100.0, "moisture": "humid", "stand": "dense_forest"}, "boreal_coniferous"),
    ],
)
def test_ecological_zone_by_the_guidelines_table(facts: dict[str, float | str], word: str) -> None:
    assert zone_of("ecozone", facts).word == word


@pytest.mark.parametrize("kind", KINDS)
def test_every_zone_is_a_word_of_the_tables_and_every_legend_s_word_a_zone(kind: Kind) -> None:
    zones = read_zones()[kind]
    known = read_factors("ipcc-2019").words_by_key()[kind] | {"polar", "organic"}
    assert set(zones.words) <= known
    assert all(set(legend.values()) <= set(zones.words) for legend in zones.legend.values())


def test_what_the_rules_do_not_know_is_refused() -> None:
    with refused("E-ZON-003"):
        zone_of("climate", FUJIAN | {"rain": 1700.0})
    with refused("E-ZON-012"):
        zone_of("climate", FUJIAN | {"mat": "warm"})
    with refused("E-ZON-012"):
        zone_of("soil", {"wrb": "red soil", "sand": 40.0, "clay": 30.0})
    with refused("E-ZON-005"):
        zone_of("soil", {"wrb": "anthrosols", "sand": 40.0, "clay": 30.0})


def area(zones: Mapping[str, Mapping[str, Any]], **stratum: Any) -> AreaFile:
    """Farmland whose climate the zones say, unless its keys do."""
    keys = {key: word for key, word in SOIL["keys"].items() if key != "climate"} | stratum.pop("keys", {})
    made = area_file({"field": SOIL | {"keys": keys} | stratum})
    cited = {kind: {"source": "weather station", "place": "1991-2020"} | dict(zone) for kind, zone in zones.items()}
    return AreaFile.model_validate(made.model_dump() | {"zones": cited})


def found(declared: AreaFile, folder: Path = Path()) -> tuple[AreaFile, Any]:
    return apply_zones(declared, zones_of(declared, LAND, Places(folder)))


def test_the_zone_becomes_the_stratum_s_key() -> None:
    whole, (finding,) = found(area({"climate": {"facts": FUJIAN}}))
    assert whole.strata["field"].keys["climate"] == "tropical_moist"
    assert (finding.stratum, finding.found, finding.used) == ("field", "tropical_moist", "tropical_moist")
    assert "map = 1700" in finding.why and "3A.5.1" in finding.rule


def test_a_stratum_may_say_otherwise_with_a_reason() -> None:
    said = {"keys": {"climate": "warm_temperate_moist"}}
    with refused("E-ZON-009"):
        found(area({"climate": {"facts": FUJIAN}}, **said))
    whole, (finding,) = found(area({"climate": {"facts": FUJIAN}}, **said, reasons={"climate": "a frosty valley"}))
    assert whole.strata["field"].keys["climate"] == finding.used == "warm_temperate_moist"
    assert (finding.found, finding.reason) == ("tropical_moist", "a frosty valley")


def layer(folder: Path, values: Any, name: str = "climate.tif", **change: Any) -> Path:
    """A raster over the land and a little more, half a degree across, in as many pixels as there are values."""
    pixels = np.asarray(values, change.pop("dtype", np.uint8))
    profile = {
        "driver": "GTiff", "height": pixels.shape[0], "width": pixels.shape[1], "count": 1, "dtype": pixels.dtype, "crs": "EPSG:4326", "nodata": 0,
        "transform": rasterio.Affine(0.4 / pixels.shape[1], 0, 117.0, 0, -0.4 / pixels.shape[0], 24.4),
    }  # fmt: skip
    with rasterio.open(folder / name, "w", **profile | change) as target:
        target.write(pixels, 1)
    return folder / name


def by_layer(folder: Path, **zone: Any) -> Any:
    return found(area({"climate": {"file": "climate.tif", "legend": "ipcc-climate"} | zone}), folder)


def test_a_layer_s_majority_is_the_zone_with_its_shares(tmp_path: Path) -> None:
    layer(tmp_path, [[11, 11], [11, 1]])
    whole, (finding,) = by_layer(tmp_path)
    assert whole.strata["field"].keys["climate"] == "tropical_moist"
    assert finding.why == "tropical_moist 75.0%, warm_temperate_moist 25.0%"


def test_a_legend_may_stand_in_the_declaration(tmp_path: Path) -> None:
    layer(tmp_path, [[7, 8], [8, 8]])
    legend = {"7": "tropical_wet", "8": "tropical_dry"}
    assert by_layer(tmp_path, legend=legend)[0].strata["field"].keys["climate"] == "tropical_dry"
    with refused("E-CFG-034"):
        by_layer(tmp_path, legend={"seven": "tropical_wet"})
    with refused("E-ZON-011"):
        by_layer(tmp_path, legend={"7": "sultry"})
    with refused("E-ZON-010"):
        by_layer(tmp_path, legend="koeppen")
    with refused("E-ZON-008"):
        by_layer(tmp_path, legend={"7": "tropical_wet"})


def test_a_layer_must_cover_enough_to_know_what_prevails(tmp_path: Path) -> None:
    layer(tmp_path, [[11, 11], [11, 0]])
    assert by_layer(tmp_path)[0].strata["field"].keys["climate"] == "tropical_moist"
    layer(tmp_path, [[11, 0], [0, 0]])
    with refused("E-ZON-007"):
        by_layer(tmp_path)
    layer(tmp_path, [[11]], transform=rasterio.Affine(0.4, 0, 10.0, 0, -0.4, 24.4))
    with refused("E-ZON-007"):
        by_layer(tmp_path)


@pytest.mark.parametrize("change", [{"crs": None}, {"dtype": np.float32}, {"transform": rasterio.Affine(0.4, 0.1, 117.0, 0, -0.4, 24.4)}])
def test_a_layer_of_another_kind_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    layer(tmp_path, [[11]], **change)
    with refused("E-ZON-006"):
        by_layer(tmp_path)


def test_a_file_that_is_no_raster_is_refused(tmp_path: Path) -> None:
    (tmp_path / "climate.tif").write_text("no raster")
    with refused("E-ZON-006"):
        by_layer(tmp_path)


def test_facts_and_a_layer_exclude_each_other(tmp_path: Path) -> None:
    with refused("E-ZON-001"):
        by_layer(tmp_path, facts=FUJIAN)
    with refused("E-ZON-001"):
        found(area({"climate": {}}))


def test_zones_are_found_the_same_twice() -> None:
    one, other = (zone_of("climate", dict(order)) for order in (FUJIAN.items(), reversed(FUJIAN.items())))
    assert one == other == Zone(one.word, one.rule, one.why)


STATION = """
[zones.climate]
facts = { mat = 21.1, map = 1700, pet = 1200, elevation = 120, frost_days = 4 }
source = "county weather station"
place = "1991 to 2020"

[zones.soil]
file = "soil.tif"
legend = { 1 = "lac", 2 = "wetland" }
source = "provincial soil map"
place = "sheet G-50"
"""


def test_the_plan_keeps_what_was_found_and_the_run_the_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(REPOSITORY / "aoi" / "longshan", tmp_path / "longshan"))
    layer(folder, [[1, 1, 2]], "soil.tif", transform=rasterio.Affine(1.0, 0, 116.0, 0, -10.0, 30.0))
    (folder / "area.toml").write_text((folder / "area.toml").read_text(encoding="utf-8") + STATION, encoding="utf-8")
    plan = load(folder)
    keys = plan.area.strata["single-rice"].keys
    assert (keys["climate"], keys["soil"]) == ("tropical_moist", "lac")
    assert [zone["found"] for zone in explain_plan(plan)["zones"]] == ["tropical_moist", "lac"]
    assert "soil.tif" in plan.declared_files()
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    shown = CliRunner().invoke(app, ["check", str(folder)]).stdout
    assert "single-rice：climate = tropical_moist" in shown and "lac 100.0%" in shown


def test_a_value_of_the_other_edition_is_refused_where_the_area_is_read(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(REPOSITORY / "aoi" / "longshan", tmp_path / "longshan"))
    mixed = '\n[[value]]\nsymbol = "sf_organic_exponent"\nvalue = 0.59\nunit = "1"\nsource = "ipcc-2006-v4-rice"\nplace = "Equation 5.3"\n'
    (folder / "area.toml").write_text((folder / "area.toml").read_text(encoding="utf-8") + mixed, encoding="utf-8")
    with pytest.raises(Refusal, match=r"E-FAC-008 area\.toml \[value\.3\]"):
        load(folder)


def test_every_message_of_the_zones_has_a_broken_input() -> None:
    assert {code for code in messages() if code.startswith("E-ZON")} <= BROKEN
