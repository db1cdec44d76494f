"""report.json and the stamps: what the run says of itself."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import UNWANTED, write_json
from carbonsink.base.manifest import describe, results_digest
from carbonsink.credit.statement import credit
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.record import decimal, record
from carbonsink.report.render import render
from carbonsink.report.results import STAGES, gather
from carbonsink.report.stamps import stamps
from tests.report.conftest import RICE, SOIL, Maker
from tests.signing import confirming

Run = tuple[Plan, Path]


def report(run: Run) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((run[1] / "report/report.json").read_text())
    return value


def codes(value: dict[str, Any]) -> list[str]:
    return [stamp["code"] for stamp in value["stamps"]]


def test_each_vintage_balances_and_says_what_it_may_issue(rice: Run) -> None:
    value = report(rice)
    assert [v["vintage"] for v in value["vintages"]] == [2020, 2021, 2022]
    for vintage in value["vintages"]:
        assert sum(map(Decimal, vintage["postings"].values())) == 0
        assert Decimal(vintage["gross_t_co2e"]) == -Decimal(vintage["postings"]["avoided"])
        assert 2250 < Decimal(vintage["gross_t_co2e"]) < 2350
        assert (vintage["issued_t_co2e"], int(vintage["withheld_t_co2e"]) > 0) == ("0", True)
        assert set(vintage["uncertainty"]) == {f"{q}/approach-{a}" for q in ("gross", "net") for a in (1, 2)}


@pytest.mark.parametrize("name", ['=HYPERLINK("x")', "</script>", 'a"b\\c', "\u202egnp.exe", "a\u200bb\x00c\x85\u2028", "\U000e0041", "\ud800", "稻\U00020000"])
def test_a_hostile_name_is_itself_in_the_json_and_hides_nothing(make: Maker, name: str) -> None:
    plan, run = make(RICE, 1)
    plan = replace(plan, area=plan.area.model_copy(update={"name": plan.area.name.model_copy(update={"en": name})}))
    results = gather(plan, run)
    write_json(run / "report.json", record(plan, results, stamps(plan, results), read_languages(["en"])))
    text = (run / "report.json").read_text(encoding="utf-8")
    assert json.loads(text)["area"]["name"]["en"] == name
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in UNWANTED]


def test_simulated_imagery_comes_first_of_the_stamps(rice: Run, soil: Run) -> None:
    assert codes(report(rice))[0] == "SIMULATED" and report(rice)["simulated"] is True
    assert "SIMULATED" not in codes(report(soil)) and report(soil)["simulated"] is False


def test_a_recalled_factor_is_called_that_with_its_row(soil: Run) -> None:
    value = report(soil)
    recalled = [f["id"] for f in value["factors"] if f["status"] == "recalled"]
    assert recalled and next(s["rows"] for s in value["stamps"] if s["code"] == "RECALLED_FACTORS") == recalled
    assert "PROPOSED_METHOD" in codes(value)


def test_a_proposed_methodology_names_the_clauses_nobody_confirmed(soil: Run) -> None:
    stamp = next(s for s in report(soil)["stamps"] if s["code"] == "UNCONFIRMED_CLAUSES")
    clauses = soil[0].methodology.confirm
    assert [row.split(":")[0] for row in stamp["rows"]] == [one.clause for one in clauses]
    assert all(one.name.en in stamp["en"] and one.name.zh in stamp["zh"] for one in clauses)
    assert report(soil)["vintages"][0]["issued_t_co2e"] == "0" and report(soil)["methodology"]["confirmation"] is None


def test_a_confirmed_one_names_the_signer_and_issues(make: Maker) -> None:
    plan, run = make(SOIL)
    signed = confirming(plan)
    assert signed.confirmation is not None
    render(plan, run)
    before = report((plan, run))["vintages"][0]
    credit(signed, run)
    render(signed, run)
    value = report((signed, run))
    stamp = next(s for s in value["stamps"] if s["code"] == "CONFIRMED_CLAUSES")
    assert "UNCONFIRMED_CLAUSES" not in codes(value) and "PROPOSED_METHOD" in codes(value)
    for language, day in (("en", "1 May 2024"), ("zh", "2024年5月1日")):
        assert all(word in stamp[language] for word in ("李雷", signed.confirmation.fingerprint, day))
    assert value["vintages"][0]["issued_t_co2e"] == before["withheld_t_co2e"] != "0"


def test_pixel_counts_and_unaccepted_areas_are_stamped(make: Maker) -> None:
    area = SOIL | {"pipeline": "farmland-soil", "reference": None}
    plan, run = make(area)
    activity = run / "areas/activity.csv"
    activity.write_text(activity.read_text().replace("error_adjusted", "pixel_count"))
    render(plan, run)
    assert {"PIXEL_COUNTS", "AREA_METHOD"} <= set(codes(report((plan, run))))


def test_both_splits_are_reported_with_the_one_that_was_used(soil: Run) -> None:
    splits = {a["split"]: a for a in report(soil)["accuracy"]}
    assert splits["parcel"]["used"] and not splits["pixel"]["used"]
    assert splits["parcel"]["overall"] == "0.702" and splits["pixel"]["standard_error"] == "0.008"


def test_the_published_figure_stands_beside_ours(rice: Run, soil: Run) -> None:
    given = report(rice)["published"]
    assert given["published"] == "2300" or Decimal(given["published"]) == 2300
    assert abs(Decimal(given["difference_percent"])) < 2
    assert report(soil)["published"] is None


def test_the_results_digest_is_the_manifests(rice: Run) -> None:
    _, run = rice
    links = [{"stage": name, "writes": describe(run, name)} for name in STAGES]
    assert report(rice)["digests"]["results"] == results_digest(links)


def test_areas_are_by_year_and_stratum(rice: Run) -> None:
    assert report(rice)["areas_ha"] == {year: {"single-rice": "429.0"} for year in ("2020", "2021", "2022")}


@pytest.mark.parametrize(("value", "text"), [(1e-7, "0.0000001"), (2300.0, "2300.0"), (1e22, "10000000000000000000000"), (Decimal("1.50"), "1.50")])
def test_numbers_are_decimal_strings_without_exponents(value: float | Decimal, text: str) -> None:
    assert decimal(value) == text


def written(run: Path) -> dict[str, bytes]:
    return {p.relative_to(run).as_posix(): p.read_bytes() for p in (run / "report").rglob("*") if p.is_file()}


def test_every_file_comes_out_byte_for_byte_the_same_twice(rice: Run, soil: Run) -> None:
    for plan, run in (rice, soil):
        first = written(run)
        render(plan, run)
        assert written(run) == first
        assert set(first) >= {f"report/{name}" for name in ("report.json", "report.html", "workbook.xlsx", "layers.gpkg", "stac-item.json")}


def test_a_statement_the_workbook_cannot_reproduce_refuses_to_render(make: Maker) -> None:
    from carbonsink.base.problems import Refusal

    plan, run = make(RICE, 2)
    statement = run / "credit/statement.csv"
    lines = statement.read_text().splitlines()
    changed = [line.replace(line.split(",")[2], "1.0") if ",uncertainty," in line else line for line in lines]
    statement.write_text("\n".join(changed) + "\n")
    with pytest.raises(Refusal, match=r"E-RPT-003.*uncertainty"):
        render(plan, run)
