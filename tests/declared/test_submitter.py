"""`[submitter]` of area.toml: words on one line each, or no section at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from tests.bad.area import good_area

NAME, ADDRESS = 'name = { zh = "南靖县农业农村局", en = "Nanjing Bureau" }', 'address = { zh = "山城镇", en = "Shancheng" }'


def loaded(folder: Path, *said: str) -> Plan:
    area = good_area(folder)
    area.declare('country = "CN"', f'country = "CN"\nsubmitter = {{ {", ".join(said)} }}')
    return load(area.folder)


def refused(folder: Path, *said: str) -> list[Problem]:
    with pytest.raises(Refusal) as refusal:
        loaded(folder, *said)
    return refusal.value.problems


def test_it_stands_in_the_plan(tmp_path: Path) -> None:
    told = explain_plan(loaded(tmp_path, NAME, ADDRESS))["area"]["submitter"]
    assert told == {"name": {"zh": "南靖县农业农村局", "en": "Nanjing Bureau"}, "address": {"zh": "山城镇", "en": "Shancheng"}, "contact": None}


def test_nobody_has_to_be_named(tmp_path: Path) -> None:
    assert load(good_area(tmp_path).folder).area.submitter is None


def test_empty_words_are_told_all_at_once(tmp_path: Path) -> None:
    found = refused(tmp_path, 'name = { zh = " ", en = "Bureau" }', 'address = { zh = "山城镇", en = "" }', 'contact = ""')
    assert [(p.code, p.where) for p in found] == [("E-SUB-001", f"area.toml [submitter.{key}]") for key in ("name.zh", "address.en", "contact")]


@pytest.mark.parametrize("contact", ["x" * 201, "Street 1\\nTown"])
def test_a_cover_takes_one_line(tmp_path: Path, contact: str) -> None:
    assert [p.code for p in refused(tmp_path, NAME, ADDRESS, f'contact = "{contact}"')] == ["E-SUB-002"]


def test_a_name_in_both_languages_and_an_address_are_asked_for(tmp_path: Path) -> None:
    assert {p.code for p in refused(tmp_path, 'name = { zh = "农业农村局" }')} == {"E-CFG-002"}
