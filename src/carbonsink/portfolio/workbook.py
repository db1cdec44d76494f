"""portfolio.xlsx: a row an area, and every total a live formula over these rows.

areas      the areas with their tonnes                      credits    every vintage of every area, and sums by methodology and vintage
inventory  every line of every area, and sums by line       land       hectares by category, and from category to category
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from carbonsink.declared.language import Language
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.credits import SETTLED, Credit
from carbonsink.portfolio.inventory import Place, area_tonnes
from carbonsink.portfolio.settings import inventory_tables
from carbonsink.portfolio.tables import area_rows
from carbonsink.report.workbook.book import GREEN, HEAD, RED, TEXTS_STAY_TEXTS, TOP, Cell, Live, Sheet, number

Say = Callable[[str], str]
AMOUNTS = ("removals", "avoided", "baseline", "gross", *SETTLED, "withheld_removals", "issued_removals")
FIRST_AMOUNT = 4  # column of `removals`, after key, methodology, vintage and area
LOOKS: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 14, "font_color": HEAD}, "note": {"italic": True},
    "banner": {"bold": True, "font_color": "#ffffff", "bg_color": RED},
    "head": {"bold": True, "font_color": "#ffffff", "bg_color": HEAD, "text_wrap": True, "valign": "top", "border": 1, "border_color": "#d9e0db"},
    "text": {"text_wrap": True, **TOP}, "number": {"num_format": "#,##0.#########", **TOP}, "whole": {"num_format": "0", **TOP},
    "live": {"num_format": "#,##0.000######", "bg_color": GREEN, **TOP}, "given": {"num_format": "#,##0.#########", **TOP},
}  # fmt: skip


def workbook(portfolio: Portfolio, languages: Sequence[Language]) -> bytes:
    """The workbook's bytes."""

    def say(key: str) -> str:
        return " / ".join(dict.fromkeys(w(f"portfolio.{key}") for w in languages))

    stream = BytesIO()
    target = xlsxwriter.Workbook(stream, TEXTS_STAY_TEXTS)
    # The only date a workbook needs to bear is one that the inputs give.
    target.set_properties({"created": datetime(portfolio.years[-1], 12, 31), "title": "portfolio", "author": "carbonsink"})
    formats = {name: target.add_format(look) for name, look in LOOKS.items()}
    for name, widths, fill in SHEETS:
        fill(_sheet(target, formats, name, widths, portfolio, say), portfolio, say)
    target.close()
    return stream.getvalue()


def _sheet(target: Any, formats: dict[str, Any], name: str, widths: Sequence[float], portfolio: Portfolio, say: Say) -> Sheet:
    made = target.add_worksheet(name)
    made.write_string(0, 0, say(f"sheet-{name}"), formats["title"])
    if portfolio.problems or portfolio.simulated:
        made.write_string(1, 0, " · ".join(say(key) for key, is_so in (("incomplete", portfolio.problems), ("simulated", portfolio.simulated)) if is_so))
        made.set_row(1, None, formats["banner"])
    made.write_string(2, 0, say("live"), formats["note"])
    for column, width in enumerate(widths):
        made.set_column(column, column, width)
    made.set_landscape()
    made.set_paper(9)
    made.fit_to_pages(1, 0)
    return Sheet(name, made, formats, widths)


def _areas(sheet: Sheet, portfolio: Portfolio, say: Say) -> None:
    sheet.headings([say(f"column-{name}") for name in ("area", "name", "methodology", "kind", "counted", "vintages", "ha", "gross", "withheld", "issued")])
    first = sheet.row
    rows = area_rows(portfolio, Path())
    for row in rows:
        amounts = [number(value) for value in (row.area_ha, row.gross, row.withheld, row.issued)]
        years = f"{row.first_vintage}-{row.last_vintage}"
        words = [say(row.kind), say(f"counted-{row.counted}")]
        sheet.write([row.area, f"{row.name_zh} / {row.name_en}", row.methodology, *words, years, *amounts])
    last = sheet.row - 1
    # Projects alone: what an inventory states isn't over a baseline. Hectares: of areas that are counted in whole.
    sheet.write([say("total"), None, None, None, None, None, _picked(sheet, 4, say("counted-whole"), 6, first, last, [
        (row.area_ha, row.counted == "whole") for row in rows]),
        *(_picked(sheet, 3, say("project"), column, first, last, [(getattr(row, name), row.kind == "project") for row in rows])
          for column, name in ((7, "gross"), (8, "withheld"), (9, "issued")))])  # fmt: skip


