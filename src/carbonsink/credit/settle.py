"""What is left after deductions, settled: earlier losses paid first, then whole tonnes of either type, withheld or issued.

lost(net, standing)                 a loss: the buffer answers for it first, in whole tonnes as the ledger cancels them
settled(amounts, deducted, ...)     carried, withheld, issued, rounding
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from carbonsink.base.standing import Standing, whole
from carbonsink.credit.rules import GRAIN, NOTHING, Amounts, Deducted

TYPES = 2  # removals and avoided emissions, each rounded down by itself


class Entry(NamedTuple):
    """Tonnes of an account, its note, and how much of it are removals where it is of one type or the other."""

    tonnes: Decimal
    note: str = ""
    removals: Decimal | None = None


def lost(net: Decimal, standing: Standing) -> dict[str, Entry]:
    """A net loss as postings: `reversal` draws on the buffer, `shortfall` is what later vintages pay. Both nothing where there is no loss."""
    loss = max(NOTHING, -net)
    drawn = min(standing.kept, whole(loss))
    return {"reversal": Entry(-drawn), "shortfall": Entry(drawn - loss)}


def settled(amounts: Amounts, deducted: Sequence[Deducted], owed: Decimal, reasons: Sequence[str]) -> dict[str, Entry]:
    """What is left as postings: earlier shortfalls are paid, and each type is rounded down by itself."""
    left = max(NOTHING, amounts.net) - sum((one.co2e_t for one in deducted), NOTHING)
    carried = min(left, owed)
    removals, avoided = (whole(tonnes) for tonnes in by_type(amounts, deducted, carried))
    all_of_it, nothing = Entry(removals + avoided, " ".join(reasons), removals), Entry(NOTHING, "", NOTHING)
    withheld, issued = (all_of_it, nothing) if reasons else (nothing, all_of_it)
    return {"carried": Entry(carried), "withheld": withheld, "issued": issued, "rounding": Entry(left - carried - all_of_it.tonnes)}


def by_type(amounts: Amounts, deducted: Sequence[Deducted], carried: Decimal) -> tuple[Decimal, Decimal]:
    """What is left [t CO2e] as removals and as avoided emissions.

    Deductions of one type come off that type; emissions, other deductions and what is carried come off both, as they were earned.
    Where a type has less than comes off it, the other bears the rest.
    """
    removals, avoided = max(NOTHING, amounts.removals), max(NOTHING, amounts.avoided)
    own = {of: sum((one.co2e_t for one in deducted if one.of == of), NOTHING) for of in ("removals", "avoided")}
    shared = max(NOTHING, amounts.net) - sum((one.co2e_t for one in deducted if one.of not in own), NOTHING) - carried
    left = shared - own["removals"] - own["avoided"]
    share = removals / (removals + avoided) if removals + avoided else NOTHING
    first = max(NOTHING, min(left, shared * share - own["removals"])).quantize(GRAIN, ROUND_FLOOR)
    return first, left - first
