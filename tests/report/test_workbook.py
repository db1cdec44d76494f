"""The workbook: live down to whole tonnes, the report's numbers when recalculated, and no text that turns into a formula."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.render import render
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED, Results, gather
from carbonsink.report.workbook.book import FIRST, Book
from tests.report.conftest import RICE, SOIL, Maker

Run = tuple[Plan, Path]
SHEETS = ["summary", "activity", "parameters", "worksheet", "stock_change", "uncertainty", "statement", "sources"]
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def book_of(run: Run) -> Path:
    return run[1] / "report/workbook.xlsx"


def recalculated(soffice: str, book: Path, folder: Path) -> Any:
    """The workbook after LibreOffice worked every formula again."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user/registrymodifications.xcu").write_text(ALWAYS)
    out = folder / "out"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(book)]
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    return openpyxl.load_workbook(out / book.name, data_only=True)


def rows(sheet: Any) -> dict[str, tuple[Any, ...]]:
    """Rows by their first cell."""
    return {str(row[0]): row for row in sheet.iter_rows(values_only=True) if row[0] is not None}


def statement(book: Any, plan: Plan) -> dict[str, list[float]]:
    """The accounts of the statement sheet, by name, a value a vintage: the table below the rules."""
    table = list(book["statement"].iter_rows(values_only=True))
    start = next(n for n, row in enumerate(table) if row[1] == str(plan.vintages[0]))
    named = {"net": "Net", "balance": "Balance"} | {"gross": "Gross", "removals": "Removals", "avoided": "Avoided emissions", "baseline": "Baseline removals"}
    named |= {"emissions": "Project emissions", "leakage": "Leakage", "uncertainty": "Uncertainty", "buffer": "Buffer", "carried": "Earlier shortfall"}
    named |= {"withheld": "Withheld", "issued": "Issued", "rounding": "Rounding", "reversal": "Reversal", "shortfall": "Shortfall"}
    values = {part: row[1:] for row in table[start + 1 :] if row[0] for part in str(row[0]).split(" / ")}
    return {name: [float(v) for v in values[words][: len(plan.vintages)]] for name, words in named.items() if words in values}


def assert_same_statement(book: Any, plan: Plan, results: Results) -> None:
    found = statement(book, plan)
    for n, vintage in enumerate(results.vintages):
        for account in (*CREDITED, *DEDUCTED, *SETTLED):
            assert found[account][n] == pytest.approx(float(vintage.of(account)), rel=1e-9, abs=2e-9), (vintage.year, account)
        assert Decimal(found["issued"][n]) == vintage.of("issued") and Decimal(found["withheld"][n]) == vintage.of("withheld")
        assert found["gross"][n] == pytest.approx(float(vintage.gross), rel=1e-9)
        assert found["balance"][n] == 0


@pytest.fixture(params=["rice", "soil"])
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def test_the_cached_values_are_the_reports(run: Run) -> None:
    book = openpyxl.load_workbook(book_of(run), data_only=True)
    assert book.sheetnames == SHEETS
    assert_same_statement(book, run[0], gather(*run))


def test_recalculated_values_are_the_reports(run: Run, libreoffice: str, tmp_path: Path) -> None:
    book = recalculated(libreoffice, book_of(run), tmp_path)
    results = gather(*run)
    assert_same_statement(book, run[0], results)
    worksheet, flows = rows(book["worksheet"]), list(book["stock_change"].iter_rows(min_row=6, values_only=True))
    for row in results.worksheet:
        assert worksheet[row.id][9] == pytest.approx(row.result, rel=1e-9, abs=1e-9)
        assert worksheet[row.id][12] == pytest.approx(row.co2e_t, rel=1e-9, abs=1e-9)
    for stated, change in zip(flows, results.stock_changes, strict=True):
        assert stated[6] == pytest.approx(change.co2e_t, rel=1e-9, abs=1e-9)


def test_every_number_of_the_statement_is_a_formula(run: Run) -> None:
    book = openpyxl.load_workbook(book_of(run))
    table = list(book["statement"].iter_rows(values_only=True))
    start = next(n for n, row in enumerate(table) if row[1] == str(run[0].vintages[0]))
    cells = [cell for row in table[start + 1 :] if row[0] for cell in row[1 : len(run[0].vintages) + 1]]
    assert cells and all(str(cell).startswith("=") for cell in cells)
    worksheet = list(book["worksheet"].iter_rows(min_row=6, values_only=True))
    assert all(str(row[9]).startswith("=") and "parameters!" in row[9] and str(row[12]).startswith("=ROUND") for row in worksheet)
    assert "ROUNDDOWN" in "".join(map(str, cells))


