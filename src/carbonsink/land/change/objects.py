"""Neighbouring pixels that broke at about the same time, as one change with an outline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import geodesic_area_m2, rounded
from carbonsink.base.outline import ONE_AT_A_TIME, part
from carbonsink.base.rasters import Grid
from carbonsink.land.change.events import Events, Whole

Window = tuple[int, int, int, int]  # row, column, height, width
SLACK = 1.01  # a pixel's area on the ellipsoid and in the grid's plane differ by less


@dataclass(frozen=True)
class Patch:
    """One change: its pixels' breaks, on a grid."""

    grid: Grid
    events: Events

    @property
    def window(self) -> Window:
        """The rows and columns it lies in."""
        row, column = int(self.events.row.min()), int(self.events.column.min())
        return row, column, int(self.events.row.max()) + 1 - row, int(self.events.column.max()) + 1 - column

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Its pixels within its window."""
        row, column, height, width = self.window
        mask = np.zeros((height, width), np.bool_)
        mask[self.events.row - row, self.events.column - column] = True
        return mask

    @cached_property
    def outline(self) -> BaseGeometry:
        """Its outline along pixel borders, EPSG:4326, longitude first."""
        from rasterio.features import shapes

        with ONE_AT_A_TIME:
            found = list(shapes(self.mask.astype(np.uint8), self.mask, 4, part(self.grid, self.window).transform))
        carry = Transformer.from_crs(self.grid.crs, "EPSG:4326", always_xy=True).transform
        whole = shapely.union_all([shape(outline) for outline, _ in found])
        return rounded(shapely.transform(whole, lambda points: np.column_stack(carry(points[:, 0], points[:, 1]))))

    @cached_property
    def area_m2(self) -> float:
        """Its area on the ellipsoid [m2]."""
        return geodesic_area_m2(self.outline)


def patches(events: Events, days: Whole, grid: Grid, same_days: int, least_m2: float) -> Iterator[Patch]:
    """Changes of at least `least_m2`, in the order of their first pixels; `days` are those of the breaks.

    Pixels that touch along an edge and broke the same way within `same_days` of each other are of one change.
    """
    groups = _groups(events, days, grid.width, same_days)
    order = np.argsort(groups, kind="stable")
    bounds = np.flatnonzero(np.diff(groups[order])) + 1
    for members in sorted((m for m in np.split(order, bounds) if m.size), key=lambda m: int(m[0])):
        if members.size * grid.resolution**2 * SLACK >= least_m2:
            patch = Patch(grid, events.part(members))
            if patch.area_m2 >= least_m2:
                yield patch


def _groups(events: Events, days: Whole, width: int, same_days: int) -> NDArray[np.int32]:
    """The number of each break's change."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = [pair for step in (1, width) for pair in _pairs(events, days, width, step, same_days)]
    one, other = (np.concatenate([pair[n] for pair in pairs]) if pairs else np.empty(0, np.int64) for n in (0, 1))
    graph = coo_array((np.ones(one.size, np.int8), (one, other)), shape=(events.row.size,) * 2)
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return labels


def _pairs(events: Events, days: Whole, width: int, step: int, same_days: int) -> Iterator[tuple[Whole, Whole]]:
    """Breaks of neighbours, a step to the east or the south, that are near in time."""
    place = events.row * width + events.column
    for here in np.unique(events.slot):
        mine = np.flatnonzero((events.slot == here) & ((step > 1) | (events.column < width - 1)))
        for there in np.unique(events.slot):
            theirs = np.flatnonzero(events.slot == there)
            at = np.searchsorted(place[theirs], place[mine] + step)
            met = at < theirs.size
            one, other = mine[met], theirs[at[met]]
            near = (place[other] == place[one] + step) & (np.abs(days[other] - days[one]) <= same_days)
            near &= (events.size[other] > 0) == (events.size[one] > 0)
            yield one[near], other[near]
