"""The words of the report: whole in every language, filled, and formed as people write."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Refusal
from carbonsink.declared.language import Language, placeholders, read_languages

ZH, EN = read_languages(["zh", "en"])
ROOM = Path(str(files("carbonsink"))) / "report"


def library(folder: Path, zh: str, en: str) -> Path:
    (folder / "zh.toml").write_text(zh)
    (folder / "en.toml").write_text(en)
    return folder


def test_a_key_that_one_language_lacks_refuses_to_render(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"E-RPT-001 zh.toml.*statement.issued"):
        read_languages(["en"], library(tmp_path, 'yes = "是"', 'yes = "yes"\n[statement]\nissued = "Issued"'))


def test_a_placeholder_that_differs_refuses_to_render(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"E-RPT-002.*gap"):
        read_languages(["en"], library(tmp_path, 'gap = "{days} 天"', 'gap = "{day} days"'))


def test_a_word_nobody_wrote_is_refused_by_name() -> None:
    with pytest.raises(Refusal, match=r"E-RPT-001.*no\.such\.word"):
        EN("no.such.word")


def test_every_key_the_report_asks_for_literally_has_words() -> None:
    asked: set[str] = set()
    for path in [*ROOM.rglob("*.py"), *ROOM.rglob("*.j2"), *ROOM.rglob("*.typ")]:
        text = path.read_text()
        asked |= set(re.findall(r"""\b(?:w|say|leading)\(["']([a-z][a-z0-9.-]*[a-z0-9])["']""", text))
        asked |= {f"column.{name}" for call in re.findall(r"headed\(w, ([^)]*)\)", text) for name in re.findall(r'"([a-z0-9-]+)', call)}
    assert len(asked) > 100
    assert not {key for key in asked if not EN.has(key)}


def test_the_two_languages_are_not_one_copied_into_the_other() -> None:
    same = {key for key in EN.words if EN.words[key] == ZH.words[key] and not key.startswith("format.")}
    assert same <= {"map.grid"}
    assert all(placeholders(EN.words[key]) == placeholders(ZH.words[key]) for key in EN.words if not key.startswith("format."))


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [(2300.0064, 1, "2,300.0"), (-0.04, 1, "0.0"), (Decimal("-1234567.5"), 0, "−1,234,568"), (0.5, 0, "0"), (1e-9, 3, "0.000")],
)
def test_numbers_are_grouped_and_never_minus_zero(value: float, places: int, shown: str) -> None:
    assert EN.number(value, places) == ZH.number(value, places) == shown


@given(st.floats(-1e12, 1e12), st.integers(0, 9))
def test_a_shown_number_reads_back_to_half_its_last_place(value: float, places: int) -> None:
    read = Decimal(EN.number(value, places).replace(",", "").replace("−", "-"))
    assert abs(read - Decimal(value)) <= Decimal(5).scaleb(-places - 1)


@given(st.floats(1e-6, 1e9))
def test_significant_digits_keep_a_millionth(value: float) -> None:
    text = EN.significant(value)
    assert "e" not in text and abs(float(text.replace(",", "")) - value) <= value * 5.1e-6


def test_days_are_written_as_people_write_them() -> None:
    assert (ZH.date(date(2022, 7, 9)), EN.date(date(2022, 7, 9))) == ("2022年7月9日", "9 July 2022")


def test_a_language_is_what_its_file_says() -> None:
    assert Language("xx", {"a": "{n} t"})("a", n=3) == "3 t"
