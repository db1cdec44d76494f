"""What an area declares of its crediting: asked for where it is missing, refused where it can't be, and withheld where nobody answers for it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.base.problems import Refusal
from carbonsink.base.records import Activity, Posting, Projected, StockChange, WorksheetRow
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import worksheet
from carbonsink.cli import app
from carbonsink.credit.projection import projection
from carbonsink.declared.crediting import Crediting, ExAnte
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.methodology import rated, read_methodology
from carbonsink.declared.period import Period, held
from carbonsink.declared.plan import Plan
from carbonsink.declared.plausibility import implausible, limits, most, rates
from carbonsink.declared.withholding import withholding
from tests.bad.area import Area, good_area
from tests.carbon.projects import RICE, area_file, hectares, rice, soil
from tests.credit.flows import on
from tests.credit.test_statement import whole_run
from tests.signing import answering, confirming

QUESTION = """
[[checklist]]
question = "%s"
answer = "%s"
reason = "see the file"
files = ["%s"]
"""


@pytest.fixture
def area(tmp_path: Path) -> Area:
    return good_area(tmp_path)


def add(area: Area, text: str) -> None:
    path = area.folder / "area.toml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def refused(area: Area, code: str, *words: str) -> None:
    with pytest.raises(Refusal) as caught:
        load(area.folder)
    (problem,) = caught.value.problems
    assert problem.code == code
    for language in ("en", "zh"):
        assert all(word in problem.line(language) for word in words), problem.line(language)


# --- leakage


def test_production_that_is_kept_is_asked_for_and_never_taken_for_granted(area: Area) -> None:
    area.declare('symbol = "yield_ratio"', 'symbol = "change_year"')
    area.declare('value = 1.0\nunit = "1"', 'value = 2019.0\nunit = "yr"')
    refused(area, "E-MET-006", "yield_ratio", "single-rice", "rice-water-management")


def test_a_share_below_nothing_is_refused(area: Area) -> None:
    area.declare("value = 1.0", "value = -0.1")
    refused(area, "E-CFG-035", "yield_ratio", "-0.1")


@pytest.mark.parametrize(("kept", "rate"), [(1.2, 0.0), (1.0, 0.0), (0.95, 0.0), (0.94, 0.06), (0.5, 0.5), (0.0, 1.0)])
def test_a_fall_of_more_than_five_percent_is_leakage_as_a_whole(kept: float, rate: float) -> None:
    for name in ("rice-water-management", "farmland-soil", "tea-orchard", "grassland", "vm0042"):
        declared = area_file({"field": RICE}, [{"symbol": "yield_ratio", "value": kept, "unit": "1"}])
        (rule,) = [rule for rule in rated(read_methodology(name), declared).deduction if rule.rule == "leakage"]
        assert rule.rate == rate


def test_the_worst_stratum_speaks_for_all() -> None:
    values = [{"symbol": "yield_ratio", "value": value, "unit": "1", "stratum": name} for name, value in (("a", 1.1), ("b", 0.8))]
    (rule, *_) = rated(read_methodology("farmland-soil"), area_file({"a": RICE, "b": RICE}, values)).deduction
    assert rule.rate == 0.2


# --- the crediting period


@pytest.mark.parametrize(
    ("start", "end", "code", "words"),
    [
        ("2020-01-01", "2019-12-31", "E-CRD-010", ("2020-01-01", "2019-12-31")),
        ("2020-01-01", "2029-12-30", "E-CRD-011", ("10", "20", "farmland-proposal")),
        ("2020-01-01", "2040-01-01", "E-CRD-011", ("2040-01-01",)),
        ("2020-01-02", "2030-01-01", "E-CRD-012", ("2020-01-01", "2021-12-31", "2020-01-02")),
    ],
)
def test_a_crediting_period_that_can_t_be_is_refused(area: Area, start: str, end: str, code: str, words: tuple[str, ...]) -> None:
    add(area, f"\n[crediting]\nstart = {start}\nend = {end}\n")
    refused(area, code, *words)


def test_ten_years_to_the_day_are_ten_years(area: Area) -> None:
    add(area, "\n[crediting]\nstart = 2020-01-01\nend = 2029-12-31\n")
    assert load(area.folder).area.crediting == Crediting(start=date(2020, 1, 1), end=date(2029, 12, 31))


def test_a_year_that_isn_t_over_is_no_vintage_yet(area: Area) -> None:
    area.declare("end = 2021-12-31", "end = 2021-06-30")
    with pytest.raises(Refusal, match=r"E-CRD-016 .*2021-06-30.*2020-12-31"):
        load(area.folder, today=date(2021, 9, 1))
    assert load(area.folder, today=date(2022, 1, 1)).vintages == (2020, 2021)


def test_a_vintage_that_the_period_holds_in_part_earns_by_days() -> None:
    whole = soil((2020, 2021))
    part = replace(whole, area=whole.area.model_copy(update={"period": Period(start=date(2020, 7, 1), end=date(2021, 12, 31))}))
    full, cut = ({row.id: row.co2e_t for row in worksheet(plan, hectares(plan))[0]} for plan in (whole, part))
    share = float(Fraction(184, 366))
    assert held(part.area.period, 2020) == Fraction(184, 366)
    for name, tonnes in full.items():
        assert cut[name] == pytest.approx(tonnes * (share if name.startswith("2020/") else 1.0), rel=1e-9, abs=1e-9)


# --- what is foreseen


def postings(tonnes: dict[int, str]) -> list[Posting]:
    return [Posting(year, account, Decimal(value), "") for year, said in tonnes.items() for account, value in (("issued", said), ("withheld", "0"))]


def test_without_a_forecast_the_last_vintage_goes_on_by_days() -> None:
    period, crediting = Period(start=date(2020, 7, 1), end=date(2021, 12, 31)), Crediting(start=date(2020, 7, 1), end=date(2023, 6, 30))
    found = projection(period, crediting, postings({2020: "50", 2021: "100"}))
    assert [(one.year, one.days, one.ex_ante_t_co2e, one.ex_post_t_co2e, one.basis) for one in found] == [
        (2020, 184, None, Decimal(50), ""),
        (2021, 365, None, Decimal(100), ""),
        (2022, 365, Decimal(100), None, "last_vintage"),
        (2023, 181, Decimal("49.589"), None, "last_vintage"),
    ]


def test_a_declared_forecast_stands_beside_every_year() -> None:
    period = Period(start=date(2020, 1, 1), end=date(2020, 12, 31))
    crediting = Crediting(start=date(2020, 1, 1), end=date(2021, 12, 31), ex_ante=ExAnte(t_per_year=120.5, source="design", place="table 4"))
    found = projection(period, crediting, postings({2020: "50"}))
    assert [(one.ex_ante_t_co2e, one.ex_post_t_co2e, one.basis) for one in found] == [
        (Decimal("120.5"), Decimal(50), "declared"),
        (Decimal("120.5"), None, "declared"),
    ]


def test_without_a_crediting_period_nothing_is_foreseen() -> None:
    found = projection(Period(start=date(2020, 1, 1), end=date(2020, 12, 31)), None, postings({2020: "50"}))
    assert [(one.year, one.ex_ante_t_co2e, one.basis) for one in found] == [(2020, None, "")]


# --- checklists


def test_a_question_nobody_answers_withholds_and_yes_with_evidence_opens() -> None:
    plan = replace(rice(), methodology=read_methodology("vm0047-census"))
    assert "checklist" in plan.withholding(["parcels"]) and "checklist" not in answering(plan).withholding(["parcels"])
    no = answering(plan).area.checklist[0].model_copy(update={"answer": "no"})
    denied = answering(plan).area.model_copy(update={"checklist": [no, *answering(plan).area.checklist[1:]]})
    assert "checklist" in replace(plan, area=denied).withholding(["parcels"])


def test_an_answer_to_what_nobody_asks_is_refused(area: Area) -> None:
    (area.folder / "proof.txt").write_text("proof")
    add(area, QUESTION % ("additional", "yes", "proof.txt"))
    refused(area, "E-CRD-013", "additional", "rice-water-management")


def test_answers_twice_and_evidence_that_isn_t_there_are_refused(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = read_methodology("vm0042").checklist
    changed = read_methodology("rice-water-management").model_copy(update={"checklist": asked})
    monkeypatch.setattr("carbonsink.declared.load.read_methodology", lambda _: changed)
    (area.folder / "proof.txt").write_text("proof")
    add(area, QUESTION % ("barriers", "yes", "proof.txt"))
    plan = load(area.folder)
    assert plan.declared_files()["proof.txt"] == [area.folder / "proof.txt"] and "proof.txt" in explain_plan(plan)["files"]
    add(area, QUESTION % ("common-practice", "yes", "lost.pdf"))
    refused(area, "E-CFG-020", "lost.pdf", "common-practice")
    area.declare('"lost.pdf"', '"proof.txt"')
    area.declare('"common-practice"', '"barriers"')
    refused(area, "E-CRD-014", "barriers", "2")


# --- money


def test_shares_of_the_income_sum_to_all_of_it(area: Area) -> None:
    shares = '[{ to = { zh = "农户", en = "households" }, share = 0.7 }, { to = { zh = "村集体", en = "the village" }, share = 0.2 }]'
    add(area, f'\n[money]\nprice_per_t = 20.0\ncurrency = "CNY"\nsource = "s"\nplace = "p"\nshares = {shares}\n')
    refused(area, "E-CRD-015", "90")
    area.declare("share = 0.2", "share = 0.3")
    assert load(area.folder).area.money is not None


# --- the gate of the plausible


def gate(plan: Plan, run: Path, tonnes: float, area: float = 100.0) -> tuple[str, ...]:
    write_csv(run / "areas" / "activity.csv", hectares(plan, area), Activity)
    earned = [on("paddy", StockChange(2020, "baseline", "rice_methane", "rice", "CH4", "avoided", tonnes))]
    write_csv(run / "carbon" / "worksheet.csv", earned, WorksheetRow)
    return tuple(reason for reason in withholding(confirming(plan), run) if reason == "implausible")


def test_a_hectare_that_earns_more_than_it_may_withholds_everything(tmp_path: Path) -> None:
    assert gate(rice(), tmp_path / "at", 1500.0) == ()
    assert gate(rice(), tmp_path / "above", 1500.1) == ("implausible",)


def test_half_a_year_is_judged_at_a_year_s_pace(tmp_path: Path) -> None:
    plan = replace(rice(), area=rice().area.model_copy(update={"period": Period(start=date(2020, 7, 1), end=date(2021, 6, 30))}))
    assert gate(plan, tmp_path, 1400.0) == ("implausible",)


def test_idle_land_hides_no_hectare_that_earns_too_much() -> None:
    year = Period(start=date(2020, 1, 1), end=date(2020, 12, 31))
    land = [Activity(2020, "project", "tea", 100.0, 0.0, ""), Activity(2020, "project", "idle", 900.0, 0.0, "")]
    earned = StockChange(2020, "project", "soil", "soil", "CO2", "removal", 1000.0)
    assert rates(year, land, [on("tea", earned)]) == {2020: 10.0}
    assert rates(year, land, [on("tea", earned), on("idle", earned)]) == {2020: 10.0}
    assert rates(year, land, [on("tea", earned), on("", earned)]) == {2020: 11.0}  # what was measured for the whole area falls on all of it


def test_the_most_is_the_sum_over_the_credited_pools_the_methodology_s_own_rows_first() -> None:
    assert [(one.pool, one.most) for one in limits(read_methodology("tea-orchard"))] == [("biomass", 3.25), ("soil", 2.933333)]
    assert most(read_methodology("ccer-14-001"), None) == 32.4
    assert [one.pool for one in limits(read_methodology("ipcc-inventory"))] == ["biomass", "", "soil"]


def test_the_guardian_s_artefact_would_have_been_stopped_and_published_trades_pass() -> None:
    period = Period(start=date(2031, 1, 1), end=date(2031, 12, 31))
    artefact = rates(
        period, [Activity(2031, "project", "x", 7000.0, 0.0, "")], [on("x", StockChange(2031, "project", "trees", "biomass", "CO2", "removal", 24_900_000.0))]
    )
    assert implausible(read_methodology("ccer-14-002"), None, artefact) == (2031,)
    tea = {2021: 3357 / 2 / 517}
    assert implausible(read_methodology("tea-orchard"), None, tea) == ()


def test_a_signed_reason_lets_a_hectare_earn_more_and_no_further(area: Area, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_PASSPHRASE", "")
    run = CliRunner()
    assert run.invoke(app, ["keys", "new", str(tmp_path / "k.pem")]).exit_code == 0
    signer = ["--name", "Li", "--organisation", "county", "--role", "head", "--reason", "two crops a year", "--yes", "--key", str(tmp_path / "k.pem")]
    low = run.invoke(app, ["justify", str(area.folder), "--rate", "15", *signer])
    assert low.exit_code == 2 and "E-CRD-018" in low.stderr
    made = run.invoke(app, ["justify", str(area.folder), "--rate", "18", *signer])
    assert made.exit_code == 0 and 'justification = "justification.json"' in made.stdout
    path = area.folder / "area.toml"
    path.write_text('justification = "justification.json"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    plan = load(area.folder)
    assert plan.justification is not None and plan.justification.most_t_co2e_per_ha_yr == 18
    assert implausible(plan.methodology, plan.justification, {2020: 17.9, 2021: 18.1}) == (2021,)
    file = area.folder / "justification.json"
    raw = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(raw | {"most_t_co2e_per_ha_yr": 99}), encoding="utf-8")
    refused(area, "E-CON-001", "Li")
    area.declare('id = "tiny-paddies"', 'id = "other-paddies"')
    file.write_text(json.dumps(raw), encoding="utf-8")
    refused(area, "E-CRD-017", "tiny-paddies", "other-paddies")
    file.write_text('{"rate": 1, "rate": 2}', encoding="utf-8")
    refused(area, "E-CRD-019", "rate")


def test_the_statement_of_a_run_has_its_projection_beside_it(tmp_path: Path) -> None:
    whole_run(rice(), tmp_path)
    assert [one.year for one in read_csv(tmp_path / "credit" / "projection.csv", Projected)] == [2020]
