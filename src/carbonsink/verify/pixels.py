"""Where class maps differ: patches of pixels that have one class in the run and another when it is run again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from carbonsink.base.geometry import hectares
from carbonsink.base.geopackage import write_layer
from carbonsink.base.rasters import read_raster

MAP = re.compile(r"land/cover_(\d{4})\.tif")
LAYER = "differences"


@dataclass(frozen=True)
class Patch:
    """Neighbouring pixels with the same two classes; `shape` is WKB in the map's CRS."""

    year: int
    stated: int
    again: int
    pixels: int
    hectares: float
    crs: str
    shape: bytes


def differing_pixels(run: Path, again: Path, differing: Iterable[str]) -> tuple[Patch, ...]:
    """The patches of every class map among the files that differ; a map on another grid has none that could be shown."""
    years = [(path, int(found[1])) for path in differing if (found := MAP.fullmatch(path)) and (run / path).is_file() and (again / path).is_file()]
    return tuple(patch for path, year in years for patch in _patches(year, run / path, again / path))


def write_patches(path: Path, patches: tuple[Patch, ...]) -> None:
    """The patches as a GeoPackage, the same bytes each time."""
    columns: dict[str, np.ndarray] = {
        "year": np.array([one.year for one in patches]),
        "class_in_run": np.array([one.stated for one in patches]),
        "class_again": np.array([one.again for one in patches]),
        "pixels": np.array([one.pixels for one in patches]),
        "hectares": np.array([one.hectares for one in patches]),
    }
    write_layer(path, LAYER, [one.shape for one in patches], columns, "Polygon", patches[0].crs)


def _patches(year: int, stated: Path, again: Path) -> Iterator[Patch]:
    import shapely
    from rasterio.features import shapes
    from shapely.geometry import shape

    a, b = read_raster(stated), read_raster(again)
    if a.grid != b.grid:
        return
    x, y = (raster.pixels[0].astype(np.int32) for raster in (a, b))
    span = int(max(x.max(), y.max())) + 1
    cell = a.grid.resolution**2
    for geometry, value in shapes(x * span + y, mask=x != y, transform=a.grid.transform):
        outline = shape(geometry)
        pair = divmod(int(value), span)
        yield Patch(year, *pair, round(outline.area / cell), hectares(outline.area), a.grid.crs, shapely.to_wkb(outline, byte_order=1))
