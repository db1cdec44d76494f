"""Everything an entry may and may not do, held against what stood before it: the ledger worked again from its entries alone.

replay = Replay()
why = replay.take(seq, facts, piece)       None, or why the entry can't be
replay.totals                       units by state after it
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from carbonsink.ledger.accounts import Record, latest, start_of
from carbonsink.ledger.entries import BUFFER
from carbonsink.ledger.keyholders import OPERATOR, rekey_content, signers_for
from carbonsink.ledger.signature import signature_holds
from carbonsink.ledger.units import CANCELLED, HELD, VOID, Piece, Units


class Replay:
    """What the entries so far have come to."""

    def __init__(self) -> None:
        self.issues: dict[int, Units] = {}
        self.claims: dict[tuple[str, int], int] = {}  # project and vintage -> the issue that isn't void
        self.claimed: dict[int, tuple[str, int]] = {}
        self.signers: dict[int, str] = {}  # land -> the key its project signed with when it was registered
        self.keys: dict[str, str] = {}  # project -> the key in force
        self.used: set[str] = set()  # every key that has been in force
        self.moved: set[int] = set()
        self.freed: set[int] = set()  # issues made void
        self.records: dict[str, list[Record]] = {}  # project -> what its runs said of its standing
        self.totals: Counter[str] = Counter()
        self.last = 0  # unit
        self.opening: Mapping[str, Any] = {}
        self.operators: list[tuple[int, str]] = []  # from which entry on, and the key
        self.ranges: list[tuple[int, int, int]] = []  # first, last, issue
        self._takes = {
            "open": self._open, "register": self._register, "issue": self._issue, "account": self._account, "rekey": self._rekey,
            "void": self._void, "reversal": self._reversal, "external_claim": lambda *_: None,
        }  # fmt: skip

    def take(self, seq: int, facts: Mapping[str, Any], piece: tuple[Any, ...] | None) -> str | None:
        """Take the next entry, with the piece that it makes where it moves units; why it can't be, if it can't.

        A KeyError, TypeError or ValueError where it doesn't say what its kind says.
        """
        if piece is None:
            return self._takes[facts["kind"]](seq, facts)
        _, issue, first, last, account, state = piece
        units, holder = self.issues.get(issue), facts["from"]
        if units is None or not units.move(first, last, holder, account, state):  # as `_move`, without the call: most entries are these
            return _not_held(issue, first, last, holder)
        self.moved.add(issue)
        if state != HELD:
            self._shift(HELD, state, last - first + 1)
        return None

    def _open(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        self.opening, operator = facts, facts["operator"]
        self._in_force(seq, OPERATOR, operator)
        return None if seq == 1 else "open: not the first entry"

    def _register(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        project, signer = facts["project"], facts["signer"]
        self.signers[seq] = signer
        if self.keys.setdefault(project, signer) != signer:
            return f"the registering key isn't the one of {project}"
        self.used.add(signer)
        return None

    def _rekey(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        project, new = facts["project"], facts["new"]
        if self.keys.get(project) != facts["old"]:
            return f"rekey of a key that {project or 'the operator'} hasn't got"
        if new in self.used:
            return "rekey to a key that was in force before"
        if missing := signers_for(project, self.keys[OPERATOR], self.opening).missing(rekey_content(self.opening, facts), facts["signatures"]):
            return f"rekey with {missing} signatures too few"
        self._in_force(seq, project, new)
        return None

    def _in_force(self, seq: int, project: str, key: str) -> None:
        self.keys[project] = key
        self.used.add(key)
        if project == OPERATOR:
            self.operators.append((seq, key))

    def operator_at(self, seq: int) -> str:
        """The operator's key after an entry."""
        return next((key for first, key in reversed(self.operators) if first <= seq), "")

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
        if why := self._account(seq, facts):
            return why
        pieces = [Piece(first, first + quantity - 1, facts["holder"], HELD)]
        pieces += [Piece(first + quantity, first + quantity + buffer - 1, BUFFER, HELD)] if buffer else []
        self.issues[seq], self.claims[key], self.claimed[seq], self.last = Units(pieces), seq, key, pieces[-1].last
        self.totals[HELD] += quantity
        self.totals["buffer"] += buffer
        return None

    def _account(self, seq: int, facts: Mapping[str, Any]) -> str | None:
        """A run is signed by its project's key, and starts from what the project's last one left."""
        if self.signers.get(facts["land"]) != facts["submitter"]["public_key"]:
            return f"the submitter's key isn't that of land #{facts['land']}"
        if self.keys.get(facts["project"]) != facts["submitter"]["public_key"]:
            return f"the submitter's key isn't {facts['project']}'s any more"
        if not signature_holds(facts["manifest"], facts["submitter"]["public_key"], facts["submitter"]["signature"]):
            return f"the submitter's signature isn't over manifest {facts['manifest']}"
        said, known = facts["account"], self.records.setdefault(facts["project"], [])
        start = start_of(latest(known, self.freed, facts["manifest"], said, facts.get("supersedes")))
        if (said["earlier"], said["before"]) != start:
            return f"the run starts from {said['before']} after {said['earlier']}, the project's record is {start[1]} after {start[0]}"
        known.append((seq, facts))
        return None

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
        self.freed.add(issue)
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
