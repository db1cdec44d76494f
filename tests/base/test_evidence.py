"""Files are whole as soon as they have their name, and digests don't hang on how a value is written."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from carbonsink.base.evidence import digest, file_sha256, read_json, sha256, sweep, write_bytes, write_json, write_whole
from carbonsink.base.problems import of_the_system


def test_a_digest_does_not_hang_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [1.0, "亩"]}) == digest({"b": [1, "亩"], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_known_digest() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_write_that_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    write_bytes(path, b"whole")

    def fails(part: Path) -> None:
        part.write_bytes(b"hal")
        raise OSError(errno.ENOSPC, "disk full")

    with pytest.raises(OSError, match=r"disk full.*statement\.csv"):
        write_whole(path, fails)
    assert path.read_bytes() == b"whole"
    assert [p.name for p in tmp_path.iterdir()] == ["statement.csv"]


def test_json_is_sorted_readable_and_never_nan(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": "龙山", "a": 1})
    assert (tmp_path / "a.json").read_text() == '{\n "a": 1,\n "b": "龙山"\n}\n'
    assert read_json(tmp_path / "a.json") == {"a": 1, "b": "龙山"}
    assert file_sha256(tmp_path / "a.json") == sha256((tmp_path / "a.json").read_bytes())
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "b.json", {"a": float("nan")})
    assert not (tmp_path / "b.json").exists()


def test_what_dead_processes_left_is_swept_and_what_living_ones_write_is_not(tmp_path: Path) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = tmp_path / "chips" / f".red.{dead.pid}.7.part.tif"
    ours = tmp_path / f".scenes.{os.getpid()}.7.part.csv"
    write_bytes(left, b"hal")
    write_bytes(ours, b"hal")
    sweep(tmp_path)
    assert (left.exists(), ours.exists()) == (False, True)


def test_a_full_disk_says_its_room_and_another_error_the_systems_words(tmp_path: Path) -> None:
    full = of_the_system(OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "x")))
    assert full.code == "E-RES-002" and "MB" in full.line("en") and "MB" in full.line("zh") and str(tmp_path) in full.line("en")
    barred = of_the_system(OSError(errno.EACCES, "Permission denied", str(tmp_path / "x")))
    assert barred.code == "E-RES-001" and "Permission denied" in barred.line("en")
