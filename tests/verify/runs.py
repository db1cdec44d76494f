"""A run folder of four small files, whole as to its manifest, and the people who sign it."""

from __future__ import annotations

import base64
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.dsse import key_id, public_der
from carbonsink.base.evidence import file_sha256, write_bytes, write_json
from carbonsink.base.manifest import describe, write_manifest
from carbonsink.base.signing import make_key
from carbonsink.declared.keys import Key, Keys, Role, read_keys, write_keys

DAY = date(2026, 11, 21)
SUBMITTER, VERIFIER, STRANGER = make_key(), make_key(), make_key()
PLAN: dict[str, Any] = {
    "area": {"id": "a", "name": {"en": "A place", "zh": "某地"}, "period": {"start": "2020-01-01", "end": "2020-12-31"}},
    "methodology": {"id": "m", "version": "1"},
}


def small_run(folder: Path, tonnes: str = "12", plan: str = "a" * 64) -> Path:
    """A folder with a chip, a statement and a plan, and the manifest that lists them."""
    run = folder / "a-run"
    write_json(run / "plan.json", PLAN)
    write_bytes(run / "scenes" / "chips" / "red.bin", b"\x00\x01" * 500)
    write_bytes(run / "credit" / "statement.csv", f"vintage,account,co2e_t,note,removals_t\n2020,issued,{tonnes},,0\n".encode())
    links = [{"stage": stage, "reads": {}, "writes": describe(run, stage)} for stage in ("scenes", "credit")]
    write_manifest(run, {"plan": plan, "library": "b" * 64, "simulated": False, "declared": {"plan.json": file_sha256(run / "plan.json")}, "stages": links})
    return run


def listed(key: Ed25519PrivateKey, role: Role, holder: str, **change: Any) -> Key:
    """A key as it stands on a list."""
    der = public_der(key.public_key())
    said = {"id": key_id(der), "algorithm": "ed25519", "public": base64.b64encode(der).decode(), "holder": holder, "role": role}
    return Key(**{**said, "valid_from": date(2026, 1, 1), "valid_to": date(2027, 12, 31), **change})


def key_list(folder: Path, *keys: Key) -> Keys:
    """A list of keys; the submitter's and the verifier's where none is given."""
    path = folder / "keys.toml"
    write_keys(path, keys or (listed(SUBMITTER, "submitter", "县农技站"), listed(VERIFIER, "verifier", "Verifier & Co")))
    return read_keys(path)
