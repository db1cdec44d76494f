"""Packs: pieces are hashed and laid down as they come, and given out again only as they came."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.evidence import sha256
from carbonsink.base.store import Store
from carbonsink.scenes.arriving import Arriving
from carbonsink.scenes.packs import PARTS, Known, Pack
from carbonsink.scenes.pieces import Piece, Version

FILE = bytes(range(256)) * 4
VERSION = Version(len(FILE), '"a"', "")
pieces = st.tuples(st.integers(0, 900), st.integers(1, 120))


def packed(path: Path, *runs: list[Piece], chunk: int = 7) -> Pack:
    """A pack of runs of FILE that come in chunks."""
    pack = Pack(path)
    for run in runs:
        start, end = run[0][0], max(map(sum, run))
        coming = Arriving(pack, pack.room(end - start), run)
        for at in range(start, end, chunk):
            coming.add(FILE[at : min(at + chunk, end)])
        coming.hold()
    pack.close()
    return pack


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (tmp_path / "store").mkdir()
    return Store(tmp_path / "store")


@given(st.sets(pieces, min_size=1, max_size=8), st.integers(1, 300))
def test_pieces_that_touch_or_share_bytes_are_each_whole_however_the_bytes_come(tmp_path_factory: pytest.TempPathFactory, run: set[Piece], chunk: int) -> None:
    pack = packed(tmp_path_factory.mktemp("pack") / "a", sorted(run), chunk=chunk)
    content = pack.path.read_bytes()
    for (offset, length), place in pack.pieces.items():
        true = FILE[offset : offset + length]
        assert (content[place.start : place.start + length], place.sha256) == (true, sha256(true))


def test_a_pack_in_the_store_gives_its_pieces_to_whoever_knows_the_file(store: Store) -> None:
    known = Known(store, "file", lasting=True)
    path = known.keep(VERSION, packed(store.part("a"), [(0, 10), (12, 8)], [(500, 40)]))
    again = Known(store, "file", lasting=True)
    assert again.version == VERSION
    for piece in ((0, 10), (12, 8), (500, 40)):
        place, data = again.find(piece) or pytest.fail("not found")
        assert (place.path, data) == (path, FILE[piece[0] : sum(piece)])
    assert again.find((0, 11)) is None
    assert path.stat().st_mode & 0o777 == 0o444 and not list((store.root / "parts").iterdir())


def test_what_nobody_may_remember_stays_where_it_came(store: Store) -> None:
    pack = packed(store.part("a"), [(0, 10)])
    assert Known(store, "file", lasting=False).keep(VERSION, pack) == pack.path
    assert Known(store, "file", lasting=True).find((0, 10)) is None


def test_nothing_is_remembered_of_a_file_that_another_of_its_length_could_not_be_told_from(store: Store) -> None:
    untold, pack = Version(len(FILE), "", ""), packed(store.part("a"), [(0, 10)])
    assert Known(store, "file", lasting=True).keep(untold, pack) == pack.path
    store.remember({"version": untold.row, "pieces": {"0:10": [pack.name, 0, sha256(FILE[:10])]}}, PARTS, "file")  # as an older program did
    store.take_pack(pack.path, pack.name)
    known = Known(store, "file", lasting=True)
    assert (known.version, known.find((0, 10))) == (None, None)


def test_an_altered_piece_is_not_given_out_and_its_neighbours_are(store: Store) -> None:
    path = Known(store, "file", lasting=True).keep(VERSION, packed(store.part("a"), [(0, 10), (12, 8)], [(500, 40)]))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:15])
    known = Known(store, "file", lasting=True)
    assert known.find((0, 10)) and known.find((12, 8)) is None and known.find((500, 40)) is None
    path.unlink()
    assert known.find((0, 10)) is None


def test_another_version_of_the_file_takes_the_place_of_the_one_before(store: Store) -> None:
    Known(store, "file", lasting=True).keep(VERSION, packed(store.part("a"), [(0, 10)]))
    Known(store, "file", lasting=True).keep(VERSION, packed(store.part("b"), [(20, 10)]))
    assert Known(store, "file", lasting=True).find((0, 10))
    Known(store, "file", lasting=True).keep(Version(len(FILE), '"b"', ""), packed(store.part("c"), [(40, 10)]))
    known = Known(store, "file", lasting=True)
    assert known.version and known.version.etag == '"b"'
    assert known.find((0, 10)) is None and known.find((40, 10))


def test_packs_of_the_same_pieces_have_one_name(store: Store) -> None:
    once, twice, other = packed(store.part("a"), [(0, 10)]), packed(store.part("b"), [(0, 10)]), packed(store.part("c"), [(1, 10)])
    assert once.name == twice.name != other.name
