"""Tables of quantiles: read beside a value, and refused with the line that makes them no distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.carbon.resolve import declared_variable
from carbonsink.declared.area import Value
from carbonsink.declared.factors import faults
from carbonsink.declared.paths import Places
from carbonsink.declared.quantiles import at, with_quantiles
from carbonsink.declared.schema import validate

TABLE = "probability,value\n0,2\n0.1,5\n0.5,10\n0.9,12\n1,30\n"
VALUE = {"symbol": "straw_rate", "value": 9.0, "unit": "t ha^-1", "distribution": "empirical", "quantiles": "straw.csv", "source": "survey", "place": "form 3"}


def read(folder: Path, text: str | bytes = TABLE, **change: Any) -> dict[str, Any]:
    (folder / "straw.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    raw: dict[str, Any] = with_quantiles({"value": [VALUE | change]}, Places(folder, {}))
    return raw["value"][0]


def refused(folder: Path, text: str | bytes = TABLE, **change: Any) -> str:
    with pytest.raises(Refusal) as caught:
        read(folder, text, **change)
    (problem,) = caught.value.problems
    assert problem.line("zh")
    return problem.line("en")


def test_a_table_gives_the_points_and_the_ends_of_the_interval(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found["points"] == ((0.0, 2.0), (0.1, 5.0), (0.5, 10.0), (0.9, 12.0), (1.0, 30.0))
    assert (found["low"], found["high"]) == pytest.approx((2.75, 25.5))


def test_such_a_value_is_a_variable_that_tells_its_quantiles(tmp_path: Path) -> None:
    found = declared_variable(validate(read(tmp_path, least=3.0), Value, "area.toml"))
    assert not list(faults(found))
    assert (found.quantiles, found.least) == ("0.0=2.0 ; 0.1=5.0 ; 0.5=10.0 ; 0.9=12.0 ; 1.0=30.0", 3.0)


def test_between_two_points_a_quantile_is_on_the_line() -> None:
    points = ((0.0, 0.0), (0.5, 10.0), (1.0, 10.0))
    assert [at(points, p) for p in (0.0, 0.25, 0.5, 0.75, 1.0)] == [0.0, 5.0, 10.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p,x\n0,1\n1,2\n", "can't be used: p, x;"),
        ("", "can't be used: -;"),
        ("probability,value\n0,1\n", "0 .. 0 != 0 .. 1"),
        ("probability,value\n", "0 .. 1;"),
        ("probability,value\n0.1,1\n1,2\n", "0.1 .. 1 != 0 .. 1"),
        ("probability,value\n0,1\n0.5,3\n0.7,2\n1,4\n", "4: 0.5, 3 > 0.7, 2"),
        ("probability,value\n0,1\n0.5,3\n0.5,4\n1,5\n", "4: 0.5, 3 > 0.5, 4"),
        ("probability,value\n0,1\n1,nan\n", "NaN, inf"),
        ("probability,value\n0,1\n1,1\n", "1 = 1"),
        ("probability,value\n0,little\n1,2\n", "little"),
        ("probability,value\n0,1,2\n1,2\n", "too many values"),
    ],
)
def test_a_table_that_is_no_distribution_is_refused_by_line(tmp_path: Path, text: str, words: str) -> None:
    line = refused(tmp_path, text)
    assert line.startswith("E-UNC-001 straw.csv") and words in line


def test_the_ends_come_from_the_table_alone(tmp_path: Path) -> None:
    assert refused(tmp_path, low=1.0, high=20.0).startswith("E-UNC-002 area.toml [value.0]")
    assert refused(tmp_path, distribution="normal").startswith("E-UNC-002 area.toml [value.0]")


def test_files_are_as_small_and_as_readable_as_other_declarations(tmp_path: Path) -> None:
    assert refused(tmp_path, TABLE + "1,30\n" * 300_000).startswith("E-CFG-013")
    assert refused(tmp_path, "概率".encode("gb18030")).startswith("E-CFG-016")
    assert refused(tmp_path, quantiles="nowhere.csv").startswith("E-CFG-020")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"distribution": "empirical", "low": 5.0, "high": 12.0}, "quantiles don't go together"),
        ({"distribution": "normal", "low": 1.0, "high": 17.0}, "or declare least"),
        ({"distribution": "normal", "low": 8.0, "high": 10.0, "least": 9.5}, "don't lie within least 9.5"),
        ({"distribution": "uniform", "low": 8.0, "high": 10.0, "most": 8.5}, "most 8.5"),
        ({"distribution": "uniform", "low": 8.0, "high": 10.0, "least": -1.0}, "least -1 is nothing straw_rate can be; it is >= 0"),
        ({"distribution": "exact", "least": 1.0}, "an exact value has no least and most"),
    ],
)
def test_bounds_and_distributions_that_don_t_agree_are_told(change: dict[str, Any], words: str) -> None:
    value = validate({key: VALUE[key] for key in VALUE if key != "quantiles"} | change, Value, "area.toml")
    assert any(words in str(fault) for fault in faults(declared_variable(value)))


def test_a_declared_least_lets_a_normal_come_near_zero() -> None:
    value = {key: VALUE[key] for key in VALUE if key != "quantiles"} | {"distribution": "normal", "low": 1.0, "high": 17.0, "least": 0.0}
    assert not list(faults(declared_variable(validate(value, Value, "area.toml"))))
