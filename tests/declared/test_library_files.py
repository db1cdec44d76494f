"""Files of the library that somebody edits: what can't be used is refused when it is read, by file, key and column, never by a traceback."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.topics import LIBRARY
from carbonsink.carbon.work import missing
from carbonsink.declared.factors import library_folder, read_folder
from carbonsink.declared.indices import Indices
from carbonsink.declared.parameters import read_table
from carbonsink.declared.schema import validate
from carbonsink.declared.sensor import Sensor
from tests.carbon.projects import rice


def refused(act: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(Refusal) as caught:
        act()
    assert all(problem.line("zh") for problem in caught.value.problems)
    return [(problem.code, problem.where, problem.line("en")) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("(nir - red / (nir + red)", "at column 1"),
        ("nir - red /", "at column 12"),
        ("", "at column 1"),
        ("sqrt(nir)", "'sqrt(nir)' at column 1"),
        ("red + nir.real", "'nir.real' at column 7"),
        ("nir ** 3", "** 2 and ** 0.5"),
        ("nir > red", "'nir > red' at column 1"),
        ("1 + 1", "one band at least"),
    ],
)
def test_an_index_is_arithmetic_of_bands_or_refused_by_column(formula: str, words: str) -> None:
    raw = tomllib.loads((LIBRARY / "indices.toml").read_text(encoding="utf-8"))
    raw["index"]["ndvi"]["formula"] = formula
    ((code, where, line),) = refused(lambda: validate(raw, Indices, "indices.toml"))
    assert (code, where) == ("E-CFG-037", "indices.toml [index.ndvi.formula]")
    assert words in line and f"“{formula}”" in line


def test_an_index_whose_range_is_turned_round_is_refused() -> None:
    raw = tomllib.loads((LIBRARY / "indices.toml").read_text(encoding="utf-8"))
    raw["index"]["ndvi"] |= {"low": 1.0, "high": -1.0}
    ((code, where, line),) = refused(lambda: validate(raw, Indices, "indices.toml"))
    assert (code, where) == ("E-CFG-037", "indices.toml [index.ndvi]") and "low 1 is not below high -1" in line


@pytest.mark.parametrize(
    ("key", "old", "new", "wanted"),
    [
        ("radiometry.scale", "scale = 0.0001", "scale = 0.0", "> 0"),
        ("bands.red.resolution", "red = { resolution = 10", "red = { resolution = -10", "> 0"),
        ("revisit_gap_days", "revisit_gap_days = 15", "revisit_gap_days = 0", "> 0"),
        ("footprint.tolerance_m", "tolerance_m = 1000.0", "tolerance_m = -1.0", ">= 0"),
    ],
)
def test_a_sensor_s_numbers_have_their_signs(key: str, old: str, new: str, wanted: str) -> None:
    text = (LIBRARY / "sensors" / "sentinel-2-l2a.toml").read_text(encoding="utf-8")
    assert old in text
    ((code, where, line),) = refused(lambda: validate(tomllib.loads(text.replace(old, new, 1)), Sensor, "my-sat.toml"))
    assert (code, where) == ("E-CFG-007", f"my-sat.toml [{key}]") and wanted in line


def test_a_sensor_whose_parts_don_t_meet_is_told_in_words() -> None:
    raw = tomllib.loads((LIBRARY / "sensors" / "sentinel-2-l2a.toml").read_text(encoding="utf-8"))
    raw["masks"][0]["band"] = "qa"
    ((code, where, line),) = refused(lambda: validate(raw, Sensor, "my-sat.toml"))
    assert (code, where) == ("E-CFG-037", "my-sat.toml")
    assert line == "E-CFG-037 my-sat.toml: “my-sat.toml” is not accepted: masks are no bands: ['qa']; correct it."


def test_equations_that_the_book_lacks_are_named() -> None:
    plan = rice()
    flows = [plan.methodology.flow[0].model_copy(update={"equation": "rice.methan"}), *plan.methodology.flow[1:]]
    derive = plan.methodology.derive | {"residue_ratio": "residues.ratio"}
    object.__setattr__(plan, "methodology", plan.methodology.model_copy(update={"flow": flows, "derive": derive}))
    first, second = missing(plan)
    assert first.code == second.code == "E-CFG-011"
    assert first.where == f"rice-water-management.toml [flow.{flows[0].id}.equation]" and "rice.methane" in first.line("en")
    assert second.where == "rice-water-management.toml [derive.residue_ratio]"


def test_tables_that_are_no_utf_8_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "constants").mkdir()
    (tmp_path / "mine" / "soil.csv").write_bytes("符号".encode("gb18030"))
    (tmp_path / "constants" / "gwp.csv").write_bytes((library_folder() / "constants" / "gwp.csv").read_bytes())
    (tmp_path.parent / "sources").mkdir(exist_ok=True)
    assert ("E-CFG-016", "mine/soil.csv") in [found[:2] for found in refused(lambda: read_folder(tmp_path, "mine"))]
    assert refused(lambda: read_table(tmp_path / "mine" / "soil.csv"))[0][:2] == ("E-CFG-016", "mine/soil.csv")
