"""Layers that GDAL reads: only local files whose contents were told by their first bytes, in drivers that fetch nothing."""

from __future__ import annotations

import re
import sqlite3
import struct
import unicodedata
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

# isort: split
import numpy as np
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.declared.crs import wkt_crs
from carbonsink.declared.features import LandSource, read_features

SQLITE_MAGIC = b"SQLite format 3\0"
HARMLESS = re.compile("winding order|Measured")  # ring direction and M values enter nothing here
ENVELOPES = (0, 32, 48, 48, 64, 0, 0, 0)  # bytes, by the envelope code of a GeoPackage geometry
CURVES = {8: "CircularString", 9: "CompoundCurve", 10: "CurvePolygon", 11: "MultiCurve", 12: "MultiSurface"}
GEOPACKAGE_IDS = {b"GPKG", b"GP10", b"GP11"}  # application_id, at byte 68


def read_geopackage(path: Path, layer: str | None, where: str) -> LandSource:
    """A layer of a GeoPackage; the only one unless one is named."""
    with path.open("rb") as stream:
        head = stream.read(72)
    if not head.startswith(SQLITE_MAGIC) or head[68:72] not in GEOPACKAGE_IDS:
        raise refuse("E-SEC-010", where, expected="GeoPackage", found=repr(head[68:72] if head.startswith(SQLITE_MAGIC) else head[:16]))
    try:
        layers = _tables(path)
        chosen = layer or (layers[0] if len(layers) == 1 else None)
        if chosen not in layers:
            raise refuse("E-AOI-026", where, found=", ".join(layers) or "-", layer=layer or "-")
        _refuse_curves(path, chosen, where)
    except (sqlite3.DatabaseError, struct.error, IndexError, UnicodeDecodeError) as error:
        raise refuse("E-AOI-037", where, format="GeoPackage", found=error) from None
    return read_layer(path, where, layer=chosen)


def read_layer(path: Path, where: str, *, layer: str | None = None, encoding: str | None = None, prj: str | None = None) -> LandSource:
    """The features of one layer, geometry in two dimensions; `encoding` and `prj` are a Shapefile's."""
    meta, shapes, columns = _read(path, layer, encoding, where)
    names = [unicodedata.normalize("NFC", name) for name in meta["fields"]]
    features, problems = read_features(
        where, len(shapes), lambda i: _geometry(shapes[i], where), lambda i: {n: _plain(c[i]) for n, c in zip(names, columns, strict=True)}
    )
    kind = str(meta["geometry_type"])
    high = (Problem("W-AOI-030", where),) if kind.endswith((" Z", " M", " ZM")) or "25D" in kind else ()
    crs, crs_problem = _crs(prj or meta["crs"], where, _corner(shapes))
    return LandSource(features, len(shapes), crs, encoding or "utf-8", None, problems, high, crs_problem)


def _read(path: Path, layer: str | None, encoding: str | None, where: str) -> tuple[Any, Any, Any]:
    """GDAL's answer; where it only warns (a ring closed for us, half a number taken), the file is refused all the same."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            meta, _, shapes, columns = pyogrio.raw.read(path, layer=layer, encoding=encoding, force_2d=True)
        except (DataSourceError, DataLayerError, ValueError) as error:
            raise refuse("E-AOI-037", where, format=path.suffix, found=str(error).replace(str(path), where)) from None
    doubt = next((str(warning.message) for warning in told if not HARMLESS.search(str(warning.message))), None)
    if doubt:
        raise refuse("E-AOI-037", where, format=path.suffix, found=doubt.replace(str(path), where))
    return meta, shapes, columns


def _tables(path: Path) -> list[str]:
    """The feature tables, read without a lock and without trust; views are no layers here, since they can compute."""
    tables = "SELECT c.table_name FROM gpkg_contents c JOIN sqlite_master m ON m.name = c.table_name"
    plain = " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND c.data_type = 'features' ORDER BY c.table_name"
    return [str(name) for (name,) in _query(path, tables + plain)]


def _refuse_curves(path: Path, layer: str, where: str) -> None:
    """Arcs have no area until someone chooses a step; GDAL would choose one silently."""
    column = _query(path, "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", layer)[0][0]
    rows = _query(path, f"SELECT {_quoted(column)} FROM {_quoted(layer)} ORDER BY rowid")
    kinds = ((number, CURVES.get(_wkb_type(blob))) for number, (blob,) in enumerate(rows, start=1) if blob)
    found = [Problem("E-AOI-003", f"{where} #{number}", {"found": kind}) for number, kind in kinds if kind]
    if found:
        raise Refusal(found)


def _wkb_type(blob: bytes) -> int:
    """The type code of a GeoPackage geometry: 8 bytes of head, an envelope, then WKB (OGC 12-128r19, 2.1.3)."""
    start = 8 + ENVELOPES[blob[3] >> 1 & 7]
    code: int = struct.unpack_from("<I" if blob[start] else ">I", blob, start + 1)[0]
    return code % 1000  # thousands tell of Z and M


def _query(path: Path, text: str, *values: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection.execute(text, values).fetchall()
    finally:
        connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _geometry(wkb: bytes | None, where: str) -> BaseGeometry:
    try:
        with np.errstate(invalid="ignore"):  # NaN coordinates are told of later, with their feature
            geometry = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        raise refuse("E-AOI-037", where, format="WKB", found=error) from None
    if geometry is None or geometry.is_empty or not isinstance(geometry, Polygon | MultiPolygon):
        raise refuse("E-AOI-003", where, found="-" if geometry is None else f"{geometry.geom_type}{' EMPTY' if geometry.is_empty else ''}")
    return geometry


def _plain(value: Any) -> object:
    return value.item() if hasattr(value, "item") else value


def _crs(text: str | None, where: str, corner: tuple[float, float]) -> tuple[CRS | None, Problem | None]:
    if not text or "Undefined" in text:
        return None, None
    try:
        return wkt_crs(text, where, corner), None
    except Refusal as refusal:
        return None, refusal.problems[0]


def _corner(shapes: Any) -> tuple[float, float]:
    with np.errstate(invalid="ignore"):
        bounds = shapely.total_bounds(shapely.from_wkb(shapes, on_invalid="ignore"))
    return float(bounds[0]), float(bounds[1])
