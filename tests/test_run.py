"""The line's own manners: locks are kept and checked, runs are named by their plan, nothing old is left."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import box, shape
from typer.testing import CliRunner

from carbonsink.base.attestation import envelope_path
from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.manifest import describe
from carbonsink.base.problems import Refusal
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.cli import app
from carbonsink.cli.words import lock_lines
from carbonsink.declared.load import load
from carbonsink.run import Means, Sources, estimate, estimate_all, make_lock, mirror, run_name
from carbonsink.simulate import simulate
from tests.conftest import REPOSITORY


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture
def area(tmp_path: Path, shared: Path) -> Path:
    shutil.copytree(REPOSITORY / "pipelines", tmp_path / "pipelines")
    ignored = shutil.ignore_patterns("scenes.lock.json")
    return Path(shutil.copytree(REPOSITORY / "tests" / "aoi" / "zagreb", tmp_path / "aoi" / "zagreb", ignore=ignored))


def test_a_lock_is_written_beside_the_area_and_is_the_same_again(area: Path, tmp_path: Path) -> None:
    made = make_lock(area, Means(tmp_path / "store"), quiet)
    path, lock = made.path, made.lock
    assert path == area / "scenes.lock.json"
    assert (len(lock["items"]), lock["matched"], lock["catalogue"]) == (10, 10, "catalogue:/")
    first = path.read_bytes()
    assert b"127.0.0.1" not in first
    make_lock(area, Means(tmp_path / "store"), quiet)
    assert path.read_bytes() == first


def test_a_run_computes_from_the_lock_that_is_there_and_asks_for_nothing_new(area: Path, tmp_path: Path) -> None:
    made = make_lock(area, Means(tmp_path / "store"), quiet)
    path, lock = made.path, made.lock
    reviewed = lock | {"items": [item for item in lock["items"] if "20230813" not in item["id"]]}
    write_json(path, reviewed)
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert read_json(run / "scenes" / "lock.json") == reviewed
    items = {row.item for row in read_csv(run / "scenes" / "scenes.csv", SceneAsset)}
    assert len(items) == 8 and not any("20230813" in item for item in items)
    assert any("Scenes taken out of the lock by hand" in page.read_text() for page in (run / "report").glob("*.html"))


def test_a_finished_run_stays_until_the_new_one_is_whole(area: Path, tmp_path: Path) -> None:
    out, means = tmp_path / "runs", Means(tmp_path / "store")
    run = estimate(area, out, means, quiet)
    before = {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    with pytest.raises(Refusal, match="E-COM-003"):
        estimate(area, out, replace(means, scheduler="tcp://127.0.0.1:1"), quiet)

    def stopped(stage: str, *_: object) -> None:
        if stage == "carbon":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimate(area, out, means, stopped)
    assert {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    assert estimate(area, out, means, quiet) == run and [path.name for path in out.iterdir()] == [run.name]


def test_a_finished_run_that_a_killed_process_left_aside_comes_back(area: Path, tmp_path: Path) -> None:
    out, means = tmp_path / "runs", Means(tmp_path / "store")
    run = estimate(area, out, means, quiet)
    run.rename(out / f".{run.name}.before")
    (run / "scenes").mkdir(parents=True)
    with pytest.raises(Refusal, match="E-COM-003"):
        estimate(area, out, replace(means, scheduler="tcp://127.0.0.1:1"), quiet)
    assert (run / "manifest.json").is_file() and [path.name for path in out.iterdir()] == [run.name]


def test_a_signed_run_isn_t_made_anew(area: Path, tmp_path: Path) -> None:
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    envelope = envelope_path(run)
    envelope.write_text("{}")
    before = (run / "manifest.json").read_bytes()
    with pytest.raises(Refusal, match=f"E-RUN-010 .*{envelope.name}"):
        estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    [outcome] = estimate_all([area], tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert outcome.refusal and (run / "manifest.json").read_bytes() == before


def test_a_lock_for_another_query_is_refused_and_left_alone(area: Path, tmp_path: Path) -> None:
    path = make_lock(area, Means(tmp_path / "store"), quiet).path
    before = path.read_bytes()
    pipeline = tmp_path / "pipelines" / "forest-growth.toml"
    pipeline.write_text(pipeline.read_text().replace("max_cloud_cover = 80.0", "max_cloud_cover = 40.0"))
    with pytest.raises(Refusal, match="E-LOCK-001 .*another query of zagreb"):
        estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert path.read_bytes() == before
    assert not list((tmp_path / "runs").rglob("manifest.json"))


def test_a_lock_of_another_outline_in_the_same_box_is_refused(area: Path, tmp_path: Path) -> None:
    """Which tiles are needed and what lies outside hangs on the outline."""
    make_lock(area, Means(tmp_path / "store"), quiet)
    file = next(area.glob("*.geojson"))
    whole = json.loads(file.read_text())
    west, south, east, north = shape(whole["features"][0]["geometry"]).bounds
    whole["features"] = whole["features"][:1]
    whole["features"][0]["geometry"] = box(west, south, east, north).__geo_interface__
    file.write_text(json.dumps(whole))
    with pytest.raises(Refusal, match="E-LOCK-001"):
        estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"query": {}, "items": [{}], "dropped": [], "gaps": []}', '{"query": {}, "items": [], "dropped": 3, "gaps": []}']
)
def test_a_damaged_lock_is_named(area: Path, tmp_path: Path, text: str) -> None:
    path = make_lock(area, Means(tmp_path / "store"), quiet).path
    path.write_text(text)
    for work in (lambda: make_lock(area, Means(tmp_path / "store"), quiet), lambda: estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)):
        with pytest.raises(Refusal, match="E-LOCK-003 .*scenes.lock.json"):
            work()
    assert path.read_text() == text


def test_the_same_plan_has_the_same_name_and_another_plan_another(area: Path, tmp_path: Path) -> None:
    name = run_name(load(area))
    assert name == run_name(load(Path(shutil.copytree(area, tmp_path / "elsewhere" / "aoi" / "zagreb"))))
    assert name.startswith("zagreb-forest-growth-")
    text = (area / "area.toml").read_text()
    (area / "area.toml").write_text(text.replace("Medvednica and Zagorje, north", "Medvednica and Zagorje, far north"))
    assert run_name(load(area)) != name


def test_a_catalogue_that_changed_is_shown_and_only_an_update_takes_the_new_lock(area: Path, tmp_path: Path) -> None:
    made = make_lock(area, Means(tmp_path / "store"), quiet)
    gone = made.lock["items"][3]["id"]
    write_json(made.path, made.lock | {"items": [item for item in made.lock["items"] if item["id"] != gone]})
    reviewed = made.path.read_bytes()
    with pytest.raises(Refusal, match=f"E-LOCK-002 .*{gone}.*lock --update"):
        make_lock(area, Means(tmp_path / "store"), quiet)
    assert made.path.read_bytes() == reviewed
    updated = make_lock(area, Means(tmp_path / "store"), quiet, update=True)
    assert any(gone in line for line in lock_lines(updated))
    assert updated.lock == made.lock and read_json(made.path) == made.lock


def test_a_mirror_gives_the_estimate_of_its_source_without_it(area: Path, tmp_path: Path) -> None:
    """What an office without a network works from, and what a verifier receives."""
    straight = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    mirror(area, tmp_path / "mirror", Means(tmp_path / "store"), quiet)
    office = Path(shutil.copytree(area, tmp_path / "office" / "zagreb", ignore=shutil.ignore_patterns("*.lock.json")))
    text = (office / "area.toml").read_text()
    (office / "area.toml").write_text(re.sub(r"\$\{CARBONSINK_SHARED.*?zagreb-2023", "mirror", text))
    shutil.copytree(tmp_path / "mirror", office / "mirror")
    shutil.copytree(area.parent.parent / "pipelines", tmp_path / "office" / "pipelines")
    offline = estimate(office, tmp_path / "office-runs", Means(tmp_path / "office-store"), quiet)
    chips = [{(row.item, row.band): row.chip_sha256 for row in read_csv(run / "scenes" / "scenes.csv", SceneAsset)} for run in (straight, offline)]
    assert chips[0] == chips[1]
    for stage in ("composites", "carbon", "credit"):
        assert describe(straight, stage) == describe(offline, stage)
    with pytest.raises(Refusal, match="E-RUN-002 .*isn't empty"):
        mirror(area, tmp_path / "mirror", Means(tmp_path / "store"), quiet)


def test_the_source_is_asked_again_and_a_change_of_it_is_no_wrong_result(area: Path, tmp_path: Path, shared: Path) -> None:
    catalogue = Path(shutil.copytree(shared / "imagery" / "zagreb-2023", area / "catalogue", copy_function=shutil.copyfile))
    text = (area / "area.toml").read_text()
    (area / "area.toml").write_text(re.sub(r"\$\{CARBONSINK_SHARED.*?zagreb-2023", "catalogue", text))
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    asked = ["verify", str(run), "--not-again", "--source", "--catalogue", str(catalogue)]
    same = CliRunner().invoke(app, asked)
    assert (same.exit_code, "source " in same.stdout) == (0, False), same.stdout + same.stderr

    rows = read_csv(run / "scenes" / "scenes.csv", SceneAsset)
    changed, other = (catalogue / row.href.removeprefix("catalogue:/files/") for row in rows[:2])
    changed.write_bytes(other.read_bytes())
    strayed = CliRunner().invoke(app, asked)
    said = [line.partition(":")[0] for line in strayed.stdout.splitlines() if line.startswith("source ")]
    assert (strayed.exit_code, said) == (4, ["source changed"]), strayed.stdout + strayed.stderr
    assert "verified: the numbers follow" in strayed.stdout


def test_a_mirror_answers_in_the_place_of_its_source_and_the_statement_says_so(area: Path, tmp_path: Path) -> None:
    """A verifier without the source's network, with the folder that the submitter handed over."""
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    mirror(area, tmp_path / "mirror", Means(tmp_path / "store"), quiet)
    (tmp_path / "catalogue").symlink_to(tmp_path / "mirror")
    asked = ["verify", str(run), "--not-again", "--source", "--catalogue", str(tmp_path / "catalogue")]
    same = CliRunner().invoke(app, asked)
    assert (same.exit_code, "source " in same.stdout) == (0, False), same.stdout + same.stderr
    assets = len(read_csv(run / "scenes" / "scenes.csv", SceneAsset))
    statement = (tmp_path / "runs" / f"{run.name}.statement.en.md").read_text()
    assert f"A mirror answered in the source's place for {assets} of them" in statement


