"""Worked examples of areas on the ellipsoid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import shapely
from pyproj import Transformer

from carbonsink.base.geometry import geodesic_area_m2, hectares, hectares_to_mu
from tests.cases.kinds import Pair, pair

Case = Mapping[str, Any]


def square(case: Case) -> Iterator[Pair]:
    """A square of a map projection by its geodesic area, its mu, and what two other projections make of it."""
    east, north, side = case["origin"][0], case["origin"][1], case["side"]
    drawn = shapely.box(east, north, east + side, north + side)
    found = geodesic_area_m2(_moved(drawn, case["crs"], "EPSG:4490"))
    yield pair("geodesic m2", found, case["expect"][0])
    yield pair("mu", hectares_to_mu(hectares(found)), case["expect"][1])
    for code, published in case["elsewhere"].items():
        yield pair(f"{code} m2", _moved(drawn, case["crs"], code).area, published)


def _moved(geometry: shapely.Polygon, source: str, target: str) -> shapely.Polygon:
    change = Transformer.from_crs(source, target, always_xy=True)
    east, north = change.transform(*geometry.exterior.xy)
    return shapely.Polygon(zip(east, north, strict=True))
