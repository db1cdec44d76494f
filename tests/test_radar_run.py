"""Imagery and radar in one run: two locks, two folders of chips, one series, one manifest; told, verified, tampered with, mirrored.

Four fields of the demonstration over one year, from a folder of scenes that bear no mark of being simulated, so that locks are kept.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio
from typer.testing import CliRunner

from carbonsink.base.evidence import file_sha256, read_json, write_json
from carbonsink.base.manifest import describe
from carbonsink.base.problems import Refusal
from carbonsink.base.records import PixelBudget, PracticeEvidence, SceneAsset, SeriesPoint
from carbonsink.base.tables import read_csv
from carbonsink.cli import app
from carbonsink.cli.words import lock_lines
from carbonsink.composites.compose import compose
from carbonsink.declared.load import load
from carbonsink.declared.plan import SIMULATED
from carbonsink.explain import explain
from carbonsink.run import Means, estimate, estimate_all, lock_name, make_lock, mirror, sources_again
from carbonsink.simulate import simulate
from carbonsink.verify import load_declared, verify
from tests.conftest import REPOSITORY

FIELDS, YEAR = 4, 2021
RADAR = "scenes/radar"


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an area, its pipelines, and a catalogue of both sensors."""
    folder = tmp_path_factory.mktemp("radar")
    shutil.copytree(REPOSITORY / "pipelines", folder / "pipelines")
    area = Path(shutil.copytree(REPOSITORY / "aoi" / "longshan", folder / "aoi" / "longshan", ignore=shutil.ignore_patterns("*.lock.json")))
    parcels = json.loads((area / "parcels.geojson").read_text(encoding="utf-8"))
    write_json(area / "parcels.geojson", parcels | {"features": parcels["features"][:FIELDS]})
    text = (area / "area.toml").read_text(encoding="utf-8")
    text = text.replace("start = 2020-01-01, end = 2022-12-31", f"start = {YEAR}-01-01, end = {YEAR}-12-31")
    text = re.sub(r"declared_area = .*\n", "", text)
    (area / "area.toml").write_text(text.replace("revisit_days = 5", "revisit_days = 10").replace("LS-017", "LS-001").replace("LS-048", "LS-002"))
    simulate(load(area), area / "catalogue")
    for path in (area / "catalogue").glob("*/*/*.json"):
        item = json.loads(path.read_text(encoding="utf-8"))
        del item["properties"][SIMULATED]
        write_json(path, item)
    text = (area / "area.toml").read_text(encoding="utf-8").partition("\n# What the simulator")[0]
    (area / "area.toml").write_text(text.replace('catalogue = "simulated"', 'catalogue = "catalogue"'))
    return folder


@pytest.fixture(scope="module")
def means(bureau: Path) -> Means:
    return Means(bureau / "store")


@pytest.fixture(scope="module")
def run(bureau: Path, means: Means) -> Path:
    return estimate(bureau / "aoi" / "longshan", bureau / "runs", means, quiet)


@pytest.fixture
def area(bureau: Path, tmp_path: Path) -> Path:
    """The area without locks, its catalogue its own."""
    shutil.copytree(bureau / "pipelines", tmp_path / "pipelines")
    return Path(shutil.copytree(bureau / "aoi" / "longshan", tmp_path / "aoi" / "longshan", ignore=shutil.ignore_patterns("*.lock.json")))


def rows(run: Path, folder: str) -> tuple[SceneAsset, ...]:
    return read_csv(run / folder / "scenes.csv", SceneAsset)


# --- what a run holds ---


def test_both_sensors_have_their_lock_their_chips_and_their_budget(run: Path, bureau: Path) -> None:
    optical, radar = rows(run, "scenes"), rows(run, RADAR)
    assert ({row.band for row in radar}, {row.platform for row in radar}) == ({"vh"}, {"SENTINEL-1A"})
    assert {row.platform for row in optical} == {"sentinel-2a", "sentinel-2b"}
    assert 29 <= len(radar) <= 31 and all((run / RADAR / row.chip).is_file() for row in radar)
    for row in read_csv(run / RADAR / "pixel_budget.csv", PixelBudget):
        assert (row.valid + row.outside, row.masked, row.nodata, row.read_failed) == (row.pixels, 0, 0, 0)
    for folder, name in (("scenes", "scenes.lock.json"), (RADAR, "scenes.radar.lock.json")):
        assert read_json(bureau / "aoi" / "longshan" / name) == read_json(run / folder / "lock.json")
        assert lock_name(folder) == name


def test_the_series_holds_both_by_day_and_platform_and_the_composites_only_the_imagery(run: Path) -> None:
    points = read_csv(run / "composites" / "series.csv", SeriesPoint)
    by_platform = {point.platform: {p.layer for p in points if p.platform == point.platform} for point in points}
    assert by_platform == {"sentinel-2a": {"ndvi", "lswi"}, "sentinel-2b": {"ndvi", "lswi"}, "SENTINEL-1A": {"vh"}}
    assert list(points) == sorted(points, key=lambda point: (point.date, point.platform))
    vh = [point for point in points if point.layer == "vh"]
    assert len(vh) == FIELDS * len(rows(run, RADAR)) and all(0.003 < point.mean < 0.04 and point.seen_px == point.covered_px for point in vh)
    with rasterio.open(run / "composites" / f"{YEAR}-06.tif", driver="GTiff") as source:
        assert "vh" not in source.descriptions


