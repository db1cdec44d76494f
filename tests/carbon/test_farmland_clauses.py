"""Whether a methodology may be used: for each clause one area that fails it, and it alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from carbonsink.declared.methodology import read_methodology
from tests.carbon.farmland_projects import CHANGED, FIELD, GARDEN, KEPT, PASTURE, SAMPLED, Values, rating, unmet
from tests.carbon.projects import RICE

LOOK_BACK = {"symbol": "look_back_years", "value": 3.0, "unit": "yr"}
GOOD: dict[str, tuple[dict[str, Any], list[Mapping[str, Any]]]] = {
    "rice-water-management": (RICE, []),
    "farmland-soil": (FIELD, [CHANGED]),
    "tea-orchard": (GARDEN, [CHANGED, KEPT]),
    "grassland": (PASTURE, [CHANGED, KEPT]),
    "vm0042": (SAMPLED, [CHANGED, KEPT, LOOK_BACK, rating(0.15)]),
}
GRAZED = {"keys": SAMPLED["keys"] | {"category": "grassland"}, "baseline": {"grazing": "nominal"}, "project": {"grazing": "nominal"}}
LATER = CHANGED | {"value": 2022.0}
LONG_AGO = CHANGED | {"value": 2000.0}


def with_key(stratum: Mapping[str, Any], **keys: str) -> dict[str, Any]:
    return {**stratum, "keys": stratum["keys"] | keys}


def without_key(stratum: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {**stratum, "keys": {key: word for key, word in stratum["keys"].items() if key != name}}


def unchanged(stratum: Mapping[str, Any]) -> dict[str, Any]:
    return {**stratum, "project": stratum["baseline"]}


BROKEN: list[tuple[str, str, Mapping[str, Any], Values]] = [
    ("rice-water-management", "baseline-flooded", RICE | {"baseline": {"water_regime": "single_drainage"}}, []),
    ("rice-water-management", "drained", unchanged(RICE), []),
    (
        "rice-water-management",
        "water-alone",
        without_key(RICE, "preseason")
        | {
            "baseline": {"water_regime": "continuously_flooded", "preseason": "flooded_gt30d"},
            "project": {"water_regime": "multiple_drainage", "preseason": "non_flooded_lt180d"},
        },
        [],
    ),
    ("farmland-soil", "practice-changed", unchanged(FIELD), [CHANGED]),
    ("farmland-soil", "mineral-upland", with_key(FIELD, land_use="paddy_rice"), [CHANGED]),
    ("farmland-soil", "change-before-crediting", FIELD, [LATER]),
    ("farmland-soil", "within-transition", FIELD, [LONG_AGO]),
    ("tea-orchard", "perennial", with_key(GARDEN, land_use="long_term_cultivated"), [CHANGED, KEPT]),
    ("tea-orchard", "woody-measured", without_key(GARDEN, "woody_approach"), [CHANGED, KEPT]),
    ("tea-orchard", "soil-approach", without_key(GARDEN, "soil_approach"), [CHANGED, KEPT]),
    ("tea-orchard", "mineral-soil", with_key(GARDEN, soil="wetland"), [CHANGED, KEPT]),
    ("tea-orchard", "change-before-crediting", GARDEN, [LATER, KEPT]),
    ("tea-orchard", "within-transition", GARDEN, [LONG_AGO, KEPT]),
    ("grassland", "grassland", with_key(PASTURE, category="cropland"), [CHANGED, KEPT]),
    ("grassland", "practice-changed", unchanged(PASTURE), [CHANGED, KEPT]),
    ("grassland", "mineral-soil", with_key(PASTURE, soil="wetland"), [CHANGED, KEPT]),
    ("grassland", "change-before-crediting", PASTURE, [LATER, KEPT]),
    ("grassland", "within-transition", PASTURE, [LONG_AGO, KEPT]),
    ("vm0042", "land", with_key(SAMPLED, category="forest_land"), GOOD["vm0042"][1]),
    ("vm0042", "crop-practice-changed", unchanged(SAMPLED), GOOD["vm0042"][1]),
    ("vm0042", "grazing-changed", GRAZED, GOOD["vm0042"][1]),
    ("vm0042", "look-back", SAMPLED, [CHANGED, KEPT, LOOK_BACK | {"value": 2.0}, rating(0.15)]),
    ("vm0042", "soil-approach", without_key(SAMPLED, "soil_approach"), GOOD["vm0042"][1]),
    ("vm0042", "change-before-crediting", SAMPLED, [LATER, KEPT, LOOK_BACK, rating(0.15)]),
    ("vm0042", "risk-rating", SAMPLED, [CHANGED, KEPT, LOOK_BACK]),
]


@pytest.mark.parametrize("name", GOOD)
def test_the_land_it_is_for_meets_every_clause(name: str) -> None:
    assert unmet(name, *GOOD[name]) == []


@pytest.mark.parametrize(("name", "clause", "stratum", "values"), BROKEN, ids=lambda part: part if isinstance(part, str) else "")
def test_the_clause_that_fails_is_named_and_no_other(name: str, clause: str, stratum: Mapping[str, Any], values: Values) -> None:
    assert unmet(name, stratum, values) == [clause]


@pytest.mark.parametrize("name", GOOD)
def test_every_clause_has_an_area_that_fails_it(name: str) -> None:
    assert {clause.clause for clause in read_methodology(name).applicability} == {clause for method, clause, _, _ in BROKEN if method == name}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_proposed_or_recalled_lists_what_to_confirm(name: str) -> None:
    document = read_methodology(name)
    assert document.unconfirmed and document.confirm
    assert all(rule.status != "confirmed" for rule in document.deduction)


def test_an_approach_that_is_no_approach_is_refused_by_name() -> None:
    assert "E-MET-004" in unmet("vm0042", with_key(SAMPLED, soil_approach="default_factors"), GOOD["vm0042"][1])
