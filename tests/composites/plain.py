"""The plain definitions, in numpy and in full arrays: what the compiled kernels are held against."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.formula import evaluate, parse
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.declared.indices import Index


def denominators(formula: str) -> tuple[str, ...]:
    """Every denominator in a formula, as text."""
    return tuple(ast.unparse(node.right) for node in ast.walk(parse(formula)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))


def observe(index: Index, smallest: float, bands: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Values [1e-4] and validity of an index: no value where a denominator is nearer to zero than `smallest` or the result isn't
    finite; beyond the index's range, and over a negative denominator, none or clipped; rounded half to even. In float32."""
    reflectance = {name: bands[name].astype(np.float32) * np.float32(0.0001) for name in index.bands}
    shape = next(iter(bands.values())).shape
    with np.errstate(all="ignore"):
        value = np.broadcast_to(np.asarray(evaluate(index.formula, reflectance), dtype=np.float32), shape)
        valid = np.isfinite(value)
        if index.beyond == "none":
            valid = valid & (value >= np.float32(index.low)) & (value <= np.float32(index.high))
        for text in denominators(index.formula):
            below = evaluate(text, reflectance)
            valid = valid & ((below if index.beyond == "none" else np.abs(below)) >= np.float32(smallest))
    clipped = np.clip(np.where(valid, value, np.float32(0)), np.float32(index.low), np.float32(index.high))
    return np.rint(clipped * np.float32(10_000)).astype(np.int16), valid


def ranked(values: list[int], percentile: float) -> int:
    """The value of the lower rank of a percentile."""
    return sorted(values)[math.floor(Fraction(str(percentile)) / 100 * (len(values) - 1))]


def mean(values: list[int]) -> int:
    """The mean, half to even."""
    return round(Fraction(sum(values), len(values)))


def medoid(seen: list[tuple[int, ...]]) -> int:
    """The place of the observation with the least summed distance to the others, the earliest of equals."""
    sums = [sum(math.sqrt(sum((a - b) ** 2 for a, b in zip(one, other, strict=True))) for other in seen) for one in seen]
    return sums.index(min(sums))


def or_nodata(value: int | None) -> int:
    return COMPOSITE_NODATA if value is None else value
