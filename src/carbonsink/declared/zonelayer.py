"""A zone from a published layer: which word covers most of the land, with the share of each.

In: a single-band GeoTIFF of whole numbers, words by value, the land's boundary in EPSG:4326. Out: a Zone. A pixel counts with the
share of it that lies inside the boundary.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import projected
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Grid
from carbonsink.base.tables import quantise, total
from carbonsink.declared.zones import Zone

PLACES = 6  # decimals of a share
SHOWN = 20  # unknown values in a message
NOTHING = ""  # the word of land the layer says nothing of


def zone_in_layer(path: Path, legend: Mapping[int, str], boundary: BaseGeometry, where: str) -> Zone:
    """The word of the greatest share of the land.

    Refuses a file that isn't such a layer (E-ZON-006), land whose part without a value could turn the majority (E-ZON-007), and
    values the legend doesn't know (E-ZON-008).
    """
    values, coverage, whole = _cells(path, boundary)
    if strange := sorted({int(v) for v in np.unique(values[values >= 0])} - set(legend)):
        raise refuse("E-ZON-008", where, file=path.name, found=", ".join(map(str, strange[:SHOWN])), known=", ".join(map(str, legend)))
    shares = {word: total(coverage[np.isin(values, [v for v, w in legend.items() if w == word])].tolist()) / whole for word in dict.fromkeys(legend.values())}
    told = {word: quantise(share, PLACES) for word, share in sorted(shares.items(), key=lambda one: (-one[1], one[0])) if share > 0}
    rest = quantise(1 - total(told.values()), PLACES)
    first, second = (*told.values(), 0.0, 0.0)[:2]
    if first - second <= rest:
        raise refuse("E-ZON-007", where, file=path.name, shares=_text(told), rest=f"{rest:.1%}")
    (word, *_) = told
    return Zone(word, f"majority in {path.name}", _text(told), told)


def _cells(path: Path, boundary: BaseGeometry) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Values (-1 where there is none) and covered shares of the pixels a boundary touches, and the boundary's size in pixels."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path, driver="GTiff") as source:
            t = source.transform
            if source.crs is None or source.count != 1 or not np.issubdtype(source.dtypes[0], np.integer) or t.b or t.d or t.e > 0:
                raise refuse("E-ZON-006", path.name, why=f"crs {source.crs}, {source.count} x {source.dtypes[0]}, {t.to_gdal()}")
            outline = projected(boundary, source.crs.to_wkt())
            west, south, east, north = outline.bounds
            rows = _span((north - t.f) / t.e, (south - t.f) / t.e, source.height)
            columns = _span((west - t.c) / t.a, (east - t.c) / t.a, source.width)
            there = source.read_masks(1, window=(rows, columns)) > 0
            values = np.where(there, source.read(1, window=(rows, columns)).astype(np.int64), -1)
    except RasterioError as error:
        raise refuse("E-ZON-006", path.name, why=error) from None
    whole = outline.area / abs(t.a * t.e)
    if not values.size:
        return values.ravel(), np.zeros(0), whole
    corner, pixel = np.array([t.c + columns[0] * t.a, t.f + rows[0] * t.e]), np.array([t.a, -t.e])
    cells, coverage = _covered(shapely.transform(outline, lambda points: (points - corner) / pixel), values.shape)
    return values.ravel()[cells], coverage, whole


def _span(first: float, last: float, size: int) -> tuple[int, int]:
    """The first pixel and the one behind the last of a stretch, within the file."""
    return min(max(math.floor(first), 0), size), min(max(math.ceil(last), 0), size)


def _covered(in_pixels: BaseGeometry, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pixels of a layer needn't be square: the outline comes in pixels right and up of the corner."""
    from carbonsink.base.cover import cover  # numba, whose loading takes longer than looking at a declaration

    height, width = shape
    return cover(Grid("pixels", 0.0, 0.0, 1.0, height, width), [in_pixels]).cells(0)


def _text(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{word} {share:.1%}" for word, share in shares.items()) or "-"
