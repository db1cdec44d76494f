"""The statements of all areas added up, to the last digit: by methodology and vintage, and by area.

    [Member, ...]  ->  Credit by methodology and vintage, Credit by area and vintage

Signs are those that people read: what is earned and what is taken off are both positive, and
gross = removals + avoided - baseline = emissions + leakage + uncertainty + buffer + carried + withheld + issued + rounding
+ reversal + shortfall, where what a net loss draws on the buffer (reversal) and what of it is carried forward (shortfall) are negative.
What is withheld or issued is of removals or of avoided emissions; who trades asks which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.records import Posting
from carbonsink.portfolio.exact import ZERO, added
from carbonsink.portfolio.member import Member

EARNED = ("removals", "avoided")
SETTLED = ("emissions", "leakage", "uncertainty", "buffer", "carried", "withheld", "issued", "rounding", "reversal", "shortfall")
TYPED = ("withheld", "issued")


@dataclass(frozen=True)
class Credit:
    """credits.csv, area_credits.csv: one vintage's statement [t CO2e]."""

    methodology: str  # id and version
    vintage: int
    area: str  # empty: all areas of the methodology
    areas: int
    removals: Decimal
    avoided: Decimal
    baseline: Decimal
    gross: Decimal
    emissions: Decimal
    leakage: Decimal
    uncertainty: Decimal
    buffer: Decimal
    carried: Decimal
    withheld: Decimal
    issued: Decimal
    rounding: Decimal
    reversal: Decimal
    shortfall: Decimal
    withheld_removals: Decimal  # of what is withheld; the rest is avoided emissions
    issued_removals: Decimal


def area_credits(members: Sequence[Member]) -> list[Credit]:
    """Every area's statement by vintage, in the order of ids; a Refusal where a vintage doesn't balance."""
    found = []
    for member in members:
        for year in sorted({posting.vintage for posting in member.postings}):
            postings = [posting for posting in member.postings if posting.vintage == year]
            if balance := added(posting.co2e_t for posting in postings):
                raise refuse("E-PTF-009", member.id, Exit.INTEGRITY, vintage=year, balance=balance)
            if strange := sorted({posting.account for posting in postings} - {*EARNED, "baseline", *SETTLED}):
                raise refuse("E-PTF-014", member.id, Exit.INTEGRITY, vintage=year, accounts=", ".join(strange))
            found.append(_credit(member.methodology, year, member.id, 1, postings))
    return sorted(found, key=lambda one: (one.methodology, one.vintage, one.area))


def credits(members: Sequence[Member]) -> list[Credit]:
    """Every methodology's vintages over all its areas."""
    groups: dict[tuple[str, int], list[Posting]] = {}
    areas: dict[tuple[str, int], set[str]] = {}
    for member in members:
        for posting in member.postings:
            groups.setdefault((member.methodology, posting.vintage), []).append(posting)
            areas.setdefault((member.methodology, posting.vintage), set()).add(member.id)
    return [_credit(*key, "", len(areas[key]), groups[key]) for key in sorted(groups)]


def whole(rows: Iterable[Credit], name: str) -> Decimal:
    """One column over all rows."""
    return added(getattr(row, name) for row in rows)


def _credit(methodology: str, vintage: int, area: str, areas: int, postings: Sequence[Posting]) -> Credit:
    said = {name: added(p.co2e_t for p in postings if p.account == name) for name in (*EARNED, "baseline", *SETTLED)}
    signed = said | {name: added([-said[name]]) for name in EARNED}
    gross = added([*(signed[name] for name in EARNED), -said["baseline"]])
    removals = {f"{name}_removals": added(p.removals_t or ZERO for p in postings if p.account == name) for name in TYPED}
    return Credit(methodology=methodology, vintage=vintage, area=area, areas=areas, gross=gross, **signed, **removals)
