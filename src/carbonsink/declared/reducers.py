"""The functions that land rules have, which collapse a layer's dates: their names, and stand-ins to try a rule on before anything is fetched.

any all          of a condition, a yes or no
max min mean median count     a number
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.formula import FormulaError

TIMES = 3  # dimensions of a layer over time: (time, row, column)
CONDITIONS = ("any", "all")
STATISTICS = ("max", "min", "mean", "median")
COUNT = "count"


def over_time(name: str, values: Any) -> None:
    """A FormulaError where a function is asked of what has no dates."""
    if np.ndim(values) != TIMES:
        raise FormulaError(f"{name}() needs a layer, over time")


def _trial(name: str) -> Callable[[Any], NDArray[Any]]:
    def reduced(values: Any) -> NDArray[Any]:
        over_time(name, values)
        return np.ones(np.shape(values)[1:], np.bool_ if name in CONDITIONS else np.float64)

    return reduced


TRIALS: Mapping[str, Callable[[Any], NDArray[Any]]] = MappingProxyType({name: _trial(name) for name in (*CONDITIONS, COUNT, *STATISTICS)})
