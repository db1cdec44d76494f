"""One tampered file per finding of the nine checks: which code it has, where it is found, and that both languages tell both sides."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Exit
from carbonsink.run import Means
from carbonsink.verify import Asked, load_declared, verify
from carbonsink.verify.chips import Chips
from carbonsink.verify.line import SENTENCES
from carbonsink.verify.scenes import simulated_items
from tests.verify.conftest import quiet
from tests.verify.test_verify import carbonsink, replaced, rewritten

Tamper = Callable[[Path], object]


def cell(path: str, column: str, value: object, row: int = 0) -> Tamper:
    """Write another value into a table."""

    def tamper(run: Path) -> None:
        with (run / path).open(encoding="utf-8", newline="") as stream:
            table = csv.DictReader(stream)
            rows, names = list(table), list(table.fieldnames or ())
        rows[row][column] = str(value)
        with (run / path).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    return tamper


def posted(**accounts: str) -> Tamper:
    """Write other tonnes into the statement."""

    def tamper(run: Path) -> None:
        places = {account: place for place, account in enumerate(ACCOUNTS)}
        for account, tonnes in accounts.items():
            cell("credit/statement.csv", "co2e_t", tonnes, places[account])(run)

    return tamper


def stated(key: str, value: object) -> Tamper:
    """Write another value into the manifest, with a digest that fits."""

    def tamper(run: Path) -> None:
        manifest = {name: one for name, one in read_json(run / "manifest.json").items() if name != "digest"} | {key: value}
        write_json(run / "manifest.json", manifest | {"digest": digest(manifest)})

    return tamper


def misread(run: Path) -> None:
    """Say that a stage read another file of a name than was written."""
    links = read_json(run / "manifest.json")["stages"]
    reading = next(link for link in links if link["stage"] == "credit")
    reading["reads"] |= dict.fromkeys(list(reading["reads"])[:1], "0" * 64)
    stated("stages", links)(run)


ACCOUNTS = (
    "removals", "avoided", "baseline", "emissions", "leakage", "uncertainty", "buffer", "carried", "withheld", "issued", "rounding",
    "reversal", "shortfall",
)  # fmt: skip
TABLE = "declared/library/factors/ipcc-2019/rice.csv"
WORKSHEET, FIRST_ROW = "carbon/worksheet.csv", "worksheet.csv 2020/baseline/single-rice/rice_methane"
BUDGET, FIRST_CHIP, FIRST_BAND = "scenes/pixel_budget.csv", "S2A_50RNN_20200101_0_L2A", "blue"

FORGED: dict[str, tuple[int, Tamper, str]] = {  # by code: the check that finds it, what somebody did, and where it is found
    "E-VER-002": (1, lambda run: replaced(run / "manifest.json", '"simulated": true', '"simulated": false'), "manifest.json"),
    "E-VER-003": (1, misread, "areas/activity.csv"),
    "E-VER-004": (1, lambda run: (run / "report" / "more.txt").write_text("more"), "report/more.txt"),
    "E-VER-005": (1, lambda run: (run / "report" / "report.html").unlink(), "report/report.html"),
    "E-VER-006": (1, posted(issued="14"), "credit/statement.csv"),
    "E-VER-008": (2, lambda run: (run / "plan.json").write_text("{}"), "plan.json"),
    "E-VER-009": (2, stated("plan", "0" * 64), "manifest.json"),
    "E-VER-010": (2, lambda run: replaced(run / TABLE, "1.32", "2.64"), "factors/ipcc-2019/rice.csv"),
    "E-VER-011": (3, stated("lock", "0" * 64), "scenes/lock.json"),
    "E-VER-013": (3, cell("scenes/scenes.csv", "chip_sha256", "0" * 64), f"chips/{FIRST_CHIP}/{FIRST_BAND}.tif"),
    "E-VER-014": (3, cell("scenes/scenes.csv", "item", "S2A_somewhere_else"), f"{FIRST_CHIP} {FIRST_BAND}"),
    "E-VER-015": (3, cell("scenes/scenes.csv", "sha256", "0" * 64), f"{FIRST_CHIP} {FIRST_BAND}"),
    "E-VER-016": (4, cell(BUDGET, "valid", 452), f"{FIRST_CHIP} {FIRST_BAND}"),
    "E-VER-030": (3, cell("scenes/scenes.csv", "offset", 0.1), f"{FIRST_CHIP} {FIRST_BAND}"),
    "E-VER-031": (4, cell(BUDGET, "masked_by_class", "9:1"), f"{FIRST_CHIP} {FIRST_BAND}"),
    "E-VER-017": (5, cell("carbon/variables.csv", "value", 4.5), "variables.csv area:single-rice:2020"),
    "E-VER-018": (5, lambda run: replaced(run / WORKSHEET, "area=4.4", "area=5.4"), FIRST_ROW),
    "E-VER-019": (6, cell(WORKSHEET, "result", 100.0), FIRST_ROW),
    "E-VER-020": (6, cell("carbon/stock_change.csv", "co2e_t", 60.0), "stock_change.csv 2020 baseline rice_methane"),
    "E-VER-021": (7, cell("areas/classes.csv", "mapped_ha", 5.0), "classes.csv 2020 none mapped"),
    "E-VER-022": (7, cell("areas/parcels.csv", "area_ha", 3.0), "activity.csv 2020 single-rice"),
    "E-VER-023": (8, posted(withheld="15"), "statement.csv 2020"),
    "E-VER-024": (8, posted(withheld="11", rounding="3.192388004"), "statement.csv 2020"),
    "E-VER-025": (8, posted(withheld="13", issued="2", shortfall="-1"), "statement.csv 2020"),
    "E-VER-026": (8, posted(withheld="0", issued="14"), "statement.csv 2020"),
    "E-VER-027": (8, posted(withheld="13", carried="1"), "statement.csv 2020"),
    "E-VER-028": (8, posted(withheld="15", reversal="-1"), "statement.csv 2020"),
}


@pytest.mark.parametrize("code", FORGED)
def test_a_tampered_file_is_named_with_both_sides_in_both_languages(run: Path, code: str) -> None:
    number, tamper, where = FORGED[code]
    _, check = SENTENCES[number - 1]
    assert list(check(run, Chips(run))) == [], "nothing is found before"
    tamper(run)
    found = next(problem for problem in check(run, Chips(run)) if problem.code == code)
    assert found.where.endswith(where)
    for line in (found.line("en"), found.line("zh")):
        assert line.startswith(f"{code} ") and all(str(fact) in line for fact in found.facts.values())


def test_simulated_scenes_under_a_plan_of_real_ones_are_named(run: Path) -> None:
    plan = load_declared(run)
    real = replace(plan, area=plan.area.model_copy(update={"imagery": plan.area.imagery.model_copy(update={"catalogue": "catalogue"})}))
    lock = read_json(run / "scenes" / "lock.json")
    assert not list(simulated_items(plan, lock))
    assert {(one.code, one.where) for one in simulated_items(real, lock)} == {("E-VER-012", item["id"]) for item in lock["items"]}


def test_evidence_that_cannot_be_read_is_a_finding_and_no_crash(run: Path) -> None:
    (run / "scenes" / "lock.json").write_text("{}")
    rewritten(run)
    verdict = verify(run, Means(run.parent), quiet, asked=Asked(again=False))
    assert [check.detail("en") for check in verdict.checks if not check.passed] == ["E-VER-007 scenes: can't be read: KeyError 'items'."]


def test_each_statement_tells_what_differs_in_its_own_language_whoever_asks(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    replaced(run / "manifest.json", '"python": "3.', '"python": "3.99.')
    rewritten(run)
    (run / "report" / "more.txt").write_text("more")
    done = carbonsink("verify", run)
    assert done.exit_code == Exit.INTEGRITY
    assert "未通过  E-VER-004 report/more.txt: 未列入清单。" in done.stdout and "提示：W-VER-001 python: 该次运行为 3.99." in done.stdout
    english, chinese = ((run.parent / f"{run.name}.statement.{code}.md").read_text(encoding="utf-8") for code in ("en", "zh"))
    assert "E-VER-004 report/more.txt: isn't listed in the manifest." in english and "W-VER-001 python: the run had 3.99." in english
    assert "E-VER-004 report/more.txt: 未列入清单。" in chinese and "W-VER-001 python: 该次运行为 3.99." in chinese
    verdict = read_json(run.parent / f"{run.name}.verification.json")
    assert verdict["checks"][0]["detail"] == "E-VER-004 report/more.txt: isn't listed in the manifest.", "the JSON is English, whoever asks"


def test_a_hostile_name_is_shown_as_it_stands(run: Path) -> None:
    (run / "report" / "a\x1b[2Jb.txt").write_text("more")
    detail = verify(run, Means(run.parent), quiet, asked=Asked(again=False)).checks[0].detail("en")
    assert detail == "E-VER-004 report/a\\x1b[2Jb.txt: isn't listed in the manifest."


def test_a_page_of_many_findings_tells_the_first_and_counts_the_others(run: Path) -> None:
    for number in range(5):
        (run / "report" / f"{number}.txt").write_text("more")
    verdict = verify(run, Means(run.parent), quiet, asked=Asked(again=False))
    detail = verdict.checks[0].detail("en")
    assert detail.count("E-VER-004") == 3 and detail.endswith(" (+2)")
