"""The land file of an area, read by what it is: GeoJSON, GeoPackage, Shapefile (also zipped) or KML."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.problems import refuse
from carbonsink.declared.features import LandSource
from carbonsink.declared.geojson import read_geojson
from carbonsink.declared.kml import read_kml
from carbonsink.declared.limits import FILE_BYTES

GEOPACKAGE = ".gpkg"
SUFFIXES = (".geojson", ".json", GEOPACKAGE, ".shp", ".zip", ".kml")
ZIP_MAGIC = b"PK\x03\x04"
FIRST_BYTES = {".geojson": (b"{",), ".json": (b"{",), ".kml": (b"<", b"\xff\xfe", b"\xfe\xff"), ".zip": (ZIP_MAGIC,)}


def read_land_file(path: Path, layer: str | None = None, encoding: str | None = None) -> LandSource:
    """Read an area's land file; a Refusal tells what stops the whole file, `problems` what stops single features."""
    where = path.name
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise refuse("E-AOI-043", "area.toml [land.file]", found=suffix or where, known=", ".join(SUFFIXES))
    if not path.is_file():
        beside = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        raise refuse("E-AOI-001", f"area.toml [land.file] {where}", found=", ".join(beside) or "-")
    if layer is not None and suffix != GEOPACKAGE:
        raise refuse("E-AOI-044", "area.toml [land.layer]", layer=layer, found=suffix)
    _check_size(path)
    if suffix in {GEOPACKAGE, ".shp"}:
        from carbonsink.declared.ogr import read_geopackage  # GDAL takes its time to load
        from carbonsink.declared.shapefile import read_shapefile

        return read_geopackage(path, layer, where) if suffix == GEOPACKAGE else read_shapefile(path, encoding, where)
    data = path.read_bytes()
    _check_first_bytes(data, suffix, where)
    if suffix == ".zip":
        from carbonsink.declared.shapefile import read_zipped

        return read_zipped(data, encoding, where)
    return read_kml(data, where) if suffix == ".kml" else read_geojson(data, where)


def _check_size(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise refuse("E-AOI-034", path.name)
    if size > FILE_BYTES:
        raise refuse("E-AOI-033", path.name, size=size, limit=FILE_BYTES)


def _check_first_bytes(data: bytes, suffix: str, where: str) -> None:
    start = data[:1000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith(FIRST_BYTES[suffix]):
        raise refuse("E-SEC-010", where, expected=suffix.removeprefix("."), found=repr(start[:24]))
