"""Files are whole as soon as they have their name, and digests don't hang on how a value is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.evidence import digest, file_sha256, read_json, sha256, write_bytes, write_json, write_whole


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
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
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
