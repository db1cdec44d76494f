"""Value files: many values from a table, every bad row told with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.paths import Places
from carbonsink.declared.values import read_values

HEADER = "symbol,value,unit,low,high,distribution,scenario,stratum,year,source,place\n"
ROW = "nitrogen_rate,142.5,kg_N ha^-1 yr^-1,,,,project,upper,2021,farm record,page 12\n"


def read(folder: Path, text: str | bytes) -> list[tuple[str, dict[str, object]]]:
    (folder / "values.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return read_values(["values.csv"], Places(folder, {}))


def test_a_row_is_a_value_and_empty_cells_are_not_said(tmp_path: Path) -> None:
    ((where, found),) = read(tmp_path, HEADER + ROW)
    assert where == "values.csv:2"
    assert found == {
        "symbol": "nitrogen_rate", "value": 142.5, "unit": "kg_N ha^-1 yr^-1", "scenario": "project", "stratum": "upper", "year": 2021,
        "source": "farm record", "place": "page 12",
    }  # fmt: skip


def test_every_bad_row_is_told_by_file_and_line(tmp_path: Path) -> None:
    bad = HEADER + ROW + ROW.replace("142.5", "much") + ROW.replace("project", "someday") + ROW.replace("farm record", "")
    with pytest.raises(Refusal) as caught:
        read(tmp_path, bad)
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [
        ("E-CFG-007", "values.csv:3 [value]"),
        ("E-CFG-007", "values.csv:4 [scenario]"),
        ("E-CFG-002", "values.csv:5 [source]"),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEADER.replace("symbol", "sign") + ROW, "E-CFG-001"),
        (HEADER + ROW.strip() + ",more\n", "E-CFG-001"),
        ("符号".encode("gb18030"), "E-CFG-016"),
        (HEADER + ROW * 20_000, "E-CFG-013"),
    ],
)
def test_a_file_that_is_no_table_of_values_is_refused(tmp_path: Path, text: str | bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        read(tmp_path, text)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_file_that_isn_t_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"E-CFG-020.*nowhere\.csv"):
        read_values(["nowhere.csv"], Places(tmp_path, {}))
