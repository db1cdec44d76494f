"""The points of a drawn sample, as a GeoPackage that anybody can open, and read again without trust.

Everything the estimate needs stands in each point's row: its class on the map, how many pixels and points that class
has, and the inclusion probability, points over pixels. A sample is named by the digest of its rows, so that saved
labels say which sample they are of, whatever a database file's bytes are.
"""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import get_type_hints
from urllib.parse import quote

import numpy as np

from carbonsink.base.evidence import sha256, write_whole
from carbonsink.base.problems import refuse

LAYER = "sample"
NAME_DIGITS = 16
SQLITE_MAGIC = b"SQLite format 3\0"
MOST_BYTES = 100_000_000
ROOT_DATE = "1970-01-01T00:00:00.000Z"  # a file without the hour it was written in


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
    import carbonsink.base.rasters  # noqa: F401  (what GDAL may do must be set before it is loaded)

    # isort: split
    import pyogrio
    import shapely

    rows = sorted(points, key=lambda point: point.id)
    wkb = np.array(shapely.to_wkb(shapely.points([p.x for p in rows], [p.y for p in rows]), byte_order=1), dtype=object)
    kinds = {str: object, int: np.int64, float: np.float64}
    columns = [np.array([getattr(p, name) for p in rows], dtype=kinds[kind]) for name, kind in get_type_hints(Point).items()]
    names = [field.name for field in fields(Point)]
    with _undated():
        write_whole(path, lambda part: pyogrio.raw.write(part, wkb, columns, names, layer=LAYER, driver="GPKG", geometry_type="Point", crs=rows[0].crs))


def read_points(path: Path) -> tuple[Point, ...]:
    """The points of a sample's GeoPackage, by id; a file that isn't one is refused. Shapes aren't read, so nothing can move a point."""
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


@contextmanager
def _undated() -> Iterator[None]:
    """GDAL dates what it writes by an option; without the hour the same sample is the same bytes."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": ROOT_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
