"""The allowed transitions: of a pixel's years as few are changed as must be for every step to be an allowed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.land import LandClass
from carbonsink.land.consistency.paths import FORBIDDEN, cheapest
from carbonsink.land.consistency.sequences import Numbers


def allowed_steps(allowed: Mapping[str, Sequence[str]], classes: Sequence[LandClass]) -> NDArray[np.bool_]:
    """Whether a class may become another in the next year, shape (before, after): staying always, and all where the class isn't named."""
    ids = [c.id for c in classes]
    table = np.array([[after in allowed.get(before, ids) for after in ids] for before in ids])
    return np.asarray(table | np.eye(len(ids), dtype=np.bool_))


def repaired(numbers: Numbers, steps: NDArray[np.bool_]) -> Numbers:
    """Class numbers (sequence, year) without a forbidden step.

    The fewest years are changed; where that can be done in several ways, the one in which the land changes least often; then by the
    order of `cheapest`.
    """
    classes, years = steps.shape[0], numbers.shape[1]
    other = 1 - np.eye(classes, dtype=np.int64)
    return cheapest(numbers, other * (years + 1), np.where(steps, other, FORBIDDEN))
