"""What holds for every farmland methodology: nothing comes of nothing, twice the land is twice the tonnes, order and cuts change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.base.reckon import quantities, reckon
from carbonsink.base.records import Activity, Measured
from carbonsink.carbon.work import worksheet
from carbonsink.credit.rules import Amounts, deduct
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.plan import Plan
from tests.carbon.farmland_projects import CHANGED, FIELD, GARDEN, KEPT, PASTURE, SAMPLED, nitrogen, planned, rating
from tests.carbon.projects import RICE, RICE_VALUES, hectares

TREES = [
    {"symbol": "inventory_interval", "value": 5.0, "unit": "yr"},
    {"symbol": "woody_stock", "value": 25.0, "unit": "t_C ha^-1", "scenario": "project"},
    {"symbol": "woody_stock", "value": 21.0, "unit": "t_C ha^-1", "scenario": "baseline"},
    {"symbol": "woody_stock_earlier", "value": 21.0, "unit": "t_C ha^-1"},
]
MORE = [nitrogen(100.0, "baseline"), nitrogen(130.0, "project"), CHANGED, KEPT]
PROJECTS: dict[str, tuple[Mapping[str, Any], list[Mapping[str, Any]]]] = {
    "rice-water-management": (RICE, list(RICE_VALUES)),
    "farmland-soil": (FIELD, MORE),
    "tea-orchard": (GARDEN, [*MORE, *TREES]),
    "grassland": (PASTURE, MORE),
    "vm0042": (SAMPLED, [*MORE, rating(0.15)]),
}
NAMES = pytest.mark.parametrize("name", PROJECTS)


def plan(name: str, *strata: str, same: bool = False) -> Plan:
    """The methodology over strata of one kind; `same`: the project does what the baseline did."""
    stratum, values = PROJECTS[name]
    if same:
        stratum = {**stratum, "project": stratum["baseline"]}
        values = [{**value, "scenario": "both"} for value in values if value.get("scenario") != "project"]
    return planned(name, dict.fromkeys(strata or ("one",), stratum), values)


def measured(one: Plan) -> tuple[Measured, ...]:
    return tuple(Measured(2020, "project", name, "soc_gain_measured", 0.5, "t_C ha^-1 yr^-1", 0.1, 0.9, "normal", "soil samples") for name in one.area.strata)


def tonnes(one: Plan, activity: tuple[Activity, ...], rows: tuple[Measured, ...] | None = None) -> tuple[float, float]:
    """Gross and net of the year."""
    made, variables = worksheet(one, activity, measured(one) if rows is None else rows)
    found = quantities(made, reckon(made, {variable.id: variable.value for variable in variables}))
    return float(found[2020, "gross"]), float(found[2020, "net"])


@NAMES
def test_where_the_project_is_the_baseline_nothing_is_gained(name: str) -> None:
    same = plan(name, same=True)
    nothing = (Measured(2020, "both", "one", "soc_gain_measured", 0.0, "t_C ha^-1 yr^-1", -0.1, 0.1, "normal", "soil samples"),)
    assert tonnes(same, hectares(same, 100.0), nothing) == (0.0, 0.0)


@NAMES
@settings(max_examples=15)
@given(area=st.floats(0.01, 1e5))
def test_twice_the_land_is_twice_the_tonnes(name: str, area: float) -> None:
    one = plan(name)
    assert tonnes(one, hectares(one, 2 * area)) == pytest.approx([2 * value for value in tonnes(one, hectares(one, area))], rel=1e-12)


@NAMES
@settings(max_examples=15)
@given(share=st.floats(0.01, 0.99))
def test_cutting_a_stratum_in_two_changes_nothing(name: str, share: float) -> None:
    whole, cut = plan(name), plan(name, "one", "two")
    parts = {"one": 100.0 * share, "two": 100.0 * (1 - share)}
    divided = tuple(replace(one, area_ha=parts[one.stratum]) for one in hectares(cut))
    assert tonnes(cut, divided) == pytest.approx(tonnes(whole, hectares(whole, 100.0)), rel=1e-12)


@NAMES
def test_the_order_of_strata_changes_no_bit(name: str) -> None:
    one, other = plan(name, "one", "two"), plan(name, "two", "one")
    activity = tuple(replace(row, area_ha=40.0 if row.stratum == "one" else 60.0) for row in hectares(one))
    assert worksheet(one, activity, measured(one)) == worksheet(other, activity[::-1], measured(other)[::-1])


@NAMES
@given(width=st.decimals(0, 500, places=6), wider=st.decimals(0, 500, places=6))
def test_knowing_less_never_earns_more(name: str, width: Decimal, wider: Decimal) -> None:
    amounts = Amounts(Decimal(1000), Decimal(200), Decimal(150))
    rules = read_methodology(name).deduction

    def left(percent: Decimal) -> Decimal:
        return amounts.net - sum((one.co2e_t for one in deduct(rules, amounts, lambda asked: percent)), Decimal(0))

    assert left(max(width, wider)) <= left(min(width, wider)) + Decimal("3e-9")
