"""What a project's submissions have left owed and kept, by the ledger's own record: where its next run has to start.

    Account                        what a run says: its days, the run it goes on from, where it started, what it leaves, what it drew on the buffer
    latest(records, gone, said)    the record that counts: the last one that isn't withdrawn
    account_problems(...)          a run that starts from something else, or whose days don't come after it

A record stands in each `issue` of a submission, or in an entry `account` where it issued nothing. It is withdrawn when all its issues are void;
one with a loss stays until a run of the same days takes its place, so that nobody loses a shortfall by voiding what stood beside it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carbonsink.base.problems import Problem, refuse
from carbonsink.base.standing import Standing
from carbonsink.ledger.entries import Entry
from carbonsink.ledger.store import Ledger

NONE = "-"  # in the place of the run before, where there is none
Record = tuple[int, Mapping[str, Any]]  # an entry's place and what it says


@dataclass(frozen=True)
class Account:
    """What a run says of its project's standing; days as in Span: `end` is the day after the last."""

    start: str
    end: str
    earlier: str = NONE  # the manifest it goes on from
    before: Standing = Standing()
    after: Standing = Standing()
    drawn: int = 0  # whole tonnes out of the buffer

    def value(self) -> dict[str, Any]:
        """As entries say it."""
        return {"start": self.start, "end": self.end, "earlier": self.earlier, "before": self.before.value(), "after": self.after.value(), "drawn": self.drawn}


def records(ledger: Ledger, project: str) -> list[Record]:
    """A project's records in the order of entries."""
    rows = ledger.rows("SELECT entry FROM accounts WHERE project = ? ORDER BY entry", project)
    return [(entry.seq, entry.facts) for (seq,) in rows if (entry := ledger.entry(seq))]


def freed(ledger: Ledger, project: str) -> set[int]:
    """The issues of a project that are void."""
    return {row[0] for row in ledger.rows("SELECT freed.issue FROM freed JOIN claims USING (issue) WHERE project = ?", project)}


def latest(
    found: Sequence[Record], gone: Container[int], manifest: str = "", account: Mapping[str, Any] | None = None, instead: int | None = None
) -> Record | None:
    """The record that counts for a run of this manifest and account, which isn't held against its own, nor against the one whose void issue
    it takes the place of (`instead`) where its days hold all of that one's."""
    by_run: dict[str, list[Record]] = {}
    for seq, facts in found:
        by_run.setdefault(facts["manifest"], []).append((seq, facts))
    counting = [run[-1] for name, run in by_run.items() if name != manifest and not _withdrawn(run, gone) and not _replaced(run, gone, account, instead)]
    return max(counting, key=lambda record: record[0], default=None)


def check_last(ledger: Ledger, issue: Entry) -> None:
    """Refuse to make an issue void that a later run of the project went on from: that run would stand on nothing."""
    project = issue.facts["project"]
    last = latest(records(ledger, project), freed(ledger, project))
    if last and last[0] > issue.seq and last[1]["manifest"] != issue.facts["manifest"]:
        raise refuse("E-LED-049", f"#{issue.seq}", entry=last[0])


def owing(ledger: Ledger, project: str) -> str:
    """The tonnes that a project owes by its last record; nothing where it owes none."""
    last = latest(records(ledger, project), freed(ledger, project))
    owed: str = last[1]["account"]["after"]["owed"] if last else "0"
    return owed if float(owed) > 0 else ""


def start_of(last: Record | None) -> tuple[str, dict[str, str]]:
    """Where the next run starts: the manifest of the last one, and what it left."""
    return (last[1]["manifest"], last[1]["account"]["after"]) if last else (NONE, Standing().value())


def account_problems(project: str, said: Mapping[str, Any], last: Record | None) -> Iterator[Problem]:
    """A run that doesn't start from what the last one left, or whose days don't come after it."""
    manifest, left = start_of(last)
    if last and said["start"] < (end := last[1]["account"]["end"]):
        yield Problem("E-LED-048", project, {"entry": last[0], "end": end, "start": said["start"]})
    if (said["earlier"], said["before"]) != (manifest, left):
        yield Problem("E-LED-047", project, {**_words("found", said["earlier"], said["before"]), **_words("expected", manifest, left)})


def _withdrawn(run: Sequence[Record], gone: Container[int]) -> bool:
    """Whether nothing of a submission counts any more: all its issues void, and no loss that would be lost with them."""
    account = run[-1][1]["account"]
    return not _lost(account) and all(seq in gone for seq, _ in run)


def _lost(account: Mapping[str, Any]) -> bool:
    """Whether a run left more owed than it found, or drew on the buffer."""
    return bool(account["drawn"]) or float(account["after"]["owed"]) > float(account["before"]["owed"])


def _replaced(run: Sequence[Record], gone: Container[int], account: Mapping[str, Any] | None, instead: int | None) -> bool:
    """Whether a run of these days takes a submission's place: all issues void, one of them named, every day of it in the new run."""
    if account is None or instead not in [seq for seq, _ in run] or any(seq not in gone for seq, facts in run if facts["kind"] == "issue"):
        return False
    theirs = run[-1][1]["account"]
    return bool(account["start"] <= theirs["start"] and theirs["end"] <= account["end"])


def _words(side: str, manifest: str, standing: Mapping[str, str]) -> dict[str, object]:
    return {side: manifest, f"{side}_owed": standing["owed"], f"{side}_kept": standing["kept"]}
