"""Every worked example of tests/cases agrees with what was published; the table says so, and fails where one doesn't."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cases.kinds import KINDS, Pair, pair
from tests.cases.run import allowed, case_files, outcome, shared, table
from tests.conftest import skip


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_worked_example(path: Path) -> None:
    found = outcome(path)
    if found.passed is None:
        skip(f"{path.stem} needs the shared test data")
    assert found.source
    assert found.passed, table([found])


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_a_case_says_what_it_is_and_where_it_stands(path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    assert case["kind"] in (*KINDS, "vector") and case["name"] and case["source"]
    if case["kind"] == "vector":
        assert case["reader"].count(".") == 1
        assert "needs" not in case or shared() / case["needs"]
    else:
        assert ("expect" in case) != ("range" in case)


def broken(path: Path, expect: float) -> Path:
    path.write_text(
        'name = "Tea"\nkind = "units"\nsource = "a test"\nformula = "a"\nunit = "ha"\n' + f'expect = {expect}\nquantities = {{ a = [15.0, "mu"] }}\n',
        encoding="utf-8",
    )
    return path


def test_a_case_that_is_off_fails_and_says_by_how_much(tmp_path: Path) -> None:
    good, bad = outcome(broken(tmp_path / "good.toml", 1.0)), outcome(broken(tmp_path / "bad.toml", 1.25))
    assert (good.passed, bad.passed) == (True, False)
    assert bad.difference == pytest.approx(0.25)
    lines = table([good, bad, replace(good, passed=None, ours=None)]).splitlines()
    assert [line.split()[0] for line in lines[1:4]] == ["ok", "FAILED", "no"]
    assert lines[-1] == "1 of 3 cases agree, 1 don't, 1 need the shared test data (CARBONSINK_SHARED)"


def test_a_case_that_can_t_be_worked_fails_and_says_why(tmp_path: Path) -> None:
    path = broken(tmp_path / "lost.toml", 1.0)
    path.write_text(path.read_text(encoding="utf-8").replace('formula = "a"', 'formula = "b"'), encoding="utf-8")
    found = outcome(path)
    assert found.passed is False and found.where.startswith("FormulaError: 'b'")
    assert "FormulaError" in table([found])


def test_a_range_is_met_inside_and_a_number_that_is_none_never() -> None:
    assert Pair("", 2300.0, 2250.0, 2350.0).difference == 0
    assert Pair("", 2360.0, 2250.0, 2350.0).difference == pytest.approx(10)
    assert pair("", math.nan, 1.0).difference == math.inf
    assert allowed({"absolute": 0.5}, pair("", 1.0, 0.0)) == 0.5 and allowed({"tolerance": 0.1}, pair("", 1.0, 20.0)) == pytest.approx(2)
