"""Indices of one day, from formula text over reflectance, as integers of a ten-thousandth.

An observation gives no value of an index where the result isn't finite or a denominator is nearer to zero than the
library's smallest; a value beyond the index's range is clipped to it; then it is rounded half to even.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.formula import evaluate, parse
from carbonsink.base.rasters import COMPOSITE_UNIT
from carbonsink.declared.indices import Index


@cache
def denominators(formula: str) -> tuple[str, ...]:
    """Every denominator in a formula, as text."""
    return tuple(ast.unparse(node.right) for node in ast.walk(parse(formula)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))


def observe(index: Index, smallest: float, bands: Mapping[str, NDArray[np.int16]]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Values [1e-4] and validity of an index; `bands` are reflectance [1e-4] in arrays of one shape, which the results have too."""
    reflectance = {name: bands[name] / float(COMPOSITE_UNIT) for name in index.bands}
    with np.errstate(all="ignore"):
        value = np.asarray(evaluate(index.formula, reflectance))
        valid = np.isfinite(value)
        for text in denominators(index.formula):
            valid &= np.abs(evaluate(text, reflectance)) >= smallest
    clipped = np.clip(np.where(valid, value, 0.0), index.low, index.high)
    return np.rint(clipped * COMPOSITE_UNIT).astype(np.int16), valid
