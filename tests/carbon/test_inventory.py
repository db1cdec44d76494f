"""The inventory of all land: each category that stays, one conversion to each, worked by hand; the twenty-year clock of soil and litter."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.reckon import quantities, reckon
from carbonsink.base.records import Activity
from carbonsink.carbon.book import equations
from carbonsink.carbon.work import worksheet
from carbonsink.declared.categories import IPCC
from carbonsink.declared.methodology import check_applicability
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import read_toml
from tests.carbon import projects
from tests.carbon.inventory_projects import (
    BARE,
    CROPS,
    FOREST,
    GRASS,
    ORCHARD,
    OTHER,
    SETTLEMENT,
    WETLAND,
    changed_in,
    converted,
    factors,
    inventory,
    remaining,
    value,
)

near = partial(pytest.approx, rel=1e-6)  # worksheets keep nine decimals
OLD, YOUNG = FOREST | {"age": "gt20y"}, FOREST | {"age": "le20y"}
STAYS = {
    "forest": remaining(OLD),
    "crops": remaining(CROPS),
    "orchard": remaining(ORCHARD),
    "grass": remaining(GRASS),
    "wetland": remaining(WETLAND),
    "town": remaining(SETTLEMENT),
    "rock": remaining(OTHER),
}
MOVES = {
    "planted": converted(CROPS, YOUNG),
    "cleared": converted(OLD, CROPS),
    "sown": converted(CROPS, GRASS),
    "flooded": converted(CROPS, WETLAND),
    "built": converted(OLD, SETTLEMENT),
    "eroded": converted(GRASS, OTHER),
}
CHANGES = [*(changed_in(2020, name) for name in MOVES), *factors("built", 0.8), *factors("eroded", 0.5)]


def worked(plan: Plan, hectares: float = 100.0) -> dict[tuple[int, str, str], float]:
    """Results that aren't zero [t of carbon or gas], by year, stratum and flow."""
    rows, _ = worksheet(plan, projects.hectares(plan, hectares))
    return {(row.year, row.stratum, row.flow): row.result for row in rows if row.result}


def of(plan: Plan, stratum: str, year: int = 2020, hectares: float = 100.0) -> dict[str, float]:
    return {flow: result for (when, name, flow), result in worked(plan, hectares).items() if (when, name) == (year, stratum)}


def test_land_that_stays_and_is_used_as_before_gains_nothing_but_growth() -> None:
    plan = inventory(STAYS)
    assert worked(plan) == {(2020, "forest", "forest_growth"): pytest.approx(100 * 1.0 * 1.246 * 0.47)}
    rows, _ = worksheet(plan, projects.hectares(plan))
    assert {row.stratum for row in rows if row.flow == "mineral_soil"} == {"crops", "orchard", "grass"}, "worked, and zero"


def test_each_category_has_its_area_once() -> None:
    plan = inventory(STAYS | MOVES, CHANGES)
    activity = [Activity(2020, "project", name, 10.0 + place, 0.0, "parcels") for place, name in enumerate(plan.area.strata)]
    areas: dict[str, float] = {}
    for one in activity:
        stratum = plan.area.strata[one.stratum]
        category = (stratum.keys | stratum.project)["category"].replace("_", " ")
        areas[category] = areas.get(category, 0.0) + one.area_ha
    assert areas.keys() == set(IPCC.__args__)  # type: ignore[attr-defined]
    assert sum(areas.values()) == sum(one.area_ha for one in activity)
    assert check_applicability(plan.methodology, plan.area) == []


def test_cropland_planted_with_forest() -> None:
    plan = inventory({"planted": MOVES["planted"]}, [changed_in(2020, "planted")], (2020, 2021))
    growth, litter, soil = 100 * 2.5 * 1.246 * 0.47, 100 * 2.8 / 20, 100 * 55 * (1 - 0.69) / 20
    assert of(plan, "planted") == near({"forest_growth": growth, "last_crop": 100 * 4.7, "litter_gained": litter, "mineral_soil": soil})
    assert of(plan, "planted", 2021) == near({"forest_growth": growth, "litter_gained": litter, "mineral_soil": soil})


