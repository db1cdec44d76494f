"""Coordinate systems: which are taken, which are refused and why, and the way to longitude and latitude.

CGCS2000 and WGS 84 differ by less than a metre and are taken as identical, by rule: coordinates are un-projected on their own
ellipsoid and never shifted between the two. Other datums are shifted by the best public transformation, if it is accurate enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import refuse
from carbonsink.declared.limits import COUNTRY_BOXES, TRANSFORMATION_ACCURACY_M

LONLAT = "EPSG:4326"
NAMES = {"cgcs2000": "EPSG:4490", "wgs84": "EPSG:4326", "urn:ogc:def:crs:ogc:1.3:crs84": "EPSG:4326", "urn:ogc:def:crs:ogc::crs84": "EPSG:4326"}
AUTHORITY = re.compile(r"(?:urn:ogc:def:crs:)?(EPSG|ESRI):(?:[0-9.]*:)?([0-9]{4,6})", re.IGNORECASE)
SHIFTED = re.compile(r"gcj|bd-?_?\s?09|火星|mars coord", re.IGNORECASE)
SAME_AS_WGS84 = re.compile(r"^d?(china2000|cgcs2000|chinageodeticcoordinatesystem2000|worldgeodeticsystem1984|wgs1984|wgs84)")
NO_TRANSFORMATION = re.compile(r"(beijing|xian|北京|西安)(1954|54|1980|80|$)")

ZONE = 1_000_000  # eastings with a zone prefix are zone * 1e6 + 500 km + distance from the meridian
WEB_MERCATOR = "EPSG:3857 (Web Mercator)"
MERCATOR_ZONES = 15  # China's eastings in Web Mercator end at 15 200 km, so up to here they look like zones
SIX_DEGREE_ZONES = (13, 23, 4491)  # first and last zone of China, EPSG code of the first
THREE_DEGREE_ZONES = (25, 45, 4513)


def declared_crs(text: str, where: str) -> CRS:
    """The CRS a person or a file names (EPSG:n, ESRI:n, CGCS2000, an OGC URN); other texts are refused."""
    if SHIFTED.search(text):
        raise refuse("E-AOI-014", where, crs=text)
    known = NAMES.get(text.strip().lower().replace(" ", ""))
    found = AUTHORITY.fullmatch(text.strip())
    try:
        if known:
            return CRS.from_user_input(known)
        if found:
            return CRS.from_authority(found[1].upper(), found[2])
    except ProjError:
        pass
    raise refuse("E-AOI-038", where, found=text, candidates="EPSG:4490; EPSG:4326; EPSG:4513-4554")


def wkt_crs(text: str, where: str, corner: tuple[float, float]) -> CRS:
    """The CRS of a .prj file or a GeoPackage; `corner` are coordinates (x, y) to name candidates by."""
    if SHIFTED.search(text):
        raise refuse("E-AOI-014", where, crs=_name_in(text))
    try:
        crs = _horizontal(CRS.from_user_input(text))
    except ProjError:
        raise refuse("E-AOI-038", where, found=_name_in(text), candidates=candidates(*corner)) from None
    return CRS.from_user_input(label(crs)) if label(crs).startswith("EPSG:") else crs


@cache
def label(crs: CRS) -> str:
    """The CRS as EPSG text, or its name where it has no code."""
    code = crs.to_epsg()  # a search through the whole register where the CRS doesn't tell
    return f"EPSG:{code}" if code else crs.name


def same(one: CRS, other: CRS) -> bool:
    """Whether two CRSs give the same numbers: the same code, or longitude and latitude on CGCS2000 and WGS 84."""
    geographic = all(crs.is_geographic and _identical_datum(crs) for crs in (one, other))
    return label(one) == label(other) or geographic


def candidates(x: float, y: float) -> str:
    """The coordinate systems a pair of coordinates may stand in, told by its range."""
    zone = int(x // ZONE)
    for first, last, code in (SIX_DEGREE_ZONES, THREE_DEGREE_ZONES):
        if first <= zone <= last:
            mercator = f", {WEB_MERCATOR}" if zone <= MERCATOR_ZONES else ""
            return f"EPSG:{code + zone - first} (CGCS2000 Gauss-Krüger, {zone}){mercator}"
    if abs(x) <= 180 and abs(y) <= 180:
        return "EPSG:4490 (CGCS2000), EPSG:4326 (WGS 84)"
    if 0 < x < ZONE:
        return "EPSG:4534-4554 (CGCS2000 3°, 75E-135E), EPSG:4502-4512 (CGCS2000 6°), EPSG:32601-32660 (UTM)"
    return WEB_MERCATOR


def check_crs(crs: CRS, where: str, bounds: tuple[float, float, float, float], country: str) -> None:
    """Refuse a CRS that can't be used, or coordinates (west, south, east, north in its units) that aren't its own."""
    x, y = bounds[0], bounds[1]
    datum = _datum(crs)
    if datum is None or not (crs.is_geographic or crs.is_projected):
        raise refuse("E-AOI-038", where, found=crs.name, candidates=candidates(x, y))
    if NO_TRANSFORMATION.search(_letters(datum)) or NO_TRANSFORMATION.search(_letters(crs.name)):
        raise refuse("E-AOI-011", where, crs=label(crs), datum=datum)
    if crs.is_geographic:
        _check_degrees(crs, where, bounds, country)
    else:
        _check_zone(crs, where, x)


def to_lonlat(crs: CRS, where: str) -> Callable[[BaseGeometry], BaseGeometry]:
    """A function that takes a geometry of the CRS (x before y) to longitude and latitude [degrees]."""
    greenwich = crs.prime_meridian is not None and crs.prime_meridian.longitude == 0
    if crs.is_geographic and _identical_datum(crs) and greenwich and crs.axis_info[0].unit_name == "degree":
        return lambda geometry: geometry
    transformer = _transformer(crs, where)

    def of(xy: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return lambda geometry: shapely.transform(geometry, of)


def outside_country(bounds: tuple[float, float, float, float], country: str) -> tuple[float, float, float, float] | None:
    """The box of the country where the bounds [degrees] leave it; None where they don't or no box is known."""
    box = COUNTRY_BOXES.get(country)
    return box if box and not _within(bounds, box) else None