def test_the_evidence_says_how_many_of_its_observations_are_radars(run: Path) -> None:
    found = read_csv(run / "land" / "practice.csv", PracticeEvidence)
    water = [row for row in found if row.practice == "water_regime"]
    assert all(0 < row.radar < row.observations for row in water)
    assert {row.radar for row in found if row.practice != "water_regime"} == {0}


def test_the_manifest_states_every_file_and_both_locks(run: Path) -> None:
    manifest = read_json(run / "manifest.json")
    (scenes,) = (link for link in manifest["stages"] if link["stage"] == "scenes")
    there = {path.relative_to(run).as_posix() for path in (run / RADAR).rglob("*") if path.is_file()}
    assert there <= set(scenes["writes"]) and manifest["radar_lock"] != manifest["lock"]
    (composites,) = (link for link in manifest["stages"] if link["stage"] == "composites")
    assert there <= set(composites["reads"])


def test_the_report_counts_the_looks_and_names_the_terms_of_both(run: Path) -> None:
    page, value = (run / "report" / "report.html").read_text(encoding="utf-8"), read_json(run / "report" / "report.json")
    water = [row for row in read_csv(run / "land" / "practice.csv", PracticeEvidence) if row.practice == "water_regime"]
    radar, every = sum(row.radar for row in water), sum(row.observations for row in water)
    assert f"{every - radar} optical (Sentinel-2" in page and f"and {radar} by radar (Sentinel-1" in page and f"雷达 {radar} 次" in page
    assert (value["radar"]["sensor"], value["radar"]["items"], value["radar"]["licence"]) == ("sentinel-1-rtc", len(rows(run, RADAR)), "CC-BY-4.0")
    assert value["radar"]["attribution"] in page and value["imagery"]["attribution"] in page


def test_a_radar_item_is_explained(run: Path) -> None:
    first = rows(run, RADAR)[0]
    assert any(first.sha256 in line for line in explain(run, first.item).lines())


# --- verified ---


def test_it_is_verified_elsewhere_without_any_catalogue(run: Path, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(run, tmp_path / "elsewhere"))
    verdict = verify(elsewhere, Means(tmp_path / "store"), quiet)
    assert verdict.passed, [check for check in verdict.checks if not check.passed]


def brighter_chip(run: Path) -> None:
    path = run / RADAR / rows(run, RADAR)[3].chip
    with rasterio.open(path, "r+", driver="GTiff") as source:
        source.write(source.read(1) * 2, 1)


def other_lock(run: Path) -> None:
    lock = read_json(run / RADAR / "lock.json")
    write_json(run / RADAR / "lock.json", lock | {"items": lock["items"][1:]})


def unread_pixels(run: Path) -> None:
    path = run / RADAR / "pixel_budget.csv"
    path.write_text(path.read_text().replace(",0\n", ",3\n", 1))


@pytest.mark.parametrize(
    ("tamper", "number", "words"),
    [(brighter_chip, 3, "vh.tif: has pixels"), (other_lock, 3, "scenes/radar/lock.json: isn't the lock"), (unread_pixels, 4, "3 unread")],
)
def test_tampering_with_radar_is_caught_even_where_the_manifest_is_made_to_fit(
    run: Path, tmp_path: Path, tamper: Callable[[Path], None], number: int, words: str
) -> None:
    from carbonsink.verify import Chips, check_pixel_budget, check_scenes, check_whole

    forged = Path(shutil.copytree(run, tmp_path / "forged"))
    tamper(forged)
    chips = Chips(forged)
    assert list(check_whole(forged, chips)), "the manifest says so at once"
    said = [problem.line("en") for problem in (check_scenes if number == 3 else check_pixel_budget)(forged, chips)]
    assert any(words in line for line in said), said


# --- the same bits however it is worked ---


@pytest.mark.parametrize(("block", "scheduler", "workers"), [(64, "threads", 2), (128, "synchronous", None)])
def test_block_size_and_scheduler_change_no_bit(run: Path, tmp_path: Path, block: int, scheduler: str, workers: int | None) -> None:
    (tmp_path / "scenes").symlink_to(run / "scenes")
    compose(load_declared(run), tmp_path, block=block, scheduler=scheduler, workers=workers, progress=quiet)
    assert describe(tmp_path, "composites") == describe(run, "composites")


