"""The library's two halves: a word moves no number's digest, every number moves it, and this version's digest is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from benchmarks import library as writer

from carbonsink import __version__
from carbonsink.base.library import first_digest, library_digests, library_files, library_in, numbers_digest, numbers_of, published, words_of
from carbonsink.base.topics import LIBRARY


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def edited(library: Path, name: str, old: str, new: str) -> dict[str, bool]:
    """Which digests a change of a file moves."""
    before, path = library_digests(library), library / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    after = library_digests(library)
    return {half: before[half] != after[half] for half in before}


NUMBER, WORD, NEITHER = {"library": True, "words": False}, {"library": False, "words": True}, {"library": False, "words": False}


@pytest.mark.parametrize(
    ("name", "old", "new", "moved"),
    [
        ("factors/ipcc-2019/rice.csv", "1.32", "1.33", NUMBER),
        ("factors/ipcc-2019/rice.csv", "transcribed", "confirmed", NUMBER),
        ("symbols/general.toml", 'unit = "ha"', 'unit = "m^2"', NUMBER),
        ("symbols/general.toml", 'en = "', 'en = "the ', WORD),
        ("zones.toml", 'zh = "气候带"', 'zh = "气候区"', WORD),
        ("languages/en.toml", 'vintage = "Vintage"', 'vintage = "Year"', WORD),
        ("methodologies/vm0042.toml", "VM0042 改良农地管理", "VM0042", NUMBER),
        ("models/rothc.csv", "decomposable", "Decomposable", NUMBER),
        ("zones.toml", "\n", "\n# a remark\n", NEITHER),
        ("verification.toml", "value = 5.0", "value = 50.0", NEITHER),
        ("messages/ver.toml", "en = ", "en =  ", NEITHER),
    ],
)
def test_a_change_moves_the_digest_of_its_half(library: Path, name: str, old: str, new: str, moved: dict[str, bool]) -> None:
    assert edited(library, name, old, new) == moved


def test_a_table_more_or_less_is_another_library(library: Path) -> None:
    before = numbers_digest(library)
    (library / "factors" / "ipcc-2019" / "mine.csv").write_text("symbol\n")
    assert numbers_digest(library) != before
    (library / "factors" / "ipcc-2019" / "mine.csv").unlink()
    assert numbers_digest(library) == before
    (library / "factors" / "ipcc-2019" / "rice.csv").unlink()
    assert numbers_digest(library) != before


def test_every_text_of_a_page_is_a_word_and_every_other_file_a_number() -> None:
    words, numbers = words_of(LIBRARY), numbers_of(LIBRARY)
    assert {"languages/en.toml", "languages/zh.toml", "symbols/general.toml", "zones.toml"} <= words.keys()
    assert {path.relative_to(LIBRARY).as_posix() for path in library_files(LIBRARY)} == numbers.keys() | {"languages/en.toml", "languages/zh.toml"}
    assert len(words["languages/en.toml"]) == len(words["languages/zh.toml"])


def test_this_version_s_numbers_are_published_by_make_readme() -> None:
    assert published().get(numbers_digest(LIBRARY)) == __version__, "the library's numbers changed: python -m benchmarks.library"


def test_publishing_keeps_what_other_versions_published(tmp_path: Path) -> None:
    path = tmp_path / "digests.toml"
    path.write_text(f'["0.0.9"]\nnumbers = "{"a" * 64}"\n\n["{__version__}"]\nnumbers = "{"b" * 64}"\n')
    writer.write(path)
    assert dict(published(path)) == {"a" * 64: "0.0.9", numbers_digest(LIBRARY): __version__}
    assert writer.page(path.read_text()) == path.read_text()


def test_a_run_s_own_copy_comes_before_this_version_s(tmp_path: Path) -> None:
    assert library_in(tmp_path) == LIBRARY
    (tmp_path / "declared" / "library").mkdir(parents=True)
    assert library_in(tmp_path) == tmp_path / "declared" / "library"


def test_the_first_schema_s_digest_is_over_bytes_and_words(library: Path) -> None:
    before = first_digest(library)
    edited(library, "languages/en.toml", 'vintage = "Vintage"', 'vintage = "Year"')
    assert first_digest(library) != before
