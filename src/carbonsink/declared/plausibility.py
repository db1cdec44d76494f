"""What a hectare can earn in a year at most, by pool and methodology: library/credit/plausibility.csv, and a signed reason to go beyond.

limits(methodology)                         the rows of its credited pools; a methodology's own row before the pool's, that before the last one
rates(plan, activity, changes)              t CO2e/ha/yr of every vintage
implausible(plan, activity, changes)        the vintages above the sum of the limits, and above what somebody has signed for

The signature (Ed25519) is over everything else of the file, as a confirmation's is.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.records import Activity, StockChange
from carbonsink.base.signing import fingerprint, public_text, sign, verifies
from carbonsink.base.tables import total
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.area import AreaFile
from carbonsink.declared.confirmation import Day, Signer
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.paths import Places
from carbonsink.declared.period import Period, held
from carbonsink.declared.schema import MAX_BYTES, Declared, validate
from carbonsink.declared.text import declaration_texts

FILE = "justification.json"  # its name where area.toml doesn't give one


@dataclass(frozen=True)
class Limit:
    """The most that a pool can earn [t CO2e ha^-1 yr^-1], with where it is from."""

    methodology: str
    pool: str
    gas: str
    most: float
    source: str
    place: str
    status: str
    note: str


class Justification(Declared):
    """justification.json: somebody answers for a credit above the plausible."""

    area: str
    methodology: str
    version: str
    most_t_co2e_per_ha_yr: float = Field(gt=0)  # up to which the reason holds
    reason: str = Field(min_length=1)
    signer: Signer
    signed_on: Day
    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str = Field(pattern="^[0-9a-f]{128}$")

    @property
    def fingerprint(self) -> str:
        """What people compare with the signer's own."""
        return fingerprint(self.public_key)


@cache
def read_limits(path: Path = LIBRARY / "credit" / "plausibility.csv") -> tuple[Limit, ...]:
    """The table, row by row; an empty key fits anything."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(
        Limit(row["methodology"], row["pool"], row["gas"], float(row["most_t_co2e_per_ha_yr"]), row["source"], row["place"], row["status"], row["note"])
        for row in rows
    )


def limits(methodology: Methodology) -> tuple[Limit, ...]:
    """One row for each pool and gas that a methodology credits, the most specific."""
    pools = sorted({(flow.pool, flow.gas) for flow in methodology.flow if flow.kind != "emission"})
    return tuple(_fitting(methodology.id, pool, gas) for pool, gas in pools)


def most(methodology: Methodology, justification: Justification | None) -> float:
    """The most that a vintage may earn [t CO2e ha^-1 yr^-1]: the sum over its pools, or what a signed reason allows above it."""
    return max(total(one.most for one in limits(methodology)), justification.most_t_co2e_per_ha_yr if justification else 0.0)


def rates(period: Period, activity: Sequence[Activity], changes: Sequence[StockChange]) -> dict[int, float]:
    """What a hectare of the project earned at a year's pace [t CO2e ha^-1 yr^-1] by vintage, before emissions and deductions."""
    found = {}
    for year in sorted({change.year for change in changes}):
        hectares = total(one.area_ha for one in activity if (one.year, one.scenario) == (year, "project"))
        gross = total(_sign(change) * change.co2e_t for change in changes if change.year == year and change.kind != "emission")
        share = float(held(period, year))
        if hectares > 0 and share > 0:
            found[year] = gross / hectares / share
        else:
            found[year] = inf if gross > 0 else 0.0  # earned on no land, or in no day of the period
    return found


def implausible(methodology: Methodology, justification: Justification | None, found: dict[int, float]) -> tuple[int, ...]:
    """The vintages whose hectare earned more than it may."""
    return tuple(year for year, rate in found.items() if rate > most(methodology, justification))


def read_justification(area: AreaFile, methodology: Methodology, places: Places, today: date) -> Justification | None:
    """The signed reason that area.toml names, checked; None without one, a Refusal with all that is wrong."""
    if area.justification is None:
        return None
    path = places.existing(area.justification, "area.toml [justification]")
    raw = _load(path)
    made = validate(raw, Justification, path.name)
    problems = [*declaration_texts(raw, path.name), *_faults(made, raw, area, methodology, today, path.name)]
    if problems:
        raise Refusal(problems)
    return made


def justified(area: AreaFile, methodology: Methodology, rate: float, reason: str, signer: Signer, signed_on: date, key: Ed25519PrivateKey) -> dict[str, Any]:
    """A signed reason for up to `rate` t CO2e/ha/yr, as the JSON value of its file."""
    content = {
        "area": area.id, "methodology": methodology.id, "version": methodology.version, "most_t_co2e_per_ha_yr": rate, "reason": reason,
        "signer": signer.model_dump(mode="json"), "signed_on": signed_on.isoformat(), "public_key": public_text(key),
    }  # fmt: skip
    return content | {"signature": sign(key, content)}


def _faults(made: Justification, raw: dict[str, Any], area: AreaFile, methodology: Methodology, today: date, where: str) -> Iterator[Problem]:
    if not verifies(made.public_key, made.signature, {key: value for key, value in raw.items() if key != "signature"}):
        yield Problem("E-CON-001", where, {"fingerprint": made.fingerprint, "signer": made.signer.name})
    found, expected = f"{made.area} {made.methodology} {made.version}", f"{area.id} {methodology.id} {methodology.version}"
    if found != expected:
        yield Problem("E-CRD-017", where, {"found": found, "expected": expected})
    if made.signed_on > today + timedelta(days=1):  # the signer's day may have begun before ours
        yield Problem("E-CON-006", where, {"found": made.signed_on, "today": today})


def _fitting(methodology: str, pool: str, gas: str) -> Limit:
    fitting = [one for one in read_limits() if one.methodology in ("", methodology) and one.pool in ("", pool) and one.gas in ("", gas)]
    return max(fitting, key=lambda one: (bool(one.methodology), bool(one.pool), bool(one.gas)))


def _sign(change: StockChange) -> int:
    """How a flow adds to the gross: removals of the project and avoided emissions of the baseline."""
    return 1 if (change.kind == "removal") == (change.scenario == "project") else -1


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
