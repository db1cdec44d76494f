"""`[earlier]`: the run that an area goes on from is read as its manifest states it, or refused with what is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.standing import Standing
from carbonsink.declared.load import explain_plan, load
from carbonsink.run.copies import copies_of, copy_declared
from tests.bad.area import Area, good_area
from tests.credit.test_declared import refused
from tests.ledger.runs import run_folder

DECLARED = '\n[earlier]\nmanifest = "earlier/manifest.json"\n'
LOSS = {"issued": "0", "removals": "30.5", "shortfall": "-30.5"}


def followed(folder: Path, accounts: Mapping[str, str] = LOSS, notes: str = "", start: str = "2022-01-01") -> Area:
    """The tiny area of the period after a run of 2020 and 2021, with that run's three files."""
    run = run_folder(folder / "before", accounts, notes=notes)
    (folder / "after").mkdir()
    area = good_area(folder / "after")
    for path in ("manifest.json", "plan.json", "credit/statement.csv"):
        (area.folder / "earlier").mkdir(exist_ok=True)
        shutil.copy(run / path, area.folder / "earlier")
    area.declare("start = 2020-01-01", f"start = {start}")
    area.declare("end = 2021-12-31", "end = 2023-12-31")
    path = area.folder / "area.toml"
    path.write_text(path.read_text(encoding="utf-8") + DECLARED, encoding="utf-8")
    return area


def test_what_the_run_before_left_is_where_this_one_starts(tmp_path: Path) -> None:
    area = followed(tmp_path)
    plan = load(area.folder)
    manifest = read_json(area.folder / "earlier" / "manifest.json")["digest"]
    assert plan.earlier is not None and plan.earlier.left == Standing(owed=Decimal("30.5"))
    assert explain_plan(plan)["earlier"] == {"manifest": manifest, "end": "2021-12-31", "owed": "30.5", "kept": "0"}


def test_the_start_of_the_run_before_is_carried_on(tmp_path: Path) -> None:
    area = followed(tmp_path)
    folder = area.folder / "earlier"
    restate(folder, {"manifest": "0" * 64, "end": "2019-12-31", "owed": "10", "kept": "7"})
    earlier = load(area.folder).earlier
    assert earlier is not None and earlier.left == Standing(Decimal("40.5"), Decimal(7))


@pytest.mark.parametrize("start", [{"owed": "-10", "kept": "0"}, {"owed": "0", "kept": "NaN"}, {"owed": "0"}])
def test_a_start_below_nothing_or_no_number_is_refused(tmp_path: Path, start: dict[str, str]) -> None:
    area = followed(tmp_path)
    restate(area.folder / "earlier", start)
    refused(area, "E-EAR-002")


def test_a_verifier_reads_the_same_from_the_run_s_copies(tmp_path: Path) -> None:
    plan = load(followed(tmp_path).folder)
    copy_declared(plan, tmp_path / "run" / "declared")
    again = load(tmp_path / "run" / "declared" / "00", copies=copies_of(tmp_path / "run"))
    assert again.earlier == plan.earlier and explain_plan(again) == explain_plan(plan)


def test_an_area_without_one_has_the_plan_it_always_had(tmp_path: Path) -> None:
    shown = explain_plan(load(good_area(tmp_path).folder))
    assert "earlier" not in shown and "earlier" not in shown["area"]


def test_a_file_that_isn_t_there_is_named(tmp_path: Path) -> None:
    area = followed(tmp_path)
    (area.folder / "earlier" / "plan.json").unlink()
    refused(area, "E-EAR-001", "plan.json")


def test_a_file_that_can_t_be_read_is_said(tmp_path: Path) -> None:
    area = followed(tmp_path)
    (area.folder / "earlier" / "manifest.json").write_text("{")
    refused(area, "E-EAR-002")


def test_a_statement_changed_after_its_manifest_is_refused(tmp_path: Path) -> None:
    area = followed(tmp_path)
    statement = area.folder / "earlier" / "statement.csv"
    statement.write_text(statement.read_text(encoding="utf-8").replace("-30.5", "-0.5"), encoding="utf-8")
    refused(area, "E-EAR-003", "statement.csv")


def test_another_project_s_run_is_refused(tmp_path: Path) -> None:
    area = followed(tmp_path)
    area.declare('id = "tiny-paddies"', 'id = "other-paddies"')
    refused(area, "E-EAR-004", "tiny-paddies", "other-paddies")


def test_a_run_whose_tonnes_are_withheld_settles_nothing(tmp_path: Path) -> None:
    refused(followed(tmp_path, {"withheld": "50", "removals": "-50"}, notes="implausible"), "E-EAR-005", "implausible")


def test_days_in_both_periods_and_in_neither_are_refused(tmp_path: Path) -> None:
    refused(followed(tmp_path / "both", start="2021-12-31"), "E-EAR-006", "2021-12-31")
    refused(followed(tmp_path / "none", start="2022-01-02"), "E-EAR-007", "2022-01-01")


def restate(folder: Path, start: Mapping[str, str]) -> None:
    """Say in the run's plan where it started itself, under a manifest that states that plan."""
    from carbonsink.base.evidence import file_sha256

    plan, manifest = read_json(folder / "plan.json"), read_json(folder / "manifest.json")
    write_json(folder / "plan.json", plan | {"earlier": dict(start)})
    manifest["declared"]["plan.json"] = file_sha256(folder / "plan.json")
    manifest["digest"] = digest({key: value for key, value in manifest.items() if key != "digest"})
    write_json(folder / "manifest.json", manifest)
