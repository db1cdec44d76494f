"""The overview map: every area's boundary and a numbered dot, coloured by methodology, on a graticule of longitude and latitude."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from carbonsink.declared.language import Language
from carbonsink.portfolio.member import Member
from carbonsink.report.drawings.sketch import INK, LINE, MUTED, Canvas, Label, Sketch, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 760.0
LOWEST, HIGHEST = 300.0, 620.0
ROOM = 24.0  # below the map, for its scale
PAD = 0.06  # of the extent, around it
SMALLEST = 0.01  # degrees of an extent: one field alone
FINENESS = 1500  # parts of the extent below which an edge isn't drawn
NUMBERED = 60  # more dots than these stand without numbers
COLOURS = ("#23634a", "#c08a2b", "#3a6ea5", "#8c4a8c", "#b0574a", "#5b8c3a", "#2a8c8c", "#7a6a4f")


def colours(members: Sequence[Member]) -> dict[str, str]:
    """A colour for each methodology, in the order of ids."""
    names = sorted({member.methodology for member in members})
    return {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}


def overview(members: Sequence[Member]) -> Sketch:
    """All areas on one map; longitudes are drawn as long as they are at its middle."""
    shapes = [member.plan.land.boundary for member in members]
    west, south, east, north = _extent(shapes)
    squeeze = math.cos(math.radians((south + north) / 2))
    tall = min(max(WIDTH * (north - south) / ((east - west) * squeeze), LOWEST), HIGHEST)
    west, south, east, north = _filling((west, south, east, north), tall / WIDTH, squeeze)
    colour = colours(members)
    with drawing("overview", WIDTH, tall + ROOM) as canvas:
        axes = _ground(canvas, tall)
        _graticule(canvas, axes, (west, south, east, north), tall)
        for number, (member, shape) in enumerate(zip(members, shapes, strict=True), start=1):
            _area(axes, shape, colour[member.methodology], (east - west) / FINENESS)
            _dot(axes, shape, colour[member.methodology], number if len(members) <= NUMBERED else None)
        axes.set(xlim=(west, east), ylim=(south, north))
        _scale(canvas, (west, south, east, north), tall)
        return canvas.finish("overview", lambda w: w("portfolio.alt-map", areas=len(members)))


def _extent(shapes: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    west, south, east, north = (float(edge) for edge in shapely.total_bounds(np.array(shapes, dtype=object)))
    wide, high = max(east - west, SMALLEST) * PAD, max(north - south, SMALLEST) * PAD
    return west - wide, south - high, east + wide, north + high


def _filling(extent: tuple[float, float, float, float], shape: float, squeeze: float) -> tuple[float, float, float, float]:
    """The extent widened to the drawing's shape (height over width)."""
    west, south, east, north = extent
    wide, high = max(east - west, (north - south) / shape / squeeze), max(north - south, (east - west) * squeeze * shape)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _ground(canvas: Canvas, tall: float) -> Axes:
    axes = canvas.panel(0, 0, WIDTH, tall)
    axes.set(xticks=[], yticks=[], facecolor="#f2f4f2")
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set(color=MUTED, linewidth=0.8)
    return axes


def _graticule(canvas: Canvas, axes: Axes, extent: tuple[float, float, float, float], tall: float) -> None:
    west, south, east, north = extent
    step = _round((east - west) / 5)
    for longitude in _steps(west, east, step):
        axes.axvline(longitude, color=LINE, linewidth=0.8, zorder=0)
        canvas.figure.text((longitude - west) / (east - west) + 0.004, 1 - 12 / canvas.height, canvas.say(_degrees(longitude, "EW")), fontsize=9, color=MUTED)
    for latitude in _steps(south, north, step):
        axes.axhline(latitude, color=LINE, linewidth=0.8, zorder=0)
        high = 1 - (tall * (north - latitude) / (north - south) - 3) / canvas.height
        canvas.figure.text(0.006, high, canvas.say(_degrees(latitude, "NS")), fontsize=9, color=MUTED)


def _area(axes: Axes, shape: BaseGeometry, colour: str, step: float) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.colors import to_rgba
    from matplotlib.path import Path

    rings = [ring for ring in _rings(shapely.simplify(shape, step)) if len(ring.coords) > 3]
    if rings:
        path = Path.make_compound_path(*(Path(np.asarray(ring.coords)[:, :2].round(6), closed=True) for ring in rings))
        axes.add_collection(PathCollection([path], facecolors=to_rgba(colour, 0.35), edgecolors=colour, linewidths=0.9, zorder=3), autolim=False)


def _dot(axes: Axes, shape: BaseGeometry, colour: str, number: int | None) -> None:
    point = shape.representative_point()
    axes.plot([round(point.x, 6)], [round(point.y, 6)], marker="o", color=colour, markersize=4 if number is None else 6, markeredgecolor="#ffffff", zorder=4)
    if number is not None:
        axes.annotate(str(number), (round(point.x, 6), round(point.y, 6)), xytext=(6, 3), textcoords="offset points", fontsize=10, color=INK, zorder=5)


def _rings(shape: BaseGeometry) -> Iterator[Any]:
    for part in getattr(shape, "geoms", [shape]):
        if not part.is_empty:
            yield part.exterior
            yield from part.interiors


def _scale(canvas: Canvas, extent: tuple[float, float, float, float], tall: float) -> None:
    """A bar of a round length along the map's middle parallel."""
    from matplotlib.lines import Line2D

    west, south, east, north = extent
    middle = (south + north) / 2
    whole = abs(Geod(ellps="GRS80").inv(west, middle, (west + east) / 2, middle)[2]) * 2
    metres = _round(whole / 4)
    at = 1 - (tall + 12) / canvas.height
    canvas.figure.add_artist(Line2D([0.004, 0.004 + metres / whole], [at, at], color=INK, linewidth=3, solid_capstyle="butt"))
    kilometres = metres / 1000
    length = canvas.say(lambda w: w("map.kilometres", length=w.number(kilometres, 0 if kilometres >= 1 else 1)))
    canvas.figure.text(0.014 + metres / whole, at, length, va="center", fontsize=10, color=MUTED)


def _round(value: float) -> float:
    """The longest of 1, 2 or 5 times a power of ten that isn't longer."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(step * power for step in (1, 2, 5) if step * power <= value)


def _steps(first: float, last: float, step: float) -> list[float]:
    return [round(number * step, 9) for number in range(math.ceil(first / step), math.floor(last / step) + 1)]


def _degrees(value: float, sides: str) -> Label:
    text = f"{abs(value):.9f}".rstrip("0").rstrip(".") + "°" + (sides[0] if value >= 0 else sides[1])

    def say(_: Language) -> str:
        return text

    return say
