"""A methodology's clauses over what an area declares: met, not met, or not to be judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from carbonsink.base.problems import Problem
from carbonsink.declared.methodology import check_applicability, read_methodology
from tests.carbon.projects import RICE, SOIL, SOIL_VALUES, area_file


def problems(methodology: str, stratum: Mapping[str, Any], values: Sequence[Mapping[str, Any]] = (), years: Sequence[int] = (2020,)) -> list[Problem]:
    return check_applicability(read_methodology(methodology), area_file({"field": stratum}, values, years))


def clauses(found: list[Problem]) -> list[tuple[str, object]]:
    return [(problem.code, problem.facts["clause"]) for problem in found]


def test_drained_paddies_and_changed_tillage_are_what_the_methodologies_are_for() -> None:
    assert problems("rice-water-management", RICE) == []
    assert problems("farmland-soil", SOIL, SOIL_VALUES) == []


def test_rice_that_stays_flooded_isn_t_drained() -> None:
    found = problems("rice-water-management", RICE | {"project": RICE["baseline"]})
    assert clauses(found) == [("E-MET-001", "drained")]
    assert "project_water_regime=continuously_flooded" in found[0].line("en")


def test_rice_drained_before_is_no_baseline() -> None:
    assert clauses(problems("rice-water-management", RICE | {"baseline": {"water_regime": "single_drainage"}})) == [("E-MET-001", "baseline-flooded")]


def test_an_unchanged_practice_credits_nothing() -> None:
    assert clauses(problems("farmland-soil", SOIL | {"project": SOIL["baseline"]}, SOIL_VALUES)) == [("E-MET-001", "practice-changed")]


def test_wetland_soils_are_left_out() -> None:
    wet = SOIL | {"keys": SOIL["keys"] | {"soil": "wetland"}}
    assert clauses(problems("farmland-soil", wet, SOIL_VALUES)) == [("E-MET-001", "mineral-upland")]


def test_only_twenty_years_after_the_change_are_credited() -> None:
    changed = [{"symbol": "change_year", "value": 2000.0, "unit": "yr"}]
    assert problems("farmland-soil", SOIL, changed, years=(2019,)) == []
    assert clauses(problems("farmland-soil", SOIL, changed, years=(2019, 2020))) == [("E-MET-001", "within-transition")]


def test_no_credit_before_the_change() -> None:
    assert clauses(problems("farmland-soil", SOIL, [{"symbol": "change_year", "value": 2022.0, "unit": "yr"}])) == [("E-MET-001", "change-before-crediting")]


def test_a_clause_without_its_fact_can_t_be_judged_and_says_what_is_missing() -> None:
    found = problems("farmland-soil", SOIL)
    assert clauses(found) == [("E-MET-002", "change-before-crediting"), ("E-MET-002", "within-transition")]
    assert "change_year" in found[0].line("zh")


def test_every_stratum_is_judged() -> None:
    area = area_file({"drained": RICE, "flooded": RICE | {"project": RICE["baseline"]}})
    found = check_applicability(read_methodology("rice-water-management"), area)
    assert [problem.where for problem in found] == ["area.toml [strata.flooded]"]
