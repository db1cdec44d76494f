"""Radar beside the imagery, as it is declared: what a pipeline asks for, where its scenes come from, and the plan that its series knows."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.area import CatalogueSource, ImagerySource
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from tests.conftest import REPOSITORY

RADAR = 'radar = "sentinel-1-rtc"'
EVIDENCE = 'evidence = ["water_regime", "crops", "winter_cover"]'


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """The demonstration and its pipeline, to be changed."""
    shutil.copytree(REPOSITORY / "pipelines", tmp_path / "pipelines")
    return Path(shutil.copytree(REPOSITORY / "aoi" / "longshan", tmp_path / "aoi" / "longshan", ignore=shutil.ignore_patterns("*.lock.json")))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def pipeline_of(area: Path) -> Path:
    return area.parents[1] / "pipelines" / "rice-water.toml"


def plan(area: Path) -> Plan:
    return load(area, today=date(2026, 1, 1))


def test_the_radars_plan_has_its_sensor_its_layer_and_the_same_land_and_time(area: Path) -> None:
    whole = plan(area)
    radar = whole.radar
    assert radar is not None
    assert (radar.sensor.id, radar.pipeline.composites.bands, radar.pipeline.composites.series) == ("sentinel-1-rtc", ["vh"], ["vh"])
    assert (radar.pipeline.composites.indices, radar.pipeline.composites.features) == ([], [])
    assert (radar.land, radar.imagery_span, radar.simulated) == (whole.land, whole.imagery_span, True)
    assert radar.radar is None, "a radar has none beside it"
    assert list(whole.fetched) == ["scenes", "scenes/radar"]


def test_clouds_drop_no_radar_scene_whatever_the_imagery_allows(area: Path) -> None:
    radar = plan(area).radar
    assert radar is not None
    assert (plan(area).pipeline.imagery.max_cloud_cover, radar.pipeline.imagery.max_cloud_cover) == (90.0, 100.0)


def test_a_pipeline_without_radar_fetches_one_sensor_and_its_plan_says_nothing_of_another(area: Path) -> None:
    pipeline = pipeline_of(area)
    pipeline.write_text("".join(line for line in pipeline.read_text(encoding="utf-8").splitlines(keepends=True) if not line.startswith("radar")))
    alone = plan(area)
    assert (alone.radar, list(alone.fetched), "radar" in explain_plan(alone)) == (None, ["scenes"], False)


def test_the_radar_sensor_is_part_of_the_plan(area: Path) -> None:
    assert explain_plan(plan(area))["radar"]["id"] == "sentinel-1-rtc"


@pytest.mark.parametrize(
    ("catalogue", "radar", "asked"),
    [
        ("simulated", None, "simulated"),
        ("mirror", None, "mirror"),
        ("mirror", CatalogueSource(catalogue="other"), "other"),
        ("https://earth-search.aws.element84.com/v1", CatalogueSource(), None),  # one API's answer on one sensor says nothing of another
        ("https://earth-search.aws.element84.com/v1", CatalogueSource(catalogue="https://stac.example.org"), "https://stac.example.org"),
    ],
)
def test_radar_is_asked_for_where_the_area_says_else_in_the_same_folder(catalogue: str | None, radar: CatalogueSource | None, asked: str | None) -> None:
    source = ImagerySource(catalogue=catalogue, dialect="earth-search", radar=radar).of_radar
    assert source is not None
    assert (source.catalogue, source.dialect) == (asked, None)


@pytest.mark.parametrize(("catalogue", "radar"), [(None, None), ("https://earth-search.aws.element84.com/v1", None), ("mirror", False), ("simulated", False)])
def test_nobody_is_sent_to_another_api_unasked_and_an_area_may_do_without(catalogue: str | None, radar: Literal[False] | None) -> None:
    assert ImagerySource(catalogue=catalogue, radar=radar).of_radar is None


def test_a_folder_asks_for_no_credentials_and_the_provider_does(area: Path) -> None:
    radar = plan(area).radar
    assert radar is not None
    assert (radar.dialect.credentials, radar.sensor.dialect_named(None).credentials) == ("none", "sas")


@pytest.mark.parametrize(
    ("code", "file", "old", "new", "words"),
    [
        ("E-CFG-011", "pipeline", RADAR, 'radar = "sentinel-1"', ("sentinel-1-rtc",)),
        ("E-PRA-004", "pipeline", RADAR, 'radar = "landsat-c2-l2"', ("landsat-c2-l2", "vh")),
        ("E-PRA-005", "pipeline", EVIDENCE, 'evidence = ["crops", "winter_cover"]', ("crops, winter_cover", "water_regime")),
        ("E-PRA-006", "pipeline", RADAR, "", ("rice-water.toml",)),
        ("E-PRA-007", "pipeline", RADAR, 'radar = "sentinel-2-l2a"', ("sentinel-2-l2a",)),
        ("E-PRA-008", "area", '"simulated" }', '"simulated", radar = { catalogue = "https://stac.example.org" } }', ("simulated", "https://stac.example.org")),
        ("E-CFG-011", "area", '"simulated" }', '"simulated", radar = { dialect = "earth-search" } }', ("planetary-computer",)),
        ("E-CFG-010", "area", '"simulated" }', '"simulated", radar = { catalogue = "http://stac.example.org" } }', ("stac.example.org", "http")),
    ],
)
def test_what_can_not_be_is_refused_in_both_languages(area: Path, code: str, file: str, old: str, new: str, words: tuple[str, ...]) -> None:
    if code == "E-PRA-006":
        change(area / "area.toml", '"simulated" }', '"simulated", radar = { catalogue = "simulated" } }')
    change(pipeline_of(area) if file == "pipeline" else area / "area.toml", old, new)
    with pytest.raises(Refusal) as refused:
        plan(area)
    problem = next(problem for problem in refused.value.problems if problem.code == code)
    assert all(word in problem.line(language) for word in words for language in ("en", "zh"))
