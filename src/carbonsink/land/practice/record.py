"""What the farm record says of a practice, and how a finding stands to it: supports, contradicts, unclear, undeclared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carbonsink.base.records import PracticeEvidence
from carbonsink.base.tables import quantise
from carbonsink.declared.area import Parcel, Stratum
from carbonsink.declared.practice import read_practices

PLACES = 4  # decimals of probabilities and of what decided


@dataclass(frozen=True)
class Finding:
    """What imagery says of one practice of a parcel; `found` is empty where it says nothing."""

    practice: str
    found: str
    season: int = 0
    start: date | None = None
    end: date | None = None
    value: float | None = None
    observations: int = 0
    dates: str = ""


def recorded(stratum: Stratum, key: str) -> str:
    """What the record says under a key: the project's own word, else that of both scenarios; empty where there is none."""
    return stratum.project.get(key) or stratum.keys.get(key, "")


def evidence(finding: Finding, year: int, parcel: Parcel, stratum: Stratum) -> PracticeEvidence:
    """A finding beside the farm record."""
    declared, accepted = _accepted(stratum, finding.practice)
    return PracticeEvidence(
        year=year, parcel=parcel.id, stratum=parcel.stratum, practice=finding.practice, season=finding.season,
        start=_day(finding.start), end=_day(finding.end), found=finding.found, declared=declared,
        verdict=_verdict(finding.found, declared, accepted), probability=None, declared_probability=None,
        flooded_days=None, drained_days=None, drainages=None,
        value=None if finding.value is None else quantise(finding.value, PLACES), observations=finding.observations, dates=finding.dates,
    )  # fmt: skip


def _accepted(stratum: Stratum, practice: str) -> tuple[str, list[str] | None]:
    """The record's word on a practice and the findings that fit it; none where the library doesn't know the word."""
    for entry in read_practices().record:
        declared = recorded(stratum, entry.key)
        if entry.practice == practice and declared:
            return declared, entry.found.get(declared)
    return "", None


def _verdict(found: str, declared: str, accepted: list[str] | None) -> str:
    if not declared:
        return "undeclared"
    if not found or accepted is None:
        return "unclear"
    return "supports" if found in accepted else "contradicts"


def _day(day: date | None) -> str:
    return str(day) if day else ""