@pytest.mark.parametrize("hidden", [False, True], ids=["its count kept", "its count made less too"])
def test_a_scene_taken_out_of_the_lock_is_told_to_the_verifier(area: Path, tmp_path: Path, hidden: bool) -> None:
    made = make_lock(area, Means(tmp_path / "store"), quiet)
    out, *kept = made.lock["items"]
    write_json(made.path, made.lock | {"items": kept, "returned": made.lock["returned"] - hidden})
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    offline = CliRunner().invoke(app, ["verify", str(run), "--not-again"]).stdout
    assert ("W-VER-003" in offline, "W-VER-004" in offline) == (not hidden, False), offline
    asked = CliRunner().invoke(app, ["verify", str(run), "--not-again", "--source"])
    assert [line for line in asked.stdout.splitlines() if f"W-VER-004 {out['id']}:" in line], asked.stdout + asked.stderr
    assert asked.exit_code == 0, "whether scenes were chosen to suit is for a person to judge"
    statement = (tmp_path / "runs" / f"{run.name}.statement.en.md").read_text()
    assert out["id"] in statement.partition("## The lock and its catalogue")[2]


def test_scenes_put_in_or_no_longer_given_are_told(area: Path, tmp_path: Path, shared: Path) -> None:
    catalogue = Path(shutil.copytree(shared / "imagery" / "zagreb-2023", area / "catalogue", copy_function=shutil.copyfile))
    text = (area / "area.toml").read_text()
    (area / "area.toml").write_text(re.sub(r"\$\{CARBONSINK_SHARED.*?zagreb-2023", "catalogue", text))
    made = make_lock(area, Means(tmp_path / "store"), quiet)
    write_json(made.path, made.lock | {"returned": made.lock["returned"] - 1})
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert "Scenes put into the lock by hand" in (run / "report" / "report.html").read_text(encoding="utf-8")

    one = made.lock["items"][0]["id"]
    for path in catalogue.rglob("*.json"):
        value = read_json(path)
        kept = [link for link in value["links"] if link["rel"] != "item" or one not in link["href"]]
        write_json(path, value | {"links": kept})
    asked = CliRunner().invoke(app, ["verify", str(run), "--not-again", "--source", "--catalogue", str(catalogue)])
    said = re.findall(r"W-VER-00[345] [^:]+", asked.stdout)
    assert said == ["W-VER-003 scenes/lock.json", f"W-VER-005 {one}"], asked.stdout + asked.stderr


