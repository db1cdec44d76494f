"""What must hold after every fault (N2 to N9): each check names its invariant, `Trial` calls all that apply."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
import typer

from carbonsink.base.evidence import file_sha256, sha256
from carbonsink.base.problems import Exit
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.cli.screen import guarded

CANARIES = ("canary-signature", "canary-token", "canary-user", "canary-password")
LINE = re.compile(r"^[EW]-[A-Z]+-\d{3} \S+[^:]*: .+$")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended, as a person meets it: exit code, its lines in English and Chinese, how long it took and how much it asked."""

    exit_code: int
    en: tuple[str, ...]
    zh: tuple[str, ...]
    seconds: float
    requests: int

    @property
    def codes(self) -> set[str]:
        return {line.split()[0] for line in self.en}


def shown(error: Exception, monkeypatch: pytest.MonkeyPatch) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Exit code and lines that the command line makes of an error."""
    (code, en), (same, zh) = (_shown(error, language, monkeypatch) for language in ("en", "zh"))
    assert code == same
    return code, en, zh


def _shown(error: Exception, language: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, tuple[str, ...]]:
    def work() -> None:
        raise error

    said = StringIO()
    with monkeypatch.context() as patch, redirect_stderr(said), pytest.raises(typer.Exit) as left:
        patch.setenv("CARBONSINK_LANG", language)
        guarded(work, debug=False)
    return int(left.value.exit_code), tuple(said.getvalue().splitlines())


def n2_names_are_whole(store: Path, *outs: Path) -> None:
    """Whatever has its final name is whole; nothing half is left behind by a run that could clear up."""
    assert not leftovers(store, *outs), f"N2: left behind {leftovers(store, *outs)}"
    n2_finals_are_whole(store, *outs)


def n2_finals_are_whole(store: Path, *outs: Path) -> None:
    """Whatever has its final name is whole; parts may lie about (after a kill)."""
    for path in _files(store):
        if path.is_relative_to(store / "objects") and ".part" not in path.name:
            assert path.name in (file_sha256(path), _pixels(path)), f"N2: {path} isn't what its name says"
    for piece, (pack, start, expected) in _pieces(store):
        there = (store / "packs" / pack[:2] / pack).read_bytes()[start : start + int(piece.partition(":")[2])]
        assert sha256(there) == expected, f"N2: {piece} of {pack} isn't what is remembered of it"
    for out in outs:
        for path in _files(out):
            assert ".part" in path.name or _readable(path), f"N2: {path} can't be read"


def _pieces(store: Path) -> Iterator[tuple[str, tuple[str, int, str]]]:
    """What the store remembers of files that were fetched in parts: each piece, its pack, its place there and its digest."""
    for path in _files(store / "names"):
        value = json.loads(path.read_text()) if path.stat().st_size else None
        yield from value["pieces"].items() if isinstance(value, dict) and "pieces" in value else ()


def leftovers(*folders: Path) -> list[str]:
    """Parts of files that lie about."""
    return [path.name for folder in folders for path in _files(folder) if ".part" in path.name]


def n3_as_undisturbed(found: dict[str, str], calm: dict[str, str]) -> None:
    """The files are those of a run that nothing disturbed."""
    assert found.keys() == calm.keys(), f"N3: other files: {sorted(found.keys() ^ calm.keys())}"
    assert found == calm, f"N3: differ: {sorted(name for name in calm if found[name] != calm[name])}"


def n4_no_false_success(out: Path) -> None:
    """Nothing there says that the stage ended well."""
    there = [name for name in ("scenes.csv", "pixel_budget.csv", "manifest.json", "composites.csv") if list(out.rglob(name))]
    assert not there, f"N4: {there} of a run that failed"


def n5_pixels_balance(out: Path) -> None:
    """Every pixel of every chip is accounted for, and none was unreadable."""
    rows = list(read_csv(out / "pixel_budget.csv", PixelBudget))
    assert rows, "N5: no pixel budget"
    for row in rows:
        assert row.valid + row.masked + row.outside + row.nodata == row.pixels and row.read_failed == 0, f"N5: {row}"
    for asset in read_csv(out / "scenes.csv", SceneAsset):
        assert pixel_digest(read_raster(out / asset.chip)) == asset.chip_sha256, f"N5: {asset.chip} isn't what scenes.csv says"


def n6_said(outcome: Outcome, exits: Exit | tuple[Exit, ...], code: str, *words: str) -> None:
    """The exit code, and a line a problem in both languages: code, place, what, what next; the code asked for is among them, and the words."""
    expected = exits if isinstance(exits, tuple) else (exits,)
    assert outcome.exit_code in expected, f"N6: exit {outcome.exit_code}, expected {' or '.join(f'{one:d}' for one in expected)}: {outcome.en}"
    assert outcome.en and len(outcome.en) == len(outcome.zh), f"N6: {outcome.en} / {outcome.zh}"
    for en, zh in zip(outcome.en, outcome.zh, strict=True):
        assert LINE.match(en) and LINE.match(zh) and en.split()[0] == zh.split()[0], f"N6: {en} / {zh}"
        assert en.split()[1] != "-:", f"N6: says not where: {en}"
        assert ";" in en.partition(": ")[2] and "；" in zh and CHINESE.search(zh), f"N6: says not what next: {en} / {zh}"
        assert "{" not in re.sub(r"“.*?”|\(.*?\)|（.*?）", "", en) and "Traceback" not in en and len(en) < 900, f"N6: {en}"
    said = "\n".join(line for line in outcome.en if line.startswith(code))
    assert said, f"N6: {code} isn't among {outcome.en}"
    missing = [word for word in words if word not in said]
    assert not missing, f"N6: {missing} not said in: {said}"


def n7_bounded(outcome: Outcome, seconds: float, requests: int) -> None:
    """No longer and no more than this fault is worth."""
    assert outcome.seconds <= seconds, f"N7: {outcome.seconds:.1f} s, at most {seconds:g}"
    assert outcome.requests <= requests, f"N7: {outcome.requests} requests, at most {requests}"


def n8_unharmed(before: dict[str, str], folder: Path) -> None:
    """Another run and its objects are what they were."""
    now = digests(folder)
    assert {name: now.get(name) for name in before} == before, f"N8: {sorted(name for name in before if now.get(name) != before[name])}"


def n9_no_secret(lines: Iterable[str], *folders: Path) -> None:
    """No canary in any line, file name or file."""
    for canary in CANARIES:
        for line in lines:
            assert canary not in line, f"N9: {canary} in {line}"
        for folder in folders:
            for path in _files(folder):
                assert canary not in str(path) and canary.encode() not in path.read_bytes(), f"N9: {canary} in {path}"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path."""
    return {path.relative_to(folder).as_posix(): file_sha256(path) for path in _files(folder)}


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _pixels(path: Path) -> str:
    try:
        return pixel_digest(read_raster(path))
    except Exception:
        return "unreadable"


def _readable(path: Path) -> bool:
    """Whether a file of a run can be read to its end."""
    if path.suffix == ".tif":
        return _pixels(path) != "unreadable"
    if path.suffix == ".json":
        json.loads(path.read_bytes())
    return path.stat().st_size > 0 and (path.suffix != ".csv" or path.read_bytes().endswith(b"\n"))
