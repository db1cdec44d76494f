"""Lost keys: a new one is put in force by those who may, what the old one signed stays valid, and later signatures of it are refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.problems import Exit
from carbonsink.base.signing import make_key, public_text, sign, write_key
from carbonsink.ledger import exports
from carbonsink.ledger.checking import check
from carbonsink.ledger.checkpoints import make_checkpoint
from carbonsink.ledger.entries import make_entry
from carbonsink.ledger.keyholders import check_quorum, operator_at, project_key, rekey
from carbonsink.ledger.store import Ledger, init, opened
from carbonsink.ledger.submit import Terms, submit
from tests.ledger.making import CLOCK, FARMERS, OPERATOR, field, issue, refused, said
from tests.ledger.test_command import ledger as command
from tests.ledger.test_command import value

NEW, OTHER = make_key(), make_key()
GUARDIANS = [make_key() for _ in range(3)]
TERMS = Terms("350627", "village")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger whose operator has three guardians, two of whom are enough."""
    path = tmp_path / "guarded.ledger"
    init(path, "county register", public_text(OPERATOR), lambda: CLOCK, check_quorum([public_text(one) for one in GUARDIANS], 2))
    with opened(path, clock=lambda: CLOCK) as made:
        yield made


def in_order(ledger: Ledger, *seen: dict[str, Any]) -> None:
    report = check(ledger.path, seen)
    assert report.passed, [problem.line("en") for problem in report.problems]


def test_a_projects_lost_key_signs_nothing_more_and_its_issues_stay(ledger: Ledger) -> None:
    issue(ledger, said("rice", years=(2020,)))
    made = rekey(ledger, "rice", public_text(NEW), "the laptop was stolen", [OPERATOR])
    assert made.facts["old"] == public_text(FARMERS) and project_key(ledger, "rice") == public_text(NEW)
    later = said("rice", years=(2021,), run="2", after=said("rice"))
    refused(lambda: submit(ledger, later, TERMS, FARMERS), "E-LED-030")
    assert [one.facts["kind"] for one in submit(ledger, later, TERMS, NEW).entries] == ["register", "issue"]
    in_order(ledger)
    assert {row["state"] for row in exports.units(ledger)} == {"held", "buffer"}


def test_the_same_run_submitted_again_gives_the_answer_it_gave_before_the_loss(ledger: Ledger) -> None:
    first = issue(ledger, said("rice"))
    rekey(ledger, "rice", public_text(NEW), "lost", [OPERATOR])
    assert issue(ledger, said("rice")).entries == first.entries


def test_a_lost_key_is_another_projects_matter_only_where_it_is_its_key_too(ledger: Ledger) -> None:
    issue(ledger, said("rice"))
    issue(ledger, said("tea", field(5000)))
    rekey(ledger, "rice", public_text(NEW), "lost", [OPERATOR])
    assert project_key(ledger, "tea") == public_text(FARMERS)


@pytest.mark.parametrize(
    ("project", "new", "keys", "code"),
    [
        ("rice", NEW, [], "E-LED-038"),
        ("rice", NEW, [FARMERS], "E-LED-038"),
        ("rice", NEW, [OTHER], "E-LED-038"),
        ("rice", FARMERS, [OPERATOR], "E-LED-037"),
        ("rice", OPERATOR, [OPERATOR], "E-LED-037"),
        ("wheat", NEW, [OPERATOR], "E-LED-057"),
    ],
    ids=["nobody", "the thief himself", "a stranger", "the lost key", "the operator's", "no such project"],
)
def test_who_may_not_is_refused(ledger: Ledger, project: str, new: Ed25519PrivateKey, keys: list[Ed25519PrivateKey], code: str) -> None:
    issue(ledger, said("rice"))
    head = ledger.head
    assert refused(lambda: rekey(ledger, project, public_text(new), "lost", keys), code).exit_code == Exit.USAGE
    refused(lambda: rekey(ledger, "rice", public_text(NEW), " ", [OPERATOR]), "E-LED-061")
    assert ledger.head == head


def test_a_quorum_of_guardians_names_the_operators_next_key(guarded: Ledger) -> None:
    before = make_checkpoint(guarded, OPERATOR)
    short = refused(lambda: rekey(guarded, "", public_text(NEW), "lost", [GUARDIANS[0], GUARDIANS[0], OPERATOR]), "E-LED-038")
    assert short.problems[0].facts["missing"] == 1  # who signs twice counts once, and the lost key doesn't count
    rekey(guarded, "", public_text(NEW), "lost", [GUARDIANS[2], GUARDIANS[0]])
    assert (operator_at(guarded, 1), operator_at(guarded, 2)) == (public_text(OPERATOR), public_text(NEW))
    refused(lambda: make_checkpoint(guarded, OPERATOR), "E-LED-031")
    after = make_checkpoint(guarded, NEW)
    in_order(guarded, before, after)
    issue(guarded, said("rice"))
    refused(lambda: rekey(guarded, "rice", public_text(OTHER), "lost", [OPERATOR]), "E-LED-038")
    rekey(guarded, "rice", public_text(OTHER), "lost", [NEW])
    in_order(guarded, before, after)


