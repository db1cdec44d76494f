"""Units after their issue: what may move, and what never may again."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.ledger import exports
from carbonsink.ledger.buffers import units_of
from carbonsink.ledger.checking import check
from carbonsink.ledger.entries import Entry
from carbonsink.ledger.moves import cancel, retire, reversal, transfer, void
from carbonsink.ledger.outside import claim_outside
from carbonsink.ledger.registers import overlapping
from carbonsink.ledger.serials import read_serial
from carbonsink.ledger.store import Ledger
from tests.ledger.making import field, issue, refused, said

OPEN_SERIAL = "CN-350627-RICEWATERMANAGEMENT-0001-2020-1-1-100-"


@pytest.fixture
def rice(ledger: Ledger) -> Ledger:
    """A ledger with 100 units of the village, and 10 of the buffer."""
    issue(ledger, said("rice"))
    return ledger


def blocks(ledger: Ledger) -> list[tuple[str, str, str]]:
    return [(row["quantity"], row["account"], row["state"]) for row in exports.units(ledger)]


def serial(ledger: Ledger, number: int = 0) -> str:
    return [row["serial"] for row in exports.units(ledger)][number]


def test_a_block_goes_from_hand_to_hand(rice: Ledger) -> None:
    assert serial(rice).startswith(OPEN_SERIAL)
    transfer(rice, serial(rice), "village", "factory", 40)
    retire(rice, serial(rice), "factory", "flights of 2020", "the factory's guests", 15)
    cancel(rice, serial(rice, 2), "village", "given to the atmosphere")
    assert blocks(rice) == [("15", "factory", "retired"), ("25", "factory", "held"), ("60", "village", "cancelled"), ("10", "buffer", "buffer")]
    assert [read_serial(row["serial"]).first for row in exports.units(rice)] == [1, 16, 41, 101]  # split, never renumbered
    report = check(rice.path)
    assert report.passed and report.totals == {"held": 25, "buffer": 10, "retired": 15, "cancelled": 60, "void": 0}


def test_a_block_that_has_been_split_is_told_as_it_is_now(rice: Ledger) -> None:
    whole = serial(rice)
    transfer(rice, whole, "village", "factory", 40)
    refusal = refused(lambda: transfer(rice, whole, "village", "trader"), "E-LED-051")
    assert str(refusal.problems[0].facts["now"]).count("CN-350627") == 2


def test_more_than_is_held_can_t_be_moved(rice: Ledger) -> None:
    refused(lambda: retire(rice, serial(rice), "village", "x", "", 101), "E-LED-052")
    refused(lambda: transfer(rice, serial(rice), "factory", "trader"), "E-LED-054")
    retire(rice, serial(rice), "village", "x", "")
    refused(lambda: retire(rice, serial(rice), "village", "x", ""), "E-LED-054")
    refused(lambda: transfer(rice, serial(rice), "village", "factory"), "E-LED-054")


def test_units_nobody_issued_can_t_be_moved(rice: Ledger) -> None:
    block = read_serial(serial(rice))
    for strange in (block.part(1, 111), block.part(500, 600), replace(block, division="350628")):
        refused(lambda strange=strange: transfer(rice, str(strange), "village", "factory"), "E-LED-050")  # type: ignore[misc]


def test_the_buffer_moves_by_a_reversal_alone(rice: Ledger) -> None:
    refused(lambda: transfer(rice, serial(rice, 1), "buffer", "village"), "E-LED-059")
    refused(lambda: transfer(rice, serial(rice), "village", "buffer"), "E-LED-014")
    refused(lambda: transfer(rice, serial(rice), "village", "village"), "E-LED-058")


def test_a_reversal_takes_the_project_s_own_buffer_first(rice: Ledger) -> None:
    issue(rice, said("tea", field(5000), buffer=20))
    entry = reversal(rice, "tea", 25, "typhoon of August").facts
    assert entry["units"] == [{"issue": 5, "first": 211, "last": 230}, {"issue": 3, "first": 101, "last": 105}]
    refused(lambda: reversal(rice, "tea", 6, "fire"), "E-LED-053")
    refused(lambda: reversal(rice, "tea", 0, "fire"), "E-LED-053")
    refused(lambda: reversal(rice, "wood", 1, "fire"), "E-LED-057")
    reversal(rice, "rice", 5, "fire")
    assert check(rice.path).totals == {"held": 200, "buffer": 0, "retired": 0, "cancelled": 30, "void": 0}


def test_void_is_for_units_that_haven_t_moved(rice: Ledger) -> None:
    issue(rice, said("tea", field(5000)))
    void(rice, 5, "the wrong parcels")
    refused(lambda: void(rice, 5, "again"), "E-LED-056")
    refused(lambda: transfer(rice, serial(rice, 2), "village", "factory"), "E-LED-054")
    assert {piece.state for piece in units_of(rice, 5).pieces} == {"void"}
    transfer(rice, serial(rice), "village", "factory", 1)
    assert refused(lambda: void(rice, 3, "too late"), "E-LED-055").problems[0].facts["entry"] == 7
    assert check(rice.path).totals == {"held": 100, "buffer": 10, "retired": 0, "cancelled": 0, "void": 110}


def test_a_reversal_is_a_move_too(rice: Ledger) -> None:
    reversal(rice, "rice", 1, "fire")
    refused(lambda: void(rice, 3, "too late"), "E-LED-055")


def test_only_an_issue_can_be_void_and_everything_needs_a_reason(rice: Ledger) -> None:
    for wrong in (1, 2, 99):
        assert refused(lambda wrong=wrong: void(rice, wrong, "x"), "E-LED-060").exit_code == Exit.USAGE  # type: ignore[misc]
    for work in (
        lambda: void(rice, 3, " "),
        lambda: retire(rice, serial(rice), "village", "", ""),
        lambda: cancel(rice, serial(rice), "village", ""),
        lambda: reversal(rice, "rice", 1, ""),
    ):
        refused(work, "E-LED-061")


def test_a_refused_move_leaves_no_trace(rice: Ledger) -> None:
    before = "".join(exports.jsonl(rice))
    refused(lambda: transfer(rice, serial(rice), "factory", "trader"), "E-LED-054")
    assert "".join(exports.jsonl(rice)) == before


def some_act(ledger: Ledger, chance: random.Random) -> Entry:
    """Something that somebody tries with a block, rightly or wrongly."""
    row = chance.choice(list(exports.units(ledger)))
    quantity = chance.choice([None, 1, chance.randint(1, 60)])
    text, holder = row["serial"], chance.choice([row["account"], "village"])
    kind = chance.choice(["transfer"] * 5 + ["retire", "cancel", "reversal", "void"])
    acts = {
        "transfer": lambda: transfer(ledger, text, holder, chance.choice("abc"), quantity),
        "retire": lambda: retire(ledger, text, holder, "x", "", quantity),
        "cancel": lambda: cancel(ledger, text, holder, "x", quantity),
        "reversal": lambda: reversal(ledger, "tea", chance.randint(1, 9), "x"),
        "void": lambda: void(ledger, int(row["issuance"]), "x"),
    }
    return acts[kind]()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_tried_no_unit_is_lost_or_made(rice: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    issue(rice, said("tea", field(5000), issued=70, buffer=30))
    issue(rice, said("wood", field(9000), issued=50, buffer=0))
    for _ in range(60):
        with suppress(Refusal):
            some_act(rice, chance)
    pieces = [read_serial(row["serial"]) for row in exports.units(rice)]
    assert rice.head[0] > 12 and sum(one.quantity for one in pieces) == 260 and overlapping(pieces) == []
    report = check(rice.path)
    assert report.passed and sum(report.totals.values()) == 260


# --- lists of other registers ----------------------------------------------------------------------------------------


def claimed(ledger: Ledger, folder: Path, geometry: object, start: str = "2020-01-01", end: str = "2021-01-01", **more: object) -> None:
    path = folder / "list.geojson"
    path.write_text(json.dumps({"features": [{"geometry": geometry}]}) if geometry is not None else "?", encoding="utf-8")
    claim_outside(ledger, path, "pilot", start, end, **more)  # type: ignore[arg-type]


SQUARE = {"type": "Polygon", "coordinates": [[[117, 24], [117.01, 24], [117.01, 24.01], [117, 24.01], [117, 24]]]}


@pytest.mark.parametrize(
    ("geometry", "more", "code"),
    [
        (None, {}, "E-LED-017"),
        ({"type": "Polygon"}, {}, "E-LED-017"),
        ({"type": "Point", "coordinates": [117, 24]}, {}, "E-LED-018"),
        ({"type": "Polygon", "coordinates": [[[117, 24], [118, 25], [118, 24], [117, 25], [117, 24]]]}, {}, "E-LED-018"),
        ({"type": "Polygon", "coordinates": [[[500000, 24], [500100, 24], [500100, 25], [500000, 24]]]}, {}, "E-LED-018"),
        (SQUARE, {"start": "2021-01-01"}, "E-LED-016"),
        (SQUARE, {"start": "yesterday"}, "E-CON-013"),
        (SQUARE, {"claimed": ["trees"]}, "E-LED-015"),
        (SQUARE, {"boundary": "guess"}, "E-LED-013"),
    ],
)
def test_a_list_that_can_t_be_taken_is_said(ledger: Ledger, tmp_path: Path, geometry: object, more: dict[str, object], code: str) -> None:
    refused(lambda: claimed(ledger, tmp_path, geometry, **more), code)  # type: ignore[arg-type]
    assert ledger.head[0] == 1


def test_an_empty_list_and_a_missing_one_are_said(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "list.geojson").write_text('{"features": []}', encoding="utf-8")
    refused(lambda: claim_outside(ledger, tmp_path / "list.geojson", "pilot", "2020-01-01", "2021-01-01"), "E-LED-017")
    refused(lambda: claim_outside(ledger, tmp_path / "none.geojson", "pilot", "2020-01-01", "2021-01-01"), "E-CFG-015")
