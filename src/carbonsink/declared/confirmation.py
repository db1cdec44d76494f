"""A signed confirmation: somebody has read the printed document and answers for the clauses a methodology recalled or proposes.

    <area>/confirmation.json, named by area.toml `confirmation`

    {"methodology", "version", "methodology_sha256", "clauses", "statement",
     "document": {"edition", "date", "read_in"}, "signer": {"name", "organisation", "role"}, "signed_on", "public_key", "signature"}

How it is signed: `declared.signed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.methodology import Methodology, methodology_sha256
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared
from carbonsink.declared.signed import Answered, Day, Signer, answer_faults, answered, read_signed

FILE = "confirmation.json"  # its name where area.toml doesn't give one


class Document(Declared):
    """The printed text that was read."""

    edition: str = Field(min_length=1)
    date: Day
    read_in: str = Field(min_length=1)  # where it was read: a page on line, a library, the registry's paper


class Confirmation(Answered):
    """confirmation.json"""

    methodology: str
    version: str
    methodology_sha256: str
    clauses: list[str]
    statement: str = Field(min_length=1)
    document: Document


def read_confirmation(file: str | None, methodology: Methodology, places: Places, today: date) -> Confirmation | None:
    """The confirmation that area.toml names, checked against the methodology; None without one, a Refusal with all that is wrong."""
    if file is None:
        return None
    path = places.existing(file, "area.toml [confirmation]")
    made, raw = read_signed(path, Confirmation, "E-CON-007")
    if problems := [*answer_faults(made, raw, today, path.name), *faults(made, methodology, path.name)]:
        raise Refusal(problems)
    return made


def faults(made: Confirmation, methodology: Methodology, where: str) -> Iterator[Problem]:
    """Everything that keeps a confirmation from confirming this methodology."""
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


def confirmed(methodology: Methodology, statement: str, document: Document, signer: Signer, signed_on: date, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A confirmation of every clause of a methodology, signed, as the JSON value of its file."""
    content = {
        "methodology": methodology.id,
        "version": methodology.version,
        "methodology_sha256": methodology_sha256(methodology.id),
        "clauses": [clause.clause for clause in methodology.confirm],
        "statement": statement,
        "document": document.model_dump(mode="json"),
    }
    return answered(content, signer, signed_on, key)
