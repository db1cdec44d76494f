"""Where arguments come from: declared before measured before derived before the tables; derived formulas are put in place."""

from __future__ import annotations

from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.reckon import read_inputs, reckon
from carbonsink.base.records import Measured, WorksheetRow
from carbonsink.carbon.work import worksheet
from carbonsink.declared.methodology import Flow
from carbonsink.declared.plan import Plan
from tests.carbon.projects import SOIL, SOIL_VALUES, declaring, hectares, project, soil

WORDS = {"zh": "存量", "en": "stock"}
STOCK = Flow.model_validate({"id": "stock", "pool": "soil", "gas": "CO2", "kind": "removal", "equation": "stock.gain", "to_co2e": "co2_per_c", "name": WORDS})


def derived(values: Any = SOIL_VALUES) -> Plan:
    """The soil's gain worked from two stocks, each derived by the stock equation under its own practice."""
    return declaring(project("farmland-soil", {"field": SOIL}, values), flow=[STOCK], derive={"soc_stock": "soil.mineral_soil_stock"})


def only(plan: Plan, scenario: str = "project", measured: tuple[Measured, ...] = ()) -> WorksheetRow:
    rows, _ = worksheet(plan, hectares(plan), measured)
    return next(row for row in rows if row.scenario == scenario and row.flow == "stock")


def used(row: WorksheetRow) -> dict[str, str]:
    return {one.argument: one.variable for one in read_inputs(row.inputs)}


def measured(symbol: str, value: float, scenario: str = "both", stratum: str = "field") -> Measured:
    return Measured(2020, scenario, stratum, symbol, value, "t_C ha^-1", value - 1, value + 1, "normal", "soil pits")


def test_a_derived_symbol_is_worked_in_place_under_both_practices() -> None:
    row = only(derived())
    assert "f_management_before" in used(row) and "soc_stock" not in row.formula
    rows, _ = worksheet(soil(), hectares(soil()))
    gained = next(r.result for r in rows if (r.flow, r.scenario) == ("soil_carbon", "project"))
    assert row.result == pytest.approx(gained, rel=1e-12)


def test_both_citations_stand_in_the_row() -> None:
    assert only(derived()).cites == "ipcc-2006-v4 eq 2.5; ipcc-2019-v4 eq 2.25"


def test_the_row_reckons_to_itself() -> None:
    rows, variables = worksheet(derived(), hectares(derived()))
    again = reckon(rows, {v.id: v.value for v in variables})
    assert [again[row.id] for row in rows] == pytest.approx([row.co2e_t for row in rows], abs=1e-9)


def test_what_is_measured_goes_before_what_could_be_derived() -> None:
    row = only(derived(), measured=(measured("soc_stock", 50.0, "project"),))
    assert used(row)["soc_stock"] == "measured:soc_stock:project:field:2020"
    assert "soc_ref" in row.formula, "the baseline's stock is still derived"


def test_what_is_declared_goes_before_what_is_measured() -> None:
    declared = [*SOIL_VALUES, {"symbol": "soc_stock", "value": 51.0, "unit": "t_C ha^-1", "scenario": "project"}]
    row = only(derived(declared), measured=(measured("soc_stock", 50.0, "project"),))
    assert used(row)["soc_stock"] == "declared:soc_stock:project"


def test_a_measurement_of_both_scenarios_gains_nothing() -> None:
    assert only(derived(), measured=(measured("soc_stock", 50.0),)).result == 0.0


def test_a_value_of_one_year_holds_in_that_year() -> None:
    values = [*SOIL_VALUES, SOIL_VALUES[1] | {"value": 90.0, "year": 2021}]
    plan = project("farmland-soil", {"field": SOIL}, values, (2020, 2021))
    rows, _ = worksheet(plan, hectares(plan))
    asked = {r.year: next(i for i in read_inputs(r.inputs) if i.argument == "nitrogen_rate") for r in rows if (r.flow, r.scenario) == ("n2o_direct", "project")}
    assert {year: (one.value, one.variable) for year, one in asked.items()} == {
        2020: (180.0, "declared:nitrogen_rate:project"),
        2021: (90.0, "declared:nitrogen_rate:project:2021"),
    }


def test_a_flow_is_worked_only_where_its_condition_holds() -> None:
    uplands = STOCK.model_copy(update={"when": "soil == hac"})
    plan = declaring(derived(), flow=[STOCK.model_copy(update={"id": "everywhere"}), uplands])
    assert {row.flow for row in worksheet(plan, hectares(plan))[0]} == {"everywhere"}, "the field's soil is of low activity clay"


def test_a_condition_on_a_fact_nobody_states_is_refused() -> None:
    plan = declaring(derived(), flow=[STOCK.model_copy(update={"when": "crop == rice"})], words=["rice"])
    with pytest.raises(Refusal, match="E-MET-003.*crop"):
        worksheet(plan, hectares(plan))


def test_a_flow_of_the_whole_area_takes_what_was_measured_for_all_strata() -> None:
    whole = Flow.model_validate(
        {
            "id": "trees",
            "pool": "biomass",
            "gas": "CO2",
            "kind": "removal",
            "scope": "area",
            "equation": "stock.measured_gain",
            "to_co2e": "co2_per_c",
            "name": WORDS,
        }
    )
    plan = declaring(derived(), flow=[whole], baseline="zero")
    rows, _ = worksheet(plan, hectares(plan), (Measured(2020, "project", "", "tree_carbon_gain", 10.0, "t_C yr^-1", 8.0, 12.0, "normal", "plots"),))
    assert [(row.id, row.co2e_t) for row in rows] == [("2020/project//trees", pytest.approx(10 * 44 / 12))]
