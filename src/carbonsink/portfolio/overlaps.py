"""Areas that claim the same land in the same time, by the rule and the code that the ledger holds submissions against.

    [Member, ...]  ->  [Overlap, ...]

Of two areas that share more than an edge drawn twice neither is counted: which of them is right isn't for a sum to decide. Land is
claimed by every area for its vintages; with a pool in common the tonnes would count twice, without one still the hectares.
A project inside an inventory of the same years is no such case: the inventory has its hectares and emissions, the project its credits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from carbonsink.base.geometry import hectares
from carbonsink.base.problems import Problem
from carbonsink.declared.methodology import Methodology
from carbonsink.ledger.land import Tract, compare, lay_out
from carbonsink.ledger.rules import overlap, pools
from carbonsink.ledger.submission import parcels_of
from carbonsink.portfolio.member import Member
from carbonsink.run import Progress

BOUNDARY = "unstated"  # how an area's outline was drawn is said to the ledger, not in area.toml: no tolerance


@dataclass(frozen=True)
class Overlap:
    """Two areas that share land and vintages."""

    area: str
    other: str
    area_ha: float
    years: tuple[int, ...]
    pools: tuple[str, ...]  # that both claim
    verdict: str  # pass | trim | reject, as the ledger judges
    covered: str = ""  # the one of the two that lies inside the other's inventory

    @property
    def rejected(self) -> bool:
        """Whether neither of the two may be counted."""
        return self.verdict == "reject" and not self.covered

    @property
    def problem(self) -> Problem:
        """Why neither is counted."""
        code = "E-PTF-010" if self.pools else "E-PTF-011"
        facts: dict[str, object] = {
            "other": self.other,
            "area": f"{self.area_ha:.4f}",
            "years": ", ".join(map(str, self.years)),
            "pools": " ".join(self.pools) or "-",
        }
        return Problem(code, self.area, facts)


def overlaps(members: Sequence[Member], progress: Progress) -> list[Overlap]:
    """Every two areas that share land and a vintage, in the order of ids."""
    outlines = [shapely.from_wkb([wkb for _, wkb in parcels_of(member.plan)]) for member in members]
    found = []
    tracts: dict[int, Tract] = {}
    pairs = _neighbours(outlines)
    for number, (a, b) in enumerate(pairs):
        progress("overlaps", number, len(pairs))
        if years := tuple(sorted({*members[a].plan.vintages} & {*members[b].plan.vintages})):
            for one in (a, b):
                tracts[one] = tracts.get(one) or lay_out(outlines[one], overlap().boundary[BOUNDARY].sigma_m)
            shared = compare(tracts[a], tracts[b])
            if shared.area_m2 > 0:
                pair, laid = (members[a], members[b]), (tracts[a], tracts[b])
                area = hectares(shared.area_m2)
                found.append(Overlap(pair[0].id, pair[1].id, area, years, _common(*pair), shared.verdict, _covered(pair, laid, shared.area_m2, years)))
    return found


def _covered(pair: tuple[Member, Member], laid: tuple[Tract, Tract], shared_m2: float, years: Sequence[int]) -> str:
    """The project that lies, with all its years, inside the other's inventory; empty where there is no such thing."""
    for (project, inventory), tract in zip((pair, pair[::-1]), laid, strict=True):
        whole = shared_m2 >= (1 - overlap().limits.trimmed_share) * tract.area_m2 and len(years) == len(project.plan.vintages)
        if inventory.inventory and not project.inventory and whole:
            return project.id
    return ""


def _common(one: Member, other: Member) -> tuple[str, ...]:
    """Pools that both claim."""
    theirs = _claimed(other.plan.methodology)
    return tuple(pool for pool in _claimed(one.plan.methodology) if pool in theirs)


def _neighbours(outlines: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.object_]]]) -> list[tuple[int, int]]:
    """Pairs of areas whose boxes meet."""
    boxes = np.array([shapely.box(*shapely.total_bounds(shapes)) for shapes in outlines], dtype=object)
    rows = shapely.STRtree(boxes).query(boxes, predicate="intersects") if len(boxes) else np.empty((2, 0), dtype=int)
    return sorted((int(a), int(b)) for a, b in rows.T.tolist() if a < b)


def _claimed(methodology: Methodology) -> tuple[str, ...]:
    """The pools that a methodology's flows claim; every pool where one of them isn't in the ledger's table."""
    try:
        return pools().of(methodology)
    except KeyError:
        return tuple(pools().pools)