def test_forest_cleared_for_crops() -> None:
    plan = inventory({"cleared": MOVES["cleared"]}, [changed_in(2020, "cleared")], (2020, 2021))
    lost = 55 * (1 - 0.69) / 20
    mineralised = {"n2o_mineralised": 100 * lost / 15 * 0.006 * 44 / 28, "n2o_mineralised_leached": 100 * lost / 15 * 0.24 * 0.011 * 44 / 28}
    first = {"forest_cleared": 100 * 258.4 * 1.246 * 0.47, "litter_lost": 100 * 2.8, "first_crop": 100 * 4.7}
    assert of(plan, "cleared") == near(first | {"mineral_soil": -100 * lost} | mineralised)
    assert of(plan, "cleared", 2021) == near({"mineral_soil": -100 * lost} | mineralised)


def test_the_published_conversion_of_a_forest() -> None:
    """Worked example W08 by hand: 1,000 ha, AGB 180, R 0.24, CF 0.47, to nothing; 4.7 t C/ha of the first crop."""
    declared = [("agb_stock", 180.0, "t_dm ha^-1"), ("root_shoot", 0.24, "1"), ("carbon_fraction", 0.47, "t_C t_dm^-1")]
    plan = inventory({"cleared": MOVES["cleared"]}, [changed_in(2020, "cleared"), *(value(*one, scenario="baseline") for one in declared)])
    found = worked(plan, 1000.0)
    biomass = found[2020, "cleared", "first_crop"] - found[2020, "cleared", "forest_cleared"]
    assert biomass == pytest.approx(-104_904 + 4_700)
    assert biomass * 44 / 12 == pytest.approx(-367_414.667, rel=1e-9)


def test_cropland_sown_to_grass() -> None:
    plan = inventory({"sown": MOVES["sown"]}, [changed_in(2020, "sown")])
    assert of(plan, "sown") == near({"last_crop": 470.0, "grass_grown": 100 * 13.5 * 0.47, "mineral_soil": 100 * 55 * (1 - 0.69) / 20})


def test_cropland_under_water_loses_its_crop_and_its_soil_is_not_reckoned() -> None:
    assert of(inventory({"flooded": MOVES["flooded"]}, [changed_in(2020, "flooded")]), "flooded") == {"last_crop": 470.0}


def test_forest_built_over() -> None:
    found = of(inventory({"built": MOVES["built"]}, [changed_in(2020, "built"), *factors("built", 0.8)]), "built")
    gone = {"forest_cleared": 100 * 258.4 * 1.246 * 0.47, "litter_lost": 280.0, "mineral_soil": -100 * 55 * 0.2 / 20}
    assert {flow: found[flow] for flow in found if not flow.startswith("n2o")} == near(gone)


def test_grass_that_became_other_land() -> None:
    found = of(inventory({"eroded": MOVES["eroded"]}, [changed_in(2020, "eroded"), *factors("eroded", 0.5)]), "eroded")
    assert found["grass_cleared"] == near(100 * 13.5 * 0.47) and found["mineral_soil"] == near(-100 * 55 * 0.5 / 20)


def test_settlements_without_declared_factors_are_refused() -> None:
    with pytest.raises(Refusal) as caught:
        worksheet(plan := inventory({"built": MOVES["built"]}, [changed_in(2020, "built")]), projects.hectares(plan))
    assert {problem.facts["symbol"] for problem in caught.value.problems} == {"f_land_use", "f_management", "f_input"}


@pytest.mark.parametrize(("year", "share"), [(2009, 0.0), (2010, 0.05), (2029, 0.05), (2030, 0.0), (2050, 0.0)])
def test_soil_moves_for_twenty_years_from_the_change_on(year: int, share: float) -> None:
    made = equations()["conversion.transition_share"]
    assert made(vintage=float(year), change_year=2010.0, transition_time=20.0, one_year=1.0) == pytest.approx(share, abs=1e-12)


def test_the_years_of_a_transition_add_up_to_the_whole_change() -> None:
    made = equations()["conversion.transition_share"]
    for time in (1.0, 7.5, 20.0):
        assert sum(made(vintage=float(y), change_year=2010.0, transition_time=time, one_year=1.0) for y in range(2000, 2060)) == pytest.approx(1.0)
    once = equations()["conversion.converted_share"]
    assert [float(once(vintage=float(y), change_year=2010.0, one_year=1.0)) for y in (2009, 2010, 2011)] == [0.0, 1.0, 0.0]


