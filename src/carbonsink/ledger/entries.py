"""An entry: its place in the chain, and the canonical bytes of what it says.

    body   RFC 8785 JSON of {"kind", "time", ...}; kept as it was written, never written again
    hash   sha256("sink-ledger/1\\n" + seq + "\\n" + prev + "\\n" + body)

    kind            says
    open            name, operator, guardians, quorum                    the ledger's first entry
    register        project, number, division, methodology, holder, pools, boundary, land: the land a project's claims are of
    issue           land, vintage, start, end, quantity, buffer, first, manifest, submitter ...: units from `first` on, the buffer's after the holder's;
                    account: where its run started and what it leaves owed and kept
    account         project, land, manifest, run, account, submitter ...: a run with nothing to issue, whose loss is on record
    transfer        issue, first, last, from, to
    retire, cancel  issue, first, last, from, reason (retire: beneficiary)
    void            issue, reason: before any of its units has moved; frees land and time
    reversal        project, quantity, reason, units: taken from the buffer; manifest where a run's own statement drew on it
    rekey           project (none: the operator's), old, new, reason, signatures: a lost key's successor; what the old one signed before stays
    external_claim  register, name, start, end, pools, land, digest: what other registers hold, for review

Numbers are whole; areas are text in square metres. Days are civil days of Asia/Shanghai, `end` is the day after the last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import rfc8785

DOMAIN = "sink-ledger/1"
GENESIS = "0" * 64  # the hash before the first entry
BUFFER = "buffer"  # the account that reversals are taken from


@dataclass(frozen=True)
class Entry:
    """One entry as it stands in the ledger."""

    seq: int
    prev: str
    hash: str
    body: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the entry says."""
        facts: dict[str, Any] = json.loads(self.body)
        return facts

    def line(self) -> str:
        """The entry as a line of the published form, the same each time."""
        return json.dumps({"seq": self.seq, "prev": self.prev, "hash": self.hash, "body": self.body}, ensure_ascii=False, separators=(",", ":"))


def entry_hash(seq: int, prev: str, body: str) -> str:
    """The hash of an entry over its place, the hash before it and its bytes."""
    return hashlib.sha256(f"{DOMAIN}\n{seq}\n{prev}\n{body}".encode()).hexdigest()


def make_entry(seq: int, prev: str, kind: str, facts: Mapping[str, Any], time: str) -> Entry:
    """The entry that says `facts`, after the entry with hash `prev`."""
    body = rfc8785.dumps({"kind": kind, "time": time, **facts}).decode()
    return Entry(seq, prev, entry_hash(seq, prev, body), body)


def utc_now() -> str:
    """The time as entries note it; nothing hangs on it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
