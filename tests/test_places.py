"""Where commands may write: nothing that lies there is lost, and nothing is put into a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Exit
from carbonsink.base.signing import make_key, write_key
from tests.bad.area import good_area
from tests.command import carbonsink
from tests.verify.runs import SUBMITTER, VERIFIER, key_list, small_run

SAID = ("--document", "AMS-III.AU", "--dated", "2024-01-01", "--read-in", "a library", "--name", "李雷", "--organisation", "x", "--role", "reader", "--yes")
SIGNED = ("sign", ".", "--role", "submitter", "--key", "../s.pem", "--keys", "../keys.toml")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ledger and its checkpoints, keys, a run, an area, and a note that nobody wants to lose."""
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    monkeypatch.chdir(tmp_path)
    for name, key in (("k", make_key()), ("s", SUBMITTER), ("v", VERIFIER)):
        write_key(tmp_path / f"{name}.pem", key)
    key_list(tmp_path)
    small_run(tmp_path)
    (tmp_path / "area").mkdir()
    good_area(tmp_path / "area").declare('country = "CN"', 'country = "CN"\nconfirmation = "parcels.geojson"')
    (tmp_path / "note.txt").write_text("don't lose me")
    assert carbonsink("ledger", "init", "d.ledger", "--name", "county", "--key", "k.pem").exit_code == 0
    assert carbonsink("ledger", "checkpoint", "d.ledger", "--key", "k.pem").exit_code == 0
    return tmp_path


def digests(folder: Path) -> Iterator[tuple[Path, str]]:
    return ((path, file_sha256(path)) for path in sorted(folder.rglob("*")) if path.is_file())


WRONG = {
    "E-OUT-001 d.ledger": "ledger checkpoint d.ledger --key k.pem --to d.ledger",
    "E-OUT-001 k.pem": "ledger checkpoint d.ledger --key k.pem --to k.pem",
    "E-LED-080 d.ledger": "ledger checkpoint d.ledger --key k.pem --out d.ledger",
    "E-LED-080 note.txt": "ledger checkpoint d.ledger --key k.pem --out note.txt",
    "E-OUT-003 new.json": "ledger checkpoint d.ledger --key k.pem --out new.json --to new.json",
    "E-OUT-001 d.ledger: ": "ledger export d.ledger --jsonl --out d.ledger",
    "E-OUT-001 note.txt": "ledger export d.ledger --out note.txt",
    "E-OUT-001 note.txt: ": "ledger certificate CN-1 --ledger d.ledger --to note.txt",
    "E-OUT-001 note.txt:": "bundle a-run --to note.txt",
    "E-OUT-001 note.txt: something": "mirror area --to note.txt",
    "E-CON-010 k.pem": "keys new k.pem",
    "E-OUT-002 a-run/x.zip": "bundle a-run --to a-run/x.zip",
    "E-OUT-002 a-run/new/x.json": "ledger checkpoint d.ledger --key k.pem --to a-run/new/x.json",
    "E-OUT-002 a-run/x.jsonl": "ledger export d.ledger --out a-run/x.jsonl",
    "E-OUT-002 a-run/x.pem": "keys new a-run/x.pem",
    "E-OUT-002 a-run/sample": "sample a-run --year 2020 --out a-run/sample",
    "E-OUT-002 a-run/declared": "labels a-run a-run/declared/sample.gpkg a.csv --arbiter 韩梅",
    "E-OUT-002 a-run/x": "estimate area --out a-run/x",
    "E-OUT-002 a-run/y": "mirror area --to a-run/y",
    "E-OUT-002 a-run/p": "portfolio area --out a-run/p",
}


@pytest.mark.parametrize("said", WRONG)
def test_what_lies_there_stays(desk: Path, said: str) -> None:
    before = dict(digests(desk))
    done = carbonsink(*WRONG[said].split())
    assert done.exit_code == Exit.USAGE and done.stderr.splitlines()[-1].startswith(said), done.stderr
    assert dict(digests(desk)) == before


