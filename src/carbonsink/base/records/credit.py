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
