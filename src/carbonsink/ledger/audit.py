"""Every pair of live claims looked at again, from the entries' own outlines: what the look at submission should have found.

Two claims that share land, days and a pool must be a recorded sliver (the newer one's `trims`), or other registers' for review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from carbonsink.ledger.claims import Span
from carbonsink.ledger.land import Shared, Tract, compare, lay_out
from carbonsink.ledger.rules import overlap
from carbonsink.ledger.store import Ledger

LIVE = """
SELECT claims.issue, claims.land, claims.project, claims.start, claims."end", claims.pools FROM claims
WHERE claims.issue NOT IN (SELECT issue FROM freed) ORDER BY claims.issue
"""


@dataclass(frozen=True)
class Pair:
    """Two live claims of the same land, days and pool."""

    issue: int
    other: int  # the newer
    project: str
    with_project: str
    pools: tuple[str, ...]
    shared: Shared
    known: bool  # recorded at submission: trimmed, stacked or reviewed


def audit(ledger: Ledger) -> list[Pair]:
    """All pairs that meet, in the order of entries; those that aren't known were counted twice."""
    tracts = _tracts(ledger)
    claims: dict[int, list[tuple[Any, ...]]] = {}
    for row in ledger.rows(LIVE):
        claims.setdefault(row[1], []).append(row)
    found = [pair for land, other in _neighbours(tracts) for pair in _pairs(ledger, claims.get(land, []), claims.get(other, []), tracts)]
    return sorted(found, key=lambda one: (one.other, one.issue))


def _pairs(ledger: Ledger, one: Sequence[Any], other: Sequence[Any], tracts: Mapping[int, Tract]) -> Iterator[Pair]:
    """The claims of two lands that share days, a pool and, looked at last, land."""
    shared: Shared | None = None
    for older, newer in sorted({tuple(sorted((a, b))) for a in one for b in other if a[0] != b[0]}):
        common = tuple(pool for pool in older[5].split() if pool in newer[5].split())
        if Span(older[3], older[4]).meets(newer[3], newer[4]) and common:
            shared = shared or compare(tracts[older[1]], tracts[newer[1]])
            if shared.area_m2 > 0:
                yield Pair(older[0], newer[0], older[2], newer[2], common, shared, _known(ledger, older, newer))


def _known(ledger: Ledger, older: Sequence[Any], newer: Sequence[Any]) -> bool:
    """Whether the newer claim says so itself; what other registers claim is told by them, not by us."""
    entry = ledger.entry(newer[0])
    if entry is None or not newer[2]:
        return True
    said = entry.facts
    return older[0] in [trim["entry"] for trim in said["trims"]] or older[0] in said["review"]


def _tracts(ledger: Ledger) -> dict[int, Tract]:
    tracts: dict[int, Tract] = {}
    for land, boundary, area in ledger.rows("SELECT entry, boundary, area_m2 FROM lands ORDER BY entry"):
        parts = ledger.rows("SELECT name, wkb FROM parts WHERE land = ? ORDER BY id", land)
        shapes = shapely.from_wkb([wkb for _, wkb in parts])
        tracts[land] = lay_out(shapes, overlap().boundary[boundary].sigma_m, [name for name, _ in parts], float(area))
    return tracts


def _neighbours(tracts: dict[int, Tract]) -> list[tuple[int, int]]:
    """Pairs of lands whose boxes meet, a land with itself included: its own claims must not share days."""
    lands = list(tracts)
    boxes = [shapely.box(*shapely.total_bounds(tracts[land].shapes)) for land in lands]
    rows = shapely.STRtree(boxes).query(np.array(boxes, dtype=object), predicate="intersects") if boxes else np.empty((2, 0), dtype=int)
    return [(lands[a], lands[b]) for a, b in rows.T.tolist() if a <= b]
