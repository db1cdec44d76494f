"""A signed confirmation: somebody has read the printed document and answers for the clauses a methodology recalled or proposes.

    <area>/confirmation.json, named by area.toml `confirmation`

    {"methodology", "version", "methodology_sha256", "clauses", "statement",
     "document": {"edition", "date", "read_in"}, "signer": {"name", "organisation", "role"}, "signed_on", "public_key", "signature"}

The signature (Ed25519) is over everything else of the file. Whose key it is no program knows: page one shows name and
fingerprint, and people compare the fingerprint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.signing import fingerprint, public_text, sign, verifies
from carbonsink.declared.methodology import Methodology, methodology_sha256
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import MAX_BYTES, Declared, validate
from carbonsink.declared.text import declaration_texts

FILE = "confirmation.json"  # its name where area.toml doesn't give one
Day = Annotated[date, Field(strict=False)]  # JSON writes a day as text


class Document(Declared):
    """The printed text that was read."""

    edition: str = Field(min_length=1)
    date: Day
    read_in: str = Field(min_length=1)  # where it was read: a page on line, a library, the registry's paper


class Signer(Declared):
    """Who answers for it."""

    name: str = Field(min_length=1)
    organisation: str = Field(min_length=1)
    role: str = Field(min_length=1)


class Confirmation(Declared):
    """confirmation.json"""

    methodology: str
    version: str
    methodology_sha256: str
    clauses: list[str]
    statement: str = Field(min_length=1)
    document: Document
    signer: Signer
    signed_on: Day
    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str = Field(pattern="^[0-9a-f]{128}$")

    @property
    def fingerprint(self) -> str:
        """What people compare with the signer's own."""
        return fingerprint(self.public_key)


def read_confirmation(file: str | None, methodology: Methodology, places: Places, today: date) -> Confirmation | None:
    """The confirmation that area.toml names, checked against the methodology; None without one, a Refusal with all that is wrong."""
    if file is None:
        return None
    path = places.existing(file, "area.toml [confirmation]")
    raw = _load(path)
    made = validate(raw, Confirmation, path.name)
    problems = [*declaration_texts(raw, path.name), *faults(made, raw, methodology, today, path.name)]
    if problems:
        raise Refusal(problems)
    return made


def faults(made: Confirmation, raw: dict[str, Any], methodology: Methodology, today: date, where: str) -> Iterator[Problem]:
    """Everything that keeps a confirmation from confirming this methodology today."""
    if not verifies(made.public_key, made.signature, _signed_part(raw)):
        yield Problem("E-CON-001", where, {"fingerprint": made.fingerprint, "signer": made.signer.name})
    found, expected = f"{made.methodology} {made.version}", f"{methodology.id} {methodology.version}"
    if found != expected:
        yield Problem("E-CON-002", where, {"found": found, "expected": expected})
        return  # another document's text and clauses differ, of course
    if made.methodology_sha256 != (digest := methodology_sha256(methodology.id)):
        yield Problem("E-CON-003", where, {"methodology": found, "found": made.methodology_sha256, "expected": digest})
    asked = [clause.clause for clause in methodology.confirm]
    if missing := [clause for clause in asked if clause not in made.clauses]:
        yield Problem("E-CON-004", where, {"missing": ", ".join(missing)})
    if strange := [clause for clause in made.clauses if clause not in asked]:
        yield Problem("E-CON-005", where, {"found": ", ".join(strange), "methodology": found, "known": ", ".join(asked) or "-"})
    if made.signed_on > today + timedelta(days=1):  # the signer's day may have begun before ours
        yield Problem("E-CON-006", where, {"found": made.signed_on, "today": today})


def confirmed(methodology: Methodology, statement: str, document: Document, signer: Signer, signed_on: date, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A confirmation of every clause of a methodology, signed, as the JSON value of its file."""
    content = {
        "methodology": methodology.id,
        "version": methodology.version,
        "methodology_sha256": methodology_sha256(methodology.id),
        "clauses": [clause.clause for clause in methodology.confirm],
        "statement": statement,
        "document": document.model_dump(mode="json"),
        "signer": signer.model_dump(mode="json"),
        "signed_on": signed_on.isoformat(),
        "public_key": public_text(key),
    }
    return content | {"signature": sign(key, content)}


def _signed_part(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "signature"}


def _load(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
        if len(data) > MAX_BYTES:
            raise refuse("E-CFG-013", path.name, size=len(data), limit=MAX_BYTES)
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise refuse("E-CON-007", path.name, why=error) from None
    if not isinstance(raw, dict):
        raise refuse("E-CON-007", path.name, why=type(raw).__name__)
    return raw
