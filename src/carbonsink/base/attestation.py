"""A run's manifest as an in-toto statement: what two people sign.

{"_type", "subject": [{"name": "results", "digest"}, {"name": "content", "digest"}], "predicateType", "predicate": the manifest}

`results` is the digest that two runs are compared by, `content` the manifest's own. The bytes are the canonical form (RFC 8785), so
they are the same wherever they are made. Source: in-toto Attestation Framework, Statement v1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rfc8785

from carbonsink.base.problems import Exit, refuse

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://in-toto.io/attestation/carbonsink-run/v1"


def envelope_path(run: Path) -> Path:
    """Where a run's envelope lies: beside its folder, since the folder holds what is signed."""
    return run.parent / f"{run.name}.dsse.json"


def statement_bytes(manifest: Mapping[str, Any]) -> bytes:
    """The statement of a manifest, as the bytes that are signed."""
    subject = [{"name": name, "digest": {"sha256": manifest[key]}} for name, key in (("results", "results"), ("content", "digest"))]
    value: dict[str, Any] = {"_type": TYPE, "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": dict(manifest)}
    return rfc8785.dumps(value)


def same_run(payload: bytes, manifest: Mapping[str, Any], where: str) -> None:
    """Refuse a signed statement that isn't this manifest's: of another run, or of this one before somebody edited it."""
    if payload == statement_bytes(manifest):
        return
    try:
        predicate = json.loads(payload)["predicate"]
        plan, digest = predicate["plan"], predicate["digest"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise refuse("E-SIG-001", where, Exit.INTEGRITY, why=error) from None
    if plan != manifest.get("plan"):
        raise refuse("E-SIG-009", where, Exit.INTEGRITY, signed=plan, found=manifest.get("plan"))
    raise refuse("E-SIG-010", where, Exit.INTEGRITY, signed=digest, found=manifest.get("digest"))
