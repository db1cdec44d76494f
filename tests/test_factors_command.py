"""`carbonsink factors`: the row that would be chosen, in both languages and as JSON, and what it refuses."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from carbonsink.cli import app

KEYS = ("--climate", "warm_temperate_moist", "--soil=lac")


def factors(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["factors", *arguments])


def test_it_says_the_row_its_range_its_source_and_its_status() -> None:
    shown = factors("soc_ref", *KEYS).stdout
    assert "soc_ref = 55 t_C ha^-1  (50.6 – 59.4, normal)" in shown
    assert "ipcc-2019/soil.csv:10 (climate=warm_temperate_moist, soil=lac)" in shown
    assert "Chapter 2, Table 2.3" in shown and "status: transcribed" in shown and "hestia-earth-models" in shown


def test_it_says_the_same_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    shown = factors("ef1", "--moisture", "wet", "--key", "nitrogen=synthetic").stdout
    assert "施氮直接排放因子" in shown and "来源：" in shown and "未采用：" in shown and "所需的键较少" in shown


def test_json_has_the_chosen_row_and_why_the_others_lost() -> None:
    told = json.loads(factors("ef1", "--moisture", "wet", "--nitrogen", "synthetic", "--json").stdout)
    assert (told["chosen"]["value"], told["chosen"]["keys"]) == (0.016, {"moisture": ["wet"], "nitrogen": ["synthetic"]})
    assert [(one["value"], one["why"]) for one in told["lost"]] == [(0.01, "fewer")]


def test_a_table_of_a_tool_goes_before_the_edition() -> None:
    told = json.loads(factors("carbon_fraction", "--table", "ar-tools", "--edition", "ipcc-2006", "--json").stdout)
    assert told["chosen"]["id"].startswith("ar-tools/") and told["tables"] == ["ar-tools"]
    assert [one["why"] for one in told["lost"]] == ["later"]


def test_a_symbol_that_is_another_one_s_under_a_key_finds_its_row() -> None:
    told = json.loads(factors("ef_limestone", "--json").stdout)
    assert (told["chosen"]["value"], told["chosen"]["keys"]) == (0.12, {"lime": ["limestone"]})
    assert factors("ef_limestone").stdout.startswith("ef_limestone = 0.12 t_C t^-1")


def test_without_a_symbol_it_lists_them_with_counts() -> None:
    assert "reference soil organic carbon" in factors().stdout
    assert json.loads(factors("--json").stdout)["soc_ref"] > 40


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code", "words"),
    [
        (("soc_ref", "--climate", "sultry", "--soil", "lac"), "E-FAC-001", 3, "ipcc-2019/soil.csv:"),
        (("f_land_use", "--category", "forest_land", "--climate", "tropical_moist", "--land-use", "set_aside_lt20y"), "E-FAC-002", 3, "soil_unmanaged.csv:"),
        (("soc_reff",), "E-FAC-010", 2, "soc_ref"),
        (("soc_ref", "--colour", "red"), "E-FAC-009", 2, "climate"),
        (("soc_ref", "--climate"), "E-FAC-012", 2, "--key climate="),
        (("soc_ref", "climate"), "E-FAC-012", 2, "--key climate="),
        (("soc_ref", "--edition", "ipcc-1996"), "E-FAC-013", 2, "ipcc-2006"),
        (("soc_ref", "--table", "tea"), "E-FAC-011", 3, "ar-tools"),
    ],
)
def test_what_it_refuses_is_one_line_with_what_to_do(arguments: tuple[str, ...], code: str, exit_code: int, words: str) -> None:
    done = factors(*arguments)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert done.stderr.startswith(code) and words in done.stderr and done.stderr.count("\n") == 1
