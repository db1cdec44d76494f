"""GeoJSON (RFC 7946, and the older `crs` member): parsed strictly by ourselves, so that no driver can be led elsewhere."""

from __future__ import annotations

from typing import Any

from pyproj import CRS
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from carbonsink.base.jsontext import json_object
from carbonsink.base.problems import Problem, refuse
from carbonsink.declared.crs import declared_crs
from carbonsink.declared.features import LandSource, polygon, read_features

SILENT_CRS = "EPSG:4326"  # RFC 7946, section 4


def read_geojson(data: bytes, where: str) -> LandSource:
    """The features of a FeatureCollection, a Feature or a bare geometry."""
    raw = _parse(data, where)
    crs = _crs(raw, where)
    items = _features(raw, where)
    features, problems = read_features(where, len(items), lambda i: _geometry(items[i].get("geometry"), where), lambda i: _attributes(items[i]))
    high = [Problem("W-AOI-030", where)] if _deepest(items) > 2 else []
    return LandSource(features, len(items), crs, "utf-8", CRS(SILENT_CRS), problems, tuple(high))


def _parse(data: bytes, where: str) -> dict[str, Any]:
    try:
        return json_object(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise refuse("E-AOI-037", where, format="GeoJSON", found=error) from None


def _crs(raw: dict[str, Any], where: str) -> CRS | None:
    match raw.get("crs"):
        case None:
            return None
        case {"type": "name", "properties": {"name": str(name)}}:
            return declared_crs(name, where)
    raise refuse("E-AOI-038", where, found=raw["crs"], candidates="-")


def _features(raw: dict[str, Any], where: str) -> list[dict[str, Any]]:
    match raw:
        case {"type": "FeatureCollection", "features": [*items]} if all(isinstance(item, dict) for item in items):
            return items
        case {"type": "Feature"}:
            return [raw]
        case {"type": str(), "coordinates": _} | {"type": str(), "geometries": _}:
            return [{"geometry": raw}]
    raise refuse("E-AOI-037", where, format="GeoJSON", found=raw.get("type"))


def _attributes(item: dict[str, Any]) -> dict[str, object]:
    properties = item.get("properties")
    return properties if isinstance(properties, dict) else {}


def _geometry(raw: Any, where: str) -> BaseGeometry:
    match raw:
        case {"type": "Polygon", "coordinates": [*rings]}:
            return polygon(rings, where)
        case {"type": "MultiPolygon", "coordinates": [*parts]} if parts:
            return MultiPolygon([polygon(_list(part, where), where) for part in parts])
        case {"type": str(kind)}:
            raise refuse("E-AOI-003", where, found=kind)
    raise refuse("E-AOI-003", where, found=raw)


def _list(part: Any, where: str) -> list[Any]:
    if isinstance(part, list):
        return part
    raise refuse("E-AOI-005", where, found=part)


def _deepest(items: list[dict[str, Any]]) -> int:
    """The largest number of numbers in a position."""
    largest = 0
    stack: list[Any] = [item["geometry"].get("coordinates") for item in items if isinstance(item.get("geometry"), dict)]
    while stack:
        value = stack.pop()
        if isinstance(value, list) and value and not isinstance(value[0], list):
            largest = max(largest, len(value))
        elif isinstance(value, list):
            stack += value
    return largest
