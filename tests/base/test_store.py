"""The store: a name that exists is whole, what is not whole is put aside, and nobody's leavings stay."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from carbonsink.base import store as module
from carbonsink.base.evidence import file_sha256, sha256
from carbonsink.base.store import HOST, Store

DATA = b"pixels" * 1000


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def put(store: Store, data: bytes, name: str = "x") -> str:
    part = store.part(name)
    part.write_bytes(data)
    return store.put(part)


def test_an_object_is_named_by_its_bytes_and_can_only_be_read(store: Store) -> None:
    name = put(store, DATA)
    assert name == sha256(DATA)
    assert store.get(name) == store.path(name)
    assert store.path(name).stat().st_mode & 0o777 == 0o444
    assert put(store, DATA) == name
    assert store.get("0" * 64) is None


def test_an_altered_object_is_put_aside_not_given_out(store: Store) -> None:
    name = put(store, DATA)
    store.path(name).chmod(0o644)
    store.path(name).write_bytes(DATA[:-1])
    assert store.get(name) is None
    assert (store.root / "quarantine" / name).read_bytes() == DATA[:-1]
    assert put(store, DATA) == name
    assert store.get(name)


def test_an_object_that_another_process_mended_since_it_was_read_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = put(store, DATA)
    store.path(name).chmod(0o644)
    store.path(name).write_bytes(DATA[:-1])

    def slow(path: Path) -> str:
        """The digest of the altered object, told only after somebody else has put the object anew."""
        found = file_sha256(path)
        monkeypatch.setattr(module, "file_sha256", file_sha256)
        assert put(store, DATA, "another") == name
        return found

    monkeypatch.setattr(module, "file_sha256", slow)
    assert store.get(name) == store.path(name)
    assert store.path(name).read_bytes() == DATA
    assert [(path.name, path.read_bytes()) for path in (store.root / "quarantine").iterdir()] == [(name, DATA[:-1])]


def test_an_object_the_disk_cannot_give_back_is_put_aside(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    name = put(store, DATA)

    def broken(path: Path) -> str:
        raise OSError(5, "Input/output error", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(module, "file_sha256", broken)
        assert store.get(name) is None
    assert not store.path(name).exists()
    assert (store.root / "quarantine" / name).exists()


def test_a_lent_object_is_the_same_file_and_replaces_what_lay_there(store: Store, tmp_path: Path) -> None:
    name, other = put(store, DATA), put(store, b"other")
    target = tmp_path / "run" / "chip.tif"
    store.lend(other, target)
    store.lend(name, target)
    assert target.samefile(store.path(name))
    before = target.stat().st_mtime_ns
    store.lend(name, target)
    assert target.stat().st_mtime_ns == before
    assert [path.name for path in target.parent.iterdir()] == ["chip.tif"]


def test_where_no_link_is_possible_an_object_is_copied(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    store.lend(put(store, DATA), tmp_path / "chip.tif")
    assert (tmp_path / "chip.tif").read_bytes() == DATA
    assert not (tmp_path / "chip.tif").samefile(store.path(sha256(DATA)))


def test_values_are_remembered_by_name_and_forgotten(store: Store) -> None:
    assert store.recall("tile", "one") is None
    store.remember({"b": [1, "x"], "a": None}, "tile", "one")
    assert store.recall("tile", "one") == {"a": None, "b": [1, "x"]}
    assert store.recall("tile one") is None
    store.forget("tile", "one")
    store.forget("tile", "one")
    assert store.recall("tile", "one") is None


def test_a_memory_that_cannot_be_read_is_none(store: Store) -> None:
    store.remember("x", "tile")
    (path,) = (path for path in (store.root / "names").rglob("*") if path.is_file())
    path.write_bytes(b"{")
    assert store.recall("tile") is None


def test_leavings_of_dead_processes_are_swept_and_the_work_of_living_ones_stays(store: Store) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True).stdout.strip()
    mine = store.part("mine")
    folder = mine.parent
    gone, stranger = folder / f"{'a' * 16}.{HOST}.{dead}.1.part", folder / f"{'a' * 16}.othrhost.{dead}.1.part"
    for path in (mine, gone, stranger):
        path.write_bytes(b"half")
    store.sweep()
    assert (mine.exists(), gone.exists(), stranger.exists()) == (True, False, True)
    assert f".{os.getpid()}." in mine.name


def test_threads_that_put_the_same_bytes_disturb_nobody(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda n: put(store, DATA, f"x{n % 2}"), range(64)))
    assert names == {sha256(DATA)}
    assert store.get(sha256(DATA))
    assert not list((store.root / "parts").iterdir())
