"""What numba keeps on disk is written by one process at a time."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numba
import pytest

from carbonsink.base.compiled import COMPILED, LOCK, locked, njit


def doubled(number):  # type: ignore[no-untyped-def]
    return number + number


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's kernels are kept."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    place = Path(kernel().stats.cache_path)
    place.mkdir(exist_ok=True)
    return place


def kernel() -> Any:
    return njit(**COMPILED)(doubled)


def worked() -> threading.Thread:
    """A thread that works a new kernel."""
    thread = threading.Thread(target=kernel(), args=(21,))
    thread.start()
    return thread


def test_what_is_compiled_is_kept_once_others_are_done(folder: Path) -> None:
    with locked(str(folder), fcntl.LOCK_EX):
        thread = worked()
        thread.join(1.0)
        assert thread.is_alive()
        assert [path.name for path in folder.iterdir()] == [LOCK]
    thread.join()
    assert [path.suffix for path in sorted(folder.iterdir())] == [".lock", ".nbc", ".nbi"]


def test_many_may_load_at_once(folder: Path) -> None:
    worked().join()
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != LOCK}
    with locked(str(folder), fcntl.LOCK_SH):
        thread = worked()
        thread.join(10.0)
        assert not thread.is_alive()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != LOCK} == before


def test_where_no_lock_can_be_had_work_goes_on(tmp_path: Path) -> None:
    with locked(str(tmp_path / "not there"), fcntl.LOCK_EX):
        assert njit(doubled)(21) == 42


SOURCE = """
import resource, sys
import numpy as np
from carbonsink.base.compiled import COMPILED, njit

@njit(**COMPILED)
def first(values):
    return np.int64(values[0]) + {more}

if len(sys.argv) > 2:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
print(first(np.array([65531], np.uint16).view(sys.argv[1])))
"""
INDEX_ONLY = 2000  # bytes a file may have: an index fits, compiled code doesn't


def said(folder: Path, more: int, dtype: str, *limit: str) -> str:
    """What a process of its own prints that runs SOURCE, written anew if it changed; empty where it failed."""
    module = folder / "told.py"
    if not module.exists() or module.read_text() != SOURCE.format(more=more):
        module.write_text(SOURCE.format(more=more))
    settings = os.environ | {"NUMBA_CACHE_DIR": str(folder / "kept")}
    done = subprocess.run([sys.executable, module, dtype, *limit], capture_output=True, text=True, env=settings, check=False)
    assert bool(done.returncode) == bool(limit), done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("before", "after", "value"), [("uint16", "uint16", 65531), ("int16", "uint16", 65531), ("uint16", "int16", -5)])
def test_a_full_disk_between_index_and_code_leaves_no_older_code_under_the_new_index(tmp_path: Path, before: str, after: str, value: int) -> None:
    said(tmp_path, 1, before)
    assert said(tmp_path, 1000, after, str(INDEX_ONLY)) == ""
    assert [path.suffix for path in (tmp_path / "kept").rglob("told.first-*.nb*")].count(".nbi") == 1
    assert said(tmp_path, 1000, after) == str(value + 1000)
    assert said(tmp_path, 1000, after) == str(value + 1000)


def test_what_the_index_names_is_left_beside_what_comes(tmp_path: Path) -> None:
    said(tmp_path, 1, "uint16")
    said(tmp_path, 1, "int16")
    assert sorted(path.suffixes[-2] for path in (tmp_path / "kept").rglob("told.first-*.nbc")) == [".1", ".2"]
