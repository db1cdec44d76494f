"""The published JSON Schemas: they are those of the records, and every report and manifest keeps to them."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from benchmarks.schemas import texts
from jsonschema import Draft202012Validator

from carbonsink.declared.plan import Plan
from tests.report import measured_runs

Run = tuple[Plan, Path]
SCHEMAS = files("carbonsink") / "library" / "schemas"


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))


def report(run: Run) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((run[1] / "report/report.json").read_text(encoding="utf-8"))
    return value


def problems(value: Any, name: str = "report") -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(value)]


@pytest.mark.parametrize("name", ["report", "manifest"])
def test_the_published_schema_is_the_records(name: str) -> None:
    text = (SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")
    assert text == texts()[f"{name}.schema.json"], "a record changed: python -m benchmarks.schemas"
    Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("run", ["rice", "soil"])
def test_reports_keep_to_it(run: str, request: pytest.FixtureRequest) -> None:
    assert problems(report(request.getfixturevalue(run))) == []


@pytest.mark.parametrize("make", [measured_runs.census_run, measured_runs.stocking_run])
def test_reports_of_projects_that_measure_keep_to_it(make: Any, tmp_path: Path) -> None:
    value = report(make(tmp_path))
    assert problems(value) == [] and value["measured"]


BROKEN: dict[str, tuple[Any, str]] = {
    "a number that a program may round": (lambda v: v["vintages"][0].update(issued_t_co2e=1.5), "is not of type 'string'"),
    "an exponent": (lambda v: v["vintages"][0].update(gross_t_co2e="1e3"), "does not match"),
    "an account that nobody knows": (lambda v: v["vintages"][0]["postings"].update(gift="1"), "is not one of"),
    "a key too many": (lambda v: v.update(extra=1), "Additional properties"),
    "a key too few": (lambda v: v.pop("simulated"), "is a required property"),
    "a digest cut short": (lambda v: v["digests"].update(results="abc"), "does not match"),
    "a row without its unit's column": (lambda v: v["activity"][0].pop("area_ha"), "is a required property"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses(name: str, rice: Run) -> None:
    value = copy.deepcopy(report(rice))
    change, said = BROKEN[name]
    change(value)
    found = problems(value)
    assert len(found) == 1 and said in found[0]


def test_units_stand_in_the_descriptions() -> None:
    rows = json.loads((SCHEMAS / "report.schema.json").read_text(encoding="utf-8"))["$defs"]
    assert rows["ParcelShare"]["properties"]["area_mu"]["description"] == "[mu (1/15 ha)]"
    assert rows["ParcelShare"]["properties"]["share"]["description"] == "of the parcel's monitored pixels that show it"
