"""Groups of correlation: what they must say, and matrices that no numbers can have."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Problem
from carbonsink.declared.correlation import Correlation, cholesky, correlation_problems

SYMBOLS = ["growth", "root_shoot", "carbon_fraction"]


def group(**said: Any) -> Correlation:
    return Correlation(source="inventory", place="table 3", **said)


def problems(*groups: Correlation) -> list[Problem]:
    return list(correlation_problems(groups))


def test_a_coefficient_or_a_matrix_over_symbols_or_values_is_a_group() -> None:
    assert not problems(group(symbols=SYMBOLS, coefficient=0.6))
    assert not problems(group(values=["declared:growth"], coefficient=0.0), group(symbols=SYMBOLS[1:], matrix=[[1.0, -0.9], [-0.9, 1.0]]))


@pytest.mark.parametrize(
    ("said", "code", "word"),
    [
        ({"symbols": SYMBOLS}, "E-UNC-003", "found symbols"),
        ({"coefficient": 0.5}, "E-UNC-003", "found coefficient"),
        ({"symbols": SYMBOLS, "values": ["x"]}, "E-UNC-003", "symbols, values"),
        ({"symbols": SYMBOLS, "coefficient": 0.5, "matrix": [[1.0]]}, "E-UNC-003", "coefficient, matrix"),
        ({"symbols": SYMBOLS, "matrix": [[1.0, 0.5], [0.5, 1.0]]}, "E-UNC-004", "2 rows, 3 members"),
        ({"symbols": SYMBOLS[:2], "matrix": [[1.0, 0.5], [0.4, 1.0]]}, "E-UNC-004", "(1, 2) = 0.5"),
        ({"symbols": SYMBOLS[:2], "matrix": [[1.0, 1.5], [1.5, 1.0]]}, "E-UNC-004", "(1, 2) = 1.5"),
        ({"symbols": SYMBOLS[:2], "matrix": [[0.9, 0.5], [0.5, 1.0]]}, "E-UNC-004", "(1, 1) = 0.9"),
        ({"symbols": SYMBOLS, "matrix": [[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]]}, "E-UNC-005", "carbon_fraction can't"),
        ({"symbols": SYMBOLS[:2], "matrix": [[1.0, 1.0], [1.0, 1.0]]}, "E-UNC-005", "root_shoot can't"),
        ({"symbols": ["grwth"], "coefficient": 0.5}, "E-UNC-006", "the nearest is growth"),
    ],
)
def test_what_is_no_group_is_told_in_both_languages(said: dict[str, Any], code: str, word: str) -> None:
    (problem,) = problems(group(**said))
    assert problem.code == code and word in problem.line("en") and problem.line("zh")


def test_a_number_is_in_one_group_only() -> None:
    (problem,) = problems(group(symbols=SYMBOLS[:2], coefficient=0.5), group(symbols=SYMBOLS[1:], coefficient=0.5))
    assert problem.code == "E-UNC-007" and "root_shoot moves together with growth+root_shoot already" in problem.line("en")


@given(st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=4, max_size=4))
def test_the_factor_is_lapack_s(rows: list[list[float]]) -> None:
    spread = np.array(rows) @ np.array(rows).T + 0.1 * np.eye(4)
    matrix = spread / np.sqrt(np.outer(np.diag(spread), np.diag(spread)))
    found = cholesky(matrix.tolist())
    assert np.array([row + [0.0] * (4 - len(row)) for row in found]) == pytest.approx(np.linalg.cholesky(matrix), abs=1e-9)
