"""A ledger's signed checkpoint that lies in an area's folder: the report prints it, and the ledger must bear it out at `ledger submit`.

    [ledger]
    checkpoint = "ledger-checkpoint.json"       made by: carbonsink ledger checkpoint LEDGER --key KEY --to FILE

    {"type", "ledger", "seq", "head", "time", "totals", "public_key", "signature"}

The signature (Ed25519) is over everything else of the file. Whether the key is the operator's only the ledger can tell.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.signing import fingerprint, verifies
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import MAX_BYTES, Declared, validate

TYPE = "sink-ledger/1 checkpoint"
SHA256 = "^[0-9a-f]{64}$"


class LedgerFile(Declared):
    """`[ledger]` of area.toml."""

    checkpoint: str


class CheckpointFile(Declared):
    """ledger-checkpoint.json"""

    type: str
    ledger: str = Field(pattern=SHA256)
    seq: int = Field(ge=1)
    head: str = Field(pattern=SHA256)
    time: str
    totals: dict[str, int]
    public_key: str = Field(pattern=SHA256)
    signature: str = Field(pattern="^[0-9a-f]{128}$")


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
    raw = _load(path)
    made = validate(raw, CheckpointFile, path.name)
    if made.type != TYPE:
        raise refuse("E-CKP-003", path.name, found=made.type, expected=TYPE)
    if not verifies(made.public_key, made.signature, {key: value for key, value in raw.items() if key != "signature"}):
        raise refuse("E-CKP-002", path.name, fingerprint=fingerprint(made.public_key))
    return Checkpoint(made.ledger, made.seq, made.head, made.time, made.public_key, made.signature)


def _load(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise Refusal(Problem("E-CFG-013", path.name, {"size": len(data), "limit": MAX_BYTES}))
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refuse("E-CKP-001", path.name, why=error) from None
    if not isinstance(raw, dict):
        raise refuse("E-CKP-001", path.name, why=type(raw).__name__)
    return raw
