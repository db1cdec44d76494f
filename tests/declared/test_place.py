"""Where an area lies, and the checkpoint in its folder: declared, hashed into the plan, and refused where they can't be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Refusal, messages
from carbonsink.base.signing import fingerprint, make_key, public_text, sign
from carbonsink.declared.checkpoint import TYPE
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.place import boundary_sources, known_division
from carbonsink.ledger.rules import overlap
from carbonsink.run.copies import copy_declared
from tests.bad.area import AREA_TOML, Area, good_area

KEY = make_key()
FILE = "ledger-checkpoint.json"


def checkpoint(**change: Any) -> dict[str, Any]:
    """A checkpoint as a ledger signs it."""
    said = {"type": TYPE, "ledger": "a" * 64, "seq": 7, "head": "b" * 64, "time": "2026-11-21T08:00:00Z", "totals": {"held": 3}, "public_key": public_text(KEY)}
    content = said | change
    return content | {"signature": sign(KEY, content)}


@pytest.fixture
def area(tmp_path: Path) -> Area:
    """The tiny area, with a checkpoint in its folder."""
    made = good_area(tmp_path)
    made.declare('country = "CN"', f'country = "CN"\nledger = {{ checkpoint = "{FILE}" }}')
    write_json(made.folder / FILE, checkpoint())
    return made


def refused(folder: Path) -> list[str]:
    with pytest.raises(Refusal) as refusal:
        load(folder)
    return [problem.code for problem in refusal.value.problems]


def test_a_division_and_a_boundary_source_stand_in_the_plan(tmp_path: Path) -> None:
    area = good_area(tmp_path)
    area.declare('country = "CN"', 'country = "CN"\nplace = { division = "350627", boundary_source = "rtk" }')
    assert explain_plan(load(area.folder))["area"]["place"] == {"division": "350627", "boundary_source": "rtk"}


def test_what_no_register_knows_is_refused_all_at_once(tmp_path: Path) -> None:
    area = good_area(tmp_path)
    area.declare('country = "CN"', 'country = "CN"\nplace = { division = "990627", boundary_source = "a pencil" }')
    assert refused(area.folder) == ["E-PLC-001", "E-PLC-002"]


@pytest.mark.parametrize("code", ["35062", "3506270", "99 627", "３５０６２７", ""])
def test_a_division_is_six_plain_digits_of_a_province(code: str) -> None:
    assert not known_division(code) and known_division("350627")


def test_boundary_sources_are_the_ledgers(tmp_path: Path) -> None:
    assert set(boundary_sources()) == set(overlap().boundary)


def test_a_checkpoint_is_read_hashed_into_the_plan_and_copied_into_the_run(area: Area, tmp_path: Path) -> None:
    plan = load(area.folder)
    before = digest(explain_plan(plan))
    assert plan.checkpoint is not None
    assert (plan.checkpoint.sequence, plan.checkpoint.head, plan.checkpoint.signer) == (7, "b" * 64, fingerprint(public_text(KEY)))
    assert plan.checkpoint.text == f"{TYPE} {'a' * 64} 7 {'b' * 64} {fingerprint(public_text(KEY))}"
    copy_declared(plan, tmp_path / "declared")
    (copied,) = (tmp_path / "declared").rglob(FILE)
    assert read_json(copied) == checkpoint()
    write_json(area.folder / FILE, checkpoint(seq=8))
    assert digest(explain_plan(load(area.folder))) != before


def test_an_area_without_one_has_none(tmp_path: Path) -> None:
    assert load(good_area(tmp_path).folder).checkpoint is None and "ledger" not in AREA_TOML


BROKEN = {
    "E-CKP-001": "{not json",
    "E-CKP-002": json.dumps(checkpoint() | {"seq": 8}),
    "E-CKP-003": json.dumps(checkpoint(type="sink-ledger/1 submission")),
    "E-CFG-002": json.dumps({key: value for key, value in checkpoint().items() if key != "head"}),
    "E-CFG-007": json.dumps(checkpoint(head="b")),
    "E-CFG-013": json.dumps(checkpoint(time="x" * 1_000_001)),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_checkpoint_is_refused(area: Area, code: str) -> None:
    (area.folder / FILE).write_text(BROKEN[code])
    assert refused(area.folder) == [code]


def test_a_list_is_no_checkpoint_and_a_file_that_is_missing_is_named(area: Area) -> None:
    (area.folder / FILE).write_text("[]")
    assert refused(area.folder) == ["E-CKP-001"]
    (area.folder / FILE).unlink()
    assert refused(area.folder) == ["E-CFG-020"]


def test_every_message_is_asked_for_here() -> None:
    text = Path(__file__).read_text()
    assert not [code for code in messages() if code.startswith(("E-PLC", "E-CKP")) and code not in text]
