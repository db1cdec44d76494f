"""Every number of a model stands in the library with a source and a place, and a broken row is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.declared.parameters import COLUMNS, model_names, read_parameters, read_table

GOOD = "half_life,paper,2,yr,1,3,rothc-26-3,Table 1,recalled,"


def test_the_models_of_the_library_and_their_sources() -> None:
    assert model_names() == ["harvested-wood", "ipcc-tier2", "rothc"]
    cited = {row.source for name in model_names() for row in read_parameters(name).rows.values()}
    assert cited == set(read_topics(LIBRARY / "sources")) & {"falloon-1998", "hestia-0-74", "ipcc-2019-v4-ch12", "ipcc-2019-v4-tier2", "rothc-26-3"}
    recalled = {name for name in model_names() if all(row.status == "recalled" for row in read_parameters(name).rows.values())}
    assert recalled == {"harvested-wood"}


def test_choices_come_in_the_table_s_order() -> None:
    assert read_parameters("rothc").choices("dpm_rpm") == ("crop", "scrub", "forest")
    assert read_parameters("rothc").value("decay", "hum") == 0.02


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("half_life,paper,two,yr,,,rothc-26-3,Table 1,recalled,", "could not convert"),
        ("half_life,paper,nan,yr,,,rothc-26-3,Table 1,recalled,", "nan is not finite"),
        ("half_life,paper,5,yr,1,3,rothc-26-3,Table 1,recalled,", "5.0 is not between 1.0 and 3.0"),
        ("half_life,paper,2,yr,1,,rothc-26-3,Table 1,recalled,", "is not between 1.0 and None"),
        ("half_life,paper,2,yr,,,nobody,Table 1,recalled,", "source “nobody”"),
        ("half_life,paper,2,yr,,,rothc-26-3,,recalled,", "place is empty"),
        ("half_life,paper,2,yr,,,rothc-26-3,Table 1,certain,", "status “certain”"),
        (GOOD, "half_life paper stands twice"),
    ],
)
def test_a_broken_row_is_told_with_its_line(line: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    path.write_text("\n".join([",".join(COLUMNS), GOOD, line]) + "\n")
    with pytest.raises(Refusal) as told:
        read_table(path)
    (problem,) = told.value.problems
    assert problem.code == "E-MOD-001" and problem.where == "trial.csv:3" and words in problem.line("en")


def test_other_columns_are_told(tmp_path: Path) -> None:
    (tmp_path / "trial.csv").write_text("name,value\n")
    with pytest.raises(Refusal, match="columns are name, value"):
        read_table(tmp_path / "trial.csv")
