"""The worksheet: names wire equations to factors, every number keeps its origin, and everything missing is told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.base.problems import Refusal
from carbonsink.base.reckon import Input, quantities, read_inputs, reckon, write_inputs
from carbonsink.base.records import Activity, StockChange, Variable, WorksheetRow
from carbonsink.base.tables import quantise, read_csv, write_csv
from carbonsink.carbon.work import missing, stock_changes, work, worksheet
from carbonsink.declared.plan import Plan
from tests.carbon.projects import FOREST, RICE, RICE_VALUES, SOIL, SOIL_VALUES, hectares, project, rice, soil


def net(plan: Plan, activity: tuple[Activity, ...], quantity: str = "net") -> float:
    rows, variables = worksheet(plan, activity)
    return float(quantities(rows, reckon(rows, {v.id: v.value for v in variables}))[plan.vintages[0], quantity])


def codes(refusal: Refusal) -> list[str]:
    return [problem.code for problem in refusal.problems]


def test_a_run_writes_tables_that_reckon_to_themselves(tmp_path: Path) -> None:
    plan = soil((2020, 2021))
    write_csv(tmp_path / "areas" / "activity.csv", hectares(plan, 12.5, 0.4, "error_adjusted"), Activity)
    work(plan, tmp_path)
    rows = read_csv(tmp_path / "carbon" / "worksheet.csv", WorksheetRow)
    values = {variable.id: variable.value for variable in read_csv(tmp_path / "carbon" / "variables.csv", Variable)}
    again = reckon(rows, values)
    assert len(rows) == 2 * 2 * 4
    assert [quantise(again[row.id], 9) for row in rows] == [row.co2e_t for row in rows]
    changes = read_csv(tmp_path / "carbon" / "stock_change.csv", StockChange)
    assert sum(change.co2e_t for change in changes) == pytest.approx(sum(row.co2e_t for row in rows))


def test_baseline_and_project_share_what_they_have_in_common() -> None:
    rows, _ = worksheet(soil(), hectares(soil()))
    used = {row.scenario: {one.argument: one.variable for one in read_inputs(row.inputs)} for row in rows if row.flow == "soil_carbon"}
    assert used["baseline"]["soc_ref"] == used["project"]["soc_ref"]
    assert used["baseline"]["area"] == used["project"]["area"] == "area:field:2020"
    assert used["project"]["f_management"] != used["project"]["f_management_before"] == used["baseline"]["f_management"]


def test_areas_that_differ_between_scenarios_are_two_variables() -> None:
    plan = rice()
    baseline, changed = hectares(plan)
    _, variables = worksheet(plan, (baseline, replace(changed, area_ha=2.0)))
    assert [v.id for v in variables if v.symbol == "area"] == ["area:paddy:2020:baseline", "area:paddy:2020:project"]


def test_the_baseline_practice_changes_no_soil_carbon() -> None:
    rows, _ = worksheet(soil(), hectares(soil()))
    assert next(row.result for row in rows if (row.flow, row.scenario) == ("soil_carbon", "baseline")) == 0.0


def test_where_baseline_is_project_nothing_is_gained() -> None:
    still = project("farmland-soil", {"field": SOIL | {"project": SOIL["baseline"]}}, [SOIL_VALUES[0] | {"scenario": "both"}])
    flooded = project("rice-water-management", {"paddy": RICE | {"project": RICE["baseline"]}}, RICE_VALUES)
    assert [net(plan, hectares(plan), quantity) for plan in (still, flooded) for quantity in ("gross", "net")] == [0.0] * 4


@settings(max_examples=25)
@given(area=st.floats(0.01, 1e5))
def test_twice_the_area_is_twice_the_tonnes(area: float) -> None:
    plan = soil()
    assert net(plan, hectares(plan, 2 * area)) == pytest.approx(2 * net(plan, hectares(plan, area)), rel=1e-12)


def test_less_fertiliser_is_no_credit() -> None:
    saving = project("farmland-soil", {"field": SOIL}, [SOIL_VALUES[0], SOIL_VALUES[1] | {"value": 50.0}])
    assert net(saving, hectares(saving)) == net(saving, hectares(saving), "gross")


def test_an_inventory_has_no_baseline() -> None:
    plan = project("forest-inventory", {"forest": FOREST})
    rows, _ = worksheet(plan, hectares(plan, 100.0))
    assert {row.scenario for row in rows} == {"project"}
    assert net(plan, hectares(plan, 100.0)) == pytest.approx(100 * 3.6 * 1.477 * 0.47 * 44 / 12)


def test_a_declared_value_goes_before_the_table_and_the_narrowest_first() -> None:
    declared = [
        *RICE_VALUES,
        {"symbol": "ef_rice", "value": 1.0, "unit": "kg_CH4 ha^-1 day^-1"},
        {"symbol": "ef_rice", "value": 2.0, "unit": "kg_CH4 ha^-1 day^-1", "scenario": "project"},
        {"symbol": "ef_rice", "value": 3.0, "unit": "kg_CH4 ha^-1 day^-1", "stratum": "upper"},
    ]
    plan = project("rice-water-management", {"lower": RICE, "upper": RICE}, declared)
    rows, variables = worksheet(plan, hectares(plan))
    used = {(r.stratum, r.scenario): next(i.variable for i in read_inputs(r.inputs) if i.argument == "ef_rice") for r in rows if r.flow == "rice_methane"}
    assert used["lower", "baseline"] == "declared:ef_rice"
    assert used["lower", "project"] == "declared:ef_rice:project"
    assert used["upper", "baseline"] == used["upper", "project"] == "declared:ef_rice:upper"
    assert {v.status for v in variables if v.id.startswith("declared:")} == {"declared"}


def test_everything_that_is_missing_is_told_at_once() -> None:
    lost = RICE | {"keys": {"region": "atlantis", "cropping": "single"}}
    found = missing(project("rice-water-management", {"paddy": lost}, RICE_VALUES[1:]))
    assert {problem.code for problem in found} == {"E-FAC-001"}
    assert {problem.facts["symbol"] for problem in found} == {"ef_rice", "sf_preseason", "straw_rate", "cfoa", "cultivation_period"}
    assert missing(rice()) == missing(soil()) == ()


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ({"symbol": "cultivation_period", "value": 16.0, "unit": "yr"}, "E-FAC-004", "yr"),
        ({"symbol": "rice_straw", "value": 5.0, "unit": "t ha^-1"}, "E-FAC-004", "rice_straw"),
        ({"symbol": "sf_preseason", "value": 1.0, "unit": "1", "distribution": "normal"}, "E-FAC-004", "normal"),
        ({"symbol": "gwp_ch4", "value": 34.0, "unit": "t_CO2e t_CH4^-1"}, "E-FAC-005", "gwp_ch4"),
        (RICE_VALUES[0] | {"value": 6.0}, "E-FAC-006", "declared:straw_rate"),
    ],
)
def test_a_declared_value_that_can_t_be_used_is_refused(value: dict[str, object], code: str, words: str) -> None:
    plan = project("rice-water-management", {"paddy": RICE}, [*RICE_VALUES, value])
    with pytest.raises(Refusal) as caught:
        worksheet(plan, hectares(plan))
    assert codes(caught.value) == [code]
    assert words in caught.value.problems[0].line("en")


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        # All straw carried away and all of it burnt: less than nothing would be left on the field.
        ([("crop_yield", 6.0, "t ha^-1"), ("removed_share", 1.0, "1"), ("burnt_share", 1.0, "1"), ("combustion_factor", 1.0, "1"), ("residue_ratio", 1.0, "1"),
          ("residue_root_shoot", 0.0, "1"), ("renewed_share", 1.0, "1")], "E-FAC-015", "residue_nitrogen_rate = -"),
        ([("transition_time", 0.0, "yr")], "E-FAC-014", "zero"),
    ],
)  # fmt: skip
def test_numbers_that_don_t_go_together_are_refused_by_name(values: list[tuple[str, float, str]], code: str, words: str) -> None:
    own = [{"symbol": symbol, "value": value, "unit": unit} for symbol, value, unit in values]
    plan = project(
        "farmland-soil", {"field": SOIL | {"keys": SOIL["keys"] | {"region": "east_asia", "cropping": "single", "crop": "wheat"}}}, [*SOIL_VALUES, *own]
    )
    (problem, *others) = missing(plan)
    assert {problem.code, *(other.code for other in others)} == {code}
    assert words in problem.line("en") and f"declared:{values[0][0]}" in problem.line("en") and "[strata.field]" in problem.line("zh")


def test_activity_of_an_undeclared_stratum_is_refused() -> None:
    plan = rice()
    strange = tuple(replace(one, stratum="terrace") for one in hectares(plan))
    with pytest.raises(Refusal) as caught:
        worksheet(plan, strange)
    assert set(codes(caught.value)) == {"E-FAC-007"}


def test_the_order_of_activity_changes_nothing() -> None:
    plan = project("farmland-soil", {"one": SOIL, "two": SOIL}, SOIL_VALUES, (2020, 2021))
    activity = hectares(plan, 3.3, 0.1)
    assert worksheet(plan, activity) == worksheet(plan, activity[::-1])


def test_stock_changes_add_strata() -> None:
    plan = project("rice-water-management", {"one": RICE, "two": RICE}, RICE_VALUES)
    rows, _ = worksheet(plan, hectares(plan, 7.0))
    methane = next(c for c in stock_changes(rows) if (c.flow, c.scenario) == ("rice_methane", "baseline"))
    assert methane.co2e_t == pytest.approx(14 * 0.4255016 * 28, rel=2e-7)


@given(st.lists(st.tuples(st.sampled_from(["area", "cfoa", "ef1_before"]), st.floats(allow_nan=False, allow_infinity=False)), min_size=1))
def test_inputs_survive_their_cell(pairs: list[tuple[str, float]]) -> None:
    inputs = tuple(Input(name, value, f"ipcc-2019/soil.csv:{place}") for place, (name, value) in enumerate(pairs))
    assert read_inputs(write_inputs(inputs)) == inputs
