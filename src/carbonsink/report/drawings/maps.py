"""The report's maps: the cover of a year on the project grid, with the boundary and the parcels over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import Raster
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.sketch import INK, MUTED, Canvas, Sketch, drawing
from carbonsink.report.drawings.surround import BELOW, LEFT, surround

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from shapely.geometry.base import BaseGeometry

DRAWN_PIXELS = 640  # a side of the drawn map; larger rasters are thinned by whole steps


def cover_map(plan: Plan, year: int, cover: Raster, *, parcels: bool, width: float) -> Sketch:
    """The cover map of a year; with the parcels' outlines if asked, else the boundary's."""
    name = f"{'parcels' if parcels else 'cover'}-{year}"
    tall = (width - LEFT) * cover.grid.height / cover.grid.width
    with drawing(name, width, tall + BELOW) as canvas:
        axes = _ground(canvas, tall)
        west, south, east, north = cover.grid.bounds
        axes.imshow(_coloured(plan, cover, fade=parcels), extent=(west, east, south, north), interpolation="none", origin="upper", zorder=1)
        if parcels and plan.land.parcels:
            _outlines(axes, [p.geometry for p in plan.land.parcels], cover.grid.crs, INK, 0.9, 0.35)
        _outlines(axes, [plan.land.boundary], cover.grid.crs, "#ffffff" if not parcels else INK, 1.6 if not plan.land.parcels else 0.7, 0.0)
        axes.set(xlim=(west, east), ylim=(south, north))
        surround(canvas, plan, cover.grid, tall)
        return canvas.finish(name, lambda w: w("alt.parcels" if parcels else "alt.cover", year=year, area=w.of(plan.area.name)))


def _ground(canvas: Canvas, tall: float) -> Axes:
    axes = canvas.panel(LEFT, 0, canvas.width - LEFT, tall)
    axes.set(xticks=[], yticks=[], facecolor="#f2f4f2")
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set(color=MUTED, linewidth=0.8)
    return axes


def _coloured(plan: Plan, cover: Raster, *, fade: bool) -> NDArray[np.uint8]:
    codes = cover.pixels[0]
    step = max(1, -(-max(codes.shape) // DRAWN_PIXELS))
    table = np.full((256, 4), (242, 244, 242, 0), np.uint8)
    for land_class in plan.pipeline.land.classes:
        rgb = bytes.fromhex(land_class.colour[1:])
        table[land_class.code] = (*(_lighter(c) if fade else c for c in rgb), 255)
    image: NDArray[np.uint8] = table[codes[::step, ::step]]
    return image


def _lighter(channel: int) -> int:
    """Halfway to white, so that outlines stand out."""
    return (channel + 255) // 2


def _outlines(axes: Axes, shapes: list[BaseGeometry], crs: str, colour: str, line: float, fill: float) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.colors import to_rgba

    paths = [_path(shape) for shape in _projected(shapes, crs)]
    face = to_rgba("#ffffff", fill) if fill else "none"
    axes.add_collection(PathCollection(paths, facecolors=face, edgecolors=colour, linewidths=line, zorder=3), autolim=False)


def _projected(shapes: list[BaseGeometry], crs: str) -> list[BaseGeometry]:
    from pyproj import Transformer
    from shapely import transform

    to = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform

    def rounded(points: NDArray[np.float64]) -> NDArray[np.float64]:
        # A centimetre is far below what a printed map shows, and keeps the drawing small and the same everywhere.
        return np.column_stack([np.round(axis, 2) for axis in to(points[:, 0], points[:, 1])])

    return [transform(shape, rounded) for shape in shapes]


def _path(shape: BaseGeometry) -> Any:
    from matplotlib.path import Path

    return Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2], closed=True) for ring in _rings(shape)))


def _rings(shape: BaseGeometry) -> Iterator[Any]:
    for part in getattr(shape, "geoms", [shape]):
        yield part.exterior
        yield from part.interiors
