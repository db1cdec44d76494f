"""The project grid: the pixels of the tile that holds most of the area, over the area's bounding box.

Anchor: the tile whose chips cover the largest part of the area, ties by tile name. Window: the bounding box in the
tile's CRS, outwards to even pixels counted from the chip's corner, so that pixels twice as large nest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rasterio.errors import RasterioError
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from carbonsink.base.outline import part, projected, window
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_MOST, COMPOSITE_UNIT, Grid, described
from carbonsink.base.records import SceneAsset

Box = tuple[int, int, int, int]  # row, column, height, width


@dataclass(frozen=True)
class Chip:
    """One band's chip of one scene: where it lies, and reflectance = DN * scale + offset."""

    path: Path
    resolution: float
    scale: float
    offset: float
    sha256: str = ""  # of its pixels, where that is known

    @cached_property
    def steps(self) -> float | None:
        """What is to be added to DN to get reflectance in whole steps [1e-4]; None where that isn't all there is to it."""
        shift = self.offset * COMPOSITE_UNIT
        return shift if self.scale * COMPOSITE_UNIT == 1 and shift == round(shift) and abs(shift) <= COMPOSITE_MOST else None


@dataclass(frozen=True)
class Scene:
    """One scene's chips by band, and the grid of the finest."""

    item: str
    day: str
    platform: str
    tile: str
    grid: Grid
    chips: Mapping[str, Chip]


def read_scenes(rows: Iterable[SceneAsset], folder: Path) -> tuple[Scene, ...]:
    """The scenes of scenes.csv, in its order; `folder` is the run's scenes folder."""
    by_item: dict[str, list[SceneAsset]] = {}
    for row in rows:
        by_item.setdefault(row.item, []).append(row)
    return tuple(_scene(assets, folder) for assets in by_item.values())


def _scene(assets: list[SceneAsset], folder: Path) -> Scene:
    grids = {asset.band: _grid(folder / asset.chip) for asset in assets}
    chips = {a.band: Chip(folder / a.chip, grids[a.band].resolution, a.scale, a.offset, a.chip_sha256) for a in assets}
    first = assets[0]
    finest = min(grids.values(), key=lambda grid: grid.resolution)
    return Scene(first.item, first.datetime[:10], first.platform, first.tile, finest, chips)


def _grid(path: Path) -> Grid:
    try:
        return described(path)[0]
    except RasterioError as error:
        raise refuse("E-COM-017", str(path), Exit.INTEGRITY, why=error) from None


def anchor(scenes: Iterable[Scene], boundary: BaseGeometry) -> Scene:
    """The scene that gives the project grid its pixels: the first by item id of the tile that holds most of the area."""
    tiles: dict[str, list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: scene.item):
        tiles.setdefault(scene.tile, []).append(scene)
    held = {tile: _held(found, boundary) for tile, found in sorted(tiles.items())}
    return tiles[max(held, key=lambda tile: held[tile])][0]


def _held(scenes: list[Scene], boundary: BaseGeometry) -> float:
    """Area of the boundary that a tile's chips cover [m2], to the whole square metre, so that equal is equal everywhere."""
    area = projected(boundary, scenes[0].grid.crs)
    return round(float(area.intersection(unary_union([box(*scene.grid.bounds) for scene in scenes])).area))


def project_grid(scenes: tuple[Scene, ...], boundary: BaseGeometry) -> Grid:
    """The project grid; refused where scenes differ in pixel size; those of another CRS are taken by nearest."""
    base = anchor(scenes, boundary).grid
    for scene in scenes:
        if scene.grid.resolution != base.resolution:
            found, expected = (f"{grid.resolution:g} m" for grid in (scene.grid, base))
            raise refuse("E-SRC-017", scene.item, Exit.SOURCE, found=found, expected=expected)
    return part(base, window(base, projected(boundary, base.crs).bounds, 2))


def blocks(grid: Grid, side: int, before: tuple[int, int] = (0, 0)) -> list[Box]:
    """The grid cut into squares (row, column, height, width) of an even number of pixels, row by row; those at the rim are smaller.

    `before` are rows and columns of the first squares that lie outside the grid.
    """
    rows, columns = (_cuts(size, side, less) for size, less in zip((grid.height, grid.width), before, strict=True))
    return [(row, column, height, width) for row, height in rows for column, width in columns]


def aligned_blocks(grid: Grid, side: int, scenes: Iterable[Scene]) -> list[Box]:
    """Blocks whose borders are those of the blocks of most chips, so that few of a file's tiles are decoded twice."""
    corners = Counter((_before(s.grid.north - grid.north, grid, side), _before(grid.west - s.grid.west, grid, side)) for s in scenes if s.grid.crs == grid.crs)
    return blocks(grid, side, max(sorted(corners), key=lambda corner: corners[corner]))


def _before(metres: float, grid: Grid, side: int) -> int:
    """Pixels from the last border of squares that are counted from a corner so far away; an even number."""
    return int(metres // grid.resolution) % side // 2 * 2


def _cuts(size: int, side: int, before: int) -> list[tuple[int, int]]:
    """Starts and lengths of what [0, size) is cut into."""
    return [(max(start, 0), min(start + side, size) - max(start, 0)) for start in range(-before, size, side)]
