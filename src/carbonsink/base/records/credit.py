"""Stage 7: postings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Posting:
    """credit/statement.csv: one posting of a vintage; a vintage's postings sum to zero."""

    vintage: int
    account: str
    co2e_t: Decimal
    note: str
    removals_t: Decimal | None = None  # of what is withheld or issued: whole tonnes of removals, the others being avoided emissions


@dataclass(frozen=True)
class Projected:
    """credit/projection.csv: a calendar year of the crediting period, as foreseen and as monitored [t CO2e], after deductions."""

    year: int
    days: int  # of the year inside the crediting period
    ex_ante_t_co2e: Decimal | None
    ex_post_t_co2e: Decimal | None  # whole tonnes, issued or withheld; empty where nothing was monitored
    basis: str  # declared | last_vintage: where the ex-ante figure comes from
