"""A new claim held against every claim of the ledger: land x time x pool. Candidates come from the spatial index.

    found = meetings(ledger, claim)         every live claim that shares land, time and a pool (or land and time, with other pools)
    judged(claim, found)                    a Refusal for double counting, or what is to be cut

Read within the writer's transaction, so that nobody can register between the look and the entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.ledger.land import Shared, Tract, compare, compare_within, lay_out, united_m2
from carbonsink.ledger.rules import overlap, pools
from carbonsink.ledger.store import Ledger

CANDIDATES = """
SELECT DISTINCT parts.id, parts.land FROM boxes JOIN parts ON parts.id = boxes.id
WHERE boxes.east >= ? AND boxes.west <= ? AND boxes.north >= ? AND boxes.south <= ?
"""
LIVE = """
SELECT claims.issue, claims.project, claims.start, claims."end", claims.pools FROM claims
WHERE claims.land = ? AND claims.issue NOT IN (SELECT issue FROM freed) ORDER BY claims.issue
"""


@dataclass(frozen=True)
class Span:
    """Civil days from `start` until the day before `end` (both as YYYY-MM-DD)."""

    start: str
    end: str

    def meets(self, start: str, end: str) -> bool:
        """Whether a day is in both; touching is no meeting."""
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Claim:
    """What somebody wants to be credited for: parcels as WKB in longitude and latitude, spans of days, pools."""

    project: str
    methodology: str
    parcels: Sequence[tuple[str, bytes]]  # name and canonical WKB
    boundary: str  # how it was drawn: a name of overlap.toml
    spans: Sequence[Span]
    pools: tuple[str, ...]

    @property
    def tract(self) -> Tract:
        """The claim's land, laid out."""
        return lay_out(shapely.from_wkb([wkb for _, wkb in self.parcels]), overlap().boundary[self.boundary].sigma_m, [name for name, _ in self.parcels])


@dataclass(frozen=True)
class Meeting:
    """A claim of the ledger that meets a new one."""

    issue: int  # the entry that claims
    project: str  # empty where another register holds it
    methodology: str
    span: Span
    pools: tuple[str, ...]  # in both; none where only the land is shared
    shared: Shared


@dataclass(frozen=True)
class Judgement:
    """What a claim may go on with."""

    cut_m2: float  # land that neighbours hold already
    area_m2: float
    trims: tuple[Meeting, ...]
    review: tuple[Meeting, ...]  # claims of other registers
    stacked: tuple[Meeting, ...]  # other pools of the same land


def meetings(ledger: Ledger, claim: Claim, tract: Tract) -> list[Meeting]:
    """Every live claim that shares land and days with a new one, in the order of entries."""
    found: list[Meeting] = []
    for land, parts in sorted(_candidates(ledger, tract).items()):
        live = [row for row in ledger.rows(LIVE, land) if any(span.meets(row[2], row[3]) for span in claim.spans)]
        shared = compare(tract, _theirs(ledger, land, parts)) if live else None
        if shared and shared.area_m2 > 0:
            method = _methodology(ledger, land)
            found += [_meeting(row, claim, method, shared) for row in live]
    return sorted(found, key=lambda one: one.issue)


def judge(claim: Claim, tract: Tract, found: Sequence[Meeting], signed: bool) -> Judgement:
    """What may go on; a Refusal (exit 7) names everything that is claimed twice. `signed`: the verifier answers for stacked pools."""
    within = compare_within(tract)
    ours = [one for one in found if one.project]
    same = [one for one in ours if one.pools]
    others = [one for one in ours if not one.pools]
    barred = [one for one in others if one.shared.verdict != "pass" and not (signed and pools().go_together(claim.methodology, one.methodology))]
    problems = [_twice(claim, one) for one in same if one.shared.verdict == "reject"]
    problems += [Problem("E-LED-042", claim.project, _facts(one)) for one in barred if one.shared.verdict == "reject"]
    problems += [_within(claim, within)] if within.verdict == "reject" else []
    trims = tuple(one for one in (*same, *barred) if one.shared.verdict == "trim")
    cut = united_m2([one.shared.shape for one in trims]) + within.area_m2
    if not problems and cut > overlap().limits.trimmed_share * tract.area_m2:
        facts: dict[str, object] = {"cut": f"{cut:.0f}", "area": f"{tract.area_m2:.0f}", "most": f"{overlap().limits.trimmed_share:.1%}", "with": _names(trims)}
        problems.append(Problem("E-LED-043", claim.project, facts))
    if problems:
        raise Refusal(problems, Exit.DOUBLE_COUNTING)
    stacked = tuple(one for one in others if one not in barred)
    return Judgement(cut, tract.area_m2, trims, tuple(one for one in found if not one.project), stacked)


def same_land(ledger: Ledger, tract: Tract, but: str) -> dict[str, float]:
    """The area [m2] that a claim shares with lands of other projects, whatever the days; edges drawn twice left out."""
    found: dict[str, float] = {}
    for land, parts in sorted(_candidates(ledger, tract).items()):
        project = ledger.rows("SELECT project FROM lands WHERE entry = ?", land)[0][0]
        shared = compare(tract, _theirs(ledger, land, parts)) if project != but else None
        if shared and shared.verdict == "reject":
            found[project] = max(shared.area_m2, found.get(project, 0.0))
    return found


def _candidates(ledger: Ledger, tract: Tract) -> dict[int, list[int]]:
    """Parts whose boxes meet the claim's, by land."""
    found: dict[int, set[int]] = {}
    for west, south, east, north in shapely.bounds(tract.shapes).tolist():
        for part, land in ledger.rows(CANDIDATES, west, east, south, north):
            found.setdefault(land, set()).add(part)
    return {land: sorted(parts) for land, parts in found.items()}


def _theirs(ledger: Ledger, land: int, parts: Sequence[int]) -> Tract:
    boundary, area = ledger.rows("SELECT boundary, area_m2 FROM lands WHERE entry = ?", land)[0]
    rows = [ledger.rows("SELECT name, wkb FROM parts WHERE id = ?", part)[0] for part in parts]
    return lay_out(shapely.from_wkb([wkb for _, wkb in rows]), overlap().boundary[boundary].sigma_m, [name for name, _ in rows], float(area))


def _methodology(ledger: Ledger, land: int) -> str:
    entry = ledger.entry(land)
    assert entry is not None
    return str(entry.facts.get("methodology", "")).partition(" ")[0]


def _meeting(row: Sequence[Any], claim: Claim, method: str, shared: Shared) -> Meeting:
    issue, project, start, end, theirs = row
    return Meeting(issue, project, method, Span(start, end), tuple(pool for pool in claim.pools if pool in theirs.split()), shared)


def _twice(claim: Claim, one: Meeting) -> Problem:
    return Problem("E-LED-040", claim.project, _facts(one))


def _within(claim: Claim, within: Shared) -> Problem:
    return Problem("E-LED-041", claim.project, {"area": f"{within.area_m2:.1f}", "limits": ", ".join(within.broken)})


def _facts(one: Meeting) -> dict[str, object]:
    shared = one.shared
    days = f"{one.span.start}/{one.span.end}"
    return {
        "area": f"{shared.area_m2:.1f}", "with": one.project, "entry": one.issue, "days": days,
        "pools": " ".join(one.pools) or "-", "limits": ", ".join(shared.broken),
    }  # fmt: skip


def _names(found: Sequence[Meeting]) -> str:
    return ", ".join(_each(found)) or "-"


def _each(found: Sequence[Meeting]) -> Iterator[str]:
    yield from sorted({one.project for one in found})
