"""Draws keyed by names: draw i of a variable is the same in any block, on any machine, whatever else is drawn (rule R9).

    Sampling, Variable  ->  draws start .. start + count

The uniforms are those of base/philox.py for seed, project and name. A variable that moves with
others is drawn from the normals of several names, weighted: its own is left out, or is one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.bounds import bounds_of
from carbonsink.base.philox import uniforms
from carbonsink.base.records import Variable
from carbonsink.uncertainty.distributions import values_at

Draws = NDArray[np.float64]
Weights = Sequence[tuple[str, float]]  # names whose normals make up a variable's, squares of the weights adding up to one


@dataclass(frozen=True)
class Sampling:
    """How often to draw, from which seed, for which project."""

    draws: int
    seed: int
    project: str


def draw(variable: Variable, sampling: Sampling, start: int, count: int, weights: Weights = ()) -> Draws | float:
    """Draws `start` to `start + count` of one variable; an exact one is its value."""
    if variable.low is None or variable.high is None:
        return variable.value
    names = weights or ((variable.id, 1.0),)
    drawn = values_at(_probabilities(names, sampling, start, count), variable, variable.low, variable.high)
    # No area, stock or factor is below zero; the tables keep normals three spreads away from it, so this touches almost nothing.
    return drawn if _signed(variable) else np.maximum(drawn, 0.0)


def _signed(variable: Variable) -> bool:
    return variable.value < 0 or bounds_of(variable.symbol).signed


def _probabilities(weights: Weights, sampling: Sampling, start: int, count: int) -> Draws:
    """Uniforms of one name, or of the weighted sum of several names' normals."""
    by_name = [(uniforms(f"{sampling.seed}|{sampling.project}|{name}", start, count), weight) for name, weight in weights]
    if len(by_name) == 1 and by_name[0][1] == 1:
        return by_name[0][0]
    from scipy.special import ndtr, ndtri

    summed = np.zeros(count)
    for own, weight in by_name:  # in the order of the weights: the same bits on every machine
        summed += weight * ndtri(own)
    inside: Draws = np.clip(ndtr(summed), np.finfo(np.float64).tiny, 1 - np.finfo(np.float64).epsneg)  # no sum is certain
    return inside
