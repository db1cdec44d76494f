"""Numbers that move together: groups of correlation as an area declares them, checked, and the Cholesky factor of a matrix.

    area.toml [[correlation]]  ->  Correlation, problems; cholesky(matrix) -> lower triangle

`coefficient` holds between every two members of a group of any size, so it is from 0 to 1: each member is then a share of one common
cause, and another stratum's rows join without moving a draw of those before. `matrix` states every pair, in the order of the members.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from pydantic import Field

from carbonsink.base.problems import Problem
from carbonsink.base.units import symbols
from carbonsink.declared.schema import Sourced, nearest

Matrix = Sequence[Sequence[float]]
SMALLEST = 1e-12  # of a pivot: what is left of a member's variance once the others are known; below it is rounding


class Correlation(Sourced):
    """Correlated members, by symbol (every number of it that the run uses) or by the ids of variables.csv; and how far."""

    symbols: list[str] = []
    values: list[str] = []
    coefficient: float | None = Field(default=None, ge=0, le=1)
    matrix: list[list[float]] = []

    @property
    def members(self) -> list[str]:
        """Its members as declared."""
        return self.symbols or self.values

    @property
    def name(self) -> str:
        """What it is known by."""
        return "+".join(self.members)


def correlation_problems(groups: Sequence[Correlation]) -> Iterator[Problem]:
    """What is wrong with an area's groups by themselves; whether a run has such numbers is known once it has its worksheet."""
    seen: dict[str, str] = {}
    for number, group in enumerate(groups):
        where = f"area.toml [correlation.{number}]"
        yield from _group_problems(group, where)
        for member in group.members:
            if member in seen:
                yield Problem("E-UNC-007", where, {"name": member, "other": seen[member]})
            seen[member] = group.name


def _group_problems(group: Correlation, where: str) -> Iterator[Problem]:
    said = [name for name in ("symbols", "values", "coefficient", "matrix") if getattr(group, name) not in ([], None)]
    if len(said) != 2 or set(said) <= {"symbols", "values"} or set(said) <= {"coefficient", "matrix"}:
        yield Problem("E-UNC-003", where, {"found": ", ".join(said) or "-"})
        return
    for symbol in group.symbols:
        if symbol not in symbols():
            yield Problem("E-UNC-006", where, {"name": symbol, "nearest": nearest(symbol, list(symbols()))})
    if group.matrix:
        yield from _matrix_problems(group, where)


def _matrix_problems(group: Correlation, where: str) -> Iterator[Problem]:
    m, size = group.matrix, range(len(group.members))
    if len(m) != len(size) or any(len(row) != len(size) for row in m):
        yield Problem("E-UNC-004", where, {"why": f"{len(m)} rows, {len(size)} members"})
    elif fault := next((f"({i + 1}, {j + 1}) = {m[i][j]}" for i in size for j in size if not _fits(m, i, j)), None):
        yield Problem("E-UNC-004", where, {"why": fault})
    else:
        factor = cholesky(m)
        if len(factor) < len(m):
            yield Problem("E-UNC-005", where, {"name": group.members[len(factor)], "others": ", ".join(group.members[: len(factor)])})


def _fits(m: Matrix, i: int, j: int) -> bool:
    return m[i][j] == 1 if i == j else m[i][j] == m[j][i] and abs(m[i][j]) <= 1


def cholesky(matrix: Matrix) -> list[list[float]]:
    """The lower triangle L with L L' = matrix, row by row in plain sums; rows stop before the member that makes it not positive definite."""
    rows: list[list[float]] = []
    for i, wanted in enumerate(matrix):
        row: list[float] = []
        for j in range(i):
            row.append((wanted[j] - math.fsum(row[k] * rows[j][k] for k in range(j))) / rows[j][j])
        pivot = wanted[i] - math.fsum(one * one for one in row)
        if pivot < SMALLEST:
            return rows
        rows.append([*row, math.sqrt(pivot)])
    return rows
