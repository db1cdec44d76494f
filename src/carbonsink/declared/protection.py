"""A red line's file as geometry: read as a boundary file is, in longitude and latitude, every outline valid.

Overlaps and any size are taken: red lines of a county reach beyond an area, and the same land may stand under two of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import invalidity, rounded
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.declared.change import Protection
from carbonsink.declared.crs import candidates, check_crs, declared_crs, label, same, to_lonlat
from carbonsink.declared.features import LandSource
from carbonsink.declared.landfile import read_land_file

Bounds = tuple[float, float, float, float]


def read_red_line(path: Path, line: Protection, country: str) -> BaseGeometry:
    """The land of a red line in EPSG:4326, dissolved; a Refusal with every problem of the file."""
    source = read_land_file(path, line.layer, line.encoding)
    if source.problems or not source.features:
        raise Refusal(source.problems or (Problem("E-AOI-002", path.name, {"count": source.count}),))
    bounds = _bounds(source, path.name)
    crs = _crs(source, line, path.name, bounds)
    check_crs(crs, path.name, bounds, country)
    way = to_lonlat(crs, path.name)
    outlines = [rounded(way(feature.geometry)) for feature in source.features]
    wrong = [(number, found) for number, outline in enumerate(outlines, start=1) if (found := invalidity(outline))]
    if wrong:
        raise Refusal([Problem("E-AOI-007", f"{path.name} #{number}", {"why": why, "place": place}) for number, (why, place) in wrong])
    return shapely.union_all(outlines)


def _bounds(source: LandSource, where: str) -> Bounds:
    """West, south, east, north in the file's CRS, over all points."""
    points = shapely.get_coordinates([feature.geometry for feature in source.features])
    bad = points[~np.isfinite(points).all(axis=1)]
    if bad.size:
        raise refuse("E-AOI-005", where, found=bad[0].tolist())
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return west, south, east, north


def _crs(source: LandSource, line: Protection, where: str, bounds: Bounds) -> CRS:
    declared = declared_crs(line.crs, f"area.toml [protection {line.id}]") if line.crs else None
    if source.crs_problem and declared is None:
        raise Refusal(source.crs_problem)
    if source.crs and declared and not same(source.crs, declared):
        raise refuse("E-AOI-027", where, found=label(source.crs), declared=line.crs)
    crs = declared or source.crs or source.assumed
    if crs is None:
        raise refuse("E-AOI-010", where, x=f"{bounds[0]:.3f}", y=f"{bounds[1]:.3f}", candidates=candidates(bounds[0], bounds[1]))
    return crs
