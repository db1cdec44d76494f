"""A submitter's signature: over the digest of a run's manifest, and so over the whole run."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.signing import public_text, sign, verifies
from carbonsink.ledger.entries import DOMAIN


def signature(manifest: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """The signature that a submission bears, and the public key."""
    return {"public_key": public_text(key), "signature": sign(key, _content(manifest))}


@cache
def signature_holds(manifest: str, public: str, signed: str) -> bool:
    """Whether a signature over a manifest's digest is that key's."""
    return verifies(public, signed, _content(manifest))


def _content(manifest: str) -> dict[str, str]:
    return {"type": f"{DOMAIN} submission", "manifest": manifest}
