"""A run that has seen a checkpoint of the ledger is only taken by that ledger, gone on since: an old backup put back is refused."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from carbonsink.base.signing import make_key, public_text, sign
from carbonsink.declared.checkpoint import Checkpoint
from carbonsink.ledger.checkpoints import make_checkpoint
from carbonsink.ledger.store import Ledger, opened
from tests.ledger.making import OPERATOR, field, issue, new_ledger, refused, said


def seen(ledger: Ledger) -> Checkpoint:
    """The ledger's checkpoint as a run has read it."""
    made = make_checkpoint(ledger, OPERATOR)
    return Checkpoint(made["ledger"], made["seq"], made["head"], made["time"], made["public_key"], made["signature"])


def backup(ledger: Ledger, path: Path) -> Path:
    """A copy of the ledger as it is now."""
    ledger.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(shutil.copy(ledger.path, path))


@pytest.fixture
def rice(ledger: Ledger) -> Ledger:
    issue(ledger, said("rice"))
    return ledger


def test_a_run_with_the_ledgers_checkpoint_is_issued_and_the_entry_says_which(rice: Ledger) -> None:
    before = seen(rice)
    issue(rice, said("tea", field(5000)))  # the ledger has gone on
    made = issue(rice, replace(said("oil", field(9000)), checkpoint=before)).entries[-1].facts
    assert made["checkpoint"] == {"seq": before.sequence, "head": before.head}


def test_an_old_backup_put_back_is_refused(rice: Ledger, tmp_path: Path) -> None:
    old = backup(rice, tmp_path / "old.ledger")
    issue(rice, said("tea", field(5000)))
    after = replace(said("oil", field(9000)), checkpoint=seen(rice))
    with opened(old) as restored:
        refusal = refused(lambda: issue(restored, after), "E-LED-034")
        assert refusal.exit_code == Exit.INTEGRITY and refusal.problems[0].facts["length"] == 3
        assert restored.head[0] == 3


def test_an_old_backup_that_has_gone_on_another_way_is_refused(rice: Ledger, tmp_path: Path) -> None:
    old = backup(rice, tmp_path / "old.ledger")
    issue(rice, said("tea", field(5000)))
    with opened(old) as restored:
        issue(restored, said("other", field(5000)))
        refused(lambda: issue(restored, replace(said("oil", field(9000)), checkpoint=seen(rice))), "E-LED-035")


def test_another_ledger_is_refused(rice: Ledger, tmp_path: Path) -> None:
    with new_ledger(tmp_path, "other.ledger") as other:
        other.connection.execute("SELECT 1")
        strange = replace(seen(rice), ledger="f" * 64)
        refused(lambda: issue(other, replace(said("oil"), checkpoint=strange)), "E-LED-033")


def test_a_checkpoint_that_somebody_else_signed_is_refused(rice: Ledger) -> None:
    thief = make_key()
    made = make_checkpoint(rice, OPERATOR)
    content = {key: value for key, value in made.items() if key != "signature"} | {"public_key": public_text(thief)}
    forged = Checkpoint(made["ledger"], made["seq"], made["head"], made["time"], public_text(thief), sign(thief, content))
    refused(lambda: issue(rice, replace(said("oil", field(9000)), checkpoint=forged)), "E-LED-036")
