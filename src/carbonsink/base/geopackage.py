"""GeoPackages whose bytes don't hang on the hour they were written in.

write_layer(path, ...)              one layer
write_layers(path, [Layer, ...])    several, each with its words and the styles that QGIS opens it with
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.evidence import write_whole

ROOT_DATE = "1970-01-01T00:00:00.000Z"  # a file without the hour it was written in
GEOMETRY = "geom"
# OGC 12-128r19 (GeoPackage 1.4), annex F.9 schema extension: words of columns. The table of styles is QGIS's own.
TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME);
"""
SCHEMA_TABLES = ("gpkg_data_columns", "gpkg_data_column_constraints")
SCHEMA_DEFINITION = "http://www.geopackage.org/spec140/#extension_schema"


@dataclass(frozen=True)
class Layer:
    """A layer: shapes as WKB, an array a column, the words of its columns, and how it looks by QGIS's and the OGC's language of styles."""

    name: str
    geometry_type: str
    shapes: Sequence[bytes] | NDArray[Any]
    columns: Mapping[str, Any]
    title: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    qml: str = ""
    sld: str = ""


def write_layer(path: Path, layer: str, shapes: Sequence[bytes] | NDArray[Any], columns: Mapping[str, Any], geometry_type: str, crs: str) -> None:
    """Write one layer: shapes as WKB in `crs`, and an array a column, in the order given."""
    with _undated():
        write_whole(path, lambda part: _put(part, Layer(layer, geometry_type, shapes, columns), crs, False))


def write_layers(path: Path, layers: Sequence[Layer], crs: str) -> None:
    """Write layers in `crs` in the order given, with their words and styles."""
    with _undated():
        write_whole(path, lambda part: _put_all(part, layers, crs))


def _put_all(part: Path, layers: Sequence[Layer], crs: str) -> None:
    for number, layer in enumerate(layers):
        _put(part, layer, crs, number > 0)
    with closing(sqlite3.connect(part)) as database, database:
        database.executescript(TABLES)
        _extend(database)
        for layer in layers:
            _say(database, layer)
            _dress(database, layer)


def _put(part: Path, layer: Layer, crs: str, append: bool) -> None:
    import pyogrio

    pyogrio.raw.write(
        part, np.array(layer.shapes, dtype=object), list(layer.columns.values()), list(layer.columns), layer=layer.name, driver="GPKG",
        geometry_type=layer.geometry_type, crs=crs, append=append,
    )  # fmt: skip


def _extend(database: sqlite3.Connection) -> None:
    """What the file holds beyond the core: words of columns, and a table of styles."""
    rows = [(name, None, "gpkg_schema", SCHEMA_DEFINITION, "read-write") for name in SCHEMA_TABLES]
    database.executemany("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows)
    contents = "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) VALUES ('layer_styles', 'attributes', ?, '', ?)"
    database.execute(contents, ("layer_styles", ROOT_DATE))


def _say(database: sqlite3.Connection, layer: Layer) -> None:
    """A layer's title, and the words of its columns."""
    database.execute("UPDATE gpkg_contents SET identifier = ? WHERE table_name = ?", (layer.title or layer.name, layer.name))
    rows = [(layer.name, column, words, words) for column, words in layer.words.items()]
    database.executemany("INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)", rows)


def _dress(database: sqlite3.Connection, layer: Layer) -> None:
    """The style that a layer is opened with."""
    names = "f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time"
    row = ("", "", layer.name, GEOMETRY, layer.name, layer.qml, layer.sld, 1, "", "", ROOT_DATE)
    database.execute(f"INSERT INTO layer_styles ({names}) VALUES ({', '.join('?' * len(row))})", row)


@contextmanager
def _undated() -> Iterator[None]:
    """GDAL dates what it writes by an option; without the hour the same layer is the same bytes."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": ROOT_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
