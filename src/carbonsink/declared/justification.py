"""A signed reason why a hectare of an area may earn more than tables and published trades bear out.

    <area>/justification.json, named by area.toml `justification`

    {"area", "methodology", "version", "most_t_co2e_per_ha_yr", "reason", "signer": {"name", "organisation", "role"}, "signed_on", "public_key", "signature"}

How it is signed: `declared.signed`. What is plausible without it: `declared.plausibility`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.area import AreaFile
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.paths import Places
from carbonsink.declared.signed import Answered, Signer, answer_faults, answered, read_signed

FILE = "justification.json"  # its name where area.toml doesn't give one


class Justification(Answered):
    """justification.json"""

    area: str
    methodology: str
    version: str
    most_t_co2e_per_ha_yr: float = Field(gt=0)  # up to which the reason holds
    reason: str = Field(min_length=1)


def read_justification(area: AreaFile, methodology: Methodology, places: Places, today: date) -> Justification | None:
    """The signed reason that area.toml names, checked; None without one, a Refusal with all that is wrong."""
    if area.justification is None:
        return None
    path = places.existing(area.justification, "area.toml [justification]")
    made, raw = read_signed(path, Justification, "E-CRD-019")
    if problems := [*answer_faults(made, raw, today, path.name), *_faults(made, area, methodology, path.name)]:
        raise Refusal(problems)
    return made


def justified(area: AreaFile, methodology: Methodology, rate: float, reason: str, signer: Signer, signed_on: date, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A signed reason for up to `rate` t CO2e/ha/yr, as the JSON value of its file."""
    content = {"area": area.id, "methodology": methodology.id, "version": methodology.version, "most_t_co2e_per_ha_yr": rate, "reason": reason}
    return answered(content, signer, signed_on, key)


def _faults(made: Justification, area: AreaFile, methodology: Methodology, where: str) -> Iterator[Problem]:
    found, expected = f"{made.area} {made.methodology} {made.version}", f"{area.id} {methodology.id} {methodology.version}"
    if found != expected:
        yield Problem("E-CRD-017", where, {"found": found, "expected": expected})
