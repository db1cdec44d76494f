"""A submission made into entries: one `register` where the land is new, one `issue` a vintage, in one transaction with the look for double counting.

    answer = submit(ledger, submission, terms, key)         the entries; the same submission again gives the same answer

Order inside the transaction: the ledger of the run's checkpoint? | seen before? | project and vintage | where the run started | land x time x pool |
numbers for the units | entries | what its losses draw on the buffer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.dsse import key_id, public_der
from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.signing import fingerprint, public_text
from carbonsink.declared.keys import Key, Keys
from carbonsink.declared.signatures import signers_of
from carbonsink.ledger.accounts import account_problems, freed, latest, owing, records
from carbonsink.ledger.ancestry import check_ancestor
from carbonsink.ledger.buffers import draw
from carbonsink.ledger.claims import Judgement, Meeting, judge, meetings, same_land
from carbonsink.ledger.entries import BUFFER, Entry
from carbonsink.ledger.keyholders import project_key
from carbonsink.ledger.land import Tract
from carbonsink.ledger.rules import overlap
from carbonsink.ledger.serials import Block, check_division, method_code
from carbonsink.ledger.signature import signature
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.submission import Submission, Vintage

CM2_PER_M2 = 10_000  # the units' definition: shares of areas are worked in whole square centimetres

ISSUES = """
SELECT claims.issue, freed.entry FROM claims LEFT JOIN freed ON freed.issue = claims.issue
WHERE project = ? AND vintage = ? ORDER BY claims.issue
"""


@dataclass(frozen=True)
class Terms:
    """What a submitter says beside the run."""

    division: str  # six digits
    holder: str  # the account that gets the units
    boundary: str = "unstated"  # how the land was drawn
    supersedes: int | None = None  # the voided issue that this one takes the place of
    reviewed: str = ""  # why a hit among other registers' claims is none


@dataclass(frozen=True)
class Answer:
    """What a submission came to."""

    entries: tuple[Entry, ...]
    again: bool  # it had been made before


def submit(ledger: Ledger, said: Submission, terms: Terms, key: Ed25519PrivateKey, signers: Sequence[Key] = ()) -> Answer:
    """Append a submission's entries, or answer as before; a Refusal (exit 7 for double counting) leaves the ledger as it was.

    `signers`: who signed the run's envelope, by a list of keys (`endorsed`).
    """
    check_terms(terms)
    tract = said.claim(terms.boundary).tract  # the slow part, before anybody has to wait
    signed = {"submitter": signature(said.manifest, key), "signers": [{"key": one.id, "holder": one.holder, "role": one.role} for one in signers]}
    with ledger.writing():
        if said.checkpoint:
            check_ancestor(ledger, said.checkpoint)
        live = _live(ledger, said.manifest)
        left = tuple(one for one in said.vintages if one.year not in live)
        if live and (terms.supersedes is None or not left):
            return Answer(_with_land(ledger, sorted(live.values())), again=True)
        if not said.vintages and (known := _known(ledger, said.manifest)):
            return Answer(_with_land(ledger, known), again=True)
        said = replace(said, vintages=left)
        claim = said.claim(terms.boundary)
        _check_project(ledger, said, terms, public_text(key))
        _check_account(ledger, said, terms, tract)
        judged = judge(claim, tract, meetings(ledger, claim, tract), any(one.role == "verifier" for one in signers))
        if judged.review and not terms.reviewed:
            raise Refusal([_review(said, one) for one in judged.review], Exit.DOUBLE_COUNTING)
        return Answer(tuple(_append(ledger, said, terms, judged, signed)), again=False)


def endorsed(run: Path, keys: Keys, day: date, key: Ed25519PrivateKey) -> tuple[Key, ...]:
    """Who signed a run's envelope, by a list of keys: the submitter with this very key, and a verifier; a Refusal where one is missing."""
    signers = signers_of(run, keys, day)
    mine = key_id(public_der(key.public_key()))
    if mine not in [one.id for one in signers if one.role == "submitter"]:
        raise refuse("E-LED-032", "--key", found=mine, expected=", ".join(one.id for one in signers))
    if all(one.role != "verifier" for one in signers):
        raise refuse("E-LED-029", run.name, run=run)
    return signers


def terms_of(said: Submission, division: str, holder: str, boundary: str, supersedes: int | None, reviewed: str) -> Terms:
    """The terms of a submission: what the submitter says goes before what the area says; a Refusal where neither says the division."""
    if not (division or said.division):
        raise refuse("E-LED-019", said.project)
    return Terms(division or said.division, holder, boundary or said.boundary or Terms.boundary, supersedes, reviewed)


