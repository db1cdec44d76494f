"""A published map as the area's cover: cut around the area in its own grid, then taken pixel by pixel, never interpolated.

    files of a year  ->  scenes/maps/<year>-<n>.tif, scenes/maps.csv        gather_maps, in stage 1
    chips of a year  ->  class codes on the project grid                    by_published, in stage 3

A pixel of the project takes the map's pixel that its centre lies in; on a border, the one to the east or the south.
Where several tiles hold a pixel they must agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import Grid
from carbonsink.base.records import MapTile
from carbonsink.base.tables import read_csv
from carbonsink.declared.legend import LARGEST_VALUE
from carbonsink.declared.plan import Plan
from carbonsink.land.legend import NOT_MONITORED, UNKNOWN, codes_of, legend_of

ROWS = 256  # taken at once: it bounds memory and enters no result
PLACES = 6  # decimals of a pixel: a centre so near a border lies on it, whatever a projection's last bits say
NO_VALUE = -1
SHOWN = 20  # unknown values in a message


@dataclass(frozen=True)
class Tile:
    """One chip: north-up pixels in the map's CRS; `values` (row, column), NO_VALUE where the file says it has none."""

    name: str
    crs: str  # WKT
    west: float
    north: float
    across: float  # size of a pixel in the CRS's unit
    down: float
    values: NDArray[np.int32]

    def at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int32]:
        """The values at points of the tile's CRS, NO_VALUE beyond it."""
        column = np.floor(np.round((x - self.west) / self.across, PLACES))
        row = np.floor(np.round((self.north - y) / self.down, PLACES))
        height, width = self.values.shape
        there = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        found = np.full(there.shape, NO_VALUE, np.int32)
        found[there] = self.values[row[there].astype(np.int64), column[there].astype(np.int64)]
        return found


def by_published(plan: Plan, run: Path, grid: Grid, vintage: int) -> NDArray[np.uint8]:
    """The cover of a vintage on the project grid, 0 where the map says nothing.

    Refuses a run without the map of that year, values the legend doesn't know, and tiles that disagree.
    """
    assert plan.area.cover_map is not None, "checked where the plan was made"
    year = plan.area.cover_map.year_of(vintage)
    tiles = tiles_of(run, year)
    legend = legend_of(plan)
    values = np.concatenate([_taken(tiles, grid, row, legend.nodata) for row in range(0, grid.height, ROWS)])
    codes = np.where(values == NO_VALUE, NOT_MONITORED, codes_of(plan, legend)[values]).astype(np.uint8)
    if strange := np.unique(values[codes == UNKNOWN]).tolist():
        name = plan.pipeline.land.published.legend if plan.pipeline.land.published else "-"
        raise refuse("E-LND-045", f"maps {year}", found=", ".join(map(str, strange[:SHOWN])), legend=name)
    return codes


def tiles_of(run: Path, year: int) -> tuple[Tile, ...]:
    """The chips of a year, in the table's order."""
    table = run / "scenes" / "maps.csv"
    rows = [row for row in read_csv(table, MapTile) if row.year == year] if table.is_file() else []
    if not rows:
        raise refuse("E-LND-052", "scenes/maps.csv", Exit.INTEGRITY, year=year)
    return tuple(_tile(run / "scenes" / row.chip) for row in rows)


def _tile(path: Path) -> Tile:
    import rasterio

    with rasterio.open(path, driver="GTiff") as source:
        t = source.transform
        raw = source.read(1).astype(np.int64)
        values = np.where((raw < 0) | (raw > LARGEST_VALUE), LARGEST_VALUE, raw).astype(np.int32)  # no legend knows such a value
        if source.nodata is not None:
            values[raw == source.nodata] = NO_VALUE
        return Tile(path.name, source.crs.to_wkt(), t.c, t.f, t.a, -t.e, values)


def _taken(tiles: Sequence[Tile], grid: Grid, row: int, nodata: Sequence[int]) -> NDArray[np.int32]:
    """The map's values on neighbouring rows of the project grid, (row, column)."""
    rows = min(ROWS, grid.height - row)
    found = np.full((rows, grid.width), NO_VALUE, np.int32)
    holder = np.full(found.shape, NO_VALUE, np.int32)
    for number, tile in enumerate(tiles):
        values = tile.at(*_centres(grid, row, rows, tile.crs))
        values[np.isin(values, nodata)] = NO_VALUE
        differs = (found != NO_VALUE) & (values != NO_VALUE) & (found != values)
        if differs.any():
            first = tiles[int(holder[differs][0])].name
            raise refuse("E-LND-050", tile.name, first=first, second=tile.name, pixels=int(differs.sum()))
        fresh = (found == NO_VALUE) & (values != NO_VALUE)
        found[fresh], holder[fresh] = values[fresh], number
    return found


def _centres(grid: Grid, row: int, rows: int, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pixel centres of rows of a grid in another CRS, x and y of shape (row, column)."""
    from pyproj import CRS, Transformer

    x = grid.west + (np.arange(grid.width) + 0.5) * grid.resolution
    y = grid.north - (np.arange(row, row + rows) + 0.5) * grid.resolution
    across, down = np.meshgrid(x, y)
    if CRS(crs) == CRS(grid.crs):
        return across, down
    return Transformer.from_crs(grid.crs, crs, always_xy=True).transform(across, down)
