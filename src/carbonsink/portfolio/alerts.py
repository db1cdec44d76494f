"""What somebody has to look at, area by area: changes inside red lines, contradicted farm records, net losses, and the report's stamps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from carbonsink.portfolio.exact import decimal
from carbonsink.portfolio.member import Member

KINDS = ("protection", "practice", "shortfall")


@dataclass(frozen=True)
class AreaAlert:
    """alerts.csv: one thing to look at."""

    area: str
    kind: str  # protection | practice | shortfall
    year: int
    count: int  # changes of the red line, parcels of the record; 1 of a shortfall
    amount: Decimal  # ha of the changes, t CO2e of the shortfall; 0 of the record
    detail: str  # the red line's id, the practice, the account


@dataclass(frozen=True)
class AreaStamp:
    """stamps.csv: one stamp of an area's report, in its words."""

    area: str
    code: str
    zh: str
    en: str


def alerts(members: Sequence[Member]) -> list[AreaAlert]:
    """Everything to look at, in the order of kinds and areas."""
    found = [one for member in members for one in (*_protection(member), *_practice(member), *_shortfall(member))]
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.area, one.year, one.detail))


def stamps(members: Sequence[Member]) -> list[AreaStamp]:
    """Every area's stamps, in the order of its report."""
    return [AreaStamp(member.id, stamp["code"], stamp.get("zh", ""), stamp.get("en", "")) for member in members for stamp in member.stamps]


def _protection(member: Member) -> Iterator[AreaAlert]:
    for year, line in sorted({(int(one.date[:4]), one.protection) for one in member.alerts}):
        mine = [one for one in member.alerts if (int(one.date[:4]), one.protection) == (year, line)]
        yield AreaAlert(member.id, "protection", year, len(mine), sum((decimal(one.area_ha) for one in mine), Decimal(0)), line)


def _practice(member: Member) -> Iterator[AreaAlert]:
    against = [row for row in member.practice if row.verdict == "contradicts"]
    for year, practice in sorted({(row.year, row.practice) for row in against}):
        parcels = {row.parcel for row in against if (row.year, row.practice) == (year, practice)}
        yield AreaAlert(member.id, "practice", year, len(parcels), Decimal(0), practice)


def _shortfall(member: Member) -> Iterator[AreaAlert]:
    for posting in member.postings:
        if posting.account == "shortfall" and posting.co2e_t:
            yield AreaAlert(member.id, "shortfall", posting.vintage, 1, -posting.co2e_t, posting.account)
