"""`carbonsink ledger ...` as people meet it: words, JSON and exit codes."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner, Result

from carbonsink.base.dsse import key_id, public_der
from carbonsink.base.evidence import read_json
from carbonsink.base.problems import Exit
from carbonsink.base.signing import make_key, write_key
from carbonsink.cli import app
from carbonsink.declared.checkpoint import LedgerFile, read_checkpoint
from carbonsink.declared.keys import Key, Role, read_keys, write_keys
from carbonsink.declared.paths import Places
from carbonsink.declared.signatures import sign_run
from carbonsink.ledger import exports
from carbonsink.ledger.store import opened
from carbonsink.ledger.submission import read_submission
from tests.ledger.making import FARMERS, field, issue, said
from tests.ledger.runs import run_folder, verified

TERMS = ("--division", "350627", "--holder", "village")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two keys, a ledger and a verified run."""
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    for name, key in (("operator", make_key()), ("farmers", FARMERS)):
        write_key(tmp_path / f"{name}.pem", key)
    assert ledger("init", tmp_path / "county", "--name", "county register", "--key", tmp_path / "operator.pem").exit_code == 0
    run_folder(tmp_path / "runs")
    return tmp_path


def ledger(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["ledger", *map(str, arguments)])


def value(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def submitted(home: Path, *more: object) -> Result:
    return ledger("submit", home / "county", home / "runs" / "tiny-run", "--key", home / "farmers.pem", *TERMS, *more)


def test_a_run_is_issued_moved_retired_checked_and_published(home: Path) -> None:
    done = submitted(home)
    assert done.exit_code == 0 and "#3  issue" in done.stdout and "not checked against other registers" in done.stdout
    assert "same entries" in submitted(home).stdout
    serial = value(ledger("list", home / "county", "--json"))["units"][0]["serial"]
    assert serial.startswith("CN-350627-RICEWATERMANAGEMENT-0001-2020-1-1-100-")
    moved = value(ledger("transfer", home / "county", serial, "--from", "village", "--to", "factory", "--quantity", 40, "--json"))
    assert (moved["seq"], moved["first"], moved["last"]) == (4, 1, 40)
    block = value(ledger("list", home / "county", "--account", "factory", "--json"))["units"][0]["serial"]
    assert block in ledger("retire", home / "county", block, "--from", "factory", "--reason", "flights").stdout
    assert ledger("cancel", home / "county", serial, "--from", "village", "--reason", "x").exit_code == Exit.INVALID
    made = value(ledger("checkpoint", home / "county", "--key", home / "operator.pem", "--json"))
    assert made["totals"] == {"held": 60, "buffer": 0, "retired": 40, "cancelled": 0, "void": 0}
    checked = value(ledger("check", home / "county", "--json"))
    assert checked["passed"] and checked["entries"] == 5 and checked["checkpoints"] == 1 and checked["head"] == made["head"]
    assert "1 checkpoints borne out" in ledger("check", home / "county").stdout
    lines = ledger("export", home / "county").stdout
    assert lines == ledger("export", home / "county", "--jsonl").stdout and lines.count("\n") == 5
    (home / "county.jsonl").write_text(lines, encoding="utf-8")
    assert "no checkpoint was at hand" in ledger("check", home / "county.jsonl").stdout
    seen = home / "county.checkpoints.jsonl"
    assert value(ledger("check", home / "county.jsonl", "--seen", seen, "--json"))["checkpoints"] == 1


def test_reasons_against_an_issue_come_in_the_users_language(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    verified(home / "runs" / "tiny-run").unlink()
    refused = submitted(home)
    assert refused.exit_code == Exit.INVALID and refused.stderr.startswith("E-LED-024") and "尚未核证" in refused.stderr


def test_land_that_is_claimed_already_leaves_with_seven(home: Path) -> None:
    with opened(home / "county") as ours:
        issue(ours, said("neighbour", *shapely.from_wkb([wkb for _, wkb in read_submission(home / "runs" / "tiny-run").parcels])))
    refused = submitted(home)
    assert refused.exit_code == Exit.DOUBLE_COUNTING and refused.stderr.startswith("E-LED-040") and "neighbour" in refused.stderr


def test_a_list_of_another_register_is_imported_and_stops_for_review(home: Path) -> None:
    square = {"type": "Polygon", "coordinates": [[[117.39, 24.59], [117.42, 24.59], [117.42, 24.62], [117.39, 24.62], [117.39, 24.59]]]}
    (home / "list.geojson").write_text(json.dumps({"features": [{"geometry": square}]}), encoding="utf-8")
    claim = ("claim", home / "county", home / "list.geojson", "--register", "grain for green", "--start", "2020-06-01", "--end", "2021-06-01")
    assert value(ledger(*claim, "--pool", "CH4-soil", "--json"))["pools"] == ["CH4-soil"]
    assert submitted(home).exit_code == Exit.DOUBLE_COUNTING
    done = submitted(home, "--reviewed", "the grant is for seedlings")
    assert done.exit_code == 0 and "held against 1 lists" in done.stdout


def test_void_reversal_and_audit(home: Path) -> None:
    submitted(home)
    assert ledger("void", home / "county", 3, "--reason", "the wrong holder").exit_code == 0
    assert ledger("reversal", home / "county", "tiny-paddies", "--quantity", 1, "--reason", "typhoon").stderr.startswith("E-LED-053")
    with opened(home / "county") as ours:
        issue(ours, said("wood", field(9000), buffer=20))
    done = value(ledger("reversal", home / "county", "wood", "--quantity", 7, "--reason", "typhoon", "--json"))
    assert done["quantity"] == 7 and len(done["units"]) == 1
    assert "0 pairs" in ledger("audit-overlaps", home / "county").stdout
    assert value(ledger("audit-overlaps", home / "county", "--json"))["pairs"] == []


def test_an_overlap_that_came_in_by_the_back_door_is_found_by_the_audit(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(home / "county") as ours:
        issue(ours, said("one"))
        monkeypatch.setattr("carbonsink.ledger.submit.meetings", lambda *_: [])
        issue(ours, said("two", field(500)))
    found = ledger("audit-overlaps", home / "county")
    assert found.exit_code == Exit.DOUBLE_COUNTING and found.stderr.startswith("E-LED-083 #5")


def test_tampering_leaves_with_five_and_names_the_entry(home: Path) -> None:
    submitted(home)
    lines = ledger("export", home / "county").stdout.replace("village", "thieves")
    (home / "x.jsonl").write_text(lines, encoding="utf-8")
    found = ledger("check", home / "x.jsonl")
    assert found.exit_code == Exit.INTEGRITY and "first bad entry is #2" in found.stdout and "E-LED-071 #2" in found.stderr


def test_tables_of_other_registers_are_written(home: Path) -> None:
    submitted(home)
    done = value(ledger("export", home / "county", "--cadt", "--ccer", "--out", home / "tables", "--json"))
    assert sorted(Path(path).name for path in done["files"]) == [
        "cadt-issuances.csv", "cadt-projectLocations.csv", "cadt-projects.csv", "cadt-units.csv", "ccer-issuances.csv", "ccer-projects.csv",
    ]  # fmt: skip
    assert ledger("export", home / "county", "--out", home / "all.jsonl").exit_code == 0
    assert (home / "all.jsonl").read_text(encoding="utf-8") == ledger("export", home / "county").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("init", "county", "--name", "x", "--key", "operator.pem"), "E-LED-001", Exit.USAGE),
        (("init", "new", "--name", "", "--key", "operator.pem"), "E-LED-007", Exit.USAGE),
        (("init", "new", "--name", " ", "--key", "operator.pem"), "E-LED-007", Exit.USAGE),
        (("check", "nowhere"), "E-LED-002", Exit.USAGE),
        (("list", "nowhere"), "E-LED-002", Exit.USAGE),
        (("checkpoint", "county", "--key", "farmers.pem"), "E-LED-031", Exit.USAGE),
        (("check", "county", "--seen", "operator.pem"), "E-LED-080", Exit.USAGE),
        (("void", "county", "2", "--reason", "x"), "E-LED-060", Exit.USAGE),
        (("transfer", "county", "CN-1", "--from", "a", "--to", "b"), "E-LED-010", Exit.USAGE),
        (("submit", "county", "runs", "--key", "farmers.pem", *TERMS), "E-RUN-001", Exit.USAGE),
    ],
)
def test_what_can_t_be_done_is_one_line_and_an_exit_code(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: str, exit_code: Exit
) -> None:
    monkeypatch.chdir(home)
    done = ledger(*arguments)
    assert done.exit_code == exit_code and done.stderr.startswith(code) and done.stderr.count("\n") == 1


