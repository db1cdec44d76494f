"""A ledger's signed checkpoint that lies in an area's folder: the report prints it, and the ledger must bear it out at `ledger submit`.

    [ledger]
    checkpoint = "ledger-checkpoint.json"       made by: carbonsink ledger checkpoint LEDGER --key KEY --to FILE

    {"type", "ledger", "seq", "head", "time", "totals", "public_key", "signature"}

How it is signed: `declared.signed`. Whether the key is the operator's only the ledger can tell.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from pydantic import Field

from carbonsink.base.problems import refuse
from carbonsink.base.signing import fingerprint
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared
from carbonsink.declared.signed import Signed, holds, read_signed

TYPE = "sink-ledger/1 checkpoint"
SHA256 = "^[0-9a-f]{64}$"


class LedgerFile(Declared):
    """`[ledger]` of area.toml."""

    checkpoint: str


class CheckpointFile(Signed):
    """ledger-checkpoint.json"""

    type: str
    ledger: str = Field(pattern=SHA256)
    seq: int = Field(ge=1)
    head: str = Field(pattern=SHA256)
    time: str
    totals: dict[str, int]


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says: the ledger's first hash, and the last entry's place and hash at `time`."""

    ledger: str
    sequence: int
    head: str
    time: str
    public_key: str  # of the ledger's operator
    signature: str

    @property
    def signer(self) -> str:
        """The fingerprint of the key, which people compare."""
        return fingerprint(self.public_key)

    @property
    def text(self) -> str:
        """The one line that is printed as a QR code: enough to tell a rollback by."""
        return f"{TYPE} {self.ledger} {self.sequence} {self.head} {self.signer}"

    def value(self) -> dict[str, Any]:
        """The checkpoint as a JSON value."""
        return asdict(self) | {"signer": self.signer}


def read_checkpoint(declared: LedgerFile | None, places: Places) -> Checkpoint | None:
    """The checkpoint that area.toml names; None without one, a Refusal where it can't be read or isn't signed by its own key."""
    if declared is None:
        return None
    path = places.existing(declared.checkpoint, "area.toml [ledger.checkpoint]")
    made, raw = read_signed(path, CheckpointFile, "E-CKP-001")
    if made.type != TYPE:
        raise refuse("E-CKP-003", path.name, found=made.type, expected=TYPE)
    if not holds(raw):
        raise refuse("E-CKP-002", path.name, fingerprint=made.fingerprint)
    return Checkpoint(made.ledger, made.seq, made.head, made.time, made.public_key, made.signature)