def test_a_confirmation_takes_the_place_of_an_older_one_and_of_nothing_else(desk: Path) -> None:
    before = dict(digests(desk))
    done = carbonsink("confirm", "area", "--key", "k.pem", *SAID)
    assert done.exit_code == Exit.USAGE and "E-OUT-001" in done.stderr and "parcels.geojson" in done.stderr
    assert dict(digests(desk)) == before


@pytest.mark.parametrize(
    "command", ["explain a-run.zip 2020", "sign a-run.zip --role verifier --key v.pem", "bundle a-run.zip", "sample a-run.zip --year 2020 --out x"]
)
def test_who_gives_a_bundle_where_a_folder_is_wanted_is_told_to_unzip_it(desk: Path, command: str) -> None:
    assert carbonsink("bundle", "a-run").exit_code == 0
    done = carbonsink(*command.split())
    assert done.exit_code == Exit.USAGE and done.stderr.startswith("E-RUN-012 a-run.zip") and "unzip it first" in done.stderr, done.stderr


MISSING = {
    "E-CFG-015 nope.geojson": "ledger claim d.ledger nope.geojson --register x --start 2020-01-01 --end 2021-01-01",
    "E-CFG-015 nope/area.toml": "check nope",
    "E-CON-008 nope.pem: there is no Ed25519 private key to read here (there is no such file": "ledger checkpoint d.ledger --key nope.pem",
    "E-SIG-019 nope.pem: the file holds no Ed25519 key (there is no such file": "keys public nope.pem",
    "E-SIG-019 area: the file holds no Ed25519 key (this is a folder)": "keys public area",
    "E-LED-080 nope: this can't be read as checkpoints, one a line (there is no such file": "ledger check d.ledger --seen nope",
}


@pytest.mark.parametrize("said", MISSING)
def test_an_input_that_is_not_there_is_no_fault_of_the_disk(desk: Path, said: str) -> None:
    done = carbonsink(*MISSING[said].split())
    assert done.exit_code in (Exit.USAGE, Exit.INVALID) and done.stderr.startswith(said), done.stderr


def test_the_place_that_was_asked_for_is_named_and_not_a_temporary_one(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = carbonsink("bundle", "a-run", "--to", "/proc/x.zip")
    assert done.exit_code == Exit.RESOURCES and "E-RES-001 /proc/x.zip: the system refuses: " in done.stderr and ".part" not in done.stderr
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert "系统拒绝操作：文件或文件夹不存在；" in carbonsink("bundle", "a-run", "--to", "/proc/x.zip").stderr
    assert "（此为文件夹）" in carbonsink("keys", "public", "area").stderr


def test_checkpoints_are_kept_in_a_new_folder(desk: Path) -> None:
    assert carbonsink("ledger", "checkpoint", "d.ledger", "--key", "k.pem", "--out", "kept/by/me.jsonl").exit_code == 0
    assert (desk / "kept" / "by" / "me.jsonl").is_file()


def test_tables_are_written_all_or_none(desk: Path) -> None:
    (desk / "tables").mkdir()
    (desk / "tables" / "ccer-projects.csv").write_text("mine")
    assert "E-OUT-001" in carbonsink("ledger", "export", "d.ledger", "--ccer", "--out", "tables").stderr
    assert [path.name for path in (desk / "tables").iterdir()] == ["ccer-projects.csv"]


def test_a_checkpoint_is_added_to_those_that_are_kept(desk: Path) -> None:
    assert carbonsink("ledger", "checkpoint", "d.ledger", "--key", "k.pem", "--out", "d.ledger.checkpoints.jsonl").exit_code == 0
    assert (desk / "d.ledger.checkpoints.jsonl").read_text().count("\n") == 2


def test_a_run_that_is_called_by_a_dot_keeps_its_papers_beside_it(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(digests(desk / "a-run"))
    monkeypatch.chdir(desk / "a-run")
    assert carbonsink(*SIGNED).exit_code == 0 and (desk / "a-run.dsse.json").is_file()
    assert carbonsink("bundle", ".").exit_code == 0 and (desk / "a-run.zip").is_file()
    assert carbonsink("verify", ".", "--not-again").exit_code in Exit and (desk / "a-run.verification.json").is_file()
    assert dict(digests(desk / "a-run")) == before