def test_a_run_again_leaves_nothing_of_the_one_before(area: Path, tmp_path: Path) -> None:
    run = estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    (run / "credit" / "old.csv").write_text("an old result")
    digest = read_json(run / "manifest.json")["digest"]
    assert estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet) == run
    assert not (run / "credit" / "old.csv").exists()
    assert read_json(run / "manifest.json")["digest"] == digest


def test_an_area_may_name_an_api_on_this_machine(area: Path, tmp_path: Path, shared: Path) -> None:
    from carbonsink.catalogue.serve import Catalogue

    with Catalogue(shared / "imagery" / "zagreb-2023") as catalogue:
        text = (area / "area.toml").read_text()
        (area / "area.toml").write_text(re.sub(r"\$\{CARBONSINK_SHARED.*?zagreb-2023", catalogue.url, text))
        lock = make_lock(area, Means(tmp_path / "store"), quiet).lock
    assert lock["items"][0]["assets"]["red"]["href"].startswith("catalogue:/")


def test_an_area_that_names_no_catalogue_asks_earth_search(area: Path, tmp_path: Path) -> None:
    text = (area / "area.toml").read_text()
    (area / "area.toml").write_text("\n".join(line for line in text.splitlines() if not line.startswith("imagery")))
    with Sources(Means(tmp_path), quiet) as sources:
        source = sources.of(load(area))
    assert (source.api, source.root) == ("https://earth-search.aws.element84.com/v1", None)


