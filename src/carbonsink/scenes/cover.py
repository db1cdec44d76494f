"""How much of an area the tiles of one or several zones cover, each in its own CRS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from carbonsink.base.geometry import geodesic_area_m2
from carbonsink.base.outline import projected
from carbonsink.base.rasters import Grid

STRAIGHT = 1000.0  # metres between the vertices of a tile's edge that is carried to another CRS: the bow between them is 2 cm


def share(boundary: BaseGeometry, crs: str, grids: Iterable[Grid]) -> float:
    """Share of an area (lon/lat) that the tiles of a CRS cover, to the millionth, so that equal is equal in two CRSs."""
    area = projected(boundary, crs)
    tiles = unary_union([box(*bounds) for bounds in sorted({grid.bounds for grid in grids})])
    return round(float(area.intersection(tiles).area / area.area), 6)


def uncovered_m2(boundary: BaseGeometry, grids: Sequence[Grid]) -> float:
    """Area [m2] that lies outside all tiles by more than a pixel; 0.0 where none does. The boundary is in lon/lat."""
    left = boundary
    for crs, tiles in _by_crs(grids).items():
        rest = projected(left, crs).difference(unary_union([box(*g.bounds).buffer(g.resolution, join_style="mitre") for g in tiles]))
        if rest.area <= 0:
            return 0.0
        left = _back(shapely.segmentize(rest, STRAIGHT), crs)
    return geodesic_area_m2(left)


def _by_crs(grids: Iterable[Grid]) -> Mapping[str, list[Grid]]:
    found: dict[str, list[Grid]] = {}
    for grid in sorted(set(grids), key=lambda grid: (grid.crs, grid.bounds, grid.resolution)):
        found.setdefault(grid.crs, []).append(grid)
    return found


def _back(geometry: BaseGeometry, crs: str) -> BaseGeometry:
    carry = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform
    return shapely.transform(geometry, lambda points: np.column_stack(carry(points[:, 0], points[:, 1])))