# --- signatures of the run's envelope --------------------------------------------------------------------------------


def listed(key: Ed25519PrivateKey, holder: str, role: Role) -> Key:
    der = public_der(key.public_key())
    text = base64.b64encode(der).decode()
    return Key(id=key_id(der), algorithm="ed25519", public=text, holder=holder, role=role, valid_from=date(2020, 1, 1), valid_to=date(2099, 1, 1))


def test_with_a_list_of_keys_both_must_have_signed_the_run(home: Path) -> None:
    verifier, stranger, run = make_key(), make_key(), home / "runs" / "tiny-run"
    write_keys(home / "keys.toml", (listed(FARMERS, "village", "submitter"), listed(verifier, "verifier", "verifier"), listed(stranger, "x", "submitter")))
    keys = read_keys(home / "keys.toml")
    assert submitted(home, "--keys", home / "keys.toml").stderr.startswith("E-SIG-007")
    sign_run(run, FARMERS, "submitter", keys, date.today())
    assert submitted(home, "--keys", home / "keys.toml").stderr.startswith("E-LED-029")
    sign_run(run, verifier, "verifier", keys, date.today())
    write_key(home / "stranger.pem", stranger)
    other = ledger("submit", home / "county", run, "--key", home / "stranger.pem", *TERMS, "--keys", home / "keys.toml")
    assert other.stderr.startswith("E-LED-032")
    done = value(submitted(home, "--keys", home / "keys.toml", "--json"))
    assert [one["role"] for one in done["entries"][-1]["signers"]] == ["submitter", "verifier"]


