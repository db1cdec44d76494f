"""Published maps cut around the area, each in its own grid: what a run keeps of them, with the digest of the whole file.

gather_maps(plan, [Held(2021, "maps/clcd_2021.tif", path)], run / "scenes")    ->  scenes/maps/2021-01.tif, scenes/maps.csv
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from carbonsink.base.evidence import file_sha256, write_bytes
from carbonsink.base.outline import projected
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import MapTile
from carbonsink.base.tables import write_csv
from carbonsink.declared.plan import Plan

MARGIN = 32  # pixels of the map kept beyond the area, so that the project grid's own border is filled
STEP = 0.01  # degrees along a border: a straight line of one CRS is none of another
Window = tuple[int, int, int, int]  # row, column, height, width


@dataclass(frozen=True)
class Held:
    """A file of a map on this machine: the year, what it is called in declarations or catalogues, where it lies."""

    year: int
    source: str
    path: Path


def gather_maps(plan: Plan, held: Iterable[Held], out: Path) -> None:
    """Cut every file around the area into `out`/maps, and write `out`/maps.csv; files that hold nothing of the area are left out.

    A Refusal lists every file that is no map of classes, and every year whose files miss the area.
    """
    shutil.rmtree(out / "maps", ignore_errors=True)
    problems: list[Problem] = []
    rows: list[MapTile] = []
    beyond: dict[int, list[str]] = {}
    for one in held:
        beyond.setdefault(one.year, [])
        name = f"maps/{one.year}-{1 + sum(row.year == one.year for row in rows):02d}.tif"
        try:
            reach = cut(one.path, plan, out / name)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        if reach is not None:
            beyond[one.year].append(reach)
            continue
        rows.append(MapTile(one.year, one.source, file_sha256(one.path), name, pixel_digest(read_raster(out / name))))
    years = {row.year for row in rows}
    problems += [
        Problem("E-LND-047", f"maps {year}", {"year": year, "found": "; ".join(found)}) for year, found in beyond.items() if found and year not in years
    ]
    if problems:
        raise Refusal(problems, Exit.INVALID)
    write_csv(out / "maps.csv", rows, MapTile)


def cut(path: Path, plan: Plan, chip: Path) -> str | None:
    """Write the part of a map around the area as `chip`; where it holds nothing of it, what it reaches over [its own CRS]."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path, driver="GTiff") as source:
            _check(source, path.name)
            window = _window(source, plan)
            if window is None:
                return str(tuple(round(edge, 3) for edge in source.bounds))
            row, column, height, width = window
            values = source.read(1, window=((row, row + height), (column, column + width)))
            write_bytes(chip, _geotiff(values, source, window))
    except RasterioError as error:
        raise refuse("E-LND-046", path.name, found=error) from None
    return None


def _check(source: Any, name: str) -> None:
    t = source.transform
    if source.count != 1 or np.dtype(source.dtypes[0]).kind not in "iu" or t.b or t.d or t.a <= 0 or t.e >= 0 or source.crs is None:
        raise refuse("E-LND-046", name, found=f"{source.count} x {source.dtypes[0]}, CRS {source.crs and source.crs.to_string()}, {tuple(t)[:6]}")


def _window(source: Any, plan: Plan) -> Window | None:
    """Rows and columns of the file around the area; None where it holds none of it."""
    outline = projected(shapely.segmentize(plan.land.boundary, STEP), source.crs.to_wkt())
    west, south, east, north = outline.bounds
    left, right = ((x - source.transform.c) / source.transform.a for x in (west, east))
    top, bottom = ((y - source.transform.f) / source.transform.e for y in (north, south))
    if not (right > 0 and bottom > 0 and left < source.width and top < source.height):
        return None
    row, column = max(int(np.floor(top)) - MARGIN, 0), max(int(np.floor(left)) - MARGIN, 0)
    below, beside = min(int(np.ceil(bottom)) + MARGIN, source.height), min(int(np.ceil(right)) + MARGIN, source.width)
    return row, column, below - row, beside - column


def _geotiff(values: NDArray[Any], source: Any, window: Window) -> bytes:
    """A GeoTIFF of a window with the file's own CRS, whether or not that has an EPSG code."""
    from rasterio import Affine
    from rasterio.io import MemoryFile

    row, column, height, width = window
    t = source.transform
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": values.dtype.name, "crs": source.crs, "nodata": source.nodata,
        "transform": Affine(t.a, 0.0, t.c + column * t.a, 0.0, t.e, t.f + row * t.e), "compress": "zstd", "predictor": 2,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(values, 1)
            target.descriptions = ("map",)
        return bytes(memory.read())
