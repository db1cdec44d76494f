"""Whose key is in force: the operator's and each project's, told from entries; and the entry `rekey` that puts a new one in the place of a lost one.

    operator_at(ledger, seq)                           the operator's key after an entry
    project_key(ledger, "longshan")                    the key a project signs with now
    rekey(ledger, "longshan", new, reason, [operator])     a project's: signed by the operator
    rekey(ledger, "", new, reason, [one, two])             the operator's: signed by the quorum of the guardians that the ledger's first entry names

What a key signed while it was in force stays valid; from the entry on it signs nothing. A key that was in force never comes back,
so that no old signature can be used again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.signing import fingerprint, public_text, sign, verifies
from carbonsink.ledger.entries import DOMAIN, Entry
from carbonsink.ledger.store import Ledger

OPERATOR = ""  # the name under which the operator's keys stand among those of projects


@dataclass(frozen=True)
class Signers:
    """Who may put a new key in the place of another, and how many of them it takes."""

    keys: tuple[str, ...]
    needed: int

    def missing(self, content: Mapping[str, Any], signatures: Iterable[Mapping[str, str]]) -> int:
        """How many signatures there are too few; a key counts once, however often it signs."""
        signed = {one["public_key"] for one in signatures if verifies(one["public_key"], one["signature"], content)}
        return max(0, self.needed - len(signed & set(self.keys)))


def signers_for(project: str, operator: str, opening: Mapping[str, Any]) -> Signers:
    """Who may rekey: for a project the operator, for the operator the quorum of guardians, or he himself where the ledger names none."""
    guardians = tuple(opening.get("guardians", ()))
    if project == OPERATOR and guardians:
        return Signers(guardians, opening["quorum"])
    return Signers((operator,), 1)


def rekey_content(opening: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is signed: the ledger, whose key, which and by which, and why."""
    return {"type": f"{DOMAIN} rekey", "ledger": digest(opening)} | {key: facts[key] for key in ("project", "old", "new", "reason")}


def operator_at(ledger: Ledger, seq: int) -> str:
    """The operator's public key after an entry."""
    rows = ledger.rows("SELECT key FROM keys WHERE project = ? AND entry <= ? ORDER BY entry DESC LIMIT 1", OPERATOR, seq)
    return str(rows[0][0]) if rows else ""


def project_key(ledger: Ledger, project: str) -> str | None:
    """The public key a project signs with now; None where it has never been registered."""
    rows = ledger.rows("SELECT key FROM keys WHERE project = ? ORDER BY entry DESC LIMIT 1", project)
    return str(rows[0][0]) if rows else None


def rekey(ledger: Ledger, project: str, new: str, reason: str, keys: Sequence[Ed25519PrivateKey]) -> Entry:
    """Put a new public key in the place of a project's or (project "") the operator's; a Refusal where too few of those who may have signed."""
    if not reason.strip():
        raise refuse("E-LED-061", "--reason", Exit.USAGE)
    with ledger.writing():
        old = project_key(ledger, project)
        if old is None:
            raise refuse("E-LED-057", "PROJECT", Exit.USAGE, project=project)
        if ledger.rows("SELECT 1 FROM keys WHERE key = ? LIMIT 1", new):
            raise refuse("E-LED-037", "--new", Exit.USAGE, found=fingerprint(new))
        opening = _opening(ledger)
        facts = {"project": project, "old": old, "new": new, "reason": reason}
        content = rekey_content(opening, facts)
        signatures = [{"public_key": public_text(key), "signature": sign(key, content)} for key in keys]
        allowed = signers_for(project, operator_at(ledger, ledger.head[0]), opening)
        if missing := allowed.missing(content, signatures):
            raise refuse("E-LED-038", "--key", Exit.USAGE, missing=missing, needed=allowed.needed, known=", ".join(map(fingerprint, allowed.keys)))
        return ledger.append("rekey", facts | {"signatures": signatures})


def check_quorum(guardians: Sequence[str], quorum: int) -> dict[str, Any]:
    """What a ledger's first entry says of its guardians; a Refusal where so many of them can't be asked for."""
    if not guardians and not quorum:
        return {}
    if len(set(guardians)) != len(guardians) or not 0 < quorum <= len(guardians):
        raise refuse("E-LED-039", "--quorum", Exit.USAGE, quorum=quorum, count=len(set(guardians)))
    return {"guardians": sorted(guardians), "quorum": quorum}


def _opening(ledger: Ledger) -> dict[str, Any]:
    first = ledger.entry(1)
    assert first is not None
    return first.facts