def test_perennial_crops_grow_until_they_are_mature() -> None:
    made = equations()["conversion.perennials_grown"]
    given = {"area": 1.0, "perennial_growth": 2.1, "harvest_cycle": 30.0, "change_year": 2000.0, "one_year": 1.0}
    grown = [float(made(vintage=float(y), **given)) for y in range(1995, 2040)]
    assert sum(grown) == pytest.approx(63.0), "the whole of Table 5.1's stock at maturity"
    assert max(grown) == 2.1


def test_a_new_practice_on_cropland_that_stays_moves_its_soil() -> None:
    crops = remaining({"category": "cropland", "lifeform": "annual_crops", "land_use": "long_term_cultivated"})
    tilled = crops | {"baseline": {"tillage": "full", "input": "low"}, "project": {"tillage": "reduced", "input": "high_without_manure"}}
    found = of(inventory({"field": tilled}, [changed_in(2015, "field")]), "field")
    assert found == near({"mineral_soil": 100 * 55 * 0.69 * (1.05 * 1.11 - 0.92) / 20})


def test_drained_organic_soil_never_goes_through_the_mineral_equation() -> None:
    found = of(inventory({"peat": remaining(CROPS, soil="organic")}), "peat")
    assert found == near({"organic_soil": 100 * 10.0, "organic_soil_n2o": 100 * 8 / 1000 * 44 / 28})


def test_harvest_disturbance_and_fire_of_a_forest() -> None:
    """W03's losses and W11's fire, a hectare."""
    kept = remaining(OLD | {"harvest": "yes", "disturbance": "yes"}, fuel="temperate_forest")
    declared = [
        ("harvest_rate", 0.01, "m^3 ha^-1 yr^-1"),
        ("fuelwood_rate", 0.0, "m^3 ha^-1 yr^-1"),
        ("fuelwood_parts_rate", 0.0, "m^3 ha^-1 yr^-1"),
        ("bcef_removal", 1.11, "t_dm m^-3"),
        ("bark_fraction", 0.1, "1"),
        ("wood_density", 0.5, "t_dm m^-3"),
        ("root_shoot", 0.29, "1"),
        ("agb_stock", 4.0, "t_dm ha^-1"),
        ("disturbed_share", 0.02, "yr^-1"),
        ("disturbance_loss_fraction", 0.3, "1"),
        ("burned_share", 0.001, "yr^-1"),
        ("fuel_consumption", 45.0, "t_dm ha^-1"),
    ]
    found = of(inventory({"forest": kept}, [value(*one) for one in declared]), "forest", hectares=100_000.0)
    expected = {"wood_removals": 725.163, "disturbance": 1_455.12, "fire_methane": 21.15, "fire_n2o": 1.17}
    assert {flow: found[flow] for flow in expected} == near(expected)


def test_fertiliser_lime_and_urea_of_crops_and_rice() -> None:
    paddy = remaining(
        CROPS | {"lifeform": "rice", "land_use": "paddy_rice"},
        region="east_asia",
        water_regime="continuously_flooded",
        preseason="non_flooded_lt180d",
        amendment="straw_lt30d_before_cultivation",
        cropping="single",
        nitrogen="synthetic",
    )
    applied = [
        value("nitrogen_rate", 150.0, "kg_N ha^-1 yr^-1", "field"),
        value("nitrogen_rate", 150.0, "kg_N ha^-1 yr^-1", "paddy"),
        value("straw_rate", 5.0, "t ha^-1"),
        value("limestone_rate", 1.0, "t ha^-1 yr^-1"),
        value("urea_rate", 0.32609, "t ha^-1 yr^-1"),
    ]
    plan = inventory({"field": remaining(CROPS, nitrogen="synthetic"), "paddy": paddy}, applied)
    field, flooded = of(plan, "field"), of(plan, "paddy")
    nitrogen = {"n2o_direct": 0.240, "n2o_volatilised": 0.0231, "n2o_leached": 0.0396}  # t N2O-N of W12, wet climate
    assert {flow: field[flow] for flow in nitrogen} == near({flow: tonnes * 44 / 28 for flow, tonnes in nitrogen.items()})
    assert (field["lime"], field["urea"]) == near((12.0, 6.5218))
    assert flooded["rice_methane"] == near(42.55016) and "n2o_direct" not in flooded and flooded["n2o_rice"] > 0