def _transformer(crs: CRS, where: str) -> Transformer:
    if _identical_datum(crs):
        return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    try:
        found = [t for t in TransformerGroup(crs, LONLAT, always_xy=True, allow_ballpark=False).transformers if 0 <= t.accuracy <= TRANSFORMATION_ACCURACY_M]
    except ProjError:
        found = []
    if not found:
        raise refuse("E-AOI-011", where, crs=label(crs), datum=_datum(crs))
    return found[0]


def _check_degrees(crs: CRS, where: str, bounds: tuple[float, float, float, float], country: str) -> None:
    west, south, east, north = bounds
    swapped = (south, west, north, east)
    box = COUNTRY_BOXES.get(country, (-180.0, -90.0, 180.0, 90.0))
    if not _within(bounds, box) and _within(swapped, box):
        raise refuse("E-AOI-008", where, x=f"{west:.6f}", y=f"{south:.6f}")
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        raise refuse("E-AOI-009", where, x=f"{west:.3f}", y=f"{south:.3f}", crs=label(crs), candidates=candidates(west, south))


def _check_zone(crs: CRS, where: str, x: float) -> None:
    """Transverse Mercator eastings and false easting must carry the same zone prefix."""
    operation = crs.coordinate_operation
    parameters = {p.name: float(p.value) for p in operation.params} if operation else {}
    if not operation or "Transverse Mercator" not in operation.method_name or "False easting" not in parameters:
        return
    expected, found = int(parameters["False easting"] // ZONE), int(x // ZONE)
    if expected == found:
        return
    meridian = round(parameters["Longitude of natural origin"])
    without = f"EPSG:{4534 + (meridian - 75) // 3} (CGCS2000 3°, {meridian}E)"  # 4534 is 75 E, one code every 3 degrees
    raise refuse("E-AOI-012", where, x=f"{x:.1f}", found=found, expected=expected, crs=label(crs), candidates=candidates(x, 0.0) if found else without)


def _horizontal(crs: CRS) -> CRS:
    """The CRS of the plan view: without a height, and without a shift to WGS 84 that some writer bound to it."""
    while crs.is_bound and crs.source_crs:
        crs = crs.source_crs
    return _horizontal(crs.sub_crs_list[0]) if crs.is_compound else crs


def _identical_datum(crs: CRS) -> bool:
    datum = _datum(crs)
    return datum is not None and bool(SAME_AS_WGS84.match(_letters(datum)))


def _datum(crs: CRS) -> str | None:
    datum = crs.geodetic_crs.datum if crs.geodetic_crs else None
    return datum.name if datum else None


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _within(inner: tuple[float, float, float, float], outer: tuple[float, float, float, float]) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def _name_in(wkt: str) -> str:
    quoted = re.search(r'"([^"]*)"', wkt)
    return quoted[1] if quoted else wkt[:60]
