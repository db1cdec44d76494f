"""Look-ups: the most specific row wins, a tie names both rows, a missing row names the nearest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.area import Value
from carbonsink.declared.edition import edition_problems
from carbonsink.declared.factors import Factors, editions, library_folder, read_factors, read_folder, table_folders

HEADER = "symbol,value,unit,low,high,distribution,climate,soil,source,place,status,note\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library of its own, with the real constants and sources."""
    folder = tmp_path / "factors"
    shutil.copytree(library_folder() / "constants", folder / "constants")
    shutil.copytree(library_folder().parent / "sources", tmp_path / "sources")
    (folder / "mine").mkdir()
    return folder


def tables(library: Path, *rows: str) -> Factors:
    (library / "mine" / "soil.csv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return read_folder(library, "mine")


def row(
    value: str = "50", low: str = "40", high: str = "60", kind: str = "normal", keys: str = ",", unit: str = "t_C ha^-1", source: str = "definition"
) -> str:
    return f"soc_ref,{value},{unit},{low},{high},{kind},{keys},{source},page 3,recalled,"


def refused(library: Path, one: str) -> str:
    with pytest.raises(Refusal) as caught:
        tables(library, row(), one)
    assert [problem.code for problem in caught.value.problems] == ["E-FAC-003"]
    assert caught.value.problems[0].where == "mine/soil.csv:3"
    return str(caught.value.problems[0].facts["why"])


def test_the_most_specific_row_wins(library: Path) -> None:
    found = tables(library, row("50", keys=","), row("51", keys="warm,"), row("52", keys="warm,hac"))
    asked = [{}, {"climate": "cold"}, {"climate": "warm", "soil": "lac"}, {"climate": "warm", "soil": "hac"}]
    assert [found.find("soc_ref", keys).value for keys in asked] == [50.0, 50.0, 51.0, 52.0]


def test_one_row_may_hold_for_several_words(library: Path) -> None:
    found = tables(library, row("50", keys="warm|cool,"))
    assert found.find("soc_ref", {"climate": "cool"}).id == found.find("soc_ref", {"climate": "warm"}).id == "mine/soil.csv:2"


def test_a_tie_names_both_rows(library: Path) -> None:
    found = tables(library, row("50", keys="warm,"), row("51", keys=",hac"))
    with pytest.raises(Refusal) as caught:
        found.find("soc_ref", {"climate": "warm", "soil": "hac"})
    assert caught.value.problems[0].code == "E-FAC-002"
    assert {caught.value.problems[0].facts["one"], caught.value.problems[0].facts["other"]} == {"mine/soil.csv:2", "mine/soil.csv:3"}


def test_a_missing_row_names_symbol_keys_and_the_nearest() -> None:
    with pytest.raises(Refusal) as caught:
        read_factors("ipcc-2019").find("soc_ref", {"climate": "cool_temperate_moist", "soil": "clay"}, "area.toml [strata.field]")
    line = caught.value.problems[0].line("en")
    assert "area.toml [strata.field]" in line and "soc_ref" in line and "soil=clay" in line and "climate=cool_temperate_moist" in line
    assert "ipcc-2019/soil.csv:" in line, "the nearest row is named"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row(unit="t_CO2e ha^-1"), "unit"),
        (row(value="70"), "not between"),
        (row(value="fifty"), "fifty"),
        (row(low="", high=""), "don't go together"),
        (row(kind="exact"), "don't go together"),
        (row(kind="bell"), "don't go together"),
        (row(value="-50", low="-60", high="-40"), "value -50 is nothing soc_ref can be; it is >= 0"),
        (row(low="-10", kind="triangular"), "low -10 is nothing soc_ref can be"),
        (row(low="5", high="95"), "reaches zero"),
        (row(value="50", low="0", high="50", kind="lognormal"), "lognormal needs"),
        (row(source="hearsay"), "hearsay"),
        (row() + ",more", "cells"),
        (row().replace("soc_ref", "soil_carbon"), "not a symbol"),
        (row().replace("recalled", "believed"), "status"),
        (row().replace("page 3", " "), "place is empty"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(library: Path, bad: str, why: str) -> None:
    assert why in refused(library, bad)


def test_a_bad_row_is_told_in_chinese_too(library: Path) -> None:
    with pytest.raises(Refusal) as caught:
        tables(library, row(value="70"), row(source="hearsay"))
    assert [problem.line("zh").partition("：")[2] for problem in caught.value.problems] == [
        "数值 70.0 不在 40.0 与 60.0 之间；请更正该表。",
        "来源“hearsay”不在 library/sources 中；请更正该表。",
    ]


def test_a_table_with_other_columns_is_refused(library: Path) -> None:
    (library / "mine" / "soil.csv").write_text("symbol,value\nsoc_ref,50\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"E-FAC-003 soil\.csv: .*columns are symbol, value"):
        read_folder(library, "mine")


def test_every_bad_row_is_reported_at_once(library: Path) -> None:
    with pytest.raises(Refusal) as caught:
        tables(library, row(value="70"), row(), row(unit="ha"))
    assert [problem.where for problem in caught.value.problems] == ["mine/soil.csv:2", "mine/soil.csv:4"]


def test_conversions_are_exact_fractions() -> None:
    found = read_factors("ipcc-2019")
    assert found.find("co2_per_c", {}).value == 44 / 12
    assert found.find("n2o_per_n", {}).value == 44 / 28


def test_editions_differ_where_the_documents_do() -> None:
    keys = {"land_use": "paddy_rice", "climate": "tropical_moist"}
    assert [read_factors(edition).find("f_land_use", keys).value for edition in ("ipcc-2006", "ipcc-2019")] == [1.10, 1.35]


def test_an_edition_takes_over_tables_of_another(library: Path) -> None:
    (library / "older").mkdir()
    (library / "older" / "soil.csv").write_text(HEADER + row("70", "60", "80") + "\n", encoding="utf-8")
    (library / "mine" / "edition.toml").write_text('[inherits]\n"older/soil.csv" = "no refinement"\n', encoding="utf-8")
    found = read_folder(library, "mine").find("soc_ref", {})
    assert (found.value, found.id) == (70.0, "older/soil.csv:2")
    assert editions(library) == ["mine"] and table_folders(library) == ["older"]


def test_a_preferred_folder_goes_before_a_more_specific_row_of_the_edition(library: Path) -> None:
    (library / "tool").mkdir()
    (library / "tool" / "soil.csv").write_text(HEADER + row("70", "60", "80", keys="warm,") + "\n", encoding="utf-8")
    tables(library, row("50", keys=","), row("52", keys="warm,hac"))
    found = read_folder(library, "mine", ("tool",))
    assert [found.find("soc_ref", keys).value for keys in ({"climate": "warm", "soil": "hac"}, {"climate": "cold"})] == [70.0, 50.0]
    assert [one.variable.value for one in found.fitting("soc_ref", {"climate": "warm", "soil": "hac"})] == [70.0, 52.0, 50.0]


def test_a_folder_of_tables_that_is_not_there_is_refused_with_those_that_are(library: Path) -> None:
    with pytest.raises(Refusal, match=r"E-FAC-011 tables tool: "):
        read_folder(library, "mine", ("tool",))


def declared(source: str) -> Value:
    return Value(symbol="soc_ref", value=60.0, unit="t_C ha^-1", source=source, place="page 3")


@pytest.mark.parametrize(("edition", "other"), [("ipcc-2019", "ipcc-2006-v4-soil"), ("ipcc-2006", "ipcc-2019-v4-soil")])
def test_a_value_of_the_other_edition_is_refused(edition: str, other: str) -> None:
    (problem,) = edition_problems([declared("farm record"), declared(other), declared("china-forest-species")], edition)
    assert problem.line("en").startswith(f"E-FAC-008 area.toml [value.1]: soc_ref is declared from {other}")


def test_a_value_of_a_table_the_edition_took_over_is_not() -> None:
    assert edition_problems([declared("ipcc-2006-v4-bcef"), declared("ipcc-2006-v4-carbon-fraction")], "ipcc-2019") == []
