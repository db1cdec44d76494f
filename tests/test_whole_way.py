"""The whole way: three areas through all eight stages, verified elsewhere, tampered with, worked by other means."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.figures import READMES, blocks, fill

from carbonsink.base.evidence import digest, file_sha256, read_json, write_json
from carbonsink.base.manifest import content_digest, describe, results_digest
from carbonsink.base.records import Posting, PracticeEvidence, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.credit.statement import credit
from carbonsink.explain import explain
from carbonsink.portfolio import roll_up, write
from carbonsink.report.results import gather
from carbonsink.run import READS, STAGES, Means, estimate, finish, work_stages
from carbonsink.verify import Chips, check_whole, load_declared, verify
from tests.report.test_schemas import problems
from tests.report.test_workbook import assert_same_statement, recalculated
from tests.signing import confirming

REPOSITORY = Path(__file__).parent.parent
pytestmark = pytest.mark.whole


KEPT_FLOODED = {"LS-017", "LS-048"}  # by aoi/longshan/area.toml [simulation]


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


def area_copy(source: Path, tmp: Path) -> Path:
    """An area's folder beside the pipelines it names, outside the repository: its lock may be written."""
    shutil.copytree(REPOSITORY / "pipelines", tmp / "pipelines")
    shutil.copytree(source, tmp / "aoi" / source.name, ignore=shutil.ignore_patterns("scenes.lock.json"))
    return tmp / "aoi" / source.name


