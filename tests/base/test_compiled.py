"""What numba keeps on disk is written by one process at a time."""

from __future__ import annotations

import fcntl
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
