"""A JSON file of an area's folder that somebody signed: read strictly, and held against the key that it names.

    {..., "public_key", "signature"}

The signature (Ed25519) is over everything else of the file. Whose key it is no program knows: reports show name and
fingerprint, and people compare the fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from carbonsink.base.jsontext import json_object
from carbonsink.base.problems import Problem, refuse
from carbonsink.base.signing import fingerprint, public_text, sign, verifies
from carbonsink.declared.schema import MAX_BYTES, Declared, validate
from carbonsink.declared.text import declaration_texts

Day = Annotated[date, Field(strict=False)]  # JSON writes a day as text


class Signed(Declared):
    """What stands at the end of every signed file."""

    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str = Field(pattern="^[0-9a-f]{128}$")

    @property
    def fingerprint(self) -> str:
        """What people compare with the signer's own."""
        return fingerprint(self.public_key)


class Signer(Declared):
    """Who answers for it."""

    name: str = Field(min_length=1)
    organisation: str = Field(min_length=1)
    role: str = Field(min_length=1)


class Answered(Signed):
    """A file that a person answers for by name."""

    signer: Signer
    signed_on: Day


S = TypeVar("S", bound=Signed)


def read_signed(path: Path, model: type[S], unreadable: str) -> tuple[S, dict[str, Any]]:
    """A signed file as declared and as it stands; a Refusal, with code `unreadable` where it isn't a JSON object. The signature isn't looked at yet."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise refuse("E-CFG-013", path.name, size=len(data), limit=MAX_BYTES)
    try:
        raw = json_object(data)
    except (ValueError, RecursionError) as error:
        raise refuse(unreadable, path.name, why=error) from None
    return validate(raw, model, path.name), raw


def holds(raw: dict[str, Any]) -> bool:
    """Whether a signed file's signature is that of its key over everything else of it."""
    return verifies(raw["public_key"], raw["signature"], {key: value for key, value in raw.items() if key != "signature"})


def answer_faults(made: Answered, raw: dict[str, Any], today: date, where: str) -> Iterator[Problem]:
    """What is wrong with an answered file whatever it says: its texts, its signature, its day."""
    yield from declaration_texts(raw, where)
    if not holds(raw):
        yield Problem("E-CON-001", where, {"fingerprint": made.fingerprint, "signer": made.signer.name})
    if made.signed_on > today + timedelta(days=1):  # the signer's day may have begun before ours
        yield Problem("E-CON-006", where, {"found": made.signed_on, "today": today})


def answered(content: dict[str, Any], signer: Signer, signed_on: date, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The JSON value of an answered file: what it says, by whom, when, and the signature over all of it."""
    whole = content | {"signer": signer.model_dump(mode="json"), "signed_on": signed_on.isoformat(), "public_key": public_text(key)}
    return whole | {"signature": sign(key, whole)}
