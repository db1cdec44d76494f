"""How much of each pixel an outline covers, summed by map class: pixel centres alone are 4 % off at 0.3 ha.

Outlines come in EPSG:4326 and are laid on the map's grid; the shares of the classes are the grid's, the hectares
the ellipsoid's, so that all classes with what isn't monitored make up the geodesic area.

A pixel that a border cuts shows what lies on both sides. Areas weigh it by what is inside. The *condition* of a parcel may be
read from whole pixels only, which show nothing but the parcel; one with too few of them is read weighted, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import hectares
from carbonsink.base.outline import ON_THE_LINE, projected
from carbonsink.base.rasters import Raster
from carbonsink.base.tables import total
from carbonsink.declared.plots import read_parcel_rules

NOT_MONITORED = 0  # the map's code, also of land the map doesn't reach
EdgeRule = Literal["weighted", "whole"]


@dataclass(frozen=True)
class View:
    """What a map shows of an outline: the share of each class by code, and which pixels were read."""

    shares: Mapping[int, float]
    pixels: EdgeRule
    whole_px: int  # pixels that lie wholly inside
    edge_share: float  # of the outline that lies in other pixels


def class_areas(cover: Raster, boundary: BaseGeometry, area_m2: float) -> dict[int, float]:
    """Hectares by class code inside a boundary whose geodesic area is given [m2]; NOT_MONITORED is always there."""
    (shares,) = class_shares(cover, [boundary])
    return {code: hectares(area_m2 * share) for code, share in shares.items()}


def class_shares(cover: Raster, outlines: Sequence[BaseGeometry]) -> Iterator[Mapping[int, float]]:
    """For each outline the share of its area by class code, summing to one; NOT_MONITORED is always there."""
    return (view.shares for view in views(cover, outlines, "weighted"))


def views(cover: Raster, outlines: Sequence[BaseGeometry], rule: EdgeRule) -> Iterator[View]:
    """Each outline as the map shows it by a rule for the pixels on its edge."""
    on_grid = [projected(outline, cover.grid.crs) for outline in outlines]
    values = cover.layer("cover").ravel()
    for outline, (numbers, fractions) in zip(on_grid, cells(cover, on_grid), strict=True):
        yield _view(values[numbers], fractions, _beyond(cover, outline, fractions), rule)


def _view(codes: NDArray[Any], fractions: NDArray[np.float64], beyond: float, rule: EdgeRule) -> View:
    edge = read_parcel_rules().edge
    whole = fractions >= edge.whole_share
    count, inside = int(whole.sum()), total(fractions.tolist()) + beyond
    edge_share = 1 - total(fractions[whole].tolist()) / inside
    if rule == "whole" and count >= edge.least_whole_px:
        return View(_shares(codes[whole], fractions[whole], 0.0), "whole", count, edge_share)
    return View(_shares(codes, fractions, beyond), "weighted", count, edge_share)


def _shares(codes: NDArray[Any], fractions: NDArray[np.float64], beyond: float) -> dict[int, float]:
    pixels = {int(code): total(fractions[codes == code].tolist()) for code in np.unique(codes)}
    pixels[NOT_MONITORED] = pixels.get(NOT_MONITORED, 0.0) + beyond
    whole = total(pixels.values())
    return {code: value / whole for code, value in sorted(pixels.items())}


def _beyond(cover: Raster, outline: BaseGeometry, fractions: NDArray[np.float64]) -> float:
    """Pixels' worth of the outline that the map doesn't reach."""
    west, south, east, north = outline.bounds
    left, bottom, right, top = cover.grid.bounds
    if max(left - west, bottom - south, east - right, north - top) <= cover.grid.resolution * 10.0**-ON_THE_LINE:
        return 0.0
    return max(0.0, outline.area / cover.grid.resolution**2 - total(fractions.tolist()))


def cells(raster: Raster, outlines: Sequence[BaseGeometry]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Numbers of the pixels of a raster that each outline on its grid touches, and how much of each it covers."""
    from carbonsink.base.cover import cover  # numba, whose loading takes longer than looking at an area

    covered = cover(raster.grid, outlines)
    return (covered.cells(outline) for outline in range(len(outlines)))
