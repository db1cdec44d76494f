"""Confirmations signed by a key made for the test, by which areas of tests may issue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carbonsink.base.evidence import write_json
from carbonsink.base.signing import make_key, sign
from carbonsink.declared.confirmation import Confirmation, Document, confirmed
from carbonsink.declared.crediting import Answer
from carbonsink.declared.justification import Justification, justified
from carbonsink.declared.load import declared_methodology
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import validate
from carbonsink.declared.signed import Signer

KEY = make_key()
DOCUMENT = Document(edition="the document, second edition", date=date(2023, 10, 24), read_in="the registry's library")
SIGNER = Signer(name="李雷", organisation="a test", role="reader")


def content(methodology: Methodology, signed_on: date = date(2024, 5, 1), key: Ed25519PrivateKey = KEY) -> dict[str, Any]:
    """A confirmation of a methodology, as its file holds it."""
    return confirmed(methodology, "I have read it.", DOCUMENT, SIGNER, signed_on, key)


def signed_again(raw: dict[str, Any], **change: Any) -> dict[str, Any]:
    """The same with other content and a signature that fits it."""
    changed = {name: value for name, value in (raw | change).items() if name != "signature"}
    return changed | {"signature": sign(KEY, changed)}


def confirming(plan: Plan) -> Plan:
    """The plan with its methodology confirmed and its checklist answered."""
    return replace(answering(plan), confirmation=validate(content(plan.methodology), Confirmation, "confirmation.json"))


def justifying(plan: Plan, rate: float) -> Plan:
    """The plan with a signed reason for up to `rate` t CO2e/ha/yr."""
    raw = justified(plan.area, plan.methodology, rate, "measured twice", SIGNER, date(2024, 5, 1), KEY)
    return replace(plan, justification=validate(raw, Justification, "justification.json"))


def answering(plan: Plan) -> Plan:
    """The plan with every question of its methodology's checklist answered with yes."""
    answers = [Answer(question=one.id, answer="yes", reason="a test", files=["evidence.txt"]) for one in plan.methodology.checklist]
    return replace(plan, area=plan.area.model_copy(update={"checklist": answers}))


def confirm_folder(folder: Path) -> Path:
    """Put a confirmation into an area's folder and name it in its declaration; the file."""
    _, methodology = declared_methodology(folder)
    path, declaration = folder / "confirmation.json", folder / "area.toml"
    write_json(path, content(methodology))
    declaration.write_text('confirmation = "confirmation.json"\n' + declaration.read_text(encoding="utf-8"), encoding="utf-8")
    return path
