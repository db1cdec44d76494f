"""What is left after deductions, settled: earlier losses paid first, then whole tonnes of either type, withheld or issued.

Standing(owed, kept)                what earlier vintages left behind: a shortfall to pay, whole tonnes in the buffer
lost(net, standing)                 a loss: the buffer answers for it first, in whole tonnes as the ledger cancels them
settled(amounts, deducted, ...)     carried, withheld, issued, rounding
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from carbonsink.credit.rules import GRAIN, NOTHING, Amounts, Deducted

TYPES = 2  # removals and avoided emissions, each rounded down by itself


class Entry(NamedTuple):
    """Tonnes of an account, its note, and how much of it are removals where it is of one type or the other."""

    tonnes: Decimal
    note: str = ""
    removals: Decimal | None = None


@dataclass(frozen=True)
class Standing:
    """What earlier vintages left behind [t CO2e]: a shortfall still to be paid, and the whole tonnes of issued vintages in the buffer."""

    owed: Decimal = NOTHING
    kept: Decimal = NOTHING

    def after(self, entries: Mapping[str, Entry]) -> Standing:
        """What a vintage's entries leave behind. The ledger keeps a buffer only beside units, so a vintage without any adds nothing to it."""
        said = {account: entry.tonnes for account, entry in entries.items()}
        kept = _whole(said.get("buffer", NOTHING)) if said["issued"] >= 1 else NOTHING
        return Standing(self.owed - said["carried"] - said["shortfall"], self.kept + kept + said["reversal"])


def lost(net: Decimal, standing: Standing) -> dict[str, Entry]:
    """A net loss as postings: `reversal` draws on the buffer, `shortfall` is what later vintages pay. Both nothing where there is no loss."""
    loss = max(NOTHING, -net)
    drawn = min(standing.kept, _whole(loss))
    return {"reversal": Entry(-drawn), "shortfall": Entry(drawn - loss)}


def settled(amounts: Amounts, deducted: Sequence[Deducted], owed: Decimal, reasons: Sequence[str]) -> dict[str, Entry]:
    """What is left as postings: earlier shortfalls are paid, and each type is rounded down by itself."""
    left = max(NOTHING, amounts.net) - sum((one.co2e_t for one in deducted), NOTHING)
    carried = min(left, owed)
    removals, avoided = (_whole(tonnes) for tonnes in by_type(amounts, deducted, carried))
    whole, nothing = Entry(removals + avoided, " ".join(reasons), removals), Entry(NOTHING, "", NOTHING)
    withheld, issued = (whole, nothing) if reasons else (nothing, whole)
    return {"carried": Entry(carried), "withheld": withheld, "issued": issued, "rounding": Entry(left - carried - whole.tonnes)}


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


def _whole(tonnes: Decimal) -> Decimal:
    return tonnes.to_integral_value(ROUND_FLOOR)
