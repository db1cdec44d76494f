"""Boundary files as counties send them: a zipped Shapefile in CGCS2000 with a zone prefix, its text in GBK, without a .cpg."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import carbonsink.base.rasters  # noqa: F401  (before GDAL)

# isort: split
import numpy as np
import pyogrio
import shapely

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


def zipped(path: Path, table: Mapping[str, Sequence[object]] | None = None, count: int = 4) -> Path:
    """A zip of a Shapefile of square parcels in EPSG:4527."""
    table = columns(count) if table is None else table
    squares = [shapely.box(EASTING + n * STEP, NORTHING, EASTING + n * STEP + SIDE, NORTHING + SIDE) for n in range(count)]
    loose = path.with_suffix(".shp")
    data = [np.array(values, dtype=object if isinstance(values[0], str) else None) for values in table.values()]
    pyogrio.raw.write(
        loose,
        np.array(shapely.to_wkb(squares), dtype=object),
        data,
        list(table),
        crs="EPSG:4527",
        geometry_type="Polygon",
        driver="ESRI Shapefile",
        encoding="GBK",
    )
    loose.with_suffix(".cpg").unlink(missing_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for part in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(loose.with_suffix(part), f"地块/{path.stem}{part}")
            loose.with_suffix(part).unlink()
    return path
