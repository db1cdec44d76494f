"""The workbook's schedules of deductions: bands and stops as cells, recalculated to the statement's own tonnes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from carbonsink.declared.language import read_languages
from carbonsink.declared.methodology import Band, Deduction
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.crediting import rule_words
from carbonsink.report.results import gather
from tests.report.conftest import SOIL, make_plan, rendered
from tests.report.test_workbook import Run, assert_same_statement, book_of, changed, recalculated

SHARES = [Band(over=10.0, share_of_u=0.25), Band(over=15.0, share_of_u=0.5), Band(over=30.0, share_of_u=0.75)]
STEPS = [Band(over=10.0, rate=0.06), Band(over=20.0, rate=0.11)]


def rule(bands: list[Band], stop: float | None = None) -> Deduction:
    return Deduction(rule="uncertainty", of="net", level_percent=90.0, bands=bands, stop_percent=stop, source="ar-tool14", place="a test", status="proposed")


def run_with(deduction: Deduction, folder: Path) -> Run:
    plan: Plan = make_plan(SOIL)
    made = replace(plan, methodology=plan.methodology.model_copy(update={"deduction": [deduction]}))
    return made, rendered(made, folder)


@pytest.mark.parametrize(("bands", "stop", "share"), [(SHARES, None, None), (STEPS, None, 0.11), (STEPS, 30.0, 1.0)], ids=["shares", "steps", "stop"])
def test_a_schedule_recalculates_to_the_statement(bands: list[Band], stop: float | None, share: float | None, libreoffice: str, tmp_path: Path) -> None:
    plan, run = run_with(rule(bands, stop), tmp_path / "run")
    results = gather(plan, run)
    (vintage,) = results.vintages
    width = next(s.half_width_percent for s in results.spreads if (s.quantity, s.approach, s.level_percent) == ("net", 2, 90.0))
    assert width > 30, "the widest band is asked for"
    net = float(vintage.gross - vintage.of("emissions"))
    assert float(vintage.of("uncertainty")) == pytest.approx(net * (share or min(1.0, 0.75 * width / 100)), rel=1e-9)
    assert_same_statement(openpyxl.load_workbook(book_of((plan, run)), data_only=True), plan, results)
    assert_same_statement(recalculated(libreoffice, book_of((plan, run)), tmp_path), plan, results)


def test_another_stop_is_another_statement(libreoffice: str, tmp_path: Path) -> None:
    plan, run = run_with(rule(STEPS, 500.0), tmp_path / "run")
    stop = next(row[0].value for row in openpyxl.load_workbook(book_of((plan, run)))["statement"].iter_rows() if row[3].value == 500.0)
    book = recalculated(libreoffice, changed(book_of((plan, run)), "statement", stop, 3, 20.0, tmp_path), tmp_path)
    assert float(next(row for row in book["statement"].iter_rows(values_only=True) if row[0] and "Issued" in str(row[0]))[1]) == 0


def test_a_schedule_is_told_in_words_of_both_languages() -> None:
    assert rule_words(rule(STEPS, 30.0), read_languages(["en"])[0]) == (
        "above 10 %: a fixed 6 %; above 20 %: a fixed 11 %, by the half-width U of the 90 % interval, of the net; nothing is credited above 30 %"
    )
    assert "超过 15 %：U 的 50 %" in rule_words(rule(SHARES), read_languages(["zh"])[0])
