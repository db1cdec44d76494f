"""What a project's vintages leave behind for the next ones: a shortfall to pay, and whole tonnes that the buffer keeps.

    Standing().after({"issued": 90, "buffer": 10, "carried": 0, "shortfall": 0, "reversal": 0})       after one vintage's postings [t CO2e]
    standing.left_by(postings)                                                                      after every vintage of a statement, by years

One rule for the stage that posts, for the next run that starts from an earlier one, for the verifier and for the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from carbonsink.base.records import Posting

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Standing:
    """What earlier vintages left behind [t CO2e]: a shortfall still to be paid, and the whole tonnes of issued vintages in the buffer."""

    owed: Decimal = NOTHING
    kept: Decimal = NOTHING

    def after(self, said: Mapping[str, Decimal]) -> Standing:
        """What a vintage's postings leave behind. The ledger keeps a buffer only beside units, so a vintage without any adds nothing to it."""
        kept = whole(said.get("buffer", NOTHING)) if said["issued"] >= 1 else NOTHING
        return Standing(self.owed - said["carried"] - said["shortfall"], self.kept + kept + said["reversal"])

    def left_by(self, postings: Iterable[Posting]) -> Standing:
        """What a statement leaves behind that began with this; a KeyError where a vintage lacks an account."""
        standing = self
        for said in by_vintage(postings).values():
            standing = standing.after(said)
        return standing

    def value(self) -> dict[str, str]:
        """As plans and the ledger's entries say it: decimals as text."""
        return {"owed": _text(self.owed), "kept": _text(self.kept)}


def standing_of(said: Mapping[str, str]) -> Standing:
    """The standing that `value` has said; an ArithmeticError or ValueError where it is no tonnage, a KeyError where one is missing."""
    owed, kept = Decimal(said["owed"]), Decimal(said["kept"])
    if not (owed.is_finite() and kept.is_finite() and owed >= 0 and kept >= 0):
        raise ValueError(f"owed {owed}, kept {kept}: neither can be below nothing")  # a negative debt would be issued
    return Standing(owed, kept)


def by_vintage(postings: Iterable[Posting]) -> dict[int, dict[str, Decimal]]:
    """Tonnes by account of every vintage, in the order of years; what is posted twice counts twice."""
    found: dict[int, dict[str, Decimal]] = {}
    for one in sorted(postings, key=lambda posting: posting.vintage):
        accounts = found.setdefault(one.vintage, {})
        accounts[one.account] = accounts.get(one.account, Decimal(0)) + one.co2e_t
    return found


def whole(tonnes: Decimal) -> Decimal:
    """Whole tonnes, rounded down."""
    return tonnes.to_integral_value(ROUND_FLOOR)


def _text(tonnes: Decimal) -> str:
    return f"{tonnes.normalize():f}" if tonnes else "0"
