"""The grid as the map's plane: metres east and north of its lower left corner; longitude and latitude over it."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.rasters import Grid

NODES = 9  # a side: between them the map interpolates, wrong by centimetres on 10 km and by metres on 100 km, less than a pixel
DEGREE_PLACES = 7  # a centimetre
METRE_PLACES = 1


def plane(grid: Grid) -> dict[str, Any]:
    """The grid's name, size [m] and pixel, and longitude and latitude at nodes, rows from south to north."""
    from pyproj import Transformer

    west, south, east, north = grid.bounds
    x, y = np.meshgrid(np.linspace(west, east, NODES), np.linspace(south, north, NODES))
    longitude, latitude = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x.ravel(), y.ravel())
    nodes = {name: [round(float(v), DEGREE_PLACES) for v in values] for name, values in (("longitude", longitude), ("latitude", latitude))}
    return {"crs": grid.crs, "west": west, "south": south, "width": east - west, "height": north - south, "pixel": grid.resolution, "nodes": NODES, **nodes}


def on_plane(shapes: list[BaseGeometry], grid: Grid) -> list[dict[str, Any]]:
    """Shapes in longitude and latitude as GeoJSON geometries on the plane [m], to a decimetre."""
    from pyproj import Transformer

    west, south = grid.bounds[:2]
    to = Transformer.from_crs("EPSG:4326", grid.crs, always_xy=True).transform

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = to(points[:, 0], points[:, 1])
        return np.column_stack([np.round(x - west, METRE_PLACES), np.round(y - south, METRE_PLACES)])

    return [_geometry(shapely.transform(shape, moved)) for shape in shapes]


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    made: dict[str, Any] = shape.__geo_interface__
    return {"type": made["type"], "coordinates": made["coordinates"]}