def changed(book: Path, sheet: str, first: str, column: int, value: float, folder: Path) -> Path:
    """A copy of the workbook with one cell changed by hand."""
    opened = openpyxl.load_workbook(book)
    cell = next(row[column] for row in opened[sheet].iter_rows() if row[0].value == first)
    assert not str(cell.value).startswith("=")
    cell.value = value
    opened.save(folder / "changed.xlsx")
    return folder / "changed.xlsx"


def test_half_the_warming_potential_is_half_the_gross(rice: Run, libreoffice: str, tmp_path: Path) -> None:
    results = gather(*rice)
    methane = next(v for v in results.variables if v.symbol == "gwp_ch4")
    book = recalculated(libreoffice, changed(book_of(rice), "parameters", methane.id, 3, methane.value / 2, tmp_path), tmp_path)
    assert statement(book, rice[0])["gross"] == pytest.approx([float(v.gross) / 2 for v in results.vintages], rel=1e-9)


def test_one_hectare_moves_only_its_vintage(rice: Run, libreoffice: str, tmp_path: Path) -> None:
    plan, _ = rice
    before = gather(*rice)
    opened = openpyxl.load_workbook(book_of(rice))
    cell = next(row[3] for row in opened["activity"].iter_rows(min_row=6) if row[0].value == 2021 and not str(row[3].value).startswith("="))
    cell.value = 858.0
    opened.save(tmp_path / "changed.xlsx")
    found = statement(recalculated(libreoffice, tmp_path / "changed.xlsx", tmp_path), plan)
    assert found["gross"] == pytest.approx([float(v.gross) * times for v, times in zip(before.vintages, (1, 2, 1), strict=True)], rel=1e-9)
    assert found["withheld"][1] > 1.9 * found["withheld"][0] and found["balance"] == [0, 0, 0]


def test_lifting_the_withholding_issues_the_same_tonnes(rice: Run, libreoffice: str, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book_of(rice))
    next(row[2] for row in opened["statement"].iter_rows() if "Withhold all" in str(row[0].value)).value = 0
    opened.save(tmp_path / "changed.xlsx")
    found = statement(recalculated(libreoffice, tmp_path / "changed.xlsx", tmp_path), rice[0])
    assert found["issued"] == [float(v.of("withheld")) for v in gather(*rice).vintages] and found["withheld"] == [0, 0, 0]


def test_a_loss_is_carried_and_paid_by_later_vintages(make: Maker, libreoffice: str, tmp_path: Path) -> None:
    plan, run = make(RICE | {"value": [*RICE["value"][:1], RICE["value"][1] | {"value": 9000.0}]}, 2)
    render(plan, run)
    results = gather(plan, run)
    assert results.vintages[0].of("shortfall") < 0
    assert_same_statement(recalculated(libreoffice, book_of((plan, run)), tmp_path), plan, results)


def test_simulated_stands_on_every_sheet(rice: Run, soil: Run) -> None:
    for run, expected in ((rice, True), (soil, False)):
        book = openpyxl.load_workbook(book_of(run))
        for sheet in book:
            assert ("SIMULATED" in str(sheet["A2"].value)) is expected
            assert ("SIMULATED" in str(sheet.oddHeader.center.text)) is expected


def test_headings_are_in_both_languages(rice: Run) -> None:
    book = openpyxl.load_workbook(book_of(rice))
    for sheet in book:
        headings = [str(cell.value) for cell in sheet[5] if cell.value]
        assert any(" / " in text for text in headings), sheet.title


FORMULAS = ["=1+1", '=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-1+1", "@SUM(1)", "＝1+1", "\t=1", "http://example.org", "{=A1}"]


def test_a_text_cell_never_becomes_a_formula_or_a_link(rice: Run) -> None:
    book = Book(rice[0], read_languages(["zh", "en"]))
    book.sheet("sources", (20,)).write(FORMULAS)
    cells = openpyxl.load_workbook(BytesIO(book.close()))["sources"][FIRST + 1]
    assert [cell.value for cell in cells] == [name.replace("\t", " ") for name in FORMULAS]
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_a_project_with_formulas_for_names_gets_texts(make: Maker) -> None:
    link = FORMULAS[1]
    strata = {"arable": SOIL["strata"]["arable"] | {"name": {"zh": link, "en": link}}}
    values = [value | {"source": link, "place": link} for value in SOIL["value"]]
    plan, run = make(SOIL | {"name": {"zh": link, "en": link}, "strata": strata, "value": values})
    render(plan, run)
    book = openpyxl.load_workbook(book_of((plan, run)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and link in cell.value]
    assert len(cells) > 12
    assert all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)
