"""Boundary files as counties send them, first of all a zipped Shapefile in CGCS2000 with a zone prefix, its text in GBK, without a .cpg."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import carbonsink.base.rasters  # noqa: F401  (before GDAL)

# isort: split
import numpy as np
import pyogrio
import shapely
from pyproj import Transformer

HOME = "EPSG:4527"
EASTING, NORTHING = 39_538_000.0, 2_722_000.0  # zone 39, near Longshan town
SIDE, STEP = 100.0, 120.0
MU_A_PARCEL = SIDE * SIDE / 666.6667
NAMES = ("东坡一号田", "东坡二号田", "西湾一号田", "西湾二号田")


def columns(count: int = 4) -> dict[str, Sequence[object]]:
    """What a county's table says of each parcel."""
    return {
        "地块编号": [f"XL{n + 1:03d}" for n in range(count)],
        "地块名称": [NAMES[n % len(NAMES)] for n in range(count)],
        "经营权人": ["张某"] * count,
        "长度": [40.0 * n for n in range(1, count + 1)],
        "实测面积": [round(MU_A_PARCEL, 2)] * count,
    }


def table_of(path: Path, driver: str, table: Mapping[str, Sequence[object]], crs: str, encoding: str | None = None) -> Path:
    """A file of square parcels, of a driver of GDAL."""
    count = len(next(iter(table.values())))
    squares = [shapely.box(EASTING + n * STEP, NORTHING, EASTING + n * STEP + SIDE, NORTHING + SIDE) for n in range(count)]
    if crs != HOME:
        move = Transformer.from_crs(HOME, crs, always_xy=True).transform
        squares = [shapely.transform(square, move, interleaved=False) for square in squares]
    data = [np.array(values, dtype=object if isinstance(values[0], str) else None) for values in table.values()]
    shapes = np.array(shapely.to_wkb(squares), dtype=object)
    pyogrio.raw.write(path, shapes, data, list(table), crs=crs, geometry_type="Polygon", driver=driver, encoding=encoding)
    return path


def zipped(path: Path, table: Mapping[str, Sequence[object]] | None = None, count: int = 4, encoding: str = "GBK") -> Path:
    """A zip of a Shapefile of square parcels in EPSG:4527; its .cpg goes along where the text isn't in GBK."""
    loose = table_of(path.with_suffix(".shp"), "ESRI Shapefile", columns(count) if table is None else table, HOME, encoding)
    if encoding == "GBK":
        loose.with_suffix(".cpg").unlink(missing_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for part in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            if (there := loose.with_suffix(part)).is_file():
                archive.write(there, f"地块/{path.stem}{part}")
                there.unlink()
    return path
