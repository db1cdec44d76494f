"""`carbonsink methods`, as people meet it: methodologies, one in full, equations."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from carbonsink.base.problems import Exit
from carbonsink.carbon.book import equations
from carbonsink.cli import app
from carbonsink.declared.methodology import methodology_names, read_methodology


def carbonsink(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["methods", *arguments])


def test_a_line_a_methodology() -> None:
    lines = carbonsink().stdout.splitlines()
    assert [line.split()[0] for line in lines] == methodology_names()
    assert "recalled, may issue once its clauses are confirmed" in next(line for line in lines if line.startswith("rice-water-management"))


def test_names_and_words_are_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert read_methodology("farmland-soil").name.zh in carbonsink().stdout
    assert "签发前须确认的条款" in carbonsink("farmland-soil").stdout


def test_one_methodology_says_what_it_reckons_from_and_what_it_asks_for() -> None:
    said = carbonsink("farmland-soil").stdout
    assert "soil.mineral_soil_change [ipcc-2019-v4 eq 2.25] x co2_per_c" in said
    assert "carbon_change = area * soc_ref * (" in said
    places = [said.index(f"  {n}. {rule}, ") for n, rule in enumerate(("Leakage", "Uncertainty", "Buffer"), 1)]
    assert places == sorted(places), "deductions stand in their order"
    assert "free_percent 10, share 0.5, level_percent 95" in said
    assert "last_year - change_year < transition_time" in said


@pytest.mark.parametrize("name", methodology_names())
def test_the_json_of_a_methodology_is_whole(name: str) -> None:
    value, declared = json.loads(carbonsink(name, "--json").stdout), read_methodology(name)
    assert [flow["formula"] for flow in value["flow"]] == [equations()[flow.equation].formula for flow in declared.flow]
    assert [rule["rule"] for rule in value["deduction"]] == [rule.rule for rule in declared.deduction]
    assert carbonsink(name).exit_code == 0


def test_the_json_of_the_list() -> None:
    listed = json.loads(carbonsink("--json").stdout)["methodologies"]
    assert {one["id"] for one in listed} == set(methodology_names())
    assert next(one["flows"] for one in listed if one["id"] == "rice-water-management")[0] == "rice_methane"


def test_equations_by_module_and_by_name() -> None:
    found = json.loads(carbonsink("--equations", "rice", "--json").stdout)["equations"]
    assert all(one["name"].startswith("rice.") for one in found)
    assert "ef_rice [kg_CH4 ha^-1 day^-1]" in carbonsink("rice.methane", "--equations").stdout
    assert len(json.loads(carbonsink("--equations", "--json").stdout)["equations"]) == len(equations())


@pytest.mark.parametrize(("arguments", "nearest"), [(("farmland-soul",), "farmland-soil"), (("--equations", "rice.methan"), "rice.methane")])
def test_an_unknown_name_is_refused_with_the_nearest(arguments: tuple[str, ...], nearest: str) -> None:
    done = carbonsink(*arguments)
    assert done.exit_code == Exit.USAGE and "E-CFG-011" in done.stderr and f"Nearest: {nearest}." in done.stderr