def one_field(tmp_path: Path) -> Path:
    """One field of the demonstration over one summer, as little as there can be to simulate."""
    shutil.copytree(REPOSITORY / "pipelines", tmp_path / "pipelines")
    area = Path(shutil.copytree(REPOSITORY / "aoi" / "longshan", tmp_path / "aoi" / "longshan", ignore=shutil.ignore_patterns("*.lock.json")))
    parcels = json.loads((area / "parcels.geojson").read_text(encoding="utf-8"))
    write_json(area / "parcels.geojson", parcels | {"features": parcels["features"][:1]})
    text = re.sub(r"declared_area = .*\n", "", (area / "area.toml").read_text(encoding="utf-8"))
    text = text.replace("start = 2020-01-01, end = 2022-12-31", "start = 2021-01-01, end = 2021-12-31").replace("revisit_days = 5", "revisit_days = 30")
    (area / "area.toml").write_text(re.sub(r"practices = .*\n", "", text))
    return area


def test_simulated_scenes_are_never_taken_for_real_ones(tmp_path: Path) -> None:
    """A bureau that serves the simulator's catalogue as its own mirror, or a lock that was made from it."""
    area = one_field(tmp_path)
    simulate(load(area), tmp_path / "mirror" / "longshan")
    lock = make_lock(area, Means(tmp_path / "store"), quiet).lock
    shutil.copytree(tmp_path / "mirror" / "longshan", area / "mirror")
    text = (area / "area.toml").read_text().partition("[simulation]")[0]
    (area / "area.toml").write_text(text.replace('catalogue = "simulated"', 'catalogue = "mirror"'))
    with pytest.raises(Refusal, match="E-STAC-012 .*marked as simulated"):
        make_lock(area, Means(tmp_path / "store"), quiet)
    write_json(area / "scenes.lock.json", lock)
    with pytest.raises(Refusal, match="E-STAC-012 .*marked as simulated"):
        estimate(area, tmp_path / "runs", Means(tmp_path / "store"), quiet)
    assert not list((tmp_path / "runs").rglob("manifest.json"))
