"""What every reader of land files hands on: numbered features with outlines as they stand in the file, and its CRS."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyproj import CRS
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Problem, Refusal, refuse


@dataclass(frozen=True)
class Feature:
    """One feature: its number in the file from 1, its geometry in the file's CRS (x before y), its attributes."""

    number: int
    geometry: BaseGeometry
    attributes: Mapping[str, object]


@dataclass(frozen=True)
class LandSource:
    """A land file as read: the features that could be read, and the problems of those that could not."""

    features: tuple[Feature, ...]
    count: int  # features in the file, unreadable ones included
    crs: CRS | None  # as the file says; None where it doesn't
    encoding: str | None
    assumed: CRS | None = None  # what the format says where file and declaration are silent
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()
    crs_problem: Problem | None = None  # why the CRS the file states can't be used


def read_features(
    where: str, count: int, geometry: Callable[[int], BaseGeometry], attributes: Callable[[int], Mapping[str, object]]
) -> tuple[tuple[Feature, ...], tuple[Problem, ...]]:
    """Every feature by its index from 0, the problems of one not hiding those of the next; `where` is the file."""
    features: list[Feature] = []
    problems: list[Problem] = []
    for index in range(count):
        try:
            features.append(Feature(index + 1, geometry(index), attributes(index)))
        except Refusal as refusal:
            problems += [Problem(p.code, f"{where} #{index + 1}", p.facts) for p in refusal.problems]
    return tuple(features), tuple(problems)


def polygon(rings: Sequence[Sequence[Sequence[object]]], where: str) -> Polygon:
    """A polygon of rings of positions (x, y and ignored further numbers); open, short or non-finite rings are refused."""
    if not rings:
        raise refuse("E-AOI-003", where, found="Polygon EMPTY")
    shell, *holes = [_ring(ring, number, where) for number, ring in enumerate(rings, start=1)]
    return Polygon(shell, holes)


def _ring(ring: Sequence[Sequence[object]], number: int, where: str) -> list[tuple[float, float]]:
    if not isinstance(ring, list | tuple):
        raise refuse("E-AOI-005", where, found=ring)
    points = [_point(position, where) for position in ring]
    if len(points) < 4 or points[0] != points[-1]:
        first, last = (points[0], points[-1]) if points else ("-", "-")
        raise refuse("E-AOI-004", where, ring=number, points=len(points), first=first, last=last)
    return points


def _point(position: Sequence[object], where: str) -> tuple[float, float]:
    match position:
        case [int() | float() as x, int() | float() as y, *_] if not isinstance(x, bool) and not isinstance(y, bool) and math.isfinite(x) and math.isfinite(y):
            return float(x), float(y)
    raise refuse("E-AOI-005", where, found=position)
