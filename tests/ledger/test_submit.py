"""Land x time x pool: who may be issued what, and what nobody may be issued twice (rules 1 to 12)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Exit
from carbonsink.base.signing import make_key
from carbonsink.declared.keys import Key
from carbonsink.ledger import rules
from carbonsink.ledger.audit import audit
from carbonsink.ledger.entries import Entry
from carbonsink.ledger.exports import units
from carbonsink.ledger.moves import retire, transfer, void
from carbonsink.ledger.outside import claim_outside
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.submit import Terms, block_of, submit
from tests.ledger.making import FARMERS, field, issue, refused, said, vintages

TAKEN = "E-LED-040"


def serials(ledger: Ledger, *entries: Entry) -> list[str]:
    return [str(block_of(ledger, entry)) for entry in entries if entry.facts["kind"] == "issue"]


def held(ledger: Ledger, account: str = "village") -> str:
    return next(row["serial"] for row in units(ledger) if (row["account"], row["state"]) == (account, "held"))


def outline(folder: Path, *fields: BaseGeometry) -> Path:
    """A list of another register."""
    features = [{"type": "Feature", "properties": {}, "geometry": mapping(one)} for one in fields or (field(500),)]
    path = folder / "list.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_a_submission_becomes_a_registration_and_an_issue_a_vintage(ledger: Ledger) -> None:
    answer = issue(ledger, said("rice", years=(2020, 2021)))
    kinds = [(entry.seq, entry.facts["kind"]) for entry in answer.entries]
    assert kinds == [(2, "register"), (3, "issue"), (4, "issue")] and not answer.again
    assert [text[:-3] for text in serials(ledger, *answer.entries)] == [
        "CN-350627-RICEWATERMANAGEMENT-0001-2020-1-1-110",
        "CN-350627-RICEWATERMANAGEMENT-0001-2021-1-111-220",
    ]
    first = answer.entries[1].facts
    assert (first["start"], first["end"], first["quantity"], first["buffer"], first["land"]) == ("2020-01-01", "2021-01-01", 100, 10, 2)


def test_the_same_submission_again_gives_the_same_answer(ledger: Ledger) -> None:
    answer, again = (issue(ledger, said("rice", years=(2020, 2021))) for _ in range(2))
    assert again.again and again.entries == answer.entries and ledger.head[0] == 4


def test_the_next_vintage_of_the_same_land_is_no_second_registration(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    second = said("rice", years=(2021,), run="2", after=said("rice"))
    entries = issue(ledger, second).entries
    assert [entry.facts["kind"] for entry in entries] == ["issue"] and entries[0].facts["land"] == 2
    changed = issue(ledger, said("rice", field(2000), years=(2023,), run="3", after=second)).entries  # a gap of a year, other land
    assert [entry.facts["kind"] for entry in changed] == ["register", "issue"] and changed[0].facts["number"] == 1
    assert issue(ledger, said("tea", field(9000))).entries[0].facts["number"] == 2


def test_another_run_of_an_issued_vintage_is_refused(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    assert refused(lambda: issue(ledger, said("rice", run="2")), "E-LED-044").exit_code == Exit.DOUBLE_COUNTING


@pytest.mark.parametrize("moved", [0, 1, 5, 10, 30])
def test_somebody_else_s_land_is_refused_and_nothing_is_written(ledger: Ledger, moved: float) -> None:
    issue(ledger, said("rice"))
    refusal = refused(lambda: issue(ledger, said("thief", field(moved, moved))), TAKEN)
    assert refusal.exit_code == Exit.DOUBLE_COUNTING and refusal.problems[0].facts["with"] == "rice"
    assert ledger.head[0] == 3


def test_every_claim_that_is_met_is_named(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    issue(ledger, said("tea", field(2000)))
    refusal = refused(lambda: issue(ledger, said("thief", field(500, 0, 2000), field(7000))), TAKEN, TAKEN)
    assert [problem.facts["with"] for problem in refusal.problems] == ["rice", "tea"]


def test_days_that_touch_are_not_common(ledger: Ledger) -> None:
    issue(ledger, said("rice", years=(2020, 2022)))
    assert issue(ledger, said("next", years=(2021, 2023)))  # in the gap, and after
    refused(lambda: issue(ledger, said("late", years=(2022,))), TAKEN)


def test_one_common_day_is_too_many(ledger: Ledger, tmp_path: Path) -> None:
    claim_outside(ledger, outline(tmp_path), "pilot", "2019-01-01", "2020-01-02")
    refused(lambda: issue(ledger, said("rice")), "E-LED-046")
    claimed = said("rice", run="2", years=(2021,))
    assert issue(ledger, claimed)


def test_the_buffer_s_units_follow_the_holder_s(ledger: Ledger) -> None:
    entry = issue(ledger, said("rice", issued=90, buffer=7)).entries[-1]
    assert ledger.rows("SELECT first, last, account FROM pieces ORDER BY first") == [(1, 90, "village"), (91, 97, "buffer")]
    assert block_of(ledger, entry).quantity == 97


# --- slivers ---------------------------------------------------------------------------------------------------------


def test_a_sliver_is_cut_from_the_newer_claim(ledger: Ledger) -> None:
    issue(ledger, said("rice"), boundary="map-10000")
    entry = issue(ledger, said("tea", field(998), vintages=vintages(2020, issued=10_000, buffer=1_000)), boundary="map-10000").entries[-1].facts
    assert entry["trims"] == [{"entry": 3, "area_m2": entry["cut_m2"]}] and float(entry["cut_m2"]) == pytest.approx(2000, rel=0.02)
    assert (entry["quantity"], entry["buffer"]) == (9979, 997)  # 0.2 % less, rounded down
    assert entry["stated"] == {"issued": 10_000, "buffer": 1_000}
    assert all(pair.known for pair in audit(ledger))


def test_slivers_add_up(ledger: Ledger) -> None:
    for n in range(4):
        issue(ledger, said(f"side-{n}", field(*[(-998, 0), (998, 0), (0, -998), (0, 998)][n])), boundary="map-10000")
    refused(lambda: issue(ledger, said("middle"), boundary="map-10000"), "E-LED-043")


def test_a_hundred_slivers_add_up_too(ledger: Ledger) -> None:
    for n in range(100):
        issue(ledger, said(f"strip-{n:03d}", field(n * 100, -998.8, 100, 1000)), boundary="rtk")
    refused(lambda: issue(ledger, said("long", field(0, 0, 10_000, 200)), boundary="rtk"), "E-LED-043")


def test_a_hole_is_filled_and_a_project_beside_another_passes(ledger: Ledger) -> None:
    ring = field().difference(field(400, 400, 200, 200))
    issue(ledger, said("ring", ring))
    entry = issue(ledger, said("core", field(400, 400, 200, 200)), boundary="rtk").entries[-1].facts
    assert float(entry["cut_m2"]) < 10


def test_parcels_of_one_submission_may_not_repeat(ledger: Ledger) -> None:
    refused(lambda: issue(ledger, said("rice", field(), field())), "E-LED-041")
    refused(lambda: issue(ledger, said("rice", field(), field(900))), "E-LED-041")


# --- pools -----------------------------------------------------------------------------------------------------------


def test_other_pools_of_the_same_land_are_refused_where_nobody_says_they_go_together(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    refused(lambda: issue(ledger, said("soil", pools=("SOC",), methodology="vm0042 2.2")), "E-LED-042")
    refused(lambda: issue(ledger, said("both", pools=("SOC", "CH4-soil"))), TAKEN)


def test_other_pools_go_with_a_listed_pair_and_the_verifier_s_signature(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = rules.Compatible(methods=["vm0042", "rice-water-management"], source="a test", place="here")
    monkeypatch.setattr("carbonsink.ledger.claims.pools", lambda: rules.pools().model_copy(update={"compatible": [pair]}))
    issue(ledger, said("rice"))
    soil = said("soil", pools=("SOC",), methodology="vm0042 2.2")
    refused(lambda: issue(ledger, soil), "E-LED-042")
    verifier = Key.model_construct(id="k", holder="verifier", role="verifier")
    entry = submit(ledger, soil, Terms("350627", "village"), FARMERS, [verifier]).entries[-1].facts
    assert entry["stacked"] == [3] and entry["signers"] == [{"key": "k", "holder": "verifier", "role": "verifier"}]
    assert audit(ledger) == []


# --- states ----------------------------------------------------------------------------------------------------------


def test_what_is_retired_is_not_issued_again(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    transfer(ledger, held(ledger), "village", "factory")
    retire(ledger, held(ledger, "factory"), "factory", "flights of 2020", "")
    refused(lambda: issue(ledger, said("rice", run="2")), "E-LED-044")
    refused(lambda: issue(ledger, said("thief")), TAKEN)


def test_what_is_void_is_issued_again_by_somebody_who_says_so(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    void(ledger, 3, "the wrong parcels")
    refused(lambda: issue(ledger, said("rice", run="2")), "E-LED-045")
    entries = issue(ledger, said("rice", run="2"), supersedes=3).entries
    assert entries[-1].facts["supersedes"] == 3 and entries[-1].facts["batch"] == 2 and entries[-1].facts["first"] == 111


def test_a_void_run_may_itself_be_issued_again(ledger: Ledger) -> None:
    issue(ledger, said("rice", years=(2020, 2021)))
    void(ledger, 3, "the wrong holder")
    assert [entry.seq for entry in issue(ledger, said("rice", years=(2020, 2021))).entries] == [4]  # what is left of the first answer
    entries = issue(ledger, said("rice", years=(2020, 2021)), supersedes=3, holder="cooperative").entries
    assert [entry.facts["vintage"] for entry in entries if entry.facts["kind"] == "issue"] == [2020]


def test_void_frees_the_land_for_another(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    void(ledger, 3, "withdrawn")
    assert issue(ledger, said("other"))
    refused(lambda: issue(ledger, said("rice", run="2"), supersedes=3), TAKEN)


# --- other registers -------------------------------------------------------------------------------------------------


def test_a_hit_among_other_registers_needs_a_reason(ledger: Ledger, tmp_path: Path) -> None:
    claim_outside(ledger, outline(tmp_path), "grain for green", "2019-01-01", "2030-01-01", ["SOC", "CH4-soil"], "imagery-10m")
    assert refused(lambda: issue(ledger, said("rice")), "E-LED-046").exit_code == Exit.DOUBLE_COUNTING
    entry = issue(ledger, said("rice"), reviewed="the grant pays for seedlings, not for carbon").entries[-1].facts
    assert entry["review"] == [2] and entry["reviewed"].startswith("the grant") and len(entry["outside"]) == 1
    assert "reviewed" not in issue(ledger, said("tea", field(5000))).entries[-1].facts


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_project_keeps_its_key(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    stranger = make_key()
    refused(lambda: submit(ledger, said("rice", years=(2021,), run="2"), Terms("350627", "thief"), stranger), "E-LED-030")


@pytest.mark.parametrize(
    ("terms", "code"),
    [({"division": "99"}, "E-LED-012"), ({"boundary": "guess"}, "E-LED-013"), ({"holder": "buffer"}, "E-LED-014"), ({"holder": " "}, "E-LED-014")],
)
def test_terms_that_can_t_be_are_refused(ledger: Ledger, terms: dict[str, str], code: str) -> None:
    refused(lambda: issue(ledger, said("rice"), **terms), code)