# --- what area.toml says ---------------------------------------------------------------------------------------------


def test_a_checkpoint_is_written_as_a_file_of_its_own_and_an_area_may_hold_it(home: Path) -> None:
    submitted(home)
    made = value(ledger("checkpoint", home / "county", "--key", home / "operator.pem", "--to", home / "ledger-checkpoint.json", "--json"))
    assert read_json(home / "ledger-checkpoint.json") == made
    read = read_checkpoint(LedgerFile(checkpoint="ledger-checkpoint.json"), Places(home))
    assert read is not None and (read.sequence, read.head) == (made["seq"], made["head"])


def test_division_and_boundary_come_from_the_area_and_the_command_goes_before_it(home: Path) -> None:
    run = run_folder(home / "said", place='{ division = "350627", boundary_source = "rtk" }')
    how = ("--key", home / "farmers.pem", "--holder", "village", "--json")
    said = value(ledger("submit", home / "county", run, *how))["entries"][0]
    assert (said["division"], said["boundary"]) == ("350627", "rtk")
    assert ledger("init", home / "other", "--name", "n", "--key", home / "operator.pem").exit_code == 0
    over = value(ledger("submit", home / "other", run, *how, "--division", "350600", "--boundary", "map-10000"))["entries"][0]
    assert (over["division"], over["boundary"]) == ("350600", "map-10000")
    with opened(home / "county") as ours:
        (project,) = csv.DictReader(io.StringIO(exports.tables(ours, "ccer")["projects"]))
        (place,) = csv.DictReader(io.StringIO(exports.tables(ours, "cadt")["projectLocations"]))
    assert (project["行政区划代码"], project["边界数据来源"], place["inCountryRegion"]) == ("350627", "rtk", "350627")


def test_a_division_that_nobody_says_is_asked_for(home: Path) -> None:
    done = ledger("submit", home / "county", home / "runs" / "tiny-run", "--key", home / "farmers.pem", "--holder", "village")
    assert done.exit_code == Exit.INVALID and done.stderr.startswith("E-LED-019")
