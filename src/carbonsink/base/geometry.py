"""Land on the ellipsoid: geodesic areas, mu and hectares, canonical outlines and what is wrong with an outline.

Geometry comes in as shapely polygons with longitude before latitude [degrees]; CGCS2000 and WGS 84 are taken as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from carbonsink.base.tables import total

MU_PER_HA = 15  # the unit's definition: 1 mu is 1/15 ha
M2_PER_HA = 10_000  # the unit's definition
COORDINATE_PLACES = 9  # 1e-9 degree is 0.1 mm: finer differences come from libraries, not from surveyors


def geodesic_area_m2(geometry: BaseGeometry) -> float:
    """Area on the GRS80 ellipsoid [m2] of polygons in lon/lat [degrees]; holes are left out, ring orientation is ignored.

    Edges are geodesics (Karney 2013, Algorithms for geodesics, section 6).
    """
    return total(_ring_area(polygon.exterior) - total(map(_ring_area, polygon.interiors)) for polygon in polygons(geometry))


def hectares(area_m2: float) -> float:
    """An area [m2] in hectares."""
    return area_m2 / M2_PER_HA


def mu(area_m2: float) -> float:
    """An area [m2] in mu."""
    return area_m2 * MU_PER_HA / M2_PER_HA


def hectares_to_mu(area_ha: float) -> float:
    """An area [ha] in mu."""
    return area_ha * MU_PER_HA


def polygons(geometry: BaseGeometry) -> tuple[Polygon, ...]:
    """The polygons of a polygon, a multipolygon or a mixed collection; points and lines fall away."""
    return tuple(part for part in shapely.get_parts(shapely.get_parts([geometry])) if isinstance(part, Polygon) and not part.is_empty)


def multipolygon(geometries: Iterable[BaseGeometry]) -> MultiPolygon:
    """All polygons of the geometries side by side, without dissolving borders."""
    return MultiPolygon([part for geometry in geometries for part in polygons(geometry)])


def rounded(geometry: BaseGeometry) -> BaseGeometry:
    """The same geometry in two dimensions with coordinates at 1e-9 degree, so that later digits can't depend on a library."""
    return shapely.transform(shapely.force_2d(geometry), lambda xy: np.round(xy, COORDINATE_PLACES) + 0.0)


def canonical_wkb(geometry: BaseGeometry) -> bytes:
    """Little-endian WKB of the polygons, rounded and normalised: equal for equal outlines, however they were drawn."""
    wkb: bytes = shapely.to_wkb(shapely.normalize(rounded(multipolygon([geometry]))), byte_order=1, output_dimension=2)
    return wkb


def invalidity(geometry: BaseGeometry) -> tuple[str, str] | None:
    """What is wrong with a polygon and where (as "x,y"), or None where it is valid."""
    if geometry.is_valid:
        return None
    found = re.fullmatch(r"(.*?)\[(\S+) (\S+)\]", shapely.is_valid_reason(geometry))
    if not found:
        return shapely.is_valid_reason(geometry), "?"
    return found[1], f"{float(found[2]):.6f},{float(found[3]):.6f}"


def _ring_area(ring: BaseGeometry) -> float:
    area, _ = _ellipsoid().polygon_area_perimeter(*np.asarray(ring.coords)[:, :2].T)
    return abs(float(area))


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="GRS80")
