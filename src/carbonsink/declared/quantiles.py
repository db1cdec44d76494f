"""Empirical distributions: a declared value's table of quantiles, read beside its declaration.

    area.toml [[value]] distribution = "empirical", quantiles = "file.csv"     probability,value
                                                                               0,3.1
                                                                               0.5,4.0
                                                                               1,6.2

Probabilities rise from 0 to 1, values don't fall; between two rows the quantile is a straight line. The ends of the 95 % interval, which
other values declare as low and high, come from the table.
"""

from __future__ import annotations

import csv
import io
import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import read_text

Points = tuple[tuple[float, float], ...]  # probability, value
COLUMNS = ["probability", "value"]
TAIL = 0.025  # on either side of a 95 % interval


def with_quantiles(raw: dict[str, Any], places: Places) -> dict[str, Any]:
    """The raw declaration, each value that names a table with its points and the ends of its interval; a Refusal lists every bad one."""
    values = raw.get("value", [])
    if not isinstance(values, list) or not any(isinstance(one, dict) and "quantiles" in one for one in values):
        return raw
    problems: list[Problem] = []
    found = []
    for number, value in enumerate(values):
        try:
            found.append(_with_points(value, f"area.toml [value.{number}]", places))
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    return raw | {"value": found}


def at(points: Points, probability: float) -> float:
    """The quantile at a probability, on the line between the two nearest points."""
    place = max(bisect_left([p for p, _ in points], probability), 1)
    (before, low), (after, high) = points[place - 1], points[place]
    return low + (high - low) * (probability - before) / (after - before)


def _with_points(value: Any, where: str, places: Places) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get("quantiles"), str):
        return value  # the declaration's own check says what was wanted
    if value.get("distribution") != "empirical" or {"low", "high", "points"} & value.keys():
        raise Refusal(Problem("E-UNC-002", where, {"file": value["quantiles"]}))
    points = read_points(value["quantiles"], places, where)
    return value | {"points": points, "low": at(points, TAIL), "high": at(points, 1 - TAIL)}


def read_points(file: str, places: Places, where: str) -> Points:
    """The points of a table; a Refusal names the line and what is wrong with it."""
    path = places.existing(file, where)
    text = read_text(path, path.name)
    try:
        lines = list(csv.reader(io.StringIO(text, newline="")))
        points = tuple((float(probability), float(value)) for probability, value in lines[1:])
    except ValueError as error:
        raise Refusal(Problem("E-UNC-001", path.name, {"why": error})) from None
    if lines[:1] != [COLUMNS]:
        raise Refusal(Problem("E-UNC-001", path.name, {"why": ", ".join(lines[0]) if lines else "-"}))
    if fault := next(_faults(points), None):
        raise Refusal(Problem("E-UNC-001", path.name, {"why": fault}))
    return points


def _faults(points: Sequence[tuple[float, float]]) -> Iterator[str]:
    """What makes points no distribution, in signs that need no translation."""
    if not all(math.isfinite(number) for point in points for number in point):
        yield "NaN, inf"
    if len(points) < 2 or (points[0][0], points[-1][0]) != (0, 1):
        yield f"{points[0][0]:g} .. {points[-1][0]:g} != 0 .. 1" if points else "0 .. 1"
    for line, ((before, low), (after, high)) in enumerate(pairwise(points), 3):
        if not before < after or high < low:
            yield f"{line}: {before:g}, {low:g} > {after:g}, {high:g}"
    if points and points[0][1] == points[-1][1]:
        yield f"{points[0][1]:g} = {points[-1][1]:g}"
