"""KML: placemarks with polygons, longitude and latitude in WGS 84; document types and links to elsewhere are refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.parsers import expat

from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Problem, refuse
from carbonsink.declared.features import LandSource, polygon, read_features

GEOMETRIES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack"}
KML_CRS = "EPSG:4326"  # OGC 12-007r2, section 6.2: always WGS 84


def read_kml(data: bytes, where: str) -> LandSource:
    """The placemarks of a KML document; attributes are `name` and the extended data."""
    root = _parse(data, where)
    marks = [node for node in root.iter() if _tag(node) == "Placemark"]
    features, problems = read_features(where, len(marks), lambda i: _geometry(marks[i], where), lambda i: dict(_attributes(marks[i])))
    high = any(len(position.split(",")) > 2 for node in root.iter() if _tag(node) == "coordinates" for position in (node.text or "").split())
    return LandSource(features, len(marks), CRS(KML_CRS), "utf-8", None, problems, (Problem("W-AOI-030", where),) if high else ())


def _parse(data: bytes, where: str) -> ElementTree.Element:
    _refuse_doctype(data, where)
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise refuse("E-AOI-037", where, format="KML", found=error) from None
    if _tag(root) != "kml":
        raise refuse("E-SEC-010", where, expected="KML", found=f"<{_tag(root)}>")
    for node in root.iter():
        if _tag(node) in {"NetworkLink", "NetworkLinkControl"}:
            raise refuse("E-SEC-004", where, found=f"<{_tag(node)}>")
    return root


def _refuse_doctype(data: bytes, where: str) -> None:
    """The parser itself reports a document type, in whatever encoding it hides, before any entity can be declared."""

    def refused(*_: object) -> None:
        raise refuse("E-SEC-004", where, found="<!DOCTYPE>")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refused
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise refuse("E-AOI-037", where, format="KML", found=error) from None


def _geometry(mark: ElementTree.Element, where: str) -> BaseGeometry:
    shapes = [node for node in mark if _tag(node) in GEOMETRIES]
    leaves = [leaf for node in shapes for leaf in _leaves(node)]
    strange = next((leaf for leaf in leaves if _tag(leaf) != "Polygon"), None)
    if not leaves or strange is not None:
        raise refuse("E-AOI-003", where, found="-" if strange is None else _tag(strange))
    parts = [_polygon(leaf, where) for leaf in leaves]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _leaves(node: ElementTree.Element) -> Iterator[ElementTree.Element]:
    if _tag(node) != "MultiGeometry":
        yield node
        return
    for inner in node:
        if _tag(inner) in GEOMETRIES:
            yield from _leaves(inner)


def _polygon(node: ElementTree.Element, where: str) -> Polygon:
    rings = [inner for side in ("outerBoundaryIs", "innerBoundaryIs") for child in node if _tag(child) == side for inner in child.iter()]
    return polygon([_positions(ring.text or "", where) for ring in rings if _tag(ring) == "coordinates"], where)


def _positions(text: str, where: str) -> list[list[float]]:
    try:
        return [[float(number) for number in position.split(",")] for position in text.split()]
    except ValueError as error:
        raise refuse("E-AOI-005", where, found=error) from None


def _attributes(mark: ElementTree.Element) -> Iterator[tuple[str, object]]:
    for node in mark.iter():
        match _tag(node):
            case "name":
                yield "name", node.text
            case "SimpleData":
                yield _clean(node.get("name", "")), node.text
            case "Data":
                yield _clean(node.get("name", "")), next((child.text for child in node if _tag(child) == "value"), None)


def _clean(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _tag(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]
