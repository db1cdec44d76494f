"""Figures add up to the areas', to the last digit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Refusal
from carbonsink.base.records import Posting, StockChange, Transition
from carbonsink.base.tables import read_csv
from carbonsink.credit.statement import ACCOUNTS, statement
from carbonsink.declared.methodology import methodology_names, read_methodology
from carbonsink.portfolio import Portfolio
from carbonsink.portfolio.credits import EARNED, SETTLED, area_credits, credits, whole
from carbonsink.portfolio.inventory import inventory
from carbonsink.portfolio.land import land_areas, land_transitions
from carbonsink.portfolio.member import Member
from carbonsink.portfolio.settings import inventory_tables, line_of

AMOUNTS = st.decimals(min_value="-1e7", max_value="1e7", places=9)


def statements(county: Path) -> list[Posting]:
    """Every posting of every area, from the files themselves."""
    return [posting for path in sorted((county / "runs").glob("*/credit/statement.csv")) for posting in read_csv(path, Posting)]


def test_every_account_is_the_sum_of_the_statements(county: Path, rolled: Portfolio) -> None:
    for account in ACCOUNTS:
        posted = sum((one.co2e_t for one in statements(county) if one.account == account), Decimal(0))
        assert whole(rolled.credits, account) == whole(rolled.area_credits, account) == (-posted if account in EARNED else posted), account


def test_gross_is_what_it_is_settled_by(rolled: Portfolio) -> None:
    for row in (*rolled.credits, *rolled.area_credits):
        assert row.gross == row.removals + row.avoided - row.baseline == sum((getattr(row, name) for name in SETTLED), Decimal(0))
    assert whole(rolled.credits, "issued") > 0 and whole(rolled.credits, "withheld") > 0 and whole(rolled.credits, "removals") > 0


def test_removals_and_avoided_emissions_stay_apart(rolled: Portfolio) -> None:
    rice, soil = (next(row for row in rolled.credits if row.methodology.startswith(name) and row.vintage == 2021) for name in ("rice", "farmland"))
    assert rice.avoided > 0 == rice.removals and soil.removals - soil.baseline > 0 == soil.avoided
    assert (rice.areas, soil.areas) == (14, 5)


@given(st.lists(st.lists(AMOUNTS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_random_statements_add_up_exactly(rolled: Portfolio, amounts: list[list[Decimal]]) -> None:
    methodology = read_methodology("rice-water-management")
    members = []
    for number, (baseline, project, rise) in enumerate(amounts):
        changes = [
            StockChange(2020, scenario, flow, "soil", "CO2", kind, float(tonnes))
            for flow, kind, pair in (("a", "avoided", (baseline, project)), ("e", "emission", (Decimal(0), rise)))
            for scenario, tonnes in zip(("baseline", "project"), pair, strict=True)
        ]
        rules = methodology.model_copy(update={"deduction": []})
        postings = statement(rules, [2020], changes, [], ["simulated"] if number % 2 else [])
        members.append(replace(rolled.members[0], plan=rolled.members[number].plan, postings=postings))
    total, single = credits(members), area_credits(members)
    for name in (*EARNED, "baseline", "gross", *SETTLED):
        assert whole(total, name) == whole(single, name)
    assert whole(total, "gross") == sum((whole(total, name) for name in SETTLED), Decimal(0))


def test_a_statement_that_does_not_balance_is_refused(rolled: Portfolio) -> None:
    broken = replace(rolled.members[0], postings=(*rolled.members[0].postings, Posting(2021, "issued", Decimal("1"), "")))
    with pytest.raises(Refusal, match=r"E-PTF-009 .* 2021 add up to 1 "):
        area_credits([broken])


def test_the_inventory_is_the_project_s_own_flows_with_the_sign_of_inventories(rolled: Portfolio) -> None:
    rows = [row for member in rolled.members for row in member.worksheet if row.scenario == "project"]
    expected = sum(((-1 if row.kind == "removal" else 1) * Decimal(repr(row.co2e_t)) for row in rows), Decimal(0))
    assert sum((row.co2e_t for row in rolled.inventory), Decimal(0)) == expected
    methane = next(row for row in rolled.inventory if row.line == "rice-methane" and row.year == 2021)
    assert (methane.table, methane.code, methane.guidelines, methane.gas, methane.areas) == ("3.C", "3.C.1", "3C7", "CH4", 14)
    assert methane.co2e_t / methane.gas_t == pytest.approx(Decimal(28), rel=Decimal("1e-6"))  # AR5
    forest = next(row for row in rolled.inventory if row.line == "living-biomass")
    assert (forest.table, forest.code, forest.guidelines) == ("4.A", "4.A.1", "3B1") and forest.co2e_t < 0


def test_every_flow_of_every_methodology_has_its_line(rolled: Portfolio) -> None:
    lands = [one.category for one in inventory_tables().land]
    for name in methodology_names():
        for flow in read_methodology(name).flow:
            for land in (*lands, ""):
                for change in ("remaining", "converted"):
                    assert line_of(flow.pool, flow.gas, flow.equation, land, change).id != "unallocated", (name, flow.id)
    assert line_of("wine", "CO2", "x.y", "cropland", "remaining").id == "unallocated"
    assert not [row for row in rolled.inventory if row.line == "unallocated"]


def test_planted_land_is_converted_and_stated_land_is_what_it_states(rolled: Portfolio) -> None:
    member = next(one for one in rolled.members if one.id == "county-inventory")
    planted = replace(member, plan=replace(member.plan, methodology=read_methodology("ccer-14-001").model_copy(update={"flow": member.plan.methodology.flow})))
    assert {row.code for row in inventory([planted])} == {"4.A.2"}
    keys = {"category": "grassland", "land_change": "converted"}
    strata = {name: one.model_copy(update={"keys": one.keys | keys}) for name, one in member.plan.area.strata.items()}
    stated = replace(member, plan=replace(member.plan, area=member.plan.area.model_copy(update={"strata": strata})))
    assert {(row.code, row.category) for row in inventory([stated])} == {("4.C.2", "grassland")}


def test_flows_of_land_of_several_categories_are_of_none(rolled: Portfolio) -> None:
    member = next(one for one in rolled.members if one.id == "county-inventory")
    first = next(iter(member.plan.area.strata.values()))
    strata = member.plan.area.strata | {"water": first.model_copy(update={"cover": "water"})}
    mixed = replace(
        member,
        plan=replace(member.plan, area=member.plan.area.model_copy(update={"strata": strata})),
        worksheet=tuple(replace(row, stratum="") for row in member.worksheet),
    )
    assert {(row.table, row.code, row.category, row.change) for row in inventory([mixed])} == {("-", "-", "", "")}


def test_gains_over_a_control_are_no_inventory(rolled: Portfolio) -> None:
    member = rolled.members[0]
    flows = [flow.model_copy(update={"scenario": "project"}) for flow in member.plan.methodology.flow]
    over = replace(member, plan=replace(member.plan, methodology=member.plan.methodology.model_copy(update={"flow": flows})))
    assert {row.basis for row in inventory([over])} == {"over-baseline"}


def test_land_adds_up_and_independent_errors_add_as_squares(rolled: Portfolio) -> None:
    inventories = [one for one in rolled.members if not one.surveyed]
    (forest,) = (row for row in rolled.land_areas if (row.year, row.land, row.standard) == (2020, "forest land", "ipcc"))
    assert forest.area_ha == sum(
        (Decimal(repr(row.adjusted_ha)) for one in inventories for row in one.classes if (row.year, row.land_class) == (2020, "paddy")), Decimal(0)
    )
    assert forest.standard_error_ha == pytest.approx(0.2) and forest.known_ha == forest.area_ha
    doubled = [inventories[0], replace(inventories[0], plan=replace(inventories[0].plan, area=inventories[0].plan.area.model_copy(update={"id": "again"})))]
    assert next(row for row in land_areas(doubled) if row.land == "forest land").standard_error_ha == pytest.approx(0.2 * 2**0.5)


def test_the_matrix_s_rows_are_the_land_of_the_year(rolled: Portfolio) -> None:
    member = next(one for one in rolled.members if not one.surveyed)
    moves = [row for row in land_transitions([member]) if row.standard == "ipcc"]
    assert {(row.from_land, row.to_land) for row in moves} == {("forest land", "forest land"), ("forest land", "wetlands"), ("wetlands", "wetlands")}
    assert all(row.standard_error_ha is None and row.known_ha == 0 for row in moves)
    surveyed = [row for row in rolled.land_transitions if row.from_land == "cropland" and row.standard == "ipcc"]
    assert [(row.to_land, row.areas, row.standard_error_ha) for row in surveyed] == [("cropland", 14, 0.0)]


def test_interpreted_points_take_the_place_of_the_maps(rolled: Portfolio) -> None:
    member = next(one for one in rolled.members if not one.surveyed)
    sampled = (
        Transition(2020, 2021, "paddy", "water", 0.3, 0.2, 0.05, 0.1, 0.3, 40),
        Transition(2020, 2021, "not monitored", "not monitored", 0.1, None, None, None, None, 0),
    )
    moves = {row.from_land: row for row in land_transitions([replace(member, transitions=sampled)]) if row.standard == "ipcc"}
    assert (moves["forest land"].area_ha, moves["forest land"].standard_error_ha) == (Decimal("0.2"), 0.05)
    assert moves["not monitored"].area_ha == Decimal("0.1") and moves["not monitored"].standard_error_ha is None


def test_classes_of_the_national_standard_have_their_own_rows(rolled: Portfolio) -> None:
    member: Member = next(one for one in rolled.members if not one.surveyed)
    assert not [row for row in land_areas([member]) if row.standard == "gbt"]
    classes = [one.model_copy(update={"gbt": code}) for one, code in zip(member.plan.pipeline.land.classes, ("0301", "1101"), strict=True)]
    land = member.plan.pipeline.land.model_copy(update={"classes": classes})
    named = replace(member, plan=replace(member.plan, pipeline=member.plan.pipeline.model_copy(update={"land": land})))
    assert {row.land for row in land_areas([named]) if row.standard == "gbt"} == {"0301", "1101"}


def test_alerts_and_stamps_name_their_area(rolled: Portfolio) -> None:
    told = [(one.kind, one.area, one.count, one.amount, one.detail) for one in rolled.alerts]
    assert told == [("protection", "rice-04", 1, Decimal("0.25"), "basic-farmland"), ("practice", "rice-05", 1, 0, "water_regime")]
    assert {one.code for one in rolled.stamps} == {"TRANSCRIBED_FACTORS"} and len(rolled.stamps) == len(rolled.members)
