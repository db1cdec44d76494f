"""The workbook recalculated by LibreOffice says what report.json prints, digit for digit, whatever the methodology; and which inputs are open."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from carbonsink.credit.statement import credit
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Words
from carbonsink.report.render import render
from carbonsink.report.results import gather
from carbonsink.report.workbook.book import FIRST, GREY, YELLOW
from carbonsink.report.workbook.workbook import workbook
from tests.carbon.forest_projects import CCER_14_001, CCER_14_001_VALUES
from tests.report import measured_runs
from tests.report.conftest import SOIL, make_plan, make_run
from tests.report.test_schemas import problems
from tests.report.test_workbook import FORMULAS, book_of, recalculated, statement
from tests.signing import confirming

Run = tuple[Plan, Path]


def forest(folder: Path) -> Run:
    """Trees by stem volume after CCER-14-001."""
    strata = {"upper": CCER_14_001 | measured_runs.named("坡地", "slopes")}
    area = {"pipeline": "afforestation", "strata": strata, "value": measured_runs.values(CCER_14_001_VALUES)}
    plan = measured_runs.planned(folder, area, "ccer-14-001", (2021, 2022))
    return plan, measured_runs.run(plan, folder / "run")


def confirmed_soil(folder: Path) -> Run:
    """Soil carbon whose clauses somebody has confirmed: it issues."""
    plan = make_plan(SOIL)
    run = make_run(plan, folder / "run")
    signed = confirming(plan)
    credit(signed, run)
    render(signed, run)
    return signed, run


PROJECTS = {"farmland-soil": confirmed_soil, "ccer-14-001": forest, "vm0042": measured_runs.soil_run}  # others: test_part_measured, test_statement_*


@pytest.mark.parametrize("methodology", PROJECTS)
def test_recalculated_it_prints_the_report_s_digits(methodology: str, libreoffice: str, tmp_path: Path) -> None:
    plan, run = PROJECTS[methodology](tmp_path)
    value = json.loads((run / "report/report.json").read_text(encoding="utf-8"))
    assert plan.methodology.id == methodology and problems(value) == []
    assert_same_digits(value, statement(recalculated(libreoffice, book_of((plan, run)), tmp_path), plan))
    assert any(Decimal(v["issued_t_co2e"]) > 0 for v in value["vintages"]) == (methodology == "farmland-soil")


def test_avoided_methane_is_printed_with_the_same_digits(rice: Run, libreoffice: str, tmp_path: Path) -> None:
    value = json.loads((rice[1] / "report/report.json").read_text(encoding="utf-8"))
    assert_same_digits(value, statement(recalculated(libreoffice, book_of(rice), tmp_path), rice[0]))


def assert_same_digits(report: Any, found: dict[str, list[float]]) -> None:
    """Every posting and the gross, digit for digit, and a balance of nothing."""
    for n, vintage in enumerate(report["vintages"]):
        printed = {name: amount for name, amount in vintage["postings"].items() if name in found} | {"gross": vintage["gross_t_co2e"]}
        assert {name: digits(Decimal(amount)) for name, amount in printed.items()} == {name: digits(Decimal(found[name][n])) for name in printed}
        assert {"removals", "avoided", "issued", "withheld", "rounding"} <= printed.keys() and found["balance"][n] == 0


def digits(amount: Decimal) -> str:
    """An amount to the ninth decimal, the last that a statement holds."""
    return f"{amount:.9f}".replace("-0.000000000", "0.000000000")


def cells(run: Run) -> list[Any]:
    book = openpyxl.load_workbook(book_of(run))
    return [cell for sheet in book for row in sheet.iter_rows(min_row=FIRST + 1) for cell in row if cell.value is not None]


def test_sheets_are_protected_without_a_password_and_only_yellow_cells_are_open(rice: Run) -> None:
    book = openpyxl.load_workbook(book_of(rice))
    assert all(sheet.protection.sheet and not sheet.protection.password for sheet in book)
    for cell in cells(rice):
        assert cell.protection.locked is (cell.fill.start_color.rgb != f"FF{YELLOW[1:].upper()}"), (cell.parent.title, cell.coordinate)
        assert cell.protection.locked or cell.data_type == "n"


def test_rows_of_tables_are_grey_and_declared_values_are_open(rice: Run) -> None:
    table = openpyxl.load_workbook(book_of(rice))["parameters"]
    by_id = {row[0].value: row[3] for row in table.iter_rows(min_row=FIRST + 2)}
    declared = [cell for name, cell in by_id.items() if name.startswith("declared:")]
    rows = [cell for name, cell in by_id.items() if ".csv:" in name]
    assert declared and all(not cell.protection.locked for cell in declared)
    assert rows and all(cell.protection.locked and cell.fill.start_color.rgb == f"FF{GREY[1:].upper()}" for cell in rows)
    assert "grey cells are inputs" in str(table.cell(FIRST, 1).value) and "灰色" in str(table.cell(FIRST, 1).value)


@pytest.mark.parametrize("name", FORMULAS)
def test_hostile_names_sources_and_places_are_texts_on_every_sheet(name: str, soil: Run) -> None:
    plan, results = soil[0], gather(*soil)
    named = replace(plan, area=plan.area.model_copy(update={"name": Words(zh=name, en=name)}))
    found = replace(results, variables=tuple(replace(v, source=name, place=name) for v in results.variables))
    book = openpyxl.load_workbook(BytesIO(workbook(named, found, (), read_languages(["zh", "en"]))))
    held = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str) and name.strip() in cell.value]
    assert len(held) > 2 * len(results.variables) and {cell.data_type for cell in held} == {"s"}
    assert all(cell.hyperlink is None for cell in held)