def _credits(sheet: Sheet, portfolio: Portfolio, say: Say) -> None:
    names = ("key", "methodology", "vintage", "area", *AMOUNTS, "balance")
    sheet.headings([say(f"column-{name}") for name in names])
    first = sheet.row
    for row in portfolio.area_credits:
        sheet.write([_key(row), row.methodology, row.vintage, row.area, *_amounts(sheet.row, row)])
    last = sheet.row - 1
    sheet.row += 1
    sheet.headings([say(f"column-{name}") for name in names])
    for row in portfolio.credits:
        sums = [_summed(sheet, FIRST_AMOUNT + place, first, last, float(getattr(row, name))) for place, name in enumerate(AMOUNTS)]
        sheet.write([_key(row), row.methodology, row.vintage, say("all-areas"), *sums, _balance(sheet.row)])


def _amounts(at: int, row: Credit) -> list[Cell]:
    """A statement's columns: gross and balance are formulas over the others."""
    cells: list[Cell] = [number(getattr(row, name)) for name in AMOUNTS]
    removals, avoided, baseline = (xl_rowcol_to_cell(at, FIRST_AMOUNT + place) for place in range(3))
    cells[AMOUNTS.index("gross")] = Live(f"{removals}+{avoided}-{baseline}", float(row.gross))
    return [*cells, _balance(at)]


def _balance(at: int) -> Live:
    """Gross less everything it is settled by: zero, but for the last bit of a spreadsheet's numbers."""
    gross = FIRST_AMOUNT + AMOUNTS.index("gross")
    ends = [xl_rowcol_to_cell(at, column) for column in (gross, gross + 1, FIRST_AMOUNT + AMOUNTS.index("shortfall"))]
    return Live(f"ROUND({ends[0]}-SUM({ends[1]}:{ends[2]}),6)", 0.0)


def _inventory(sheet: Sheet, portfolio: Portfolio, say: Say) -> None:
    names = ("key", "vintage", "table", "code", "guidelines", "line", "land", "gas", "area", "co2e")
    named = {line.id: f"{line.name.zh} / {line.name.en}" for line in inventory_tables().line}
    sheet.headings([say(f"column-{name}") for name in names])
    first = sheet.row
    for member in (one for one in portfolio.members if one.id not in portfolio.covered):
        for place, tonnes in sorted(area_tonnes(member).items(), key=lambda one: _place_key(one[0])):
            sheet.write([*_place_cells(place, named, say), member.id, float(tonnes)])
    last = sheet.row - 1
    sheet.row += 1
    sheet.headings([say(f"column-{name}") for name in names])
    for row in portfolio.inventory:
        sheet.write([*_place_cells(row, named, say), say("all-areas"), _summed(sheet, len(names) - 1, first, last, float(row.co2e_t))])


def _place_cells(place: Place, named: dict[str, str], say: Say) -> list[Cell]:
    land = " ".join(filter(None, (place.category, place.change)))
    line = named[place.line] + ("" if place.basis == "absolute" else f" ({say('over-baseline')})")
    return [_place_key(place), place.year, place.table, place.code, place.guidelines, line, land, place.gas]


def _place_key(place: Place) -> str:
    return "|".join((str(place.year), place.basis, place.table, place.code, place.line, place.category, place.change, place.gas))


def _land(sheet: Sheet, portfolio: Portfolio, say: Say) -> None:
    sheet.headings([say(f"column-{name}") for name in ("standard", "vintage", "next", "from", "to", "ha", "error", "known", "areas")])
    for one in portfolio.land_areas:
        sheet.write([say(one.standard), one.year, None, None, one.land, *_hectares(one)])
    for move in portfolio.land_transitions:
        sheet.write([say(move.standard), move.before, move.after, move.from_land, move.to_land, *_hectares(move)])


def _hectares(row: Any) -> list[Cell]:
    return [number(row.area_ha), number(row.standard_error_ha), number(row.known_ha), row.areas]


def _key(row: Credit) -> str:
    return f"{row.methodology}|{row.vintage}"


def _summed(sheet: Sheet, column: int, first: int, last: int, value: float) -> Live:
    """The rows of the same key, added up."""
    return Live(f"SUMIF({sheet.column(first, last, 0)},{xl_rowcol_to_cell(sheet.row, 0)},{sheet.column(first, last, column)})", value)


def _picked(sheet: Sheet, by: int, word: str, column: int, first: int, last: int, values: Sequence[tuple[Any, bool]]) -> Live:
    """The rows that have a word in a column, added up."""
    value = float(sum((amount for amount, is_so in values if is_so), start=0))
    return Live(f'SUMIF({sheet.column(first, last, by)},"{word}",{sheet.column(first, last, column)})', value)


SHEETS: tuple[tuple[str, tuple[float, ...], Callable[[Sheet, Portfolio, Say], None]], ...] = (
    ("areas", (24, 40, 26, 14, 20, 12, 14, 14, 14, 14), _areas),
    ("credits", (34, 26, 10, 24, *(14,) * (len(AMOUNTS) + 1)), _credits),
    ("inventory", (46, 10, 10, 10, 12, 46, 24, 8, 24, 18), _inventory),
    ("land", (18, 10, 10, 20, 20, 16, 16, 16, 10), _land),
)
