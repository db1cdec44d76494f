"""A signed confirmation: what lets tonnes be issued under a recalled methodology, and everything that doesn't."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.library import library_digests
from carbonsink.base.manifest import NAME
from carbonsink.base.problems import Refusal
from carbonsink.base.records import Activity, Posting
from carbonsink.base.signing import fingerprint
from carbonsink.base.tables import write_csv
from carbonsink.base.topics import LIBRARY
from carbonsink.credit.settle import Entry
from carbonsink.credit.statement import balanced
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.methodology import methodology_names, read_methodology
from carbonsink.run.line import prepare
from carbonsink.verify import Chips, check_declared, check_statement
from tests.bad.area import Area, good_area
from tests.carbon.projects import hectares
from tests.signing import KEY, confirm_folder, content, signed_again

RICE = read_methodology("rice-water-management")
Break = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def area(tmp_path: Path) -> Area:
    made = good_area(tmp_path)
    confirm_folder(made.folder)
    return made


def codes(area: Area, **how: Any) -> list[str]:
    with pytest.raises(Refusal) as caught:
        load(area.folder, **how)
    assert all(problem.line(language) for problem in caught.value.problems for language in ("en", "zh"))
    return [problem.code for problem in caught.value.problems]


def test_without_a_confirmation_a_recalled_methodology_issues_nothing(tmp_path: Path) -> None:
    plan = load(good_area(tmp_path).folder)
    assert plan.confirmation is None
    assert plan.withholding(["parcels"]) == ("simulated", "unconfirmed")


def test_with_one_only_the_other_reasons_are_left(area: Area) -> None:
    plan = load(area.folder)
    assert plan.confirmation is not None and plan.confirmation.signer.name == "李雷"
    assert plan.confirmation.fingerprint == fingerprint(content(RICE)["public_key"])
    assert plan.withholding(["parcels"]) == ("simulated",)
    assert explain_plan(plan)["confirmation"]["clauses"] == [clause.clause for clause in RICE.confirm]


def test_the_confirmation_is_a_part_of_the_plans_digest(area: Area) -> None:
    before = digest(explain_plan(load(area.folder)))
    write_json(area.folder / "confirmation.json", content(RICE, date(2024, 5, 2)))
    assert digest(explain_plan(load(area.folder))) != before


def _lost(raw: dict[str, Any]) -> dict[str, Any]:
    return signed_again(raw, clauses=raw["clauses"][1:])


@pytest.mark.parametrize(
    ("broken", "code", "words"),
    [
        (lambda raw: raw | {"statement": "I have read something else."}, "E-CON-001", "李雷"),
        (lambda raw: raw | {"signer": raw["signer"] | {"name": "Han Mei"}}, "E-CON-001", "Han Mei"),
        (lambda raw: signed_again(raw, methodology="farmland-soil"), "E-CON-002", "farmland-soil"),
        (lambda raw: signed_again(raw, version="0.9.0"), "E-CON-002", "0.9.0"),
        (lambda raw: signed_again(raw, methodology_sha256="0" * 64), "E-CON-003", "0" * 64),
        (_lost, "E-CON-004", RICE.confirm[0].clause),
        (lambda raw: signed_again(raw, clauses=[*raw["clauses"], "leekage"]), "E-CON-005", "leekage"),
        (lambda raw: signed_again(raw, signed_on="2999-01-01"), "E-CON-006", "2999-01-01"),
        (lambda raw: {name: value for name, value in raw.items() if name != "signer"}, "E-CFG-002", "signer"),
        (lambda raw: raw | {"public_key": "ab"}, "E-CFG-007", "public_key"),
        (lambda raw: signed_again(raw, statement="read \u202e it"), "E-SEC-007", "U+202E"),
    ],
)
def test_what_doesn_t_confirm_is_refused(area: Area, broken: Break, code: str, words: str) -> None:
    path = area.folder / "confirmation.json"
    write_json(path, broken(read_json(path)))
    with pytest.raises(Refusal) as caught:
        load(area.folder)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert all(words in caught.value.problems[0].line(language) for language in ("en", "zh"))


def test_every_fault_is_told_at_once(area: Area) -> None:
    path = area.folder / "confirmation.json"
    raw = read_json(path)
    write_json(path, raw | {"clauses": ["leekage"], "methodology_sha256": "0" * 64, "signed_on": "2999-01-01"})
    assert sorted(codes(area)) == [f"E-CON-00{n}" for n in (1, 3, 4, 5, 6)]


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "\x00", "NaN", "[" * 100_000, '{"signer": 1, "signer": 2}'])
def test_a_file_that_is_no_confirmation_is_refused(area: Area, text: str) -> None:
    area.write("confirmation.json", text)
    assert codes(area) == ["E-CON-007"]


def test_a_file_that_isn_t_there_or_lies_outside_is_refused(area: Area) -> None:
    (area.folder / "confirmation.json").unlink()
    assert codes(area) == ["E-CFG-020"]
    area.declare('confirmation = "confirmation.json"', 'confirmation = "../confirmation.json"')
    assert codes(area) == ["E-CFG-021"]


def test_a_signer_in_the_east_may_be_a_day_ahead(area: Area) -> None:
    write_json(area.folder / "confirmation.json", content(RICE, date(2024, 5, 2)))
    assert load(area.folder, today=date(2024, 5, 1)).confirmation
    assert "E-CON-006" in codes(area, today=date(2024, 4, 30))


@pytest.mark.parametrize("name", methodology_names())
def test_whatever_could_be_issued_and_was_recalled_or_proposed_has_clauses_to_confirm(name: str) -> None:
    methodology = read_methodology(name)
    if methodology.issuable and methodology.unconfirmed:
        assert methodology.confirm, "nothing to sign"
    ids = [clause.clause for clause in methodology.confirm]
    assert len(ids) == len(set(ids))


# --- what a verifier finds, from the run's own copies alone ---


@pytest.fixture
def run(area: Area, tmp_path: Path) -> Path:
    """As much of a run as the checks of declarations and statement read, with a tonne issued on real imagery."""
    area.declare('catalogue = "simulated"', 'catalogue = "https://example.org"')
    return made_run(area, tmp_path / "run")


def made_run(area: Area, run: Path) -> Path:
    plan = load(area.folder)
    prepare(plan, run)
    facts = {"plan": digest(explain_plan(plan)), "digest": "", "results": "", "declared": {}, "stages": []}
    write_json(run / NAME, facts | library_digests(LIBRARY))
    write_csv(run / "areas" / "activity.csv", hectares(plan), Activity)
    entries = {account: Entry(Decimal(tonnes)) for account, tonnes in (("avoided", -1), ("issued", 1), ("rounding", 0))}
    write_csv(run / "credit" / "statement.csv", balanced(2020, entries), Posting)
    return run


def test_a_run_holds_its_confirmation(run: Path) -> None:
    chips = Chips(run)
    assert list(check_declared(run, chips)) == list(check_statement(run, chips)) == []


def test_tonnes_issued_without_a_confirmation_are_found(run: Path, area: Area, tmp_path: Path) -> None:
    area.declare('confirmation = "confirmation.json"\n', "")
    bare = made_run(area, tmp_path / "bare")
    found = list(check_statement(bare, Chips(bare)))
    assert [(one.code, one.facts["stamps"]) for one in found] == [("E-VER-026", "unconfirmed")]


def test_a_forged_confirmation_fails_the_check_of_declarations(run: Path) -> None:
    (copy,) = run.glob("declared/*/confirmation.json")
    copy.write_text(copy.read_text(encoding="utf-8").replace("李雷", "韩梅梅"), encoding="utf-8")
    with pytest.raises(Refusal, match="E-CON-001"):
        list(check_declared(run, Chips(run)))


def test_another_signers_confirmation_is_another_plan(run: Path) -> None:
    (copy,) = run.glob("declared/*/confirmation.json")
    copy.write_text(json.dumps(content(RICE, date(2024, 6, 1), KEY)), encoding="utf-8")
    assert "E-VER-008" in {one.code for one in check_declared(run, Chips(run))}
