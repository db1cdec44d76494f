"""What a hectare can earn in a year at most, by pool and methodology: library/credit/plausibility.csv.

limits(methodology)                         the rows of its credited pools; a methodology's own row before the pool's, that before the last one
rates(period, activity, flows)              t CO2e/ha/yr of every vintage, on the stratum that earned most
implausible(methodology, signed, rates)     the vintages above the sum of the limits, and above what somebody has signed for
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from pathlib import Path
from typing import Protocol

from carbonsink.base.records import Activity
from carbonsink.base.tables import total
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.justification import Justification
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.period import Period, held


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


class Flow(Protocol):
    """What a worksheet's row says of tonnes: in a year, under a scenario, on a stratum (none: on the whole area)."""

    @property
    def year(self) -> int:
        """The vintage."""

    @property
    def scenario(self) -> str:
        """baseline | project"""

    @property
    def stratum(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """removal | avoided | emission"""

    @property
    def co2e_t(self) -> float:
        """In the direction of the gas flow."""


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


def rates(period: Period, activity: Sequence[Activity], flows: Sequence[Flow]) -> dict[int, float]:
    """What a hectare of the project's best stratum earned at a year's pace [t CO2e ha^-1 yr^-1] by vintage, before emissions and deductions.

    The best stratum and not the mean, which idle land beside it would bring down. What was measured for the whole area falls on all its hectares.
    """
    found = {}
    for year in sorted({flow.year for flow in flows}):
        land = {one.stratum: one.area_ha for one in activity if (one.year, one.scenario) == (year, "project")}
        earned: dict[str, list[float]] = {stratum: [] for stratum in land}
        everywhere: list[float] = []
        for flow in (one for one in flows if one.year == year and one.kind != "emission"):
            earned.get(flow.stratum, everywhere).append(_sign(flow) * flow.co2e_t)
        best = max((_each(total(tonnes), land[stratum]) for stratum, tonnes in earned.items()), default=0.0)
        found[year] = _each(best + _each(total(everywhere), total(land.values())), float(held(period, year)))
    return found


def implausible(methodology: Methodology, justification: Justification | None, found: dict[int, float]) -> tuple[int, ...]:
    """The vintages whose hectare earned more than it may."""
    return tuple(year for year, rate in found.items() if rate > most(methodology, justification))


def _fitting(methodology: str, pool: str, gas: str) -> Limit:
    fitting = [one for one in read_limits() if one.methodology in ("", methodology) and one.pool in ("", pool) and one.gas in ("", gas)]
    return max(fitting, key=lambda one: (bool(one.methodology), bool(one.pool), bool(one.gas)))


def _each(tonnes: float, among: float) -> float:
    """Tonnes over hectares or over a share of a year; infinite where something was earned on no land, or in no day of the period."""
    if among > 0:
        return tonnes / among
    return inf if tonnes > 0 else 0.0


def _sign(flow: Flow) -> int:
    """How a flow adds to the gross: removals of the project and avoided emissions of the baseline."""
    return 1 if (flow.kind == "removal") == (flow.scenario == "project") else -1
