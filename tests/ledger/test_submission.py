"""A run as a submission: everything that keeps it from being issued is told, with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from carbonsink.ledger.submission import read_submission, whole
from carbonsink.ledger.submit import Terms, submit
from tests.ledger.making import FARMERS, new_ledger, refused
from tests.ledger.runs import CHECKS, ISSUED, finish, run_folder, verified


def test_a_verified_run_is_read_as_what_it_states(tmp_path: Path) -> None:
    found = read_submission(run_folder(tmp_path))
    assert found.project == "tiny-paddies" and found.methodology.startswith("rice-water-management ")
    assert found.pools == ("CH4-soil",) and [name for name, _ in found.parcels] == ["P-1", "P-2"]
    assert [(one.year, one.issued, one.buffer) for one in found.vintages] == [(2020, 100, 0)]


def test_what_the_buffer_gets_is_whole_tonnes_of_what_was_deducted(tmp_path: Path) -> None:
    found = read_submission(run_folder(tmp_path, ISSUED | {"buffer": "10.9"}))
    assert [(one.issued, one.buffer) for one in found.vintages] == [(100, 10)]


def test_a_submission_is_issued(tmp_path: Path) -> None:
    with new_ledger(tmp_path) as ledger:
        answer = submit(ledger, read_submission(run_folder(tmp_path / "r", ISSUED | {"buffer": "10.9"})), Terms("350627", "village"), FARMERS)
        again = submit(ledger, read_submission(tmp_path / "r" / "tiny-run"), Terms("350627", "village"), FARMERS)
    assert [entry.facts["kind"] for entry in answer.entries] == ["register", "issue"] and again.entries == answer.entries


def test_simulated_imagery_is_refused(tmp_path: Path) -> None:
    refused(lambda: read_submission(run_folder(tmp_path, simulated=True)), "E-LED-021")


def test_clauses_nobody_confirmed_are_refused(tmp_path: Path) -> None:
    refused(lambda: read_submission(run_folder(tmp_path, confirmed=False)), "E-LED-023")


def test_withheld_tonnes_are_refused_with_every_reason(tmp_path: Path) -> None:
    run = run_folder(tmp_path, {"withheld": "90", "issued": "0"}, notes="simulated practice:water_regime")
    refusal = refused(lambda: read_submission(run), "E-LED-021", "E-LED-022")
    assert refusal.problems[1].facts == {"reasons": "practice:water_regime", "tonnes": 90}


def test_nothing_to_issue_is_refused(tmp_path: Path) -> None:
    refused(lambda: read_submission(run_folder(tmp_path, {"issued": "0"})), "E-LED-027")


def test_a_run_nobody_verified_is_refused(tmp_path: Path) -> None:
    run = run_folder(tmp_path)
    verified(run).unlink()
    refused(lambda: read_submission(run), "E-LED-024")


def test_a_verification_of_another_run_is_refused(tmp_path: Path) -> None:
    run = run_folder(tmp_path)
    verified(run, manifest="0" * 64)
    refused(lambda: read_submission(run), "E-LED-025")
    verified(run, manifest=None)
    refused(lambda: read_submission(run), "E-LED-025")


def test_a_verification_that_failed_or_left_out_the_stages_is_refused(tmp_path: Path) -> None:
    run = run_folder(tmp_path)
    checks = [{"number": n, "name": name, "passed": name != "areas", "detail": ""} for n, name in enumerate(CHECKS, start=1)]
    verified(run, passed=False, checks=checks)
    assert refused(lambda: read_submission(run), "E-LED-026").problems[0].facts["checks"] == "areas"
    verified(run, checks=[check | {"passed": True} for check in checks[:-1]])
    assert refused(lambda: read_submission(run), "E-LED-026").problems[0].facts["checks"] == "run again"


def test_a_file_or_manifest_changed_after_the_verification_is_refused(tmp_path: Path) -> None:
    run = run_folder(tmp_path)
    statement = run / "credit" / "statement.csv"
    statement.write_text(statement.read_text().replace("issued,100", "issued,900"))
    assert refused(lambda: read_submission(run), "E-LED-020").exit_code == Exit.INTEGRITY
    finish(run)  # a new manifest over it is a run that nobody has verified
    refused(lambda: read_submission(run), "E-LED-025")
    (run / "manifest.json").write_text((run / "manifest.json").read_text().replace("0.1.0", "0.2.0"))
    refused(lambda: read_submission(run), "E-LED-020")


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    assert refused(lambda: read_submission(tmp_path), "E-RUN-001").exit_code == Exit.USAGE


def test_credited_flows_without_a_pool_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from carbonsink.ledger.rules import pools

    fewer = pools().model_copy(update={"claims": {}})
    run = run_folder(tmp_path)
    monkeypatch.setattr("carbonsink.ledger.submission.pools", lambda: fewer)
    assert refused(lambda: read_submission(run), "E-LED-028").problems[0].facts["flows"] == "rice CH4"


def test_whole_tonnes_are_rounded_down() -> None:
    from decimal import Decimal

    assert [whole(Decimal(text)) for text in ("10.999999999", "10", "0.5")] == [10, 10, 0]
