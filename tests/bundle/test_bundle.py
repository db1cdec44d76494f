"""The bundle: the same bytes each time, opened elsewhere, and nothing in it that the manifest doesn't list (S24)."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.base.crate import METADATA
from carbonsink.base.evidence import digest, file_sha256
from carbonsink.base.problems import Exit, Refusal, messages
from carbonsink.bundle import opened, write_bundle
from carbonsink.cli import app
from carbonsink.declared.signatures import sign_run, signers_of
from tests.verify.runs import DAY, SUBMITTER, key_list, small_run

Entries = dict[zipfile.ZipInfo | str, bytes]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(small_run(tmp_path), tmp_path / "a.zip")


def files(run: Path) -> dict[str, str]:
    return {path.relative_to(run).as_posix(): file_sha256(path) for path in run.rglob("*") if path.is_file()}


def test_a_bundle_is_the_same_bytes_each_time_and_opens_elsewhere(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    sign_run(run, SUBMITTER, "submitter", key_list(tmp_path), DAY)
    first = write_bundle(run, tmp_path / "a.zip").read_bytes()
    copy = Path(shutil.copytree(run, tmp_path / "elsewhere" / run.name, copy_function=shutil.copyfile))
    shutil.copy(tmp_path / "a-run.dsse.json", copy.parent)
    assert write_bundle(copy, tmp_path / "b.zip").read_bytes() == first
    with opened(tmp_path / "a.zip") as found:
        assert (found.name, files(found)) == (run.name, files(run))
        assert [key.holder for key in signers_of(found, key_list(tmp_path), DAY)] == ["县农技站"], "the envelope came along"
    assert not found.exists()


def test_other_tools_read_what_is_in_it(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None and {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        graph = {one["@id"]: one for one in json.loads(archive.read(METADATA))["@graph"]}
        root = graph["./"]
        assert graph[METADATA]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
        assert (root["@type"], root["identifier"], root["temporalCoverage"]) == ("Dataset", "a-run", "2020-01-01/2020-12-31")
        parts = [graph[part["@id"]] for part in root["hasPart"]]
        assert [METADATA, *(part["@id"] for part in parts if part["@type"] == "File")] == archive.namelist()
        for part in (part for part in parts if part["@type"] == "File"):
            assert int(part["contentSize"]) == archive.getinfo(part["@id"]).file_size


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda run: (run / "extra.csv").write_text("a"), "E-BUN-003 .*extra.csv"),
        (lambda run: (run / "credit" / "statement.csv").unlink(), "E-BUN-004 .*credit/statement.csv"),
        (lambda run: (run / "credit" / "statement.csv").write_text("other"), "E-BUN-005 credit/statement.csv"),
    ],
)
def test_a_run_that_isn_t_its_manifests_is_not_bundled(tmp_path: Path, change: Callable[[Path], object], code: str) -> None:
    run = small_run(tmp_path)
    change(run)
    with pytest.raises(Refusal, match=code):
        write_bundle(run, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


# --- what comes from a submitter ---


def repacked(bundle: Path, change: Callable[[Entries], Entries], how: int = zipfile.ZIP_STORED) -> Path:
    """The bundle with other entries, as somebody else's zip program writes them."""
    with zipfile.ZipFile(bundle) as archive:
        entries: Entries = {info.filename: archive.read(info) for info in archive.infolist()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name twice
        with zipfile.ZipFile(bundle, "w", how) as archive:
            for name, data in change(entries).items():
                archive.writestr(name, data)
    return bundle


def entry(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.create_system = mode << 16, 3
    return info


def forged_manifest(entries: Entries) -> Entries:
    """A statement with more tonnes, and a manifest that lists its digest but keeps its own."""
    statement = entries["a-run/credit/statement.csv"].replace(b"12", b"99")
    manifest = json.loads(entries["a-run/manifest.json"])
    manifest["stages"][1]["writes"]["credit/statement.csv"]["sha256"] = "0" * 64
    return entries | {"a-run/credit/statement.csv": statement, "a-run/manifest.json": json.dumps(manifest).encode()}


def listing_a_path_trick(entries: Entries) -> Entries:
    """A manifest, whole by itself, that lists a file outside the run."""
    manifest = json.loads(entries["a-run/manifest.json"])
    manifest.pop("digest")
    manifest["declared"]["../../evil"] = "0" * 64
    return entries | {"a-run/manifest.json": json.dumps(manifest | {"digest": digest(manifest)}).encode(), "a-run/../../evil": b"x"}


ATTACKS: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "a file more": (lambda e: e | {"a-run/extra.py": b"import os"}, "E-BUN-003 .*a-run/extra.py"),
    "a file beside the run": (lambda e: e | {"README.md": b"read me"}, "E-BUN-003 .*README.md"),
    "a file less": (lambda e: {n: d for n, d in e.items() if n != "a-run/plan.json"}, "E-BUN-004 .*a-run/plan.json"),
    "no metadata": (lambda e: {n: d for n, d in e.items() if n != METADATA}, "E-BUN-004 .*ro-crate"),
    "other bytes": (lambda e: e | {"a-run/credit/statement.csv": b"vintage"}, "E-BUN-005 a-run/credit/statement.csv"),
    "a manifest that was edited": (forged_manifest, "E-BUN-001 .*manifest.json"),
    "a path that climbs": (lambda e: e | {"a-run/../../evil": b"x"}, "E-BUN-002 .*evil .path"),
    "a listed path that climbs": (listing_a_path_trick, "E-BUN-002 .*evil .path"),
    "a path from the root": (lambda e: e | {"/etc/evil": b"x"}, "E-BUN-002 .*etc/evil .path"),
    "a path of another system": (lambda e: e | {"a-run\\..\\evil": b"x"}, "E-BUN-002"),
    "a drive": (lambda e: e | {"C:/evil": b"x"}, "E-BUN-002 .*path"),
    "a folder": (lambda e: e | {entry("a-run/empty/", 0o040755): b""}, "E-BUN-002"),
    "a hidden character": (lambda e: e | {"a-run/\u202egpj.exe": b"x"}, "E-BUN-002"),
    "an endless name": (lambda e: e | {"a-run/" + "a" * 300: b"x"}, "E-BUN-002"),
    "a link": (lambda e: e | {entry("a-run/link", 0o120777): b"/etc/passwd"}, "E-BUN-002 .*link or device"),
    "a name in capitals too": (lambda e: e | {"a-run/PLAN.json": b"{}"}, "E-BUN-008 .*PLAN.json"),
    "a name twice": (lambda e: e | {entry("a-run/plan.json"): b"{}"}, "E-BUN-008"),
    "metadata that says otherwise": (lambda e: e | {METADATA: e[METADATA].replace(b'"sha256":"', b'"sha256":"0')}, "E-BUN-006"),
    "metadata that isn't JSON": (lambda e: e | {METADATA: b"{" * 9999}, "E-BUN-006"),
    "a manifest too deep": (lambda e: e | {"a-run/manifest.json": b"[" * 99_999}, "E-BUN-001"),
    "two runs": (lambda e: e | {"b-run/manifest.json": b"{}"}, "E-BUN-001 .*2 x"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_what_no_honest_bundle_holds_is_refused_by_name(bundle: Path, tmp_path: Path, name: str) -> None:
    change, code = ATTACKS[name]
    before = set(tmp_path.rglob("*"))
    with pytest.raises(Refusal, match=code) as caught, opened(repacked(bundle, change)):
        pass
    assert caught.value.exit_code == Exit.INTEGRITY
    assert set(tmp_path.rglob("*")) == before


def test_a_bundle_beyond_all_measure_is_refused_before_it_is_unpacked(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carbonsink.bundle.MOST_ENTRIES", 3)
    with pytest.raises(Refusal, match="E-BUN-007"), opened(bundle):
        pass
    monkeypatch.undo()
    monkeypatch.setattr("carbonsink.bundle.MOST_BYTES_READ_FIRST", 10)
    with pytest.raises(Refusal, match="E-BUN-002 .*size"), opened(bundle):
        pass


def test_what_is_packed_could_be_a_bomb_and_isn_t_opened(bundle: Path) -> None:
    """Ours are stored, so nothing unpacks to more than the bundle itself; entries that share their bytes are no way round that."""
    with pytest.raises(Refusal, match="E-BUN-002 .*packing"), opened(repacked(bundle, lambda e: e, zipfile.ZIP_DEFLATED)):
        pass
    data = bytearray(repacked(bundle, lambda e: e).read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 20 : place + 28] = (1 << 30).to_bytes(4, "little") * 2
    bundle.write_bytes(bytes(data))
    with pytest.raises(Refusal, match="E-BUN-007"), opened(bundle):
        pass


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x00" * 4096])
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(Refusal, match="E-BUN-001"), opened(tmp_path / "a.zip"):
        pass


def test_a_damaged_zip_is_refused(bundle: Path) -> None:
    data = bytearray(bundle.read_bytes())
    place = data.index(b"\x00\x01" * 100)
    data[place] = 7
    bundle.write_bytes(bytes(data))
    with pytest.raises(Refusal, match="E-BUN-001"), opened(bundle):
        pass


def test_the_command_writes_beside_the_run_and_never_over_a_file(tmp_path: Path) -> None:
    run = small_run(tmp_path)
    done = CliRunner().invoke(app, ["bundle", str(run)])
    assert done.exit_code == 0 and file_sha256(tmp_path / "a-run.zip") in done.stdout
    again = CliRunner().invoke(app, ["bundle", str(run)])
    assert again.exit_code == 2 and "E-OUT-001" in again.stderr
    assert "E-RUN-001" in CliRunner().invoke(app, ["bundle", str(tmp_path)]).stderr


def test_every_message_of_bundles_has_a_broken_input() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert not [code for code in messages() if code.startswith("E-BUN") and code not in text]
