"""Signed envelopes (DSSE v1): exact bytes, their type, and Ed25519 signatures over both.

envelope = Envelope(PAYLOAD_TYPE, payload, ())                    nobody has signed yet
envelope = signed(envelope, key)                                  one signature more; every signer signs the same bytes
envelope_bytes(envelope), read_envelope(data, "run.dsse.json")    {"payload", "payloadType", "signatures": [{"keyid", "sig"}]}, canonical
holds("ed25519", public, signature, pae(envelope))                whether one signature fits

A key's id is the SHA-256 of its SubjectPublicKeyInfo (DER). An envelope doesn't say which algorithm its signatures are of: the key does,
so nobody can talk a verifier into another one. Source: the DSSE protocol, v1.0.2, sections "Protocol" and "Envelope".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from carbonsink.base.evidence import sha256
from carbonsink.base.jsontext import json_object
from carbonsink.base.problems import Exit, refuse

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MOST_BYTES = 100_000_000  # a manifest of a county takes a few megabytes
MOST_SIGNATURES = 20


@dataclass(frozen=True)
class Signature:
    """One signature and the id of the key that made it."""

    keyid: str
    sig: bytes


@dataclass(frozen=True)
class Envelope:
    """The exact bytes that are signed, their type, and the signatures."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]


def pae(envelope: Envelope) -> bytes:
    """The pre-authentication encoding: what every signature is over."""
    kind = envelope.payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(envelope.payload), envelope.payload)


def signed(envelope: Envelope, key: Ed25519PrivateKey) -> Envelope:
    """The envelope with this key's signature; one that is there already stays the only one."""
    mine = Signature(key_id(public_der(key.public_key())), key.sign(pae(envelope)))
    return replace(envelope, signatures=(*(one for one in envelope.signatures if one.keyid != mine.keyid), mine))


def public_der(key: Ed25519PublicKey) -> bytes:
    """The SubjectPublicKeyInfo of a public key."""
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(public: bytes) -> str:
    """The SHA-256 of a SubjectPublicKeyInfo, in hex."""
    return sha256(public)


def holds(algorithm: str, public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature is that of the public key (DER) over the message; the algorithm is one of `ALGORITHMS`."""
    try:
        return ALGORITHMS[algorithm](public, signature, message)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    key = serialization.load_der_public_key(public)
    if not isinstance(key, Ed25519PublicKey):
        return False
    key.verify(signature, message)
    return True


# The closed list. SM2 with SM3 (GB/T 32918) has its place here once a library of the lock file makes and checks such signatures.
ALGORITHMS: dict[str, Callable[[bytes, bytes, bytes], bool]] = {"ed25519": _ed25519}


def envelope_bytes(envelope: Envelope) -> bytes:
    """The envelope's file: canonical JSON, signatures in the order of their key ids."""
    signatures = [{"keyid": one.keyid, "sig": _text(one.sig)} for one in sorted(envelope.signatures, key=lambda one: one.keyid)]
    return rfc8785.dumps({"payload": _text(envelope.payload), "payloadType": envelope.payload_type, "signatures": signatures}) + b"\n"


def read_envelope(data: bytes, where: str) -> Envelope:
    """The envelope of a file; the payload is bytes still, and not looked into."""
    if len(data) > MOST_BYTES:
        raise refuse("E-SIG-001", where, Exit.INTEGRITY, why=f"{len(data)} B > {MOST_BYTES} B")
    try:
        raw = json_object(data)
        if set(raw) != {"payload", "payloadType", "signatures"}:
            raise ValueError(", ".join(sorted(raw)))
        signatures = tuple(_signature(one) for one in raw["signatures"][: MOST_SIGNATURES + 1])
        envelope = Envelope(str(raw["payloadType"]), _bytes(raw["payload"]), signatures)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error) as error:
        raise refuse("E-SIG-001", where, Exit.INTEGRITY, why=error) from None
    if envelope.payload_type != PAYLOAD_TYPE:
        raise refuse("E-SIG-002", where, Exit.INTEGRITY, found=envelope.payload_type, expected=PAYLOAD_TYPE)
    if len(signatures) > MOST_SIGNATURES:
        raise refuse("E-SIG-001", where, Exit.INTEGRITY, why=f"signatures > {MOST_SIGNATURES}")
    return envelope


def _signature(raw: Any) -> Signature:
    if set(raw) != {"keyid", "sig"} or not isinstance(raw["keyid"], str):
        raise ValueError(", ".join(map(str, raw)))
    return Signature(raw["keyid"], _bytes(raw["sig"]))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
