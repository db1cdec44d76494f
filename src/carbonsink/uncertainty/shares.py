"""Where a net's variance comes from: each variable's first-order share, and beside it the rank correlation of its draws with the net's.

    moves of approach 1, draws of approach 2  ->  VarianceShare, largest first

A share adds up to one with the others even where variables move together: each has its own square and half of what it shares. A rank
correlation sees what a straight line can't; a variable whose share is below one in all draws can't be told from chance and has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.records import Variable, VarianceShare
from carbonsink.base.tables import quantise, total
from carbonsink.uncertainty.draws import Draws, Sampling, draw
from carbonsink.uncertainty.propagation import Moves, by_cause
from carbonsink.uncertainty.quantities import Key
from carbonsink.uncertainty.together import Together

PLACES = 9
Ranks = NDArray[np.int64]


def variance_shares(variables: Sequence[Variable], moves: Moves, together: Together | None = None) -> Iterator[VarianceShare]:
    """First-order shares of the variance of each year's net, and of the period's, largest first."""
    symbols, causes = {variable.id: variable.symbol for variable in variables}, by_cause(moves, together or {})
    for year in sorted({year for moved in moves.values() for year, _ in moved}):
        parts = {name: moved[year, "net"] * _of_causes(name, causes, together or {}, (year, "net")) for name, moved in moves.items() if moved[year, "net"]}
        whole = total(parts.values())
        for name in sorted(parts, key=lambda name: (-parts[name], name)) if whole > 0 else ():
            yield VarianceShare(year, name, symbols[name], quantise(parts[name] / whole, PLACES), None)


def with_ranks(
    shares: Sequence[VarianceShare], variables: Sequence[Variable], drawn: Mapping[Key, Draws], sampling: Sampling, together: Together | None = None
) -> list[VarianceShare]:
    """The shares, each that can be told from chance with its rank correlation (Spearman's) from -1 to 1."""
    known, weights = {variable.id: variable for variable in variables}, together or {}
    wanted = sorted({one.variable for one in shares if abs(one.share) * sampling.draws >= 1})
    nets = {year: _ranks(drawn[year, "net"]) for year in sorted({one.year for one in shares}) if np.ptp(drawn[year, "net"]) > 0}
    found: dict[tuple[int, str], float] = {}
    for name in wanted:
        ranks = _ranks(np.asarray(draw(known[name], sampling, 0, sampling.draws, weights.get(name, ()))))
        found |= {(year, name): _correlation(ranks, net) for year, net in nets.items()}
    return [VarianceShare(one.year, one.variable, one.symbol, one.share, found.get((one.year, one.variable))) for one in shares]


def _of_causes(name: str, causes: Moves, together: Together, key: Key) -> float:
    """What a variable's causes move in all, by its weights: its covariance with the sum is its own move times this."""
    return total(weight * causes[cause][key] for cause, weight in together.get(name, ((name, 1.0),)))


def _ranks(values: Draws) -> Ranks:
    """Ranks from 0, equal values in the order of draws."""
    ranks = np.empty(values.size, dtype=np.int64)
    ranks[np.argsort(values, kind="stable")] = np.arange(values.size)
    return ranks


def _correlation(one: Ranks, other: Ranks) -> float:
    """Spearman's coefficient in whole numbers, the same on every machine."""
    apart, n = int(np.dot(one - other, one - other)), one.size
    return quantise(1 - 6 * apart / (n * (n * n - 1)), PLACES)
