"""What a project's runs leave owed and kept: the next one starts from it, whatever it says, and losses are drawn on the buffer at submission."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from carbonsink.base.problems import Exit
from carbonsink.base.standing import Standing
from carbonsink.cli.ledger_words import submitted
from carbonsink.ledger.accounts import Account
from carbonsink.ledger.buffers import buffer_pieces
from carbonsink.ledger.checking import check
from carbonsink.ledger.moves import void
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.submission import Submission
from tests.ledger.making import field, issue, refused, said

FIRST = said("rice", lost=25)  # 100 issued, 10 kept, of which a loss of 25 takes all; 15 are owed


def kinds(ledger: Ledger) -> list[str]:
    return [entry.facts["kind"] for entry in ledger.entries()]


def second(after: Submission | None = FIRST, **more: object) -> Submission:
    return said("rice", years=(2021,), run="2", after=after, **more)


def in_order(ledger: Ledger) -> bool:
    return check(ledger.path).passed


def test_a_statement_that_draws_on_the_buffer_cancels_its_units_with_the_issue(ledger: Ledger) -> None:
    made = issue(ledger, FIRST).entries
    assert [entry.facts["kind"] for entry in made] == ["register", "issue", "reversal"]
    assert made[-1].facts["quantity"] == 10 and made[-1].facts["manifest"] == FIRST.manifest
    assert buffer_pieces(ledger) == [] and in_order(ledger)
    again = issue(ledger, FIRST)
    assert again.again and again.entries == made, "drawn once, however often it is submitted"
    assert len(submitted(ledger, made, False)) == 4


def test_a_buffer_that_hasn_t_got_it_leaves_nothing_behind(ledger: Ledger) -> None:
    account = Account("2020-01-01", "2021-01-01", after=Standing(kept=Decimal(0)), drawn=11)
    refused(lambda: issue(ledger, replace(FIRST, account=account)), "E-LED-053")
    assert kinds(ledger) == ["open"]


def test_the_next_run_starts_from_what_the_ledger_has_on_record(ledger: Ledger) -> None:
    issue(ledger, FIRST)
    issue(ledger, second())
    assert kinds(ledger)[-1] == "issue" and in_order(ledger)


def test_forgetting_the_run_before_is_refused_with_both_sides(ledger: Ledger) -> None:
    issue(ledger, FIRST)
    refusal = refused(lambda: issue(ledger, second(after=None)), "E-LED-047")
    assert refusal.exit_code == Exit.DOUBLE_COUNTING
    line = refusal.problems[0].line("en")
    assert "from 0 t owed" in line and "has 15 t" in line and FIRST.manifest in line


@pytest.mark.parametrize("lie", [Standing(Decimal(14)), Standing(Decimal(15), Decimal(1)), Standing(Decimal(16))])
def test_a_run_that_starts_from_other_tonnes_is_refused(ledger: Ledger, lie: Standing) -> None:
    issue(ledger, FIRST)
    one = second()
    refused(lambda: issue(ledger, replace(one, account=replace(one.account, before=lie))), "E-LED-047")


def test_a_first_submission_starts_from_nothing(ledger: Ledger) -> None:
    refused(lambda: issue(ledger, second()), "E-LED-047")


def test_a_loss_with_nothing_to_issue_is_on_record_and_the_next_run_can_t_go_round_it(ledger: Ledger) -> None:
    one = said("rice")
    issue(ledger, one)
    loss = second(after=one, vintages=(), lost=30)
    made = issue(ledger, loss)
    assert [entry.facts["kind"] for entry in made.entries] == ["account", "reversal"] and issue(ledger, loss).entries == made.entries
    third = said("rice", years=(2022,), run="3", after=one)
    refused(lambda: issue(ledger, third), "E-LED-047")
    issue(ledger, said("rice", years=(2022,), run="3", after=loss))
    assert in_order(ledger)


def test_days_that_are_settled_aren_t_opened_again(ledger: Ledger) -> None:
    later = said("rice", years=(2021,))
    issue(ledger, later)
    refused(lambda: issue(ledger, said("rice", years=(2020,), run="2", after=later)), "E-LED-048")


def test_an_issue_that_a_later_run_goes_on_from_can_t_be_made_void(ledger: Ledger) -> None:
    one = said("rice")
    issue(ledger, one)
    issue(ledger, second(after=one))
    assert refused(lambda: void(ledger, 3, "withdrawn"), "E-LED-049").problems[0].facts["entry"] == 4
    void(ledger, 4, "withdrawn")
    void(ledger, 3, "withdrawn")
    assert in_order(ledger)


def test_a_loss_stays_when_what_was_issued_beside_it_is_made_void(ledger: Ledger) -> None:
    one = said("rice", buffer=0, lost=15)
    issue(ledger, one)
    void(ledger, 3, "to begin afresh without the loss")
    refused(lambda: issue(ledger, second(after=None)), "E-LED-047")
    issue(ledger, said("rice", run="1b", buffer=0, lost=12), supersedes=3)  # the same days, worked again
    assert in_order(ledger)


def test_a_debt_stays_with_the_land_under_another_name(ledger: Ledger) -> None:
    issue(ledger, FIRST)
    fresh = said("paddies", field(500), years=(2021,))
    assert refused(lambda: issue(ledger, fresh), "E-LED-062").problems[0].facts["owed"] == "15"
    issue(ledger, said("paddies", field(1000), years=(2021,)))  # beside it


def test_the_check_finds_a_run_that_started_from_nothing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(ledger, FIRST)
    monkeypatch.setattr("carbonsink.ledger.submit.account_problems", lambda *_: [])
    issue(ledger, second(after=None))
    report = check(ledger.path)
    assert report.first_bad == 5 and "starts from" in report.problems[0].line("en")
