"""One interval for all areas together, by Approach 2 over their stored worksheets.

    [Member, ...]  ->  Combined of gross and net, by year and for the period

A row of a factor table is one number, wherever it is used: areas that share it share its draw, so its error doesn't average out over
a county. What an area declares or measures itself is its own, and drawn apart, as are its own correlation groups. Declared values
of several areas that were read in one document can't be told from others: they are taken as independent, which narrows the interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from carbonsink.base.records import Variable
from carbonsink.portfolio.member import Member
from carbonsink.portfolio.settings import settings
from carbonsink.run import Progress
from carbonsink.uncertainty.draws import Draws, Sampling, Weights
from carbonsink.uncertainty.quantities import CHANGE, Key
from carbonsink.uncertainty.simulation import approach_2, simulate
from carbonsink.uncertainty.together import moving_together

LEVEL = 95.0
OWN = ("declared", "measured")  # statuses of what is an area's alone


@dataclass(frozen=True)
class Combined:
    """uncertainty.csv: the 95 % interval of all projects together [t CO2e]."""

    year: int  # 0: all vintages together
    quantity: str  # gross | net
    mean_t: float
    low_t: float
    high_t: float
    half_width_percent: float


def combined(members: Sequence[Member], progress: Progress) -> list[Combined]:
    """The intervals of gross and net [t CO2e] of every year, and of the period (year 0)."""
    sampling = Sampling(settings().draws, settings().seed, "portfolio")
    summed: dict[Key, Draws] = {}
    for number, member in enumerate(members):
        progress("draws", number, len(members))
        for key, drawn in simulate(member.worksheet, member.variables, sampling, keyed(member)).items():
            if not key[1].endswith(CHANGE):  # areas with other vintages have no first and last year in common
                summed[key] = summed[key] + drawn if key in summed else drawn
    spreads = approach_2(_with_period({key: summed[key] for key in sorted(summed)}), [LEVEL])
    return [Combined(one.year, one.quantity, one.mean_t, one.low_t, one.high_t, one.half_width_percent) for one in spreads]


def keyed(member: Member) -> Mapping[str, Weights]:
    """By variable, the names that it is drawn by: a table's row under its own, everything else under the area's."""
    shared = {one.id for one in member.variables if one.status not in OWN and not one.shared}
    grouped = moving_together(member.variables, member.plan.area.correlation)
    return {one.id: _weights(member, grouped.get(one.id, ((one.id, 1.0),)), shared) for one in member.variables if one.low is not None}


def shared_rows(members: Sequence[Member]) -> int:
    """Uncertain rows of tables that more than one area uses."""
    used = Counter(name for member in members for name in {one.id for one in member.variables if _is_shared(one)})
    return sum(count > 1 for count in used.values())


def _is_shared(variable: Variable) -> bool:
    return variable.low is not None and variable.status not in OWN


def _weights(member: Member, weights: Weights, shared: set[str]) -> Weights:
    return tuple((name if name in shared else f"{member.id}|{name}", weight) for name, weight in weights)


def _with_period(by_year: Mapping[Key, Draws]) -> dict[Key, Draws]:
    """The years with the period: sums of the years in their order."""
    found = {key: drawn for key, drawn in by_year.items() if key[0]}
    for quantity in dict.fromkeys(quantity for _, quantity in found):
        found[0, quantity] = np.sum([drawn for (year, name), drawn in found.items() if year and name == quantity], axis=0)
    return found
