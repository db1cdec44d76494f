"""Footprints on the globe: one that crosses the antimeridian is split there, so that longitudes lie within +-180 and east of west.

[178.1, -179.2, -179.1, 178.3]  ->  [178.1, 180.8, 180.9, 178.3]  ->  [178.1 ... 180] and [-180 ... -179.1]
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box, shape
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import polygons

Box = tuple[float, float, float, float]
HALF_TURN, TURN = 180.0, 360.0
PLACES = 6  # 1e-6 degree is 0.1 m


def footprint_of(geometry: Any) -> BaseGeometry:
    """The polygons of a GeoJSON geometry in EPSG:4326; ValueError where they are empty, cross themselves or wind around a pole."""
    with np.errstate(invalid="ignore"):  # a coordinate that is no number makes no valid polygon
        footprint = split(shape(geometry))
        if footprint.is_empty or not footprint.is_valid:
            raise ValueError("geometry is empty or crosses itself")
    return footprint


def split(geometry: BaseGeometry) -> BaseGeometry:
    """Polygons with those that cross the antimeridian cut in two; others as they are."""
    west, _, east, _ = geometry.bounds if not geometry.is_empty else (0.0, 0.0, 0.0, 0.0)
    if west >= -HALF_TURN and east <= HALF_TURN and east - west <= HALF_TURN:
        return geometry
    parts = [part for polygon in polygons(geometry) for part in _parts(polygon)]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def boxes_around(geometry: BaseGeometry) -> tuple[Box, ...]:
    """The bounding box of polygons, or one on each side of the antimeridian where they lie on both; outwards to 1e-6 degree."""
    whole = split(geometry)
    west, _, east, _ = whole.bounds
    if east - west <= HALF_TURN:
        return (_outwards(whole.bounds),)
    eastern = [part for part in polygons(whole) if part.bounds[0] >= 0]
    western = [part for part in polygons(whole) if part.bounds[0] < 0]
    return tuple(_outwards(MultiPolygon(side).bounds) for side in (eastern, western) if side)


def _parts(polygon: Polygon) -> tuple[Polygon, ...]:
    """A polygon on an unrolled globe, cut along the antimeridians it crosses and laid back."""
    unrolled = Polygon(_unrolled(polygon.exterior), [_unrolled(ring) for ring in polygon.interiors])
    if not unrolled.is_valid:
        return (unrolled,)  # judged by the caller
    west, _, east, _ = unrolled.bounds
    found: list[Polygon] = []
    for turn in range(math.floor((west + HALF_TURN) / TURN), math.ceil((east + HALF_TURN) / TURN)):
        band = box(turn * TURN - HALF_TURN, -90.0, turn * TURN + HALF_TURN, 90.0)
        found += [translate(part, -turn * TURN) for part in polygons(unrolled.intersection(band))]
    return tuple(found)


def _unrolled(ring: Any) -> Any:
    """A ring's vertices with every step of more than half a turn taken the short way."""
    points = np.asarray(ring.coords)[:, :2].copy()
    turns = -np.cumsum(np.rint(np.diff(points[:, 0]) / TURN))
    if turns[-1] != 0:
        raise ValueError("geometry winds around a pole")
    points[1:, 0] += turns * TURN
    return points


def _outwards(bounds: Box) -> Box:
    """A bounding box rounded outwards to 1e-6 degree, so that a lock doesn't hang on a last bit."""
    west, south, east, north = (value * 10**PLACES for value in bounds)
    return (math.floor(west) / 10**PLACES, math.floor(south) / 10**PLACES, math.ceil(east) / 10**PLACES, math.ceil(north) / 10**PLACES)
