"""Deductions of the gross and by a one-sided quantile (VM0042) on the workbook's statement and in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from carbonsink.base.evidence import read_json
from carbonsink.declared.language import read_languages
from carbonsink.declared.methodology import Deduction, read_methodology
from carbonsink.report.parts.crediting import _widths, rule_words
from carbonsink.report.results import gather
from tests.report.conftest import SOIL, make_plan, rendered
from tests.report.test_workbook import Run, assert_same_statement, book_of, recalculated

VM0042 = read_methodology("vm0042").deduction
ALL_OF_IT = [rule.model_copy(update={"rate": 1.0}) if rule.rule == "buffer" else rule for rule in VM0042]


def run_with(rules: list[Deduction], folder: Path) -> Run:
    plan = make_plan(SOIL)
    made = replace(plan, methodology=plan.methodology.model_copy(update={"deduction": rules}))
    return made, rendered(made, folder)


@pytest.mark.parametrize("rules", [VM0042, ALL_OF_IT], ids=["vm0042", "more than is left"])
def test_deductions_of_the_gross_recalculate_to_the_statement(rules: list[Deduction], libreoffice: str, tmp_path: Path) -> None:
    plan, run = run_with(rules, tmp_path / "run")
    results = gather(plan, run)
    (vintage,) = results.vintages
    width = next(s.half_width_percent for s in results.spreads if (s.quantity, s.approach, s.level_percent) == ("gross", 1, 33.4))
    assert vintage.of("emissions") > 0
    assert float(vintage.of("uncertainty")) == pytest.approx(float(vintage.gross) * width / 100, rel=1e-9), "emissions don't come off the base"
    if rules == ALL_OF_IT:
        assert vintage.of("buffer") == vintage.gross - vintage.of("emissions") - vintage.of("uncertainty"), "no more than is left"
    assert_same_statement(openpyxl.load_workbook(book_of((plan, run)), data_only=True), plan, results)
    assert_same_statement(recalculated(libreoffice, book_of((plan, run)), tmp_path), plan, results)


def test_the_interval_behind_it_is_named_in_both_languages_and_in_the_record(tmp_path: Path) -> None:
    plan, run = run_with(VM0042, tmp_path / "run")
    results, (zh, en) = gather(plan, run), read_languages(["zh", "en"])
    assert rule_words(VM0042[0], en) == "the standard error of the gross times the one-sided 66.7 % quantile of the normal distribution"
    assert "66.7 %" in rule_words(VM0042[0], zh) and "总量" in rule_words(VM0042[0], zh)
    (said,) = _widths(plan, results, en)
    assert said.startswith("The half-width of the 33.4 % interval of the gross of 2018 is ") and "error propagation" in said
    intervals = read_json(run / "report/report.json")["vintages"][0]["uncertainty"]
    assert {"gross/approach-1", "gross/approach-1/level-33.4", "net/approach-2"} <= set(intervals)
    assert intervals["gross/approach-1"]["level_percent"] == "95.0"