@pytest.fixture(scope="session")
def longshan(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Path:
    tmp = tmp_path_factory.mktemp("longshan")
    return estimate(area_copy(REPOSITORY / "aoi" / "longshan", tmp), tmp / "runs", Means(store), quiet)


@pytest.fixture(scope="session")
def flanders(tmp_path_factory: pytest.TempPathFactory, store: Path, shared: Path) -> Path:
    tmp = tmp_path_factory.mktemp("flanders")
    return estimate(area_copy(REPOSITORY / "tests" / "aoi" / "flanders", tmp), tmp / "runs", Means(store), quiet)


@pytest.fixture(scope="session")
def zagreb(tmp_path_factory: pytest.TempPathFactory, store: Path, shared: Path) -> Path:
    tmp = tmp_path_factory.mktemp("zagreb")
    return estimate(area_copy(REPOSITORY / "tests" / "aoi" / "zagreb", tmp), tmp / "runs", Means(store), quiet)


def report(run: Path) -> dict:
    return read_json(run / "report" / "report.json")


# --- what the three areas must show ---


def test_longshan_gross_is_the_published_figure_and_nothing_is_issued(longshan: Path) -> None:
    vintages = report(longshan)["vintages"]
    assert [v["vintage"] for v in vintages] == [2020, 2021, 2022]
    for vintage in vintages:
        assert 2250 <= float(vintage["gross_t_co2e"]) <= 2350
        assert float(vintage["issued_t_co2e"]) == 0
        assert float(vintage["withheld_t_co2e"]) > 1000
    assert report(longshan)["simulated"]
    assert abs(float(report(longshan)["published"]["difference_percent"])) < 2


def test_longshans_evidence_supports_the_record_but_for_two_parcels_that_keep_the_water_on(longshan: Path) -> None:
    """The simulator floods LS-017 and LS-048 throughout; what the imagery says of them stands beside the record and changes no tonne."""
    rows = [row for row in read_csv(longshan / "land" / "practice.csv", PracticeEvidence) if row.practice == "water_regime"]
    assert {row.year for row in rows} == {2020, 2021, 2022}
    right = [row for row in rows if row.found == ("continuously_flooded" if row.parcel in KEPT_FLOODED else "multiple_drainage")]
    assert len(right) >= 0.95 * len(rows)
    assert {row.parcel for row in rows if row.verdict == "contradicts"} == KEPT_FLOODED
    assert {v["gross_t_co2e"][:6] for v in report(longshan)["vintages"]} == {"2300.0"}


def test_flanders_withholds_whole_tonnes_from_error_adjusted_area_under_a_proposed_methodology(flanders: Path) -> None:
    (vintage,) = report(flanders)["vintages"]
    assert vintage["vintage"] == 2018
    withheld = float(vintage["withheld_t_co2e"])
    assert withheld == int(withheld) and float(vintage["issued_t_co2e"]) == 0
    assert 0 <= withheld < float(vintage["gross_t_co2e"])
    assert "UNCONFIRMED_CLAUSES" in {stamp["code"] for stamp in report(flanders)["stamps"]}
    splits = report(flanders)["accuracy"]
    assert {s["split"] for s in splits} == {"pixel", "parcel"}
    assert [s["split"] for s in splits if s["used"]] == ["parcel"]


def test_flanders_issues_the_tonnes_it_withheld_once_somebody_has_confirmed_the_clauses(flanders: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(flanders, tmp_path / "run"))
    credit(confirming(load_declared(flanders)), run)
    before, after = ({p.account: p.co2e_t for p in read_csv(one / "credit" / "statement.csv", Posting)} for one in (flanders, run))
    assert after["issued"] == before["withheld"] and before["issued"] == after["withheld"] == 0


def test_zagreb_maps_forest_but_an_inventory_on_pixel_counts_issues_nothing(zagreb: Path) -> None:
    (vintage,) = report(zagreb)["vintages"]
    assert float(vintage["gross_t_co2e"]) > 0
    assert float(vintage["issued_t_co2e"]) == 0
    stamps = {stamp["code"] for stamp in report(zagreb)["stamps"]}
    assert "PIXEL_COUNTS" in stamps


def test_flanders_asks_for_all_118_dates_and_refuses_none(flanders: Path) -> None:
    lock = read_json(flanders / "scenes" / "lock.json")
    assert (lock["matched"], lock["returned"], lock["dropped"]) == (118, 118, [])


@pytest.mark.parametrize("name", ["longshan", "flanders", "zagreb"])
def test_the_workbook_recalculated_elsewhere_gives_the_reports_numbers(name: str, request: pytest.FixtureRequest, libreoffice: str, tmp_path: Path) -> None:
    run: Path = request.getfixturevalue(name)
    plan = load_declared(run)
    book = recalculated(libreoffice, run / "report" / "workbook.xlsx", tmp_path)
    assert_same_statement(book, plan, gather(plan, run))


@pytest.mark.parametrize("name", ["longshan", "flanders", "zagreb"])
def test_report_and_manifest_keep_to_the_published_schemas(name: str, request: pytest.FixtureRequest) -> None:
    run: Path = request.getfixturevalue(name)
    assert problems(read_json(run / "report" / "report.json")) == []
    assert problems(read_json(run / "manifest.json"), "manifest") == []


# --- a verifier elsewhere ---


@pytest.mark.parametrize("name", ["longshan", "flanders", "zagreb"])
def test_a_copied_run_verifies_with_no_catalogue_and_no_reference_reachable(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: Path = request.getfixturevalue(name)
    copy = Path(shutil.copytree(run, tmp_path / "elsewhere" / run.name))
    monkeypatch.delenv("CARBONSINK_SHARED", raising=False)
    monkeypatch.chdir(tmp_path)
    before = {p: file_sha256(p) for p in copy.rglob("*") if p.is_file()}
    verdict = verify(copy, Means(tmp_path / "empty-store"), quiet)
    assert [c.detail("en") for c in verdict.checks if not c.passed] == []
    assert len(verdict.checks) == 9
    assert {p: file_sha256(p) for p in copy.rglob("*") if p.is_file()} == before, "verify wrote into the run folder"


def flip_a_digit(path: Path) -> None:
    """Change one digit of a text file, or one byte in the middle of a binary one."""
    data = bytearray(path.read_bytes())
    digits = [m.start() for m in re.finditer(rb"\d", bytes(data))]
    place = digits[len(digits) // 2] if digits and path.suffix not in {".tif", ".xlsx"} else len(data) // 2
    data[place] = ord("7") if data[place] == ord("3") else ord("3")
    path.write_bytes(bytes(data))


def test_one_flipped_digit_in_any_file_is_caught(zagreb: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(zagreb, tmp_path / zagreb.name))
    means = Means(tmp_path / "store")
    files = [p for p in sorted(copy.rglob("*")) if p.is_file()]
    assert len(files) > 60
    for path in files:
        kept = path.read_bytes()
        flip_a_digit(path)
        assert path.read_bytes() != kept
        (failed,) = (check for check in verify(copy, means, quiet).checks if not check.passed)
        assert (failed.number, failed.name) == (1, "whole"), path
        assert path.name in failed.detail("en")
        path.write_bytes(kept)
    assert list(check_whole(copy, Chips(copy))) == []


def rewrite_manifest(run: Path) -> None:
    """What a cunning submitter does after changing a file: new digests everywhere."""
    manifest = read_json(run / "manifest.json")
    manifest.pop("digest")
    for link in manifest["stages"]:
        for path in link["writes"]:
            link["writes"][path] = {"sha256": file_sha256(run / path), "content": content_digest(run / path)}
        link["reads"] = {path: file_sha256(run / path) for path in link["reads"]}
    manifest["declared"] = {path: file_sha256(run / path) for path in manifest["declared"]}
    manifest["results"] = results_digest(manifest["stages"])
    manifest["lock"] = digest(read_json(run / "scenes" / "lock.json"))
    manifest["digest"] = digest(manifest)
    write_json(run / "manifest.json", manifest)


CUNNING = [
    ("scenes/pixel_budget.csv", 4, "a pixel more is said to be valid"),
    ("carbon/variables.csv", 5, "a growth rate is raised"),
    ("carbon/worksheet.csv", 6, "a result is raised"),
    ("carbon/stock_change.csv", 6, "a sum is raised"),
    ("areas/classes.csv", 7, "a class has more hectares"),
    ("credit/statement.csv", 8, "a posting is raised"),
    ("uncertainty/uncertainty.csv", 9, "an interval is narrowed"),
    ("land/cover_2023.tif", 9, "a pixel becomes forest"),
    ("report/report.json", 9, "the report says something else"),
]


@pytest.mark.parametrize(("path", "number", "story"), CUNNING, ids=[c[0] for c in CUNNING])
def test_a_changed_file_with_a_rewritten_manifest_fails_its_named_check(zagreb: Path, tmp_path: Path, path: str, number: int, story: str) -> None:
    copy = Path(shutil.copytree(zagreb, tmp_path / zagreb.name))
    raise_a_number(copy / path)
    rewrite_manifest(copy)
    assert list(check_whole(copy, Chips(copy))) == [], "the forged manifest is whole"
    failed = [c.number for c in verify(copy, Means(tmp_path), quiet, again=number == 9).checks if not c.passed]
    assert failed[:1] == [number], story


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


def forged(run: Path, tmp_path: Path, path: str, old: str, new: str) -> tuple[int, str]:
    """Number and words of the first check that fails after an edit and a rewritten manifest."""
    copy = Path(shutil.copytree(run, tmp_path / run.name))
    replaced(copy / path, old, new)
    rewrite_manifest(copy)
    return next((c.number, c.detail("en")) for c in verify(copy, Means(tmp_path), quiet, again=False).checks if not c.passed)


def test_a_forged_declaration_gives_another_plan(zagreb: Path, tmp_path: Path) -> None:
    number, words = forged(zagreb, tmp_path, "declared/00/area.toml", 'age = "gt20y"', 'age = "le20y"')
    assert number == 2 and "plan.json: isn't the plan that declared/ gives" in words


def test_a_friendlier_factor_table_is_not_this_versions(zagreb: Path, tmp_path: Path) -> None:
    path = "declared/library/factors/ipcc-2019/biomass.csv"
    old = next(line for line in (zagreb / path).read_text().splitlines() if line.startswith("growth,"))
    number, words = forged(zagreb, tmp_path, path, old, old.replace(",0", ",9", 1) if ",0" in old else old.replace(",", ",9", 1))
    assert number == 2 and "library" in words


def test_a_scene_of_another_checksum_is_named_with_both(zagreb: Path, tmp_path: Path) -> None:
    row = read_csv(zagreb / "scenes" / "scenes.csv", SceneAsset)[0]
    number, words = forged(zagreb, tmp_path, "scenes/scenes.csv", row.sha256, "0" * 64)
    assert number == 3 and "0" * 64 in words and row.sha256 in words and row.item in words


def test_a_chip_of_other_pixels_is_named_with_both_digests(zagreb: Path, tmp_path: Path) -> None:
    row = read_csv(zagreb / "scenes" / "scenes.csv", SceneAsset)[0]
    copy = Path(shutil.copytree(zagreb, tmp_path / zagreb.name))
    raise_a_number(copy / "scenes" / row.chip)
    rewrite_manifest(copy)
    failed = next(c for c in verify(copy, Means(tmp_path), quiet, again=False).checks if not c.passed)
    assert failed.number == 3 and row.chip in failed.detail("en") and row.chip_sha256 in failed.detail("en")


def test_nothing_can_be_issued_on_simulated_imagery_however_well_the_books_balance(longshan: Path, tmp_path: Path) -> None:
    text = (longshan / "credit" / "statement.csv").read_text()
    withheld = re.search(r"2020,withheld,(\d+),simulated unconfirmed", text)
    assert withheld
    old = f"{withheld[0]},0\n2020,issued,0,"
    number, words = forged(longshan, tmp_path, "credit/statement.csv", old, f"2020,withheld,0,,0\n2020,issued,{withheld[1]},")
    assert number == 8 and "which the plan bars: simulated unconfirmed" in words


def test_a_lock_of_simulated_scenes_under_a_plan_of_real_ones_is_caught(zagreb: Path, tmp_path: Path) -> None:
    number, words = forged(zagreb, tmp_path, "scenes/lock.json", '"constellation"', '"carbonsink:simulated": true,\n"constellation"')
    assert number == 3 and "is marked as simulated, the plan says its imagery is real" in words


def test_an_inventory_cannot_issue_whatever_the_manifest_says(zagreb: Path, tmp_path: Path) -> None:
    withheld = re.search(r"2023,withheld,(\d+),[^\n]*\n2023,issued,0,", (zagreb / "credit" / "statement.csv").read_text())
    assert withheld
    number, words = forged(zagreb, tmp_path, "credit/statement.csv", withheld[0], f"2023,withheld,0,,0\n2023,issued,{withheld[1]},")
    assert number == 8 and "which the plan bars: not_issuable" in words


def test_the_verdict_names_what_the_environment_does_differently(zagreb: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(zagreb, tmp_path / zagreb.name))
    replaced(copy / "manifest.json", f'"python": "{platform.python_version()}"', '"python": "3.99.0"')
    rewrite_manifest(copy)
    verdict = verify(copy, Means(tmp_path), quiet, again=False)
    assert verdict.passed
    assert any("the run had 3.99.0" in note.line("en") for note in verdict.environment)


def raise_a_number(path: Path) -> None:
    """Make one number of a file larger, of whatever kind the file is."""
    if path.suffix == ".tif":
        from carbonsink.base.rasters import read_raster, write_raster

        raster = read_raster(path)
        raster.pixels[0, 5, 5] = 1 if raster.pixels[0, 5, 5] != 1 else 2
        write_raster(path, raster)
        return
    text = path.read_text()
    start = 0 if path.suffix == ".json" else text.index("\n")
    number = max(re.finditer(r"(?<![\w.])\d+\.?\d*(?![\w.])", text[start:]), key=lambda m: float(m[0]) if float(m[0]) not in (2023, 95) else 0)
    place = start + number.start()
    path.write_text(text[:place] + re.sub(r"\d", lambda d: str((int(d[0]) + 1) % 10), number[0], count=1) + text[place + len(number[0]) :])


# --- other means, the same numbers ---


def again(run: Path, tmp: Path, means: Means) -> str:
    """The results digest of the stages worked again from the run's chips."""
    other = tmp / run.name
    other.mkdir(parents=True)
    (other / "scenes").symlink_to(run / "scenes")
    shutil.copy(run / "plan.json", other)
    shutil.copytree(run / "declared", other / "declared")
    plan = load_declared(run)
    work_stages(plan, other, means, quiet)
    return str(finish(plan, other)["results"])


@pytest.mark.parametrize(("block", "scheduler"), [(1024, "threads"), (64, "synchronous")])  # tests/test_determinism.py has every pair, on a small area
def test_blocks_and_schedulers_change_no_bit(longshan: Path, tmp_path: Path, block: int, scheduler: str) -> None:
    assert again(longshan, tmp_path, Means(tmp_path, block, scheduler)) == read_json(longshan / "manifest.json")["results"]


@pytest.fixture
def cluster() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as local:
        yield local.scheduler_address


def test_a_cluster_changes_no_bit(flanders: Path, tmp_path: Path, cluster: str) -> None:
    assert again(flanders, tmp_path, Means(tmp_path, 256, cluster)) == read_json(flanders / "manifest.json")["results"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_only_what_it_declares(flanders: Path, tmp_path: Path, stage: str) -> None:
    for before in READS[stage]:
        (tmp_path / before).symlink_to(flanders / before)
    STAGES[stage](load_declared(flanders), tmp_path, Means(tmp_path), quiet)
    (link,) = (link for link in read_json(flanders / "manifest.json")["stages"] if link["stage"] == stage)
    assert {path: file["content"] for path, file in describe(tmp_path, stage).items()} == {p: f["content"] for p, f in link["writes"].items()}


# --- the command line ---


def carbonsink(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "carbonsink", *arguments], capture_output=True, text=True, env=os.environ | environment, check=False)


def test_estimate_again_by_the_command_gives_one_json_object_and_the_same_digest(zagreb: Path, store: Path) -> None:
    area = zagreb.parent.parent / "aoi" / "zagreb"
    done = carbonsink("estimate", str(area), "--out", str(zagreb.parent / "again"), "--json", CARBONSINK_STORE=str(store), LANG="zh_CN.GBK", TZ="Asia/Shanghai")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.keys() == {"run", "vintages", "areas_ha", "simulated", "stamps", "digest", "typeface"}
    assert result["digest"] == read_json(zagreb / "manifest.json")["results"]
    assert Path(result["run"]).name == zagreb.name
    assert result["vintages"][0].keys() == {
        "vintage", "gross_t_co2e", "issued_t_co2e", "withheld_t_co2e", "shortfall_t_co2e", "withheld_because",
    }  # fmt: skip


def test_verify_by_the_command_says_what_failed_and_exits_so(flanders: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(flanders, tmp_path / flanders.name))
    assert carbonsink("verify", str(copy), "--not-again").returncode == 0
    flip_a_digit(copy / "credit" / "statement.csv")
    done = carbonsink("verify", str(copy), "--json")
    assert done.returncode == 5
    failed = [c for c in json.loads(done.stdout)["checks"] if not c["passed"]]
    assert [c["name"] for c in failed] == ["whole"]
    assert "credit/statement.csv" in failed[0]["detail"]


def test_verify_refuses_a_folder_that_is_no_finished_run(tmp_path: Path) -> None:
    done = carbonsink("verify", str(tmp_path))
    assert done.returncode == 2
    assert "E-RUN-001" in done.stderr
    assert "Traceback" not in done.stderr


def test_explain_goes_from_a_vintage_down_to_table_rows_parcels_and_scenes(longshan: Path) -> None:
    text = "\n".join(explain(longshan, "2020").lines())
    assert "ipcc-2019/" in text
    assert "LS-001" in text
    assert "locked items" in text
    row = next(line.split(":")[0].strip() for line in text.splitlines() if "2020/project/single-rice" in line)
    assert explain(longshan, row).text.startswith(row)
    assert explain(longshan, "LS-001").under


def test_a_reader_who_has_seen_enough_is_no_fault_of_ours(longshan: Path) -> None:
    command = f"{sys.executable} -m carbonsink explain {longshan} 2020 --json | head -1"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_explain_goes_down_to_reference_samples_of_a_trained_map(flanders: Path) -> None:
    assert "reference samples by parcel" in "\n".join(explain(flanders, "2018/removals").lines())


@pytest.mark.parametrize(("language", "name"), READMES.items())
def test_the_readmes_figures_are_these_runs(longshan: Path, flanders: Path, zagreb: Path, language: str, name: str) -> None:
    written = (REPOSITORY / name).read_text(encoding="utf-8")
    assert fill(written, blocks([longshan, flanders, zagreb], language)) == written, "run `make readme`"


def test_the_three_areas_make_one_account(longshan: Path, flanders: Path, zagreb: Path, tmp_path: Path) -> None:
    made = roll_up([longshan, flanders, zagreb], tmp_path, quiet)
    assert not made.problems and [member.id for member in made.members] == ["flanders", "longshan", "zagreb"]
    statements = [posting for run in (longshan, flanders, zagreb) for posting in read_csv(run / "credit" / "statement.csv", Posting)]
    for account in ("emissions", "uncertainty", "withheld", "issued", "rounding"):
        assert sum(getattr(row, account) for row in made.credits) == sum(one.co2e_t for one in statements if one.account == account)
    assert write(made, tmp_path / "out")["runs"] == {run.name: read_json(run / "manifest.json")["digest"] for run in (flanders, longshan, zagreb)}