def test_losses_are_taken_off_what_land_gains() -> None:
    plan = inventory({"peat": remaining(CROPS, soil="organic")})
    rows, variables = worksheet(plan, projects.hectares(plan))
    found = quantities(rows, reckon(rows, {one.id: one.value for one in variables}))
    assert found[2020, "gross"] == 0 and found[2020, "net"] == pytest.approx(-(10.0 * 44 / 12 + 0.008 * 44 / 28 * 265))


def test_forest_that_stays_is_the_forest_inventorys() -> None:
    keys = projects.FOREST["keys"] | {"harvest": "no", "disturbance": "no", "land_change": "remaining", "category": "forest_land", "lifeform": "forest"}
    alone, whole = projects.project("forest-inventory", {"forest": projects.FOREST}), inventory({"forest": {"keys": keys | {"soil": "hac", "fuel": "none"}}})
    one, other = (worksheet(plan, projects.hectares(plan, 287.0))[0] for plan in (alone, whole))
    assert [row.co2e_t for row in one] == [row.co2e_t for row in other]


def test_a_fact_that_cannot_matter_need_not_be_stated() -> None:
    assert "harvest" not in STAYS["crops"]["keys"]
    with pytest.raises(Refusal, match=r"E-MET-003.*harvest") as caught:
        unsaid = {key: word for key, word in remaining(OLD)["keys"].items() if key != "harvest"}
        worksheet(plan := inventory({"forest": {"keys": unsaid}}), projects.hectares(plan))
    assert len(caught.value.problems) == 1, "what can't be told hides nothing else"


@pytest.mark.parametrize(
    ("stratum", "clause"),
    [
        (remaining(CROPS | {"lifeform": "forest"}), "what-grows"),
        (remaining(OLD | BARE), "what-grows"),
        (converted(CROPS, GRASS, land_change="remaining"), "conversion-is-stated"),
        (converted(CROPS, ORCHARD), "conversion-is-stated"),
    ],
)
def test_a_clause_that_is_not_met_is_named(stratum: dict[str, Any], clause: str) -> None:
    plan = inventory({"land": stratum})
    assert clause in {problem.facts["clause"] for problem in check_applicability(plan.methodology, plan.area)}


def test_land_of_no_category_is_refused() -> None:
    plan = inventory({"land": remaining(CROPS | {"category": "farmland"})})
    assert "farmland" in next(problem.line("en") for problem in check_applicability(plan.methodology, plan.area))


def test_land_that_changes_in_the_middle_of_the_period_is_refused() -> None:
    plan = inventory({"sown": MOVES["sown"]}, [changed_in(2021, "sown")], (2020, 2021))
    assert [problem.facts["clause"] for problem in check_applicability(plan.methodology, plan.area)] == ["changed-before"]


def test_splitting_a_stratum_changes_nothing() -> None:
    whole = inventory({"one": MOVES["cleared"]}, [changed_in(2020, "one")])
    halves = inventory({"one": MOVES["cleared"], "two": MOVES["cleared"]}, [changed_in(2020, "one"), changed_in(2020, "two")])
    parts = [replace(one, area_ha=area) for one, area in zip(projects.hectares(halves), (30.0, 30.0, 70.0, 70.0), strict=True) if one.scenario == "project"]
    assert sum(row.co2e_t for row in worksheet(halves, [replace(p, area_ha=30.0 if p.stratum == "one" else 70.0) for p in parts])[0]) == pytest.approx(
        sum(row.co2e_t for row in worksheet(whole, projects.hectares(whole, 100.0))[0])
    )


def test_the_example_of_the_docs_is_worked() -> None:
    page = (projects.PIPELINES.parent / "docs" / "carbon.md").read_text(encoding="utf-8")
    told = tomllib.loads(page.rpartition("```toml")[2].partition("```")[0])["strata"]["cleared"]
    plan = inventory({"cleared": {key: told[key] for key in ("keys", "baseline", "project")}}, [changed_in(2018, "cleared")])
    assert check_applicability(plan.methodology, plan.area) == []
    assert of(plan, "cleared")["mineral_soil"] == near(-100 * 55 * (1 - 0.69) / 20)


def test_its_pipeline_has_the_six_categories() -> None:
    pipeline = read_toml(projects.PIPELINES / "land-inventory.toml", Pipeline)
    assert pipeline.carbon.methodology == "ipcc-inventory"
    assert {one.ipcc for one in pipeline.land.classes} == set(IPCC.__args__)  # type: ignore[attr-defined]