def check_terms(terms: Terms) -> None:
    """Refuse terms that no entry could hold."""
    check_division(terms.division)
    check_account(terms.holder, "--holder")
    if terms.boundary not in overlap().boundary:
        raise refuse("E-LED-013", "--boundary", Exit.USAGE, found=terms.boundary, known=", ".join(overlap().boundary))


def check_account(name: str, where: str) -> str:
    """A name of an account, or a Refusal: none, one kept for the buffer, or one that can't be printed."""
    if not name.strip() or name == BUFFER or not name.isprintable():
        raise refuse("E-LED-014", where, Exit.USAGE, found=name)
    return name


def block_of(ledger: Ledger, issue: Entry) -> Block:
    """All units of an issue as a block: the holder's and the buffer's."""
    facts = issue.facts
    land = ledger.entry(facts["land"])
    assert land is not None
    last = facts["first"] + facts["quantity"] + facts["buffer"] - 1
    return Block(land.facts["division"], land.facts["method"], land.facts["number"], facts["vintage"], facts["batch"], facts["first"], last)


def _live(ledger: Ledger, manifest: str) -> dict[int, int]:
    """The issues that this very manifest has made, by vintage, void ones left out."""
    sql = "SELECT vintage, issue FROM claims WHERE manifest = ? AND issue NOT IN (SELECT issue FROM freed)"
    return dict(ledger.rows(sql, manifest))


def _with_land(ledger: Ledger, issues: Sequence[int]) -> tuple[Entry, ...]:
    """The entries of issues (or of a run without any), after that of their land where it was registered with them, and before what they drew."""
    entries = [entry for entry in map(ledger.entry, issues) if entry]
    land, after = ledger.entry(entries[0].facts["land"]), ledger.entry(entries[-1].seq + 1)
    drawn = [after] if after and after.facts["kind"] == "reversal" and after.facts.get("manifest") == entries[0].facts["manifest"] else []
    return (*([land] if land and land.seq == entries[0].seq - 1 else []), *entries, *drawn)


def _check_project(ledger: Ledger, said: Submission, terms: Terms, public: str) -> None:
    """A project keeps its key, and has one issue a vintage that isn't void; a new one says which void one it takes the place of."""
    problems: list[Problem] = []
    if (known := project_key(ledger, said.project)) not in (None, public):
        problems.append(Problem("E-LED-030", said.project, {"expected": fingerprint(str(known)), "found": fingerprint(public)}))
    for one in said.vintages:
        rows = ledger.rows(ISSUES, said.project, one.year)
        live = [issue for issue, freed in rows if freed is None]
        if live:
            problems.append(Problem("E-LED-044", said.project, {"vintage": one.year, "entry": live[-1]}))
        elif rows and terms.supersedes not in [issue for issue, _ in rows]:
            problems.append(Problem("E-LED-045", said.project, {"vintage": one.year, "entry": rows[-1][0]}))
    if problems:
        raise Refusal(problems, Exit.DOUBLE_COUNTING)


def _check_account(ledger: Ledger, said: Submission, terms: Terms, tract: Tract) -> None:
    """A run starts from what the project's last one left by the ledger's own record; a first one from nothing."""
    account = said.account.value()
    last = latest(records(ledger, said.project), freed(ledger, said.project), said.manifest, account, terms.supersedes)
    problems = list(account_problems(said.project, account, last))
    if last is None:  # another name doesn't rid the land of its debt
        shared = same_land(ledger, tract, said.project)
        debts = [(name, area, owed) for name, area in shared.items() if (owed := owing(ledger, name))]
        problems += [Problem("E-LED-062", said.project, {"area": f"{area:.0f}", "with": name, "owed": owed}) for name, area, owed in debts]
    if problems:
        raise Refusal(problems, Exit.DOUBLE_COUNTING)


def _known(ledger: Ledger, manifest: str) -> list[int]:
    """The entry that a run with nothing to issue has made, if it was submitted."""
    return [row[0] for row in ledger.rows("SELECT entry FROM accounts WHERE manifest = ?", manifest)]


def _append(ledger: Ledger, said: Submission, terms: Terms, judged: Judgement, signed: Mapping[str, Any]) -> list[Entry]:
    head = ledger.head[0]
    land = _registered(ledger, said, terms, signed["submitter"]["public_key"], judged.area_m2)
    left = [(one, trimmed(one.issued, judged), trimmed(one.buffer, judged)) for one in said.vintages]
    before = ledger.rows("SELECT 1 FROM accounts WHERE manifest = ? LIMIT 1", said.manifest)
    made = [ledger.append("issue", _issue(ledger, said, terms, judged, land.seq, *one) | dict(signed)) for one in left if one[1]]
    if not made and said.vintages:
        raise refuse("E-LED-027", said.run)
    if not made:
        made = [ledger.append("account", _account(said, terms, land.seq) | dict(signed))]
    if said.account.drawn and not before:
        made.append(draw(ledger, said.project, said.account.drawn, f"statement of {said.run}", said.manifest))
    return [land, *made] if land.seq > head else made


