"""The points of a drawn sample, as a GeoPackage that anybody can open, and read again without trust.

Everything the estimate needs stands in each point's row: its class on the map, how many pixels and points that class
has, and the inclusion probability, points over pixels. A sample is named by the digest of its rows, so that saved
labels say which sample they are of, whatever a database file's bytes are.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import get_type_hints
from urllib.parse import quote

import numpy as np

from carbonsink.base.evidence import sha256
from carbonsink.base.geopackage import write_layer
from carbonsink.base.problems import must_be_file, refuse

LAYER = "sample"
NAME_DIGITS = 16
SQLITE_MAGIC = b"SQLite format 3\0"
MOST_BYTES = 100_000_000


@dataclass(frozen=True)
class Point:
    """One point: the centre of a pixel of the map."""

    id: str
    year: int
    x: float  # in the map's CRS [m]
    y: float
    crs: str
    resolution: float  # the pixel's side [m]
    lon: float  # EPSG:4326
    lat: float
    map_class: str
    class_px: int  # pixels of the class in the area
    drawable_px: int  # of them, those a point may be drawn from
    class_points: int
    inclusion: float  # class_points / drawable_px
    seed: int
    map: str  # pixel digest of the map


def name_of(points: Sequence[Point]) -> str:
    """The sample's name: the first digits of the digest of its rows, in the order of ids."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([repr(v) if isinstance(v, float) else v for v in astuple(p)] for p in sorted(points, key=lambda p: p.id))
    return sha256(text.getvalue().encode())[:NAME_DIGITS]


def write_points(path: Path, points: Sequence[Point]) -> None:
    """Write the points in the map's CRS, in the order of their ids."""
    import shapely

    rows = sorted(points, key=lambda point: point.id)
    shapes = shapely.to_wkb(shapely.points([p.x for p in rows], [p.y for p in rows]), byte_order=1)
    kinds = {str: object, int: np.int64, float: np.float64}
    columns = {name: np.array([getattr(p, name) for p in rows], dtype=kinds[kind]) for name, kind in get_type_hints(Point).items()}
    write_layer(path, LAYER, shapes, columns, "Point", rows[0].crs)


def read_points(path: Path) -> tuple[Point, ...]:
    """The points of a sample's GeoPackage, by id; a file that isn't one is refused. Shapes aren't read, so nothing can move a point."""
    must_be_file(path)
    hints = get_type_hints(Point)
    try:
        rows = _rows(path, list(hints))
        points = tuple(Point(**{name: kind(value) for (name, kind), value in zip(hints.items(), row, strict=True)}) for row in rows)
    except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
        raise refuse("E-SMP-010", path.name, found=error) from None
    if not points or len({p.id for p in points}) < len(points) or len({(p.year, p.crs, p.map) for p in points}) > 1:
        raise refuse("E-SMP-010", path.name, found=f"{len(points)} x id, year, crs, map")
    return points


def _rows(path: Path, columns: Sequence[str]) -> list[tuple[object, ...]]:
    with path.open("rb") as stream:
        head = stream.read(len(SQLITE_MAGIC))
    if head != SQLITE_MAGIC or path.stat().st_size > MOST_BYTES:
        raise ValueError(f"{head!r}, {path.stat().st_size} B")
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (LAYER,)).fetchone():
            raise ValueError(f"no table “{LAYER}”")
        return connection.execute(f"SELECT {', '.join(columns)} FROM {LAYER} ORDER BY id").fetchall()
    finally:
        connection.close()
