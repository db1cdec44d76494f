"""Signatures over JSON values: Ed25519 (RFC 8032) over the bytes of the canonical form (RFC 8785).

key = make_key()                          a private key; write_key and read_key keep it as PKCS8 PEM
text = public_text(key)                   its public half, 64 hex digits
signature = sign(key, {"a": 1})           128 hex digits
verifies(text, signature, {"a": 1})       True
fingerprint(text)                         what people compare by eye: 16 hex digits
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from carbonsink.base.evidence import sha256
from carbonsink.base.problems import Exit, refuse

FINGERPRINT = 16  # hex digits of the public key's SHA-256
OWNER_ONLY = 0o600


def make_key() -> Ed25519PrivateKey:
    """A new private key."""
    return Ed25519PrivateKey.generate()


def write_key(path: Path, key: Ed25519PrivateKey, passphrase: str = "") -> None:
    """Write a private key as PKCS8 PEM, encrypted where there is a passphrase, readable by its owner alone; an old file is never replaced."""
    secret = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    data = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as stream:
            stream.write(data)
    except FileExistsError:
        raise refuse("E-CON-010", str(path), Exit.USAGE) from None


def read_key(path: Path, passphrase: str = "") -> Ed25519PrivateKey:
    """The private key of a PEM file; a Refusal where there is none, it is of another kind, or the passphrase doesn't open it."""
    try:
        data = path.read_bytes()
        key = serialization.load_pem_private_key(data, passphrase.encode() or None)
    except OSError as error:
        raise refuse("E-CON-008", str(path), Exit.USAGE, why=error) from None
    except TypeError:  # a passphrase missing, or given for a key that has none
        raise refuse("E-CON-009", str(path), Exit.USAGE) from None
    except (ValueError, UnsupportedAlgorithm):
        if b"ENCRYPTED" in data:
            raise refuse("E-CON-009", str(path), Exit.USAGE) from None
        raise refuse("E-CON-008", str(path), Exit.USAGE, why="PEM, PKCS8") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise refuse("E-CON-008", str(path), Exit.USAGE, why=type(key).__name__)
    return key


def encrypted(path: Path) -> bool:
    """Whether a key file asks for a passphrase."""
    try:
        return b"ENCRYPTED" in path.read_bytes()
    except OSError:
        return False  # reading the key says what is wrong


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key: its 32 raw bytes in hex."""
    return key.public_key().public_bytes_raw().hex()


def fingerprint(public: str) -> str:
    """The first 16 hex digits of the SHA-256 of a public key's raw bytes."""
    return sha256(bytes.fromhex(public))[:FINGERPRINT]


def sign(key: Ed25519PrivateKey, value: Any) -> str:
    """The signature of a JSON value, in hex."""
    return key.sign(rfc8785.dumps(value)).hex()


def verifies(public: str, signature: str, value: Any) -> bool:
    """Whether a signature is the public key's over the value; False as well for texts that are no key or no signature."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), rfc8785.dumps(value))
    except (InvalidSignature, ValueError, rfc8785.CanonicalizationError):
        return False
    return True
