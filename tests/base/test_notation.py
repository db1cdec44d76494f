"""A formula in Excel's words, in people's, and in Python's is one formula."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from carbonsink.base.formula import FormulaError, evaluate
from carbonsink.base.notation import excel, latex, latex_letter, readable, symbol
from carbonsink.carbon.book import equations
from carbonsink.report.parts.reckoning import notation

CELLS = {"a": "P!$D$1", "b": "P!$D$2", "c": "P!$D$3"}


@pytest.mark.parametrize(
    ("formula", "cells"),
    [
        ("a * (b + c)", "P!$D$1*(P!$D$2+P!$D$3)"),
        ("-a ** b", "-(P!$D$1^P!$D$2)"),  # Excel reads -x^y as (-x)^y, Python as -(x^y)
        ("(-a) ** b", "(-P!$D$1)^P!$D$2"),
        ("a - (b - c)", "P!$D$1-(P!$D$2-P!$D$3)"),
        ("a / b / c", "(P!$D$1/P!$D$2)/P!$D$3"),
        ("maximum(0, a) + exp(b)", "MAX(0,P!$D$1)+EXP(P!$D$2)"),
        ("a != b and not c", "AND(P!$D$1<>P!$D$2,NOT(P!$D$3))"),
    ],
)
def test_excel_form(formula: str, cells: str) -> None:
    assert excel(formula, CELLS) == cells


@pytest.mark.parametrize("formula", ["a + d", "a if b else c", "open(a)", "a % b", "'=1+1'"])
def test_what_excel_cannot_say_is_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        excel(formula, CELLS)


@given(st.floats(0.1, 9), st.floats(0.1, 9), st.floats(0.1, 3))
def test_brackets_keep_the_order_of_operations(a: float, b: float, c: float) -> None:
    for formula in ("a - b - c", "a / b * c", "a / (b * c)", "-a ** c - -b", "a * (1 + b * c) ** c - b / a"):
        text = excel(formula, {"a": "A1", "b": "B1", "c": "C1"}).replace("^", "**")
        again = evaluate(text, {"A1": a, "B1": b, "C1": c})
        assert again == evaluate(formula, {"a": a, "b": b, "c": c})


@pytest.mark.parametrize("name", sorted(equations()))
def test_every_equation_of_the_library_has_both_forms(name: str) -> None:
    made = equations()[name]
    cells = {argument: f"P!$D${n}" for n, argument in enumerate(made.arguments, 2)}
    assert all(cell in excel(made.formula, cells) for cell in cells.values())
    assert "_before" not in readable(made.formula, notation)


def test_readable_formulas_raise_powers_and_draw_fractions() -> None:
    text = readable("ef_c * (1 + x) ** 2 / d")
    assert '<var class="sym">ef<sub>c</sub></var> × (1 + ' in text
    assert "<sup>2</sup>" in text and 'class="frac"' in text


def test_functions_are_named_as_people_write_them() -> None:
    assert readable("minimum(1, maximum(0, log(x)))", lambda name: Markup(name)) == "min(1, max(0, ln(x)))"


def test_a_letter_of_two_is_bracketed() -> None:
    """A document that has no letter of its own for a difference or a product gives both."""
    assert Markup(symbol("t_2 - t_1")).striptags() == "(t2 − t1)"
    assert Markup(symbol("UNC x ΔC")).striptags() == "(UNC × ΔC)"


def test_a_name_in_a_formula_cannot_bring_markup() -> None:
    assert "<b>" not in readable("x", lambda name: notation("<b>"))


LETTERS = {"a": "SOC_REF", "b": "G_W", "c": "44/12", "d": "F_LU^0"}


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("a * (b + c)", r"\mathrm{SOC}_{\mathrm{REF}} \times \left(G_{W} + \frac{44}{12}\right)"),
        ("b * (a * b) - (b - b)", r"G_{W} \times \mathrm{SOC}_{\mathrm{REF}} \times G_{W} - \left(G_{W} - G_{W}\right)"),
        ("(1 + b) ** b / b", r"\frac{\left(1 + G_{W}\right)^{G_{W}}}{G_{W}}"),
        ("(b / b) ** b", r"\left(\frac{G_{W}}{G_{W}}\right)^{G_{W}}"),
        ("d ** b + c ** b", r"\left(F_{\mathrm{LU}}^{0}\right)^{G_{W}} + \left(\frac{44}{12}\right)^{G_{W}}"),
        ("b * -b - -(b + b)", r"G_{W} \times \left(-G_{W}\right) - \left(-\left(G_{W} + G_{W}\right)\right)"),
        ("-b ** b", "-G_{W}^{G_{W}}"),
        ("maximum(0, b) * exp(sqrt(log(b)))", r"\max\left(0, G_{W}\right) \times \exp\left(\sqrt{\ln\left(G_{W}\right)}\right)"),
    ],
)
def test_latex_form(formula: str, written: str) -> None:
    assert latex(formula, LETTERS.__getitem__) == written


@pytest.mark.parametrize(
    ("letter", "written"),
    [
        ("A", "A"),
        ("10^-3", "10^{-3}"),
        ("ΔC_TREE", r"\Delta C_{\mathrm{TREE}}"),
        ("CH4_Rice", r"\mathrm{CH_{4}}_{\mathrm{Rice}}"),
        ("EF_1FR", r"\mathrm{EF}_{\mathrm{1FR}}"),
        ("C_DW + C_LI", r"\left(C_{\mathrm{DW}} + C_{\mathrm{LI}}\right)"),
        ("t_2 - t_1", r"\left(t_{2} - t_{1}\right)"),
        ("M_B C_f", r"\left(M_{B} \times C_{f}\right)"),
        ("1/D", r"\frac{1}{D}"),
        ("stem wood", r"\mathrm{stem\ wood}"),
    ],
)
def test_letters_in_latex(letter: str, written: str) -> None:
    assert latex_letter(letter) == written


def test_what_latex_cannot_say_is_refused() -> None:
    with pytest.raises(FormulaError, match="no LaTeX form"):
        latex("a > b", LETTERS.__getitem__)
