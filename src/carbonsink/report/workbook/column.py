"""One vintage's column of the statement sheet under way: each step's formula, and its value in decimals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from carbonsink.report.workbook.book import Live, Sheet

GRAIN = Decimal("1e-9")  # tonnes
PLACES = 9
ZERO = Decimal(0)


@dataclass
class Column:
    """A column's cells by step, in order."""

    letter: int
    sheet: Sheet
    rows: Mapping[str, int]
    cells: dict[str, Live] = field(default_factory=dict)
    exact: dict[str, Decimal] = field(default_factory=dict)

    def add(self, step: str, formula: str, value: Decimal) -> None:
        """A step's formula and its value in decimals."""
        self.cells[step] = Live(formula, float(value))
        self.exact[step] = value

    def at(self, step: str) -> str:
        """The address of a step in this column."""
        return self.sheet.at(self.rows[step], self.letter)