def test_a_checkpoint_that_the_lost_key_signed_after_its_loss_is_found(guarded: Ledger) -> None:
    rekey(guarded, "", public_text(NEW), "lost", GUARDIANS)
    real = make_checkpoint(guarded, NEW)
    content = {key: value for key, value in real.items() if key != "signature"} | {"public_key": public_text(OPERATOR)}
    report = check(guarded.path, [content | {"signature": sign(OPERATOR, content)}])
    assert [problem.code for problem in report.problems] == ["E-LED-076"]


def test_without_guardians_the_operator_himself_may_change_his_key(ledger: Ledger) -> None:
    refused(lambda: rekey(ledger, "", public_text(NEW), "yearly change", [OTHER]), "E-LED-038")
    rekey(ledger, "", public_text(NEW), "yearly change", [OPERATOR])
    in_order(ledger, make_checkpoint(ledger, NEW))


@pytest.mark.parametrize(("count", "quorum"), [(2, 0), (2, 3), (0, 1)])
def test_a_quorum_that_cannot_be_is_refused(count: int, quorum: int) -> None:
    refused(lambda: check_quorum([public_text(one) for one in GUARDIANS[:count]], quorum), "E-LED-039")


def test_a_guardian_named_twice_is_refused() -> None:
    refused(lambda: check_quorum([public_text(GUARDIANS[0])] * 2, 1), "E-LED-039")


FORGED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another new key": lambda facts: facts.update(new=public_text(OTHER)),
    "another project": lambda facts: facts.update(project="tea", old=public_text(FARMERS)),
    "no signatures": lambda facts: facts.update(signatures=[]),
    "another old key": lambda facts: facts.update(old=public_text(OTHER)),
    "the lost key again": lambda facts: facts.update(old=public_text(FARMERS), new=public_text(FARMERS)),
}


@pytest.mark.parametrize("name", FORGED)
def test_the_check_finds_a_forged_rekey(ledger: Ledger, tmp_path: Path, name: str) -> None:
    """An insider who writes the JSON Lines anew, hashes and all."""
    issue(ledger, said("rice"))
    issue(ledger, said("tea", field(5000)))
    facts = dict(rekey(ledger, "rice", public_text(NEW), "lost", [OPERATOR]).facts)
    FORGED[name](facts)
    *before, last = list(ledger.entries())
    forged = make_entry(last.seq, last.prev, facts.pop("kind"), facts, facts.pop("time"))
    path = tmp_path / "forged.jsonl"
    path.write_text("".join(f"{one.line()}\n" for one in (*before, forged)), encoding="utf-8")
    report = check(path)
    assert report.first_bad == last.seq and [problem.code for problem in report.problems] == ["E-LED-074"]


def test_the_check_finds_an_issue_that_a_lost_key_signed_later(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(ledger, said("rice"))
    rekey(ledger, "rice", public_text(NEW), "lost", [OPERATOR])
    monkeypatch.setattr("carbonsink.ledger.submit.project_key", lambda *_: None)  # an operator who looks away
    issue(ledger, said("rice", years=(2021,), run="2", after=said("rice")))
    report = check(ledger.path)
    assert report.first_bad == 5 and "any more" in report.problems[0].line("en")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    for name, key in (("operator", OPERATOR), ("farmers", FARMERS), ("new", NEW), *((f"g{n}", one) for n, one in enumerate(GUARDIANS))):
        write_key(tmp_path / f"{name}.pem", key)
    home = tmp_path / "county"
    guardians = [word for n in range(3) for word in ("--guardian", tmp_path / f"g{n}.pem")]
    assert command("init", home, "--name", "n", "--key", tmp_path / "operator.pem", *guardians, "--quorum", 2).exit_code == 0
    with opened(home) as ours:
        issue(ours, said("rice"))
    done = value(command("rekey", home, "rice", "--new", tmp_path / "new.pem", "--key", tmp_path / "operator.pem", "--reason", "lost", "--json"))
    assert (done["kind"], done["new"]) == ("rekey", public_text(NEW))
    few = command("rekey", home, "--new", tmp_path / "new.pem", "--key", tmp_path / "g0.pem", "--reason", "lost")
    assert few.exit_code == Exit.USAGE and few.stderr.startswith("E-LED-037")
    write_key(tmp_path / "next.pem", OTHER)
    both = ("--key", tmp_path / "g0.pem", "--key", tmp_path / "g1.pem")
    assert "operator" in command("rekey", home, "--new", tmp_path / "next.pem", *both, "--reason", "lost").stdout
    assert json.loads(command("check", home, "--json").stdout)["passed"]
