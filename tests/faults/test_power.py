"""Power lost (F45): what the disk holds after every prefix of what was written, by what was flushed (N1, N2); and what is installed (S25).

A disk may keep less than was written, never less than was flushed. Files of ours are played back with a recorder of their flushes and
renames; the ledger's log, which SQLite flushes at every commit, is cut and torn at every frame after the last answer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import read_json, write_bytes, write_json
from carbonsink.base.signing import public_text
from carbonsink.ledger.checking import check
from carbonsink.ledger.store import init, opened
from tests.conftest import REPOSITORY
from tests.ledger.making import CLOCK, OPERATOR, field, issue, said, ticking

# --- files of ours ---------------------------------------------------------------------------------------------------


class Disk:
    """What a disk holds for certain after each flush and rename: the flushed bytes of each file, under the names given to them."""

    def __init__(self) -> None:
        self.flushed: dict[str, bytes] = {}
        self.named: set[str] = set()  # files whose folder was flushed after they got their names
        self.states: list[dict[str, bytes]] = [{}]

    def flush(self, path: Path) -> None:
        if path.is_dir():
            self.named |= {name for name in self.flushed if Path(name).parent == path}
            return
        self.flushed[str(path)] = path.read_bytes()
        self.states.append(dict(self.flushed))

    def rename(self, old: Path, new: Path) -> None:
        """The name is there; of its bytes only those that were flushed are."""
        self.flushed[str(new)] = self.flushed.pop(str(old), b"")
        self.named.discard(str(new))
        self.states.append(dict(self.flushed))


@contextmanager
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk, fsync, replace = Disk(), os.fsync, Path.replace

    def flushing(descriptor: int) -> None:
        fsync(descriptor)
        disk.flush(Path(f"/proc/self/fd/{descriptor}").readlink())

    def renaming(path: Path, target: Any) -> Path:
        made = replace(path, target)
        disk.rename(path, Path(target))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", flushing)
        patch.setattr(Path, "replace", renaming)
        yield disk


def test_f45_a_file_that_has_its_name_is_whole_after_every_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any) -> None:
    wanted = {"manifest.json": [{"n": n} for n in range(3)], "scenes/lock.json": [{"items": list(range(500))}]}
    with recorded(monkeypatch) as disk:
        for name, values in wanted.items():
            for value in values:
                write_json(tmp_path / name, value)
        write_bytes(tmp_path / "chip.tif", b"x" * 70_000)
    finals = {str(tmp_path / name): {_text(value) for value in values} for name, values in wanted.items()}
    finals[str(tmp_path / "chip.tif")] = {b"x" * 70_000}
    for state in disk.states:
        torn = [name for name, data in state.items() if ".part" not in name and data not in finals[name]]
        assert not torn, f"N2: {torn}"
    assert set(finals) <= disk.states[-1].keys() and set(finals) <= disk.named  # what was written last is there under its name
    assert read_json(tmp_path / "manifest.json") == {"n": 2}
    record_property("injected", len(disk.states))


def test_f45_the_recorder_finds_a_file_renamed_before_it_was_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with recorded(monkeypatch) as disk:
        (tmp_path / "a.part").write_bytes(b"whole")
        (tmp_path / "a.part").replace(tmp_path / "a")
    assert disk.states[-1] == {str(tmp_path / "a"): b""} and not disk.named


def _text(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


# --- the ledger ------------------------------------------------------------------------------------------------------

HEADER, FRAME = 32, 24  # bytes: SQLite's file format, 4.1 and 4.2
STRIDE = 5  # of the places where the log is cut, so that all of it takes seconds


@pytest.mark.parametrize("torn", [False, True], ids=["cut", "torn"])
def test_f45_the_ledger_has_every_answer_that_was_given_before_the_power_went(tmp_path: Path, torn: bool, record_property: Any) -> None:
    path = tmp_path / "county.ledger"
    init(path, "county register", public_text(OPERATOR), lambda: CLOCK)
    log, answered = path.with_name(f"{path.name}-wal"), []
    with opened(path, clock=ticking()) as ledger:
        ledger.rows("PRAGMA wal_autocheckpoint = 0")
        for n in range(4):
            issue(ledger, said(f"rice-{n}", field(3000 * n)))
            answered.append((log.stat().st_size, ledger.head))
        shutil.copy(path, tmp_path / "main")
        written = log.read_bytes()
    page = struct.unpack(">I", written[8:12])[0]
    frames = range(HEADER, len(written) + 1, FRAME + page)
    cuts = sorted({cut for frame in frames for cut in (frame, frame + 7, frame + FRAME + page // 2) if cut <= len(written)})
    tried = 0
    for number, cut in enumerate(cuts[::STRIDE]):
        home = tmp_path / str(number)
        home.mkdir()
        shutil.copy(tmp_path / "main", home / path.name)
        (home / log.name).write_bytes(written[:cut] + (b"\xa5" * 3000 if torn else b""))
        promised = max([head for size, head in answered if size <= cut], default=(0, ""))
        report = check(home / path.name)
        assert report.passed and report.entries >= promised[0], (cut, report.entries, promised)
        with opened(home / path.name) as again:
            kept = again.entry(promised[0])
            assert promised[0] == 0 or (kept and kept.hash == promised[1]), f"N1: #{promised[0]} was answered"
        tried += 1
        shutil.rmtree(home)
    assert tried > 12
    record_property("injected", tried)


# --- what is installed (S25) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", ["requirements.lock", "tests/requirements.lock", "benchmarks/requirements.lock"])
def test_s25_every_package_of_a_lock_has_its_version_and_its_hashes(lock: str) -> None:
    text = re.sub(r"\\\n", " ", (REPOSITORY / lock).read_text())
    pinned = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "-"))]
    assert pinned and all(re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+.*--hash=sha256:[0-9a-f]{64}", line) for line in pinned)


def test_s25_nothing_is_installed_without_its_hash_or_with_a_script_of_its_own() -> None:
    installs = [line for line in (REPOSITORY / "Makefile").read_text().splitlines() if "pip install" in line]
    assert installs
    for line in installs:
        ours = "--no-deps --no-build-isolation -e ." in line
        assert ours or ("--require-hashes" in line and "--only-binary :all:" in line), line
