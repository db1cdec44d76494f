"""The reference of the equation book: every equation cites a known document, has LaTeX that compiles, and an Excel form that is the function."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from benchmarks.equations import PAGE, page
from matplotlib.mathtext import MathTextParser

from carbonsink.base.notation import excel
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import Equation
from carbonsink.carbon.reference import arguments_of, citation_of, excel_of, latex_of, letter, meaning, selected
from tests.report.test_workbook import recalculated

ALL = list(equations().values())
NAMES = [pytest.param(one, id=one.name) for one in ALL]
SPREAD = (0.05, 0.95)  # shares and rates alike: no equation of the book leaves its domain here


def test_the_page_is_what_the_equations_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m benchmarks.equations"


@pytest.mark.parametrize("one", NAMES)
def test_its_latex_compiles_and_its_document_is_known(one: Equation) -> None:
    written = latex_of(one)
    assert written.count("{") == written.count("}") and written.count(r"\left(") == written.count(r"\right)")
    MathTextParser("path").parse(f"${written}$")
    assert citation_of(one).partition(", ")[2]


@pytest.mark.parametrize("one", NAMES)
def test_each_argument_has_a_letter_of_its_own(one: Equation) -> None:
    letters = [argument.letter for argument in arguments_of(one)]
    assert len(set(letters)) == len(letters), sorted(letters)


def test_every_excel_form_recalculates_to_the_function(libreoffice: str, tmp_path: Path) -> None:
    expected = written_book(tmp_path / "equations.xlsx")
    sheet = recalculated(libreoffice, tmp_path / "equations.xlsx", tmp_path)["equations"]
    found = {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}
    assert found == {name: pytest.approx(value, rel=1e-9) for name, value in expected.items()}


def written_book(path: Path) -> dict[str, float]:
    """A workbook with a row an equation: its name, its Excel formula, random inputs; and what the functions say of these inputs."""
    expected = {}
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("equations")
        for number, one in enumerate(ALL):
            given = inputs(one)
            cells = {argument: xlsxwriter.utility.xl_rowcol_to_cell(number, column) for column, argument in enumerate(one.arguments, 2)}
            sheet.write_string(number, 0, one.name)
            sheet.write_formula(number, 1, "=" + excel(one.formula, cells))
            for column, value in enumerate(given.values(), 2):
                sheet.write_number(number, column, value)
            expected[one.name] = float(one(**given))
    return expected


def inputs(one: Equation) -> dict[str, float]:
    """Random positive inputs where the equation is a number."""
    chance = random.Random(one.name)

    def drawn() -> Iterator[dict[str, float]]:
        while True:
            yield {argument: chance.uniform(*SPREAD) for argument in one.arguments}

    with np.errstate(all="ignore"):
        return next(given for given in drawn() if np.isfinite(one(**given)))


def test_a_reader_is_told_the_baselines_practice() -> None:
    assert letter("f_land_use_before") == "F_LU^0"
    assert meaning("f_input_before")["zh"].endswith("（基准线）") and "baseline" in meaning("f_input_before")["en"]


def test_a_bare_number_is_no_letter() -> None:
    assert letter("sf_organic_exponent") == "sf organic exponent", "0.59 is the value of one edition"


def test_excel_formulas_read_by_argument() -> None:
    assert excel_of(equations()["soil.mineral_soil_stock"]) == "=((soc_ref*f_land_use)*f_management)*f_input"


def test_equations_are_found_by_name_and_by_module() -> None:
    assert [one.name for one in selected(ALL, "rice.methane")] == ["rice.methane"]
    assert {one.name.partition(".")[0] for one in selected(ALL, "soil")} == {"soil"}
    assert selected(ALL, None) == ALL and selected(ALL, "so") == []
