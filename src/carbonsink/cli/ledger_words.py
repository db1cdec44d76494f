"""Entries and checks of the ledger in words and in JSON: what `carbonsink ledger` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carbonsink.base.problems import user_language
from carbonsink.cli.screen import padded, screen_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from carbonsink.declared.language import Language
    from carbonsink.ledger.checking import Report
    from carbonsink.ledger.entries import Entry
    from carbonsink.ledger.store import Ledger


def words() -> Language:
    """The user's language."""
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]


def value(entry: Entry) -> dict[str, Any]:
    """An entry as JSON, outlines left out."""
    facts = {key: value for key, value in entry.facts.items() if key != "land" or isinstance(value, int)}
    return {"seq": entry.seq, "hash": entry.hash, **facts}


def line(ours: Ledger, entry: Entry) -> str:
    """An entry in words: the block, or the project, that it is about."""
    w, kind = screen_words(), entry.facts["kind"]
    return f"#{entry.seq}  {padded(w(f'entry.{kind}'), 14)}  {_about(ours, entry, w)}"


def _about(ours: Ledger, entry: Entry, w: Language) -> str:
    from carbonsink.ledger.submit import block_of

    facts = entry.facts
    if facts["kind"] == "issue":
        return f"{block_of(ours, entry)}  {facts['quantity']} + {facts['buffer']} t CO2e  {facts['holder']}"
    if "issue" in facts and (issue := ours.entry(facts["issue"])):
        block = block_of(ours, issue).part(facts["first"], facts["last"])
        return f"{block}  {block.quantity} t CO2e  {facts.get('to', '')}"
    return str(facts.get("project") or facts.get("register") or facts.get("name") or w("entry.operator"))


def submitted(ours: Ledger, entries: Sequence[Entry], again: bool) -> list[str]:
    """What a submission came to: its entries, what was cut, and whose claims it was held against."""
    w = words()
    issue = next((entry.facts for entry in reversed(entries) if entry.facts["kind"] == "issue"), None)
    lines = [w("ledger.again")] if again else []
    lines += [line(ours, entry) for entry in entries]
    if issue is None:
        return lines
    land = ours.entry(issue["land"])
    if issue["trims"]:
        lines.append(w("ledger.trimmed", cut=issue["cut_m2"], area=land.facts["land"]["area_m2"] if land else "-"))
    return [*lines, w("ledger.outside", count=len(issue["outside"])) if issue["outside"] else w("ledger.unchecked")]


def checked_value(report: Report) -> dict[str, Any]:
    """What a check found, as JSON."""
    problems = [{"seq": seq, "code": problem.code, "text": problem.line(user_language())} for seq, problem in report.found]
    return {
        "entries": report.entries, "head": report.head, "totals": report.totals, "checkpoints": report.checkpoints, "passed": report.passed,
        "first_bad": report.first_bad, "problems": problems, "backwards": report.backwards,
    }  # fmt: skip


def checked(report: Report) -> list[str]:
    """The same for a person."""
    w = words()
    notes = [w("ledger.backwards", count=len(report.backwards), first=report.backwards[0])] if report.backwards else []
    if not report.passed:
        return [*notes, w("ledger.bad", ledger=report.ledger, seq=report.first_bad)]
    head = w("ledger.checked", ledger=report.ledger, entries=report.entries, head=report.head, checkpoints=report.checkpoints)
    return [*notes, head, w("ledger.totals", **report.totals), *([] if report.checkpoints else [w("ledger.unseen")])]
