"""Who signed a run: the envelope beside its folder, checked by a list of keys before a byte of what it holds is believed.

sign_run(run, key, "submitter", keys, day)        <run>.dsse.json, one signature more
signers_of(run, keys, day)                        the keys whose signatures hold; a Refusal with everything that is wrong
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.attestation import envelope_path, same_run, statement_bytes
from carbonsink.base.dsse import PAYLOAD_TYPE, Envelope, envelope_bytes, holds, key_id, pae, public_der, read_envelope, signed
from carbonsink.base.evidence import write_bytes
from carbonsink.base.manifest import read_manifest
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.keys import Key, Keys, Role

NOBODY = "E-SIG-007"  # no envelope at all: unsigned, which isn't forged


def signers_of(run: Path, keys: Keys, day: date) -> tuple[Key, ...]:
    """The keys that signed this run's manifest, submitter first; refused unless every signature holds and a submitter is among them.

    The signatures are checked over the payload's bytes first, and only then is the payload held against the manifest.
    """
    path = envelope_path(run)
    if not path.is_file():
        raise refuse(NOBODY, path.name, Exit.INTEGRITY, run=run.name)
    envelope = read_envelope(path.read_bytes(), path.name)
    signers = believed(envelope, keys, day, path.name)
    same_run(envelope.payload, read_manifest(run), path.name)
    if all(signer.role != "submitter" for signer in signers):
        raise refuse("E-SIG-011", path.name, Exit.INTEGRITY, signers=", ".join(signer.holder for signer in signers))
    return signers


def believed(envelope: Envelope, keys: Keys, day: date, where: str) -> tuple[Key, ...]:
    """The keys of an envelope's signatures, submitters first; a Refusal with every one that doesn't hold."""
    if not envelope.signatures:
        raise refuse("E-SIG-008", where, Exit.INTEGRITY)
    message = pae(envelope)
    signers: list[Key] = []
    problems: list[Problem] = []
    for one in envelope.signatures:
        key = keys.of(one.keyid)
        if key is None:
            problems.append(Problem("E-SIG-004", where, {"key": one.keyid, "keys": keys.sha256}))
            continue
        problems += key.faults(where, day)
        if not holds(key.algorithm, key.der, one.sig, message):
            problems.append(Problem("E-SIG-015", where, {"key": key.id, "holder": key.holder}))
        signers.append(key)
    problems += _counted_twice([one.keyid for one in envelope.signatures], signers, where)
    if problems:
        raise Refusal(problems, Exit.INTEGRITY)
    return tuple(sorted(signers, key=lambda key: (key.role, key.id)))


def sign_run(run: Path, secret: Ed25519PrivateKey, role: Role, keys: Keys, day: date) -> tuple[Key, ...]:
    """Add a signature to a run's envelope, which begins with its first; the keys that have signed now.

    Refused for a key that isn't on the list in this role, and where the envelope that is there is another run's or is broken.
    """
    path, manifest = envelope_path(run), read_manifest(run)
    mine = _listed(secret, role, keys, day)
    envelope = Envelope(PAYLOAD_TYPE, statement_bytes(manifest), ())
    if path.is_file():
        envelope = read_envelope(path.read_bytes(), path.name)
        same_run(envelope.payload, manifest, path.name)
    elif role == "verifier":
        raise refuse("E-SIG-011", path.name, Exit.USAGE, signers=mine.holder)
    envelope = signed(envelope, secret)
    signers = believed(envelope, keys, day, path.name)
    write_bytes(path, envelope_bytes(envelope))
    return signers


def _listed(secret: Ed25519PrivateKey, role: Role, keys: Keys, day: date) -> Key:
    keyid = key_id(public_der(secret.public_key()))
    mine = keys.of(keyid)
    if mine is None:
        raise refuse("E-SIG-004", "--key", Exit.USAGE, key=keyid, keys=keys.sha256)
    if mine.role != role:
        raise refuse("E-SIG-016", "--role", Exit.USAGE, key=keyid, holder=mine.holder, listed=mine.role, asked=role)
    if problems := mine.faults("--key", day):
        raise Refusal(problems, Exit.USAGE)
    return mine


def _counted_twice(ids: list[str], signers: list[Key], where: str) -> list[Problem]:
    """One key that signs twice, and one holder who is both who asks and who verifies."""
    twice = [keyid for keyid, count in Counter(ids).items() if count > 1]
    problems = [Problem("E-SIG-017", where, {"key": keyid}) for keyid in twice]
    roles = {holder: sorted({key.role for key in signers if key.holder == holder}) for holder in sorted({key.holder for key in signers})}
    return problems + [Problem("E-SIG-018", where, {"holder": holder, "roles": " + ".join(both)}) for holder, both in roles.items() if len(both) > 1]
