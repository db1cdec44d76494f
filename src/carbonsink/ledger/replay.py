"""Everything an entry may and may not do, held against what stood before it: the ledger worked again from its entries alone.

replay = Replay()
why = replay.take(seq, facts)       None, or why the entry can't be
replay.totals                       units by state after it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from carbonsink.ledger.entries import BUFFER
from carbonsink.ledger.submit import signature_holds
from carbonsink.ledger.units import CANCELLED, HELD, RETIRED, VOID, Piece, Units


class Replay:
    """What the entries so far have come to."""

    def __init__(self) -> None:
        self.issues: dict[int, Units] = {}
        self.claims: dict[tuple[str, int], int] = {}  # project and vintage -> the issue that isn't void
        self.claimed: dict[int, tuple[str, int]] = {}
        self.signers: dict[int, str] = {}  # land -> the key its project signs with
        self.moved: set[int] = set()
        self.totals: Counter[str] = Counter()
        self.last = 0  # unit
        self.operator = ""
        self.ranges: list[tuple[int, int, int]] = []  # first, last, issue
        self._takes = {
            "open": self._open, "register": self._register, "issue": self._issue, "transfer": self._transfer, "retire": self._retire,
            "cancel": self._cancel, "void": self._void, "reversal": self._reversal, "external_claim": lambda *_: None,
        }  # fmt: skip

    def take(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        """Take the next entry; why it can't be, if it can't."""
        try:
            return self._takes[facts["kind"]](seq, facts)
        except (KeyError, TypeError, ValueError) as error:
            return f"{type(error).__name__} {error}"

    def _open(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        self.operator = facts["operator"]
        return None if seq == 1 else "open: not the first entry"

    def _register(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        self.signers[seq] = facts["signer"]
        return None

    def _issue(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        first, quantity, buffer = facts["first"], facts["quantity"], facts["buffer"]
        key, stated = (facts["project"], facts["vintage"]), facts["stated"]
        self.ranges.append((first, first + quantity + buffer - 1, seq))
        if first <= self.last:
            return f"units from {first} on are issued already, up to {self.last}"
        if not 0 < quantity <= stated["issued"] or not 0 <= buffer <= stated["buffer"]:
            return f"{quantity} + {buffer} units, the run states {stated['issued']} + {stated['buffer']}"
        if key in self.claims:
            return f"{key[0]} {key[1]} is issued by #{self.claims[key]} already"
        if self.signers.get(facts["land"]) != facts["submitter"]["public_key"]:
            return f"the submitter's key isn't that of land #{facts['land']}"
        if not signature_holds(facts["manifest"], facts["submitter"]["public_key"], facts["submitter"]["signature"]):
            return f"the submitter's signature isn't over manifest {facts['manifest']}"
        pieces = [Piece(first, first + quantity - 1, facts["holder"], HELD)]
        pieces += [Piece(first + quantity, first + quantity + buffer - 1, BUFFER, HELD)] if buffer else []
        self.issues[seq], self.claims[key], self.claimed[seq], self.last = Units(pieces), seq, key, pieces[-1].last
        self.totals[HELD] += quantity
        self.totals["buffer"] += buffer
        return None

    def _transfer(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        issue, first, last, holder = facts["issue"], facts["first"], facts["last"], facts["from"]
        units = self.issues.get(issue)
        if units is None or not units.move(first, last, holder, facts["to"], HELD):  # as `_move`, without the call: most entries are transfers
            return _not_held(issue, first, last, holder)
        self.moved.add(issue)
        return None

    def _retire(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        return self._gone(facts, RETIRED)

    def _cancel(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        return self._gone(facts, CANCELLED)

    def _gone(self, facts: Mapping[str, Any], state: str) -> str | None:
        why = self._move(facts["issue"], facts["first"], facts["last"], facts["from"], facts["from"], state)
        if why is None:
            self._shift(HELD, state, facts["last"] - facts["first"] + 1)
        return why

    def _void(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        issue = facts["issue"]
        if issue in self.moved or issue not in self.claimed:
            return f"void of #{issue}, whose units have moved or which is none"
        pieces = self.issues[issue].pieces
        if (facts["first"], facts["last"]) != (pieces[0].first, pieces[-1].last):
            return f"void of other units than #{issue} has"
        for piece in pieces:
            self._shift("buffer" if piece.account == BUFFER else HELD, VOID, piece.quantity)
        self.issues[issue].void()
        del self.claims[self.claimed.pop(issue)]
        return None

    def _reversal(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        taken = sum(one["last"] - one["first"] + 1 for one in facts["units"])
        if taken != facts["quantity"]:
            return f"reversal of {facts['quantity']}, {taken} units named"
        whys = [self._move(one["issue"], one["first"], one["last"], BUFFER, BUFFER, CANCELLED) for one in facts["units"]]
        self._shift("buffer", CANCELLED, taken)
        return next((why for why in whys if why), None)

    def _move(self, issue: int, first: int, last: int, holder: str, to: str, state: str) -> str | None:
        units = self.issues.get(issue)
        if units is None or not units.move(first, last, holder, to, state):
            return _not_held(issue, first, last, holder)
        self.moved.add(issue)
        return None

    def _shift(self, before: str, after: str, quantity: int) -> None:
        self.totals[before] -= quantity
        self.totals[after] += quantity


def _not_held(issue: int, first: int, last: int, holder: str) -> str:
    return f"units {first}-{last} of #{issue} aren't held by {holder}"
