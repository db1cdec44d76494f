"""How far two interpreters agree: their confusion, Cohen's kappa and its standard error.

Cohen 1960, Educational and Psychological Measurement 20, 37-46; the large-sample standard error of Fleiss, Cohen and
Everitt 1969, Psychological Bulletin 72, 323-327. Both speak of the sample's points, not of the area.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Kappa:
    """Agreement of two interpreters; kappa and its standard error are None where both gave one class to everything."""

    points: int
    agreed: int
    kappa: float | None
    standard_error: float | None


def confusion(first: Sequence[str], second: Sequence[str], classes: Sequence[str]) -> NDArray[np.int64]:
    """Points by the first's class (rows) and the second's (columns)."""
    number = {name: n for n, name in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), np.int64)
    for a, b in zip(first, second, strict=True):
        table[number[a], number[b]] += 1
    return table


def kappa(table: NDArray[np.int64]) -> Kappa:
    """Kappa of a square table of counts."""
    points, agreed = int(table.sum()), int(np.trace(table))
    if not points:
        return Kappa(0, 0, None, None)
    p = table / points
    rows, columns, observed = p.sum(axis=1), p.sum(axis=0), float(np.trace(p))
    chance = float(rows @ columns)
    if chance == 1:
        return Kappa(points, agreed, None, None)
    value = (observed - chance) / (1 - chance)
    own = np.diagonal(p) * (1 - (rows + columns) * (1 - value)) ** 2
    others = (1 - value) ** 2 * (p * (columns[:, None] + rows[None, :]) ** 2)
    np.fill_diagonal(others, 0)
    variance = (own.sum() + others.sum() - (value - chance * (1 - value)) ** 2) / (points * (1 - chance) ** 2)
    return Kappa(points, agreed, value, math.sqrt(max(float(variance), 0.0)))
