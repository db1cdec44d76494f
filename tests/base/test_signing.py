"""Signatures: what was signed verifies, anything else doesn't, and keys are kept safely."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from carbonsink.base.problems import Refusal
from carbonsink.base.signing import encrypted, fingerprint, make_key, public_text, read_key, sign, verifies, write_key

# RFC 8032, section 7.1, TEST 1: the public key of the all-empty message.
RFC_PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def code(refusal: pytest.ExceptionInfo[Refusal]) -> str:
    return refusal.value.problems[0].code


def test_what_was_signed_verifies_and_nothing_else() -> None:
    key, other = make_key(), make_key()
    value = {"clauses": ["a", "b"], "name": "李雷"}
    signature = sign(key, value)
    assert verifies(public_text(key), signature, {"name": "李雷", "clauses": ["a", "b"]}), "the order of keys is no part of a value"
    assert not verifies(public_text(key), signature, value | {"name": "Han Mei"})
    assert not verifies(public_text(other), signature, value)
    assert not verifies(public_text(key), signature[:-2] + ("00" if signature[-2:] != "00" else "01"), value)
    assert not verifies("no key", signature, value) and not verifies(public_text(key), "ab", value)


def test_a_fingerprint_is_the_head_of_the_digest_of_the_raw_key() -> None:
    assert fingerprint(RFC_PUBLIC) == "21fe31dfa154a261"  # printf <hex> | xxd -r -p | sha256sum


@pytest.mark.parametrize("passphrase", ["", "a long passphrase 口令"])
def test_a_key_comes_back_as_it_was_written(tmp_path: Path, passphrase: str) -> None:
    key, path = make_key(), tmp_path / "keys" / "signer.pem"
    write_key(path, key, passphrase)
    assert public_text(read_key(path, passphrase)) == public_text(key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert encrypted(path) == bool(passphrase) and not encrypted(tmp_path / "none.pem")


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    write_key(tmp_path / "key.pem", make_key())
    before = (tmp_path / "key.pem").read_bytes()
    with pytest.raises(Refusal) as caught:
        write_key(tmp_path / "key.pem", make_key())
    assert code(caught) == "E-CON-010" and (tmp_path / "key.pem").read_bytes() == before


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_a_passphrase_that_doesn_t_open_the_key_is_said(tmp_path: Path, passphrase: str) -> None:
    write_key(tmp_path / "key.pem", make_key(), "right")
    with pytest.raises(Refusal) as caught:
        read_key(tmp_path / "key.pem", passphrase)
    assert code(caught) == "E-CON-009"


def test_a_file_without_an_ed25519_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    curve = generate_private_key(SECP256R1()).private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    for content in (None, b"", b"no key", curve):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(Refusal) as caught:
            read_key(path)
        assert code(caught) == "E-CON-008"
