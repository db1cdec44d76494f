"""Amounts that are applied or aren't: left out where nobody declares them, asked for everywhere once somebody does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.reckon import read_inputs
from carbonsink.base.records import WorksheetRow
from carbonsink.base.units import same, symbols
from carbonsink.carbon.work import missing, worksheet
from carbonsink.declared.factors import read_factors
from carbonsink.declared.plan import Plan
from tests.carbon.farmland_projects import CHANGED, FIELD, nitrogen, planned
from tests.carbon.projects import RICE, RICE_VALUES, hectares, project, rice

TWO = {"upper": FIELD, "lower": FIELD}


def farm(*values: Mapping[str, Any], strata: Mapping[str, Any] | None = None) -> Plan:
    return planned("farmland-soil", strata or {"field": FIELD}, [nitrogen(150.0), CHANGED, *values])


def row(plan: Plan, flow: str, scenario: str = "project") -> WorksheetRow:
    rows, _ = worksheet(plan, hectares(plan))
    return next(one for one in rows if (one.flow, one.scenario) == (flow, scenario))


def urea(tonnes: float, **scope: str) -> dict[str, Any]:
    return {"symbol": "urea_rate", "value": tonnes, "unit": "t ha^-1 yr^-1"} | scope


def test_where_nobody_declares_anything_the_worksheet_is_as_it_was() -> None:
    rows, variables = worksheet(farm(), hectares(farm()))
    assert {one.flow for one in rows} == {"soil_carbon", "n2o_direct", "n2o_volatilised", "n2o_leached"}
    assert row(farm(), "n2o_direct").formula == "area * nitrogen_rate * t_per_kg * ef1 * n2o_per_n"
    assert row(farm(), "n2o_volatilised").formula == "area * nitrogen_rate * t_per_kg * frac_gasf * ef4 * n2o_per_n"
    assert not {variable.symbol for variable in variables} & {"ef_urea", "frac_gasm", "crop_yield"}


def test_rice_with_straw_alone_keeps_its_formula() -> None:
    assert row(rice(), "rice_methane").formula == (
        "area * (ef_rice * sf_water * sf_preseason * (1 + straw_rate * cfoa) ** sf_organic_exponent * cultivation_period * harvests * t_per_kg)"
    )


def test_compost_beside_straw_takes_its_own_row_of_the_same_table() -> None:
    compost = {"symbol": "compost_rate", "value": 10.0, "unit": "t ha^-1"}
    mixed = row(project("rice-water-management", {"paddy": RICE}, [*RICE_VALUES, compost]), "rice_methane")
    used = {one.argument: one for one in read_inputs(mixed.inputs)}
    assert "cfoa_green_manure" not in mixed.formula
    assert (used["cfoa"].value, used["cfoa_compost"].value) == (1.0, 0.17)
    assert used["cfoa_compost"].variable != used["cfoa"].variable
    assert mixed.result == pytest.approx(1.32 * 0.55 * (1 + 5 + 1.7) ** 0.59 * 112 / 1000, abs=1e-9)


def test_urea_that_is_declared_is_a_flow_of_its_own() -> None:
    made = row(farm(urea(0.2)), "urea")
    assert made.co2e_t == pytest.approx(0.2 * 0.2 * 44 / 12)


def test_what_is_declared_for_one_scenario_must_be_declared_for_the_other() -> None:
    with pytest.raises(Refusal, match="E-FAC-001.*baseline.*urea_rate"):
        worksheet(farm(urea(0.2, scenario="project")), hectares(farm()))


def test_what_is_declared_for_one_stratum_must_be_declared_for_the_others() -> None:
    found = missing(farm(urea(0.2, stratum="upper"), strata=TWO))
    assert {(problem.code, problem.facts["symbol"]) for problem in found} == {("E-FAC-001", "urea_rate")}
    assert all("lower" in problem.where for problem in found)
    assert missing(farm(urea(0.2, stratum="upper"), urea(0.0, stratum="lower"), strata=TWO)) == ()


def test_a_yield_brings_the_nitrogen_of_residues_by_two_derived_symbols() -> None:
    keys = {"crop": "winter_wheat", "cropping": "single"}
    field = FIELD | {"keys": FIELD["keys"] | keys}
    shares = [{"symbol": symbol, "value": value, "unit": "1"} for symbol, value in (("renewed_share", 1.0), ("removed_share", 0.5))]
    made = row(farm({"symbol": "crop_yield", "value": 5.0, "unit": "t ha^-1"}, *shares, strata={"field": field}), "n2o_direct")
    tables = read_factors("ipcc-2019")
    wheat = {s: tables.find(s, keys).value for s in ("dry_matter_fraction", "residue_slope", "residue_intercept", "residue_root_shoot")}
    crop = 5.0 * wheat["dry_matter_fraction"]
    above = crop * wheat["residue_slope"] + wheat["residue_intercept"]
    above_n, below_n = (tables.find(symbol, keys).value for symbol in ("nitrogen_above", "nitrogen_below"))
    returned = 1000 * (above * above_n * 0.5 + (crop + above) * wheat["residue_root_shoot"] * below_n)
    assert made.result == pytest.approx((150 * 0.016 + returned * 0.006) / 1000 * 44 / 28, abs=1e-9)
    assert "ipcc-2019-v4 eq 11.6" in made.cites and "table 11.2" in made.cites


def test_a_yield_without_its_shares_is_told_what_is_missing() -> None:
    field = FIELD | {"keys": FIELD["keys"] | {"crop": "winter_wheat", "cropping": "single"}}
    found = missing(farm({"symbol": "crop_yield", "value": 5.0, "unit": "t ha^-1"}, strata={"field": field}))
    assert {problem.facts["symbol"] for problem in found} == {"renewed_share", "removed_share"}


@pytest.mark.parametrize("name", [name for name, symbol in symbols().items() if symbol.of])
def test_a_symbol_under_a_fixed_key_is_one_with_rows(name: str) -> None:
    known = symbols()[name]
    assert same(known.unit, symbols()[known.of].unit)
    tables = read_factors("ipcc-2019", ("vm0042",))
    assert tables.select(name), "no row fits its key"
    assert {row.variable.symbol for row in tables.select(name)} == {known.of}