def trimmed(tonnes: int, judged: Judgement) -> int:
    """Whole tonnes of the land that is left when slivers are cut off: the same share as of the area, rounded down."""
    area, cut = (round(value * CM2_PER_M2) for value in (judged.area_m2, judged.cut_m2))
    return tonnes * (area - cut) // area


def _registered(ledger: Ledger, said: Submission, terms: Terms, public: str, area_m2: float) -> Entry:
    """The project's land as registered, newly where anything of it has changed."""
    facts = _register(said, terms, public, area_m2)
    last = _land_of(ledger, said.project, newest=True)
    known = {key: value for key, value in last.facts.items() if key not in {"kind", "time", "number"}} if last else None
    if last and known == facts:
        return last
    number = last.facts["number"] if last else 1 + max([row[0] for row in _numbers(ledger)], default=0)
    return ledger.append("register", facts | {"number": number})


def _register(said: Submission, terms: Terms, public: str, area_m2: float) -> dict[str, Any]:
    features = [[name, wkb.hex()] for name, wkb in said.parcels]
    return {
        "project": said.project, "name": dict(said.name), "division": terms.division, "methodology": said.methodology,
        "method": method_code(said.methodology.partition(" ")[0]), "holder": terms.holder, "pools": list(said.pools), "boundary": terms.boundary,
        "signer": public, "land": {"area_m2": f"{area_m2:.2f}", "digest": digest(features), "features": features},
    }  # fmt: skip


def _issue(
    ledger: Ledger, said: Submission, terms: Terms, judged: Judgement, land: int, vintage: Vintage, issued: int, buffer: int
) -> dict[str, Any]:  # fmt: skip
    span = vintage.span
    last = ledger.rows("SELECT last FROM issued ORDER BY first DESC LIMIT 1")
    batch = 1 + ledger.rows("SELECT count(*) FROM claims WHERE project = ? AND vintage = ?", said.project, vintage.year)[0][0]
    facts = {
        "project": said.project, "land": land, "vintage": vintage.year, "start": span.start, "end": span.end, "batch": batch, "pools": list(said.pools),
        "holder": terms.holder, "first": last[0][0] + 1 if last else 1, "quantity": issued, "buffer": buffer,
        "stated": {"issued": vintage.issued, "buffer": vintage.buffer, **_types(vintage)}, "run": said.run, "manifest": said.manifest, "results": said.results,
        "verification": said.verification, "outside": _outside(ledger), "account": said.account.value(),
        "trims": [{"entry": one.issue, "area_m2": f"{one.shared.area_m2:.2f}"} for one in judged.trims], "cut_m2": f"{judged.cut_m2:.2f}",
        "stacked": [one.issue for one in judged.stacked], "review": [one.issue for one in judged.review],
    }  # fmt: skip
    seen = {"seq": said.checkpoint.sequence, "head": said.checkpoint.head} if said.checkpoint else None
    asked = {"checkpoint": seen, "supersedes": terms.supersedes, "reviewed": terms.reviewed if judged.review else None}
    return facts | {key: value for key, value in asked.items() if value is not None}


def _account(said: Submission, terms: Terms, land: int) -> dict[str, Any]:
    instead = {} if terms.supersedes is None else {"supersedes": terms.supersedes}
    return instead | {
        "project": said.project, "land": land, "run": said.run, "manifest": said.manifest, "results": said.results, "verification": said.verification,
        "account": said.account.value(),
    }  # fmt: skip


def _types(vintage: Vintage) -> dict[str, int]:
    """How much of what is issued are removals, where the statement says it."""
    return {} if vintage.removals is None else {"removals": vintage.removals}


def _land_of(ledger: Ledger, project: str, newest: bool = False) -> Entry | None:
    found = ledger.rows(f"SELECT {'max' if newest else 'min'}(entry) FROM lands WHERE project = ?", project)
    return ledger.entry(found[0][0]) if found[0][0] else None


def _numbers(ledger: Ledger) -> list[tuple[int]]:
    return ledger.rows("SELECT count(DISTINCT project) FROM lands WHERE project <> ''")


def _outside(ledger: Ledger) -> list[str]:
    """The lists of other registers that the claim was held against."""
    rows = ledger.rows("SELECT digest FROM lands WHERE project = '' ORDER BY entry")
    return sorted({row[0] for row in rows})


def _review(said: Submission, one: Meeting) -> Problem:
    return Problem("E-LED-046", said.project, {"entry": one.issue, "area": f"{one.shared.area_m2:.1f}", "days": f"{one.span.start}/{one.span.end}"})
