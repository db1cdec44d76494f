"""A vintage is one balanced list of postings: it sums to zero, pays its debts first, and never issues more for knowing less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.reckon import quantities, reckon
from carbonsink.base.records import Activity, Posting, PracticeEvidence, Spread, StockChange
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work, worksheet
from carbonsink.credit.settle import Entry
from carbonsink.credit.statement import ACCOUNTS, balanced, credit, statement
from carbonsink.declared.area import ImagerySource
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import Practice
from carbonsink.declared.withholding import withholding
from carbonsink.uncertainty import propagate
from tests.carbon.projects import FOREST, declaring, hectares, project, rice, soil
from tests.signing import confirming

FARMLAND = read_methodology("farmland-soil")
flow = st.floats(-1e6, 1e6).map(lambda tonnes: round(tonnes, 9))


def change(kind: str, scenario: str, tonnes: float, year: int = 2020) -> StockChange:
    return StockChange(year, scenario, {"removal": "soil_carbon", "avoided": "rice_methane", "emission": "n2o_direct"}[kind], "soil", "CO2", kind, tonnes)


def spread(percent: float, year: int = 2020) -> Spread:
    return Spread(year, "net", 2, 95.0, 0.0, 0.0, 0.0, 0.0, percent)


def accounts(postings: Sequence[Posting], year: int = 2020) -> dict[str, Decimal]:
    return {posting.account: posting.co2e_t for posting in postings if posting.vintage == year}


def posted(*changes: StockChange, percent: float = 30.0, reasons: Sequence[str] = (), vintages: Sequence[int] = (2020,)) -> tuple[Posting, ...]:
    return statement(FARMLAND, vintages, changes, [spread(percent, year) for year in vintages], reasons)


def whole_run(plan: Plan, run: Path, area: float = 429.0, error: float = 0.0, method: str = "parcels") -> tuple[Posting, ...]:
    write_csv(run / "areas" / "activity.csv", hectares(plan, area, error, method), Activity)
    work(plan, run)
    propagate(plan, run)
    credit(confirming(plan), run)
    return read_csv(run / "credit" / "statement.csv", Posting)


def test_a_vintage_by_hand() -> None:
    found = accounts(posted(change("removal", "project", 1300.25), change("removal", "baseline", 200.0), change("emission", "project", 100.0)))
    # 1000.25 net; 100.025 for uncertainty, half of the 20 % above 10 %; a tenth of the 900.225 left for the buffer; 810.2025 remain
    expected = {
        "removals": "-1300.25",
        "baseline": "200",
        "emissions": "100",
        "uncertainty": "100.025",
        "buffer": "90.0225",
        "issued": "810",
        "rounding": "0.2025",
    }
    assert {account: str(value) for account, value in found.items() if value} == expected


@given(flow, flow, flow, flow, flow, flow, st.floats(0, 500).map(lambda p: round(p, 6)), st.booleans())
def test_every_vintage_sums_to_zero(a: float, b: float, c: float, d: float, e: float, f: float, percent: float, withheld: bool) -> None:
    kinds = [(kind, scenario) for kind in ("removal", "avoided", "emission") for scenario in ("project", "baseline")]
    changes = [change(kind, scenario, value) for (kind, scenario), value in zip(kinds, (a, b, c, d, e, f), strict=True)]
    postings = posted(*changes, percent=percent, reasons=("simulated",) if withheld else ())
    found = accounts(postings)
    assert tuple(found) == ACCOUNTS
    assert sum(found.values()) == 0
    assert 0 <= found["rounding"] < 2, "a tonne a type"
    assert found["issued"] >= 0 and found["issued"] == int(found["issued"])
    assert found["issued"] == 0 or not withheld


@given(st.floats(0, 1e6), st.floats(0, 400), st.floats(0, 400))
def test_more_uncertainty_never_issues_more(tonnes: float, one: float, other: float) -> None:
    issued = [accounts(posted(change("removal", "project", tonnes), percent=percent))["issued"] for percent in sorted((one, other))]
    assert issued[0] >= issued[1]


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_more_emissions_never_issue_more(removed: float, emitted: float) -> None:
    issued = [accounts(posted(change("removal", "project", removed), change("emission", "project", rise)))["issued"] for rise in (0.0, emitted)]
    assert issued[0] >= issued[1]


def test_emissions_that_fall_are_no_credit() -> None:
    found = accounts(posted(change("removal", "project", 10.0), change("emission", "baseline", 500.0)))
    assert found["emissions"] == 0 and found["issued"] <= 10


def test_a_net_loss_is_carried_and_paid_before_anything_is_issued() -> None:
    tonnes = {2020: -100.0, 2021: 60.0, 2022: 100.0}
    changes = [change("removal", "project", value, year) for year, value in tonnes.items()]
    years = [accounts(posted(*changes, percent=0.0, vintages=tuple(tonnes)), year) for year in tonnes]
    assert years[0]["shortfall"] == -100 and years[0]["issued"] == 0
    assert years[1]["carried"] == 54 and years[1]["issued"] == 0  # 60 less a tenth for the buffer, all of it paid back
    assert years[2]["carried"] == 46 and years[2]["issued"] == 44  # 90 less the last 46
    assert all(sum(found.values()) == 0 for found in years)


def test_losses_of_several_vintages_add_up() -> None:
    changes = [change("removal", "project", value, year) for year, value in ((2020, -10.0), (2021, -5.0), (2022, 100.0))]
    assert accounts(posted(*changes, percent=0.0, vintages=(2020, 2021, 2022)), 2022)["carried"] == 15


def test_withheld_tonnes_say_why() -> None:
    postings = posted(change("removal", "project", 100.5), percent=0.0, reasons=("simulated", "not_issuable"))
    held = next(posting for posting in postings if posting.account == "withheld")
    assert (held.co2e_t, held.note) == (Decimal(90), "simulated not_issuable")
    assert accounts(postings)["issued"] == 0


def test_what_may_not_be_issued() -> None:
    bare = replace(rice(), area=rice().area.model_copy(update={"imagery": ImagerySource(catalogue="catalogue")}))
    assert bare.withholding(one.method for one in hectares(bare)) == ("unconfirmed",)
    assert declaring(bare, status="proposed").withholding(["parcels"]) == ("unconfirmed",)
    assert declaring(bare, status="transcribed").withholding(["parcels"]) == ()
    plan = confirming(bare)
    assert plan.withholding(one.method for one in hectares(plan)) == ()
    assert plan.withholding(one.method for one in hectares(plan, method="pixel_count")) == ("area_method:pixel_count",)
    assert declaring(plan, issuable=False).withholding(one.method for one in hectares(plan)) == ("not_issuable",)
    simulated = replace(plan, area=plan.area.model_copy(update={"imagery": ImagerySource(catalogue="simulated")}))
    assert simulated.withholding(one.method for one in hectares(plan)) == ("simulated",)


def test_a_contradicted_farm_record_withholds_only_where_the_pipeline_declares_it(tmp_path: Path) -> None:
    real = confirming(replace(rice(), area=rice().area.model_copy(update={"imagery": ImagerySource(catalogue="catalogue")})))
    write_csv(tmp_path / "areas" / "activity.csv", hectares(real), Activity)
    flooded = PracticeEvidence(
        2020, "LS-01", "paddy", "water_regime", 1, "2020-05-01", "2020-09-01", "continuously_flooded", "multiple_drainage", "contradicts",
        0.97, 0.01, 110, 12, 0, None, 14, "",
    )  # fmt: skip
    write_csv(tmp_path / "land" / "practice.csv", [flooded], PracticeEvidence)
    for declared, reasons in (("show", ()), ("withhold", ("practice:water_regime",))):
        practice = Practice(evidence=["water_regime"], contradiction=declared)
        plan = replace(real, pipeline=real.pipeline.model_copy(update={"practice": practice}))
        assert withholding(plan, tmp_path) == reasons


def test_a_vintage_that_doesn_t_balance_is_refused() -> None:
    nothing = Entry(Decimal(0))
    with pytest.raises(Refusal) as caught:
        balanced(2020, {"removals": Entry(Decimal(-5)), "issued": Entry(Decimal(4)), "rounding": nothing})
    assert caught.value.problems[0].code == "E-CRD-001" and caught.value.exit_code == Exit.INTEGRITY
    with pytest.raises(Refusal):
        balanced(2020, {"removals": Entry(Decimal(-5)), "issued": nothing, "rounding": Entry(Decimal(5))})


def test_a_missing_interval_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        statement(FARMLAND, (2020,), [change("removal", "project", 5.0)], [replace(spread(5.0), approach=1)], ())
    assert caught.value.problems[0].code == "E-CRD-002"


def test_longshan_from_areas_to_issuance(tmp_path: Path) -> None:
    postings = whole_run(rice((2020, 2021, 2022)), tmp_path)
    for year in (2020, 2021, 2022):
        found = accounts(postings, year)
        assert 2250 <= -found["avoided"] <= 2350
        assert found["emissions"] == pytest.approx(Decimal("53.594357"), abs=Decimal("1e-6")), "the rise of nitrous oxide is booked"
        assert found["buffer"] == 0, "avoided methane can't come back"
        assert 1000 < found["issued"] < 2000
    assert 6750 <= -sum(posting.co2e_t for posting in postings if posting.account == "avoided") <= 7050


def test_twice_the_area_earns_twice(tmp_path: Path) -> None:
    once, twice = (accounts(whole_run(soil(), tmp_path / str(area), area)) for area in (50.0, 100.0))
    assert float(twice["removals"]) == pytest.approx(2 * float(once["removals"]), rel=1e-9)
    assert twice["issued"] - 2 * once["issued"] in (0, 1)


def test_a_wider_area_estimate_never_issues_more(tmp_path: Path) -> None:
    issued = [accounts(whole_run(soil(), tmp_path / str(error), 500.0, error, "error_adjusted"))["issued"] for error in (0.0, 25.0, 100.0)]
    assert issued == sorted(issued, reverse=True) and issued[0] > issued[-1]


def test_an_inventory_issues_nothing(tmp_path: Path) -> None:
    postings = whole_run(project("forest-inventory", {"forest": FOREST}), tmp_path, 100.0, method="pixel_count")
    found = accounts(postings)
    assert found["issued"] == 0 and found["withheld"] == int(-found["removals"])
    assert next(p.note for p in postings if p.account == "withheld") == "not_issuable"


def test_the_statement_nets_what_the_worksheet_nets(tmp_path: Path) -> None:
    plan = soil()
    found = accounts(whole_run(plan, tmp_path, 77.0))
    rows, variables = worksheet(plan, hectares(plan, 77.0))
    net = quantities(rows, reckon(rows, {v.id: v.value for v in variables}))[2020, "net"]
    assert float(-sum(found[account] for account in ("removals", "avoided", "baseline", "emissions"))) == pytest.approx(float(net), abs=1e-8)
