"""A workbook under way: sheets with a title, the SIMULATED line and bilingual headings, and cells that know where they are.

Texts are always written as strings, so no name of a project ever becomes a formula or a link. Sheets are protected without a password:
yellow cells are open, so that nobody overwrites a formula, or a number that a table fixes, by accident; whoever means to lifts the protection.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.tabular import plain

TEXTS_STAY_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
GREEN, YELLOW, GREY, RED, HEAD = "#e3f1e8", "#fff6d6", "#e4e4e4", "#b3261e", "#23634a"
PROTECTED = {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True}  # what may be done to a protected sheet beside yellow cells
LINE_HEIGHT = 15  # points
TOP = {"valign": "top"}
FIRST = 4  # the row of the first table's headings: title, SIMULATED and two notes stand above


@dataclass(frozen=True)
class Live:
    """A live formula with the value it has now."""

    formula: str
    value: float


@dataclass(frozen=True)
class Given:
    """A number that people may change."""

    value: float


@dataclass(frozen=True)
class Fixed:
    """An input that people don't change: a row of a table, or what the run measured or drew."""

    value: float


Cell = str | float | int | Live | Given | Fixed | None


@dataclass
class Sheet:
    """One sheet: where its next row goes, and how its cells are addressed from others."""

    name: str
    target: Any
    formats: dict[str, Any]
    widths: Sequence[float]
    row: int = FIRST

    def headings(self, texts: Sequence[str]) -> None:
        """A row of column headings."""
        self.target.write_row(self.row, 0, texts, self.formats["head"])
        self._fit(zip(texts, self.widths, strict=False))
        self.row += 1

    def write(self, cells: Sequence[Cell]) -> int:
        """A row of cells; its number."""
        for column, cell in enumerate(cells):
            self._put(column, cell)
        self._fit(zip(cells, self.widths, strict=False))
        self.row += 1
        return self.row - 1

    def remark(self, label: str, text: str) -> None:
        """A label, and a text across all other columns."""
        self.target.write_string(self.row, 0, label, self.formats["text"])
        _across(self.target, self.row, (1, len(self.widths) - 1), str(plain(text)), self.formats["text"])
        self._fit([(text, sum(self.widths[1:]))])
        self.row += 1

    def at(self, row: int, column: int) -> str:
        """The absolute address of a cell, for formulas on any sheet."""
        return f"{self.name}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def column(self, first: int, last: int, column: int) -> str:
        """The absolute address of a stretch of a column."""
        start, end = (xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True) for row in (first, last))
        return f"{self.name}!{start}:{end}"

    def _fit(self, cells: Iterable[tuple[Cell, float]]) -> None:
        """A row as high as its longest text asks for: not every program does so by itself."""
        lines = max((math.ceil(_width(cell) / width) for cell, width in cells if isinstance(cell, str)), default=1)
        self.target.set_row(self.row, LINE_HEIGHT * max(1, lines))

    def _put(self, column: int, cell: Cell) -> None:
        match cell:
            case None:
                return
            case str():
                self.target.write_string(self.row, column, str(plain(cell)), self.formats["text"])
            case Live(formula, value):
                self.target.write_formula(self.row, column, "=" + formula, self.formats["live"], value)
            case Given(value):
                self.target.write_number(self.row, column, value, self.formats["given"])
            case Fixed(value):
                self.target.write_number(self.row, column, value, self.formats["fixed"])
            case int():
                self.target.write_number(self.row, column, cell, self.formats["whole"])
            case _:
                self.target.write_number(self.row, column, cell, self.formats["number"])


@dataclass
class Book:
    """The workbook and the languages of its headings."""

    plan: Plan
    languages: tuple[Language, ...]
    stream: BytesIO = field(default_factory=BytesIO)
    target: Any = None
    formats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.target = xlsxwriter.Workbook(self.stream, TEXTS_STAY_TEXTS)
        # The only date a workbook needs to bear is one that the inputs give.
        end = self.plan.area.period.end
        self.target.set_properties({"created": datetime(end.year, end.month, end.day), "title": self.plan.area.id, "author": "carbonsink"})
        self.target.set_calc_mode("auto")
        looks: dict[str, dict[str, object]] = {
            "title": {"bold": True, "font_size": 14, "font_color": HEAD}, "note": {"italic": True},
            "banner": {"bold": True, "font_color": "#ffffff", "bg_color": RED},
            "head": {"bold": True, "font_color": "#ffffff", "bg_color": HEAD, "text_wrap": True, "valign": "top", "border": 1, "border_color": "#d9e0db"},
            "text": {"text_wrap": True, **TOP}, "number": {"num_format": "#,##0.#########", **TOP}, "whole": {"num_format": "0", **TOP},
            "live": {"num_format": "#,##0.000######", "bg_color": GREEN, **TOP},
            "given": {"num_format": "#,##0.#########", "bg_color": YELLOW, "locked": False, **TOP},
            "fixed": {"num_format": "#,##0.#########", "bg_color": GREY, **TOP},
        }  # fmt: skip
        self.formats = {name: self.target.add_format(look) for name, look in looks.items()}

    def say(self, key: str, **facts: object) -> str:
        """Words in every language of the report, side by side."""
        return " / ".join(dict.fromkeys(w(key, **facts) for w in self.languages))

    def of(self, words: Any) -> str:
        """A declared text in every language, side by side."""
        return " / ".join(dict.fromkeys(w.of(words) for w in self.languages))

    def sheet(self, name: str, widths: Sequence[float]) -> Sheet:
        """A new sheet with its title, and with SIMULATED where the imagery is."""
        target = self.target.add_worksheet(name)
        target.write_string(0, 0, f"{self.say(f'book.{name}')} · {plain(self.of(self.plan.area.name))}", self.formats["title"])
        if self.plan.simulated:
            _across(target, 1, (0, len(widths) - 1), self.say("simulated.banner"), self.formats["banner"])
        target.write_string(2, 0, self.say("book.live"), self.formats["note"])
        target.write_string(3, 0, self.say("layers.locked"), self.formats["note"])
        target.protect("", PROTECTED)
        for column, width in enumerate(widths):
            target.set_column(column, column, width)
        target.set_landscape()
        target.set_paper(9)
        target.fit_to_pages(1, 0)
        target.set_header(f"&L{self.plan.area.id}" + (f'&C&"-,Bold"&K{RED[1:]}SIMULATED' if self.plan.simulated else "") + "&R&A")
        target.set_footer("&R&P / &N")
        return Sheet(name, target, self.formats, widths)

    def close(self) -> bytes:
        """The workbook's bytes."""
        self.target.close()
        return self.stream.getvalue()


def _across(target: Any, row: int, columns: tuple[int, int], text: str, look: Any) -> None:
    """A text over a stretch of columns; as a string, also where a merged cell would read it for a formula."""
    first, last = columns
    if last > first:
        target.merge_range(row, first, row, last, "", look)
    target.write_string(row, first, text, look)


def _width(text: str) -> float:
    """A text's width in the characters a column is measured in: a Chinese one takes two, and words break early."""
    return 1.05 * sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def number(value: float | Decimal | None) -> float | None:
    """A value as a cell's number."""
    return None if value is None else float(value)
