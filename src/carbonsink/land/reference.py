"""A reference raster on the project grid: what each pixel truly is, and the parcel it belongs to.

A parcel is a patch of pixels that touch along an edge and have one value in the reference and, where there is a
raster of clusters (a crop register, say), one value in it. Nothing is resampled: the raster has the project's
pixels or is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, grid_of
from carbonsink.declared.area import Reference
from carbonsink.declared.plan import Plan
from carbonsink.land.features import Season

ALIGNED = 1e-6  # of a pixel: further off is another grid


@dataclass(frozen=True)
class Labels:
    """The reference on the project grid; arrays of shape (row, column)."""

    codes: NDArray[np.uint8]  # class codes, 0 where unlabelled
    parcels: NDArray[np.int64] | None  # parcel numbers from 1, 0 where unlabelled; None without clusters
    index: NDArray[np.int64]  # the pixel's number in the reference raster, the same whatever the project's window


@dataclass(frozen=True)
class Samples:
    """Labelled and observed pixels: features (sample, feature), class code, parcel number and pixel number (sample,)."""

    features: NDArray[np.int32]
    codes: NDArray[np.uint8]
    parcels: NDArray[np.int64] | None
    index: NDArray[np.int64]


def read_labels(plan: Plan, reference: Reference, grid: Grid) -> Labels:
    """The area's reference, by its legend, on the project grid; refused with both grids where pixels don't coincide."""
    codes = {c.id: c.code for c in plan.pipeline.land.classes}
    values, own = _read(plan.path(reference.file))
    row, column = _offset(own, grid, Path(reference.file).name)
    labels = np.zeros(values.shape, np.uint8)
    for value, land_class in reference.legend.items():
        labels[values == int(value)] = codes[land_class]
    parcels = None
    if reference.clusters is not None:
        clusters, other = _read(plan.path(reference.clusters))
        if other != own:
            raise refuse("E-LND-003", Path(reference.clusters).name, found=other, expected=own)
        parcels = patches(values, clusters, labels > 0)
    index = np.arange(values.size, dtype=np.int64).reshape(values.shape)
    placed = [None if a is None else _place(a, row, column, grid) for a in (labels, parcels, index)]
    return Labels(placed[0], placed[1], placed[2])  # type: ignore[arg-type]


def patches(values: NDArray[Any], clusters: NDArray[Any], labelled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Numbers of patches that touch by an edge and agree in both rasters, counted from 1 in the order of their first pixels."""
    from scipy.ndimage import label

    numbers = np.zeros(values.shape, np.int64)
    pairs, kind = np.unique(np.stack((values.ravel(), clusters.ravel())), axis=1, return_inverse=True)
    for one in range(pairs.shape[1]):
        found, _ = label((kind.reshape(values.shape) == one) & labelled)
        numbers[found > 0] = found[found > 0] + numbers.max()
    known, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(np.where(known == 0, -1, first)))  # 0 stays first
    return (rank + (0 if known[0] == 0 else 1))[inverse].reshape(values.shape)


def samples_of(season: Season, labels: Labels) -> Samples:
    """The features of every labelled pixel that was observed, in the order of rows and columns."""
    parts, chosen = [], np.zeros(labels.codes.shape, np.bool_)
    for row, rows in season.strips():
        values = season.read(season.layers, (row, rows))
        part = (labels.codes[row : row + rows] > 0) & observed(values)
        chosen[row : row + rows] = part
        parts.append(flat(values, season.whole((row, rows)))[part.ravel()].astype(np.int32))
    parcels = None if labels.parcels is None else labels.parcels[chosen]
    return Samples(np.concatenate(parts), labels.codes[chosen], parcels, labels.index[chosen])


def observed(values: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where any layer of any period (time, layer, row, column) has a value."""
    seen: NDArray[np.bool_] = (values != COMPOSITE_NODATA).any(axis=(0, 1))
    return seen


def flat(values: NDArray[np.int16], whole: NDArray[np.int16]) -> NDArray[np.int16]:
    """Features by pixel, shape (pixel, feature), of layers (time, layer, row, column) and of the whole series (feature, row, column)."""
    pixels = values.shape[2] * values.shape[3]
    return np.ascontiguousarray(np.concatenate((values.reshape(-1, pixels), whole.reshape(-1, pixels))).T)


def _read(path: Path) -> tuple[NDArray[Any], Grid]:
    """One band of whole numbers on a north-up grid of square pixels."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path, driver="GTiff") as source:
            t = source.transform
            if source.count != 1 or np.dtype(source.dtypes[0]).kind not in "iu" or t.b or t.d or t.a != -t.e or source.crs is None:
                raise refuse("E-LND-004", path.name, found=f"{source.count} x {source.dtypes[0]}, CRS {source.crs and source.crs.to_epsg()}, {tuple(t)[:6]}")
            return source.read(1), grid_of(source)
    except RasterioError as error:
        raise refuse("E-LND-004", path.name, found=error) from None


def _offset(own: Grid, grid: Grid, name: str) -> tuple[int, int]:
    """Rows and columns from the project grid's corner to the raster's."""
    column, row = (own.west - grid.west) / grid.resolution, (grid.north - own.north) / grid.resolution
    if (own.crs, own.resolution) != (grid.crs, grid.resolution) or max(abs(column - round(column)), abs(row - round(row))) > ALIGNED:
        raise refuse("E-LND-003", name, found=own, expected=grid)
    return round(row), round(column)


def _place(array: NDArray[Any], row: int, column: int, grid: Grid) -> NDArray[Any]:
    """The array on the project grid, cropped to it, 0 where it doesn't reach."""
    placed = np.zeros((grid.height, grid.width), array.dtype)
    height, width = array.shape
    top, left = max(row, 0), max(column, 0)
    bottom, right = min(row + height, grid.height), min(column + width, grid.width)
    if top < bottom and left < right:
        placed[top:bottom, left:right] = array[top - row : bottom - row, left - column : right - column]
    return placed
