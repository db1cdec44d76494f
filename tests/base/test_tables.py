"""Tables: what is written is read again to the last bit, and a cell of the wrong kind is named."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Refusal
from carbonsink.base.tables import quantise, read_csv, total, write_csv

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@dataclass(frozen=True)
class Row:
    name: str
    year: int
    area_ha: float
    error_ha: float | None
    used: bool
    co2e_t: Decimal


ROW = Row('单季稻, "A"', 2020, 0.1 + 0.2, None, True, Decimal("2300.006735656"))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    write_csv(tmp_path / "t.csv", [ROW], Row)
    assert read_csv(tmp_path / "t.csv", Row) == (ROW,)
    assert not list(tmp_path.glob("*.part*"))


HOSTILE = ["=1+1", '=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1+1", "－1", "\t=1", "'=1", "'-"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_never_begins_as_a_formula_does_and_comes_back_as_it_was(text: str, tmp_path: Path) -> None:
    row = replace(ROW, name=text, area_ha=-1.5)
    write_csv(tmp_path / "t.csv", [row], Row)
    written = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[1].lstrip('"')
    assert written.startswith("'") and ",-1.5," in (tmp_path / "t.csv").read_bytes().decode()
    assert read_csv(tmp_path / "t.csv", Row) == (row,)


@given(st.text(alphabet="=-'@a ＝1", max_size=6))
def test_every_text_comes_back(text: str) -> None:
    with TemporaryDirectory() as folder:
        write_csv(Path(folder) / "t.csv", [replace(ROW, name=text)], Row)
        assert read_csv(Path(folder) / "t.csv", Row)[0].name == text


@given(area=FINITE, error=st.none() | FINITE)
def test_every_float_comes_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, area: float, error: float | None) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    row = Row("a", 1, area, error, False, Decimal(0))
    write_csv(path, [row], Row)
    assert read_csv(path, Row) == (row,)


def test_what_is_not_finite_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nan can't stand in a table"):
        write_csv(tmp_path / "t.csv", [Row("a", 1, math.nan, None, True, Decimal(0))], Row)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("column", "cell", "kind"),
    [("year", "2020.5", "int"), ("area_ha", "many", "float"), ("area_ha", "nan", "float"), ("used", "yes", "bool"), ("co2e_t", "inf", "Decimal")],
)
def test_a_cell_of_the_wrong_kind_is_named_with_its_line(tmp_path: Path, column: str, cell: str, kind: str) -> None:
    write_csv(tmp_path / "t.csv", [ROW], Row)
    head, line = (tmp_path / "t.csv").read_text().splitlines()
    cells = line.rsplit(",", 5)
    cells[head.split(",").index(column)] = cell
    (tmp_path / "t.csv").write_text(f"{head}\n{','.join(cells)}\n")
    with pytest.raises(Refusal, match=r"E-TAB-002 t\.csv:2: ") as refused:
        read_csv(tmp_path / "t.csv", Row)
    assert all(word in str(refused.value) for word in (column, cell, kind))


def test_other_columns_are_refused_with_both_lists(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,area\na,1\n")
    with pytest.raises(Refusal, match=r"E-TAB-001 .*are name, area, but name, year, area_ha"):
        read_csv(tmp_path / "t.csv", Row)


@pytest.mark.parametrize(("value", "places", "rounded"), [(0.5, 0, 0.0), (1.5, 0, 2.0), (2.675, 2, 2.67), (-1e-12, 6, 0.0)])
def test_a_stage_border_rounds_half_to_even_of_the_exact_number(value: float, places: int, rounded: float) -> None:
    assert quantise(value, places) == rounded


@given(st.permutations([1e16, 1.0, -1e16, 3.0, 1e-9]))
def test_a_total_is_the_same_in_any_order(values: list[float]) -> None:
    assert total(values) == 4.000000001
