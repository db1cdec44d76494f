"""The list of keys that signatures are checked by: a text file that a programme keeps, publishes and pins by its SHA-256.

keys.toml
    [[key]]
    id = "<SHA-256 of the public key's SubjectPublicKeyInfo>"
    algorithm = "ed25519"
    public = "<SubjectPublicKeyInfo, base64>"
    holder = "..."
    role = "submitter"                                  submitter | verifier
    valid_from = 2026-01-01
    valid_to = 2028-12-31
    revoked = 2027-03-01                                from this day on nothing of it is believed

Whose key it is, the list says and no program can know: people compare `id` with the one its holder gives.
"""

from __future__ import annotations

import base64
import binascii
import json
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from carbonsink.base.dsse import ALGORITHMS, key_id
from carbonsink.base.evidence import sha256, write_bytes
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.schema import Declared, load_toml, validate
from carbonsink.declared.text import declaration_texts

FILE = "keys.toml"
Role = Literal["submitter", "verifier"]


class Key(Declared):
    """One key of the list."""

    id: str = Field(pattern="^[0-9a-f]{64}$")
    algorithm: str
    public: str
    holder: str = Field(min_length=1)
    role: Role
    valid_from: date
    valid_to: date
    revoked: date | None = None

    @property
    def der(self) -> bytes:
        """The public key as bytes."""
        return base64.b64decode(self.public, validate=True)

    def told(self) -> dict[str, str]:
        """Who it is, for a verdict."""
        return {"key": self.id, "holder": self.holder, "role": self.role, "algorithm": self.algorithm}

    def faults(self, where: str, day: date) -> list[Problem]:
        """What keeps it from being believed on a day."""
        facts: dict[str, object] = {"key": self.id, "holder": self.holder, "today": day}
        if self.revoked and self.revoked <= day:
            return [Problem("E-SIG-006", where, facts | {"revoked": self.revoked})]
        if not self.valid_from <= day <= self.valid_to:
            return [Problem("E-SIG-005", where, facts | {"first": self.valid_from, "last": self.valid_to})]
        return []


class KeyFile(Declared):
    """keys.toml"""

    key: list[Key] = []


@dataclass(frozen=True)
class Keys:
    """The list as read, with the digest of its file."""

    keys: tuple[Key, ...]
    sha256: str

    def of(self, keyid: str) -> Key | None:
        """The key of an id."""
        return next((key for key in self.keys if key.id == keyid), None)


def read_keys(path: Path, pin: str | None = None) -> Keys:
    """The list of a file; a Refusal with all that is wrong with it, or where it isn't the pinned one."""
    raw = load_toml(path)
    found = sha256(path.read_bytes())
    if pin and pin.lower() != found:
        raise refuse("E-SIG-012", str(path), Exit.INTEGRITY, found=found, pinned=pin)
    return Keys(_faultless(raw, path.name), found)


def write_keys(path: Path, keys: tuple[Key, ...]) -> None:
    """Write the list, in the order given; one that couldn't be read again is refused."""
    text = "\n".join(_table(key) for key in keys)
    _faultless(tomllib.loads(text), path.name)
    write_bytes(path, text.encode())


def _faultless(raw: dict[str, Any], where: str) -> tuple[Key, ...]:
    """The keys of a list; a Refusal with all that is wrong with them."""
    made = validate(raw, KeyFile, where)
    problems = [*declaration_texts(raw, where), *_faults(made.key, where)]
    if problems:
        raise Refusal(problems)
    return tuple(made.key)


def _faults(keys: list[Key], where: str) -> list[Problem]:
    ids = [key.id for key in keys]
    problems = [Problem("E-SIG-013", where, {"key": key}) for key in sorted({key for key in ids if ids.count(key) > 1})]
    for key in keys:
        if key.valid_from > key.valid_to:
            problems.append(Problem("E-SIG-024", where, {"key": key.id, "holder": key.holder, "first": key.valid_from, "last": key.valid_to}))
        if key.algorithm not in ALGORITHMS:
            problems.append(Problem("E-SIG-003", where, {"key": key.id, "found": key.algorithm, "known": ", ".join(ALGORITHMS)}))
        if (found := _id_of(key)) != key.id:
            problems.append(Problem("E-SIG-014", where, {"key": key.id, "holder": key.holder, "found": found}))
    return problems


def _id_of(key: Key) -> str:
    try:
        return key_id(key.der)
    except (ValueError, binascii.Error):
        return "-"


def _table(key: Key) -> str:
    days = {name: value for name in ("valid_from", "valid_to", "revoked") if (value := getattr(key, name))}
    texts = [f"{name} = {json.dumps(getattr(key, name), ensure_ascii=False)}" for name in ("id", "algorithm", "public", "holder", "role")]
    return "\n".join(["[[key]]", *texts, *(f"{name} = {day.isoformat()}" for name, day in days.items()), ""])
