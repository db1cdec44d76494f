"""Envelopes: the published encoding, exact bytes, and files that are no envelope."""

from __future__ import annotations

import json

import pytest

from carbonsink.base.dsse import ALGORITHMS, PAYLOAD_TYPE, Envelope, envelope_bytes, holds, key_id, pae, public_der, read_envelope, signed
from carbonsink.base.problems import Refusal
from tests.verify.runs import SUBMITTER, VERIFIER

MADE = Envelope(PAYLOAD_TYPE, b'{"a":1}', ())


def test_the_encoding_is_the_published_one() -> None:
    """The DSSE protocol's own example."""
    assert pae(Envelope("http://example.com/HelloWorld", b"hello world", ())) == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_both_sign_the_same_bytes_and_the_file_comes_back_as_it_was() -> None:
    both = signed(signed(MADE, SUBMITTER), VERIFIER)
    again = read_envelope(envelope_bytes(both), "run.dsse.json")
    assert (again.payload, set(again.signatures)) == (MADE.payload, set(both.signatures))
    for key, one in zip((SUBMITTER, VERIFIER), both.signatures, strict=True):
        der = public_der(key.public_key())
        assert one.keyid == key_id(der) and holds("ed25519", der, one.sig, pae(MADE))
        assert not holds("ed25519", der, one.sig, pae(Envelope(PAYLOAD_TYPE, b'{"a":2}', ())))
        assert not holds("ed25519", der, one.sig, pae(Envelope("text/plain", MADE.payload, ()))), "the type is signed too"
    assert signed(both, SUBMITTER).signatures.count(both.signatures[0]) == 1, "who signs twice stands there once"
    assert envelope_bytes(signed(signed(MADE, VERIFIER), SUBMITTER)) == envelope_bytes(both)


def test_the_list_of_algorithms_is_closed() -> None:
    assert set(ALGORITHMS) == {"ed25519"}
    assert not holds("ed25519", b"no key", b"", b"")


GOOD = json.loads(envelope_bytes(signed(MADE, SUBMITTER)))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "E-SIG-001"),
        (b"[" * 100_000, "E-SIG-001"),
        (b"[]", "E-SIG-001"),
        (json.dumps(GOOD | {"algorithm": "none"}).encode(), "E-SIG-001"),
        (json.dumps(GOOD | {"payload": "not base64 !"}).encode(), "E-SIG-001"),
        (json.dumps(GOOD | {"signatures": [{"keyid": "a", "sig": "AA==", "alg": "none"}]}).encode(), "E-SIG-001"),
        (json.dumps(GOOD | {"signatures": GOOD["signatures"] * 21}).encode(), "E-SIG-001"),
        (json.dumps(GOOD | {"payloadType": "text/plain"}).encode(), "E-SIG-002"),
    ],
)
def test_what_is_no_envelope_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        read_envelope(content, "run.dsse.json")