def test_among_many_it_gives_the_bytes_it_gives_alone_and_is_kept_when_resumed(run: Path, area: Path, tmp_path: Path) -> None:
    (first,) = estimate_all([area], tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert first.run is not None, first.refusal
    ours, theirs = (read_json(folder / "manifest.json") for folder in (first.run, run))
    assert (ours["results"], ours["lock"], ours["radar_lock"]) == (theirs["results"], theirs["lock"], theirs["radar_lock"])
    (again,) = estimate_all([area], tmp_path / "runs", Means(tmp_path / "store"), quiet, resume=True)
    assert again.kept
    lock = read_json(area / "scenes.radar.lock.json")
    write_json(area / "scenes.radar.lock.json", lock | {"items": lock["items"][1:]})
    (other,) = estimate_all([area], tmp_path / "runs", Means(tmp_path / "store"), quiet, resume=True)
    assert not other.kept and other.run is not None and len(rows(other.run, RADAR)) == len(rows(run, RADAR)) - 1


# --- locks ---


def test_a_radar_scene_that_is_gone_is_shown_and_only_an_update_takes_the_new_lock(area: Path, tmp_path: Path) -> None:
    means = Means(tmp_path / "store")
    made = make_lock(area, means, quiet)
    assert made.radar is not None and made.radar.path == area / "scenes.radar.lock.json"
    gone = made.radar.lock["items"][2]["id"]
    write_json(made.radar.path, made.radar.lock | {"items": [item for item in made.radar.lock["items"] if item["id"] != gone]})
    with pytest.raises(Refusal, match=rf"E-LOCK-002 .*scenes.radar.lock.json.*{gone}"):
        make_lock(area, means, quiet)
    updated = make_lock(area, means, quiet, update=True)
    assert any(gone in line for line in lock_lines(updated)) and gone in json.dumps(updated.value()["radar"]["difference"])
    assert read_json(made.radar.path) == made.radar.lock


def test_a_radar_lock_for_another_query_is_refused(area: Path, tmp_path: Path) -> None:
    means = Means(tmp_path / "store")
    path = (made := make_lock(area, means, quiet)).radar.path  # type: ignore[union-attr]
    lock = read_json(path)
    write_json(path, lock | {"query": lock["query"] | {"datetime": "1999-01-01T00:00:00Z/1999-12-31T23:59:59Z"}})
    with pytest.raises(Refusal, match=r"E-LOCK-001 .*scenes.radar.lock.json"):
        estimate(area, tmp_path / "runs", means, quiet)
    assert made.path.is_file() and not list((tmp_path / "runs").rglob("manifest.json"))


def test_a_catalogue_without_radar_is_refused_for_that(area: Path, tmp_path: Path) -> None:
    catalogue = area / "catalogue"
    shutil.rmtree(catalogue / "sentinel-1-rtc")
    root = read_json(catalogue / "catalog.json")
    write_json(catalogue / "catalog.json", root | {"links": [link for link in root["links"] if "sentinel-1" not in link["href"]]})
    with pytest.raises(Refusal) as refused:
        estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert {problem.code for problem in refused.value.problems} <= {"E-STAC-002", "E-STAC-010"}, refused.value.problems


# --- mirrors and sources ---


def test_a_mirror_holds_both_collections_and_gives_the_run_of_its_source(run: Path, bureau: Path, area: Path, tmp_path: Path) -> None:
    mirror(bureau / "aoi" / "longshan", tmp_path / "mirror", Means(bureau / "store"), quiet)
    assert {path.name for path in (tmp_path / "mirror").iterdir()} == {"catalog.json", "sentinel-2-l2a", "sentinel-1-rtc"}
    said = read_json(tmp_path / "mirror" / "catalog.json")["description"]
    assert "Catalyst" in said and "Sentinel-2" in said
    shutil.rmtree(area / "catalogue")
    shutil.move(tmp_path / "mirror", area / "catalogue")
    again = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    for folder in ("scenes", RADAR):
        assert [(row.item, row.chip_sha256) for row in rows(again, folder)] == [(row.item, row.chip_sha256) for row in rows(run, folder)]
    for stage in ("composites", "land", "credit"):
        assert describe(again, stage) == describe(run, stage)


def test_the_source_is_asked_again_for_both(run: Path, bureau: Path, tmp_path: Path) -> None:
    catalogue = Path(shutil.copytree(bureau / "aoi" / "longshan" / "catalogue", tmp_path / "catalogue"))
    first, second = rows(run, RADAR)[:2]
    changed, other = (catalogue / row.href.removeprefix("catalogue:/files/") for row in (first, second))
    changed.write_bytes(other.read_bytes())
    states, relocked = sources_again(load_declared(run), run, Means(tmp_path / "store"), quiet, catalogue)
    assert relocked == []
    assert len(states) == len(rows(run, "scenes")) + len(rows(run, RADAR))
    assert [(state.item, state.state) for state in states if state.state != "same"] == [(first.item, "changed")]
    assert file_sha256(changed) == next(state.found for state in states if state.state == "changed")


def test_the_command_says_both_locks(area: Path) -> None:
    said: Any = CliRunner().invoke(app, ["lock", str(area), "--store", str(area / "store")])
    assert said.exit_code == 0, said.stdout + said.stderr
    assert "scenes.lock.json: " in said.stdout and "scenes.radar.lock.json: " in said.stdout
