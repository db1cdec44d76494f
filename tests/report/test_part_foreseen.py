"""Beside the statement: types, the gate, what is foreseen and money, in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from carbonsink.declared.language import read_languages
from carbonsink.report.parts.foreseen import foreseen
from carbonsink.report.results import gather
from tests.report.conftest import RICE, make_plan, make_run

SHARES = [{"to": {"zh": "农户", "en": "households"}, "share": 0.7}, {"to": {"zh": "村集体", "en": "the village"}, "share": 0.3}]
MONEY = {"price_per_t": 20.0, "currency": "CNY", "source": "agreement", "place": "clause 4", "shares": SHARES}
PERIOD = {"start": date(2020, 1, 1), "end": date(2029, 12, 31)}


def test_the_years_to_come_and_the_money_stand_beside_the_statement(tmp_path: Path) -> None:
    plan = make_plan(RICE | {"crediting": PERIOD, "money": MONEY}, columns=2)
    results = gather(plan, make_run(plan, tmp_path / "run"))
    zh, en = read_languages(["zh", "en"])
    shown = foreseen(plan, results, en)
    assert [tuple(row.cells) for row in shown["types"].rows] == [(str(year), "Withheld", "0", "1,375") for year in plan.vintages]
    assert [row.cells[-1] for row in shown["plausible"].rows] == ["within the limit"] * 3
    assert shown["plausible_notes"][0].startswith("rice CH₄: at most") and not [note for note in shown["plausible_notes"] if note.endswith("..")]
    assert [row.cells[0] for row in shown["projection"].rows] == [str(year) for year in range(2020, 2030)]
    assert shown["projection"].rows[3].cells[2:] == ("1,375.0", "–", "the last vintage goes on, by days")
    assert "82,500.00 CNY" in shown["money"]["sentence"] and [row.cells[2] for row in shown["money"]["table"].rows] == ["57,750.00", "24,750.00"]
    assert shown["checklist"] is None
    assert "农户" in foreseen(plan, results, zh)["money"]["table"].rows[0].cells
