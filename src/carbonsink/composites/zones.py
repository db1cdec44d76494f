"""Scenes of another UTM zone on the project grid, by exact nearest: every pixel takes the one pixel its centre lies in.

    found = nearest(block, scene.grid)                                   # once per block and scene grid
    raw = gather(reader(chip.path).read, found, times=2)                 # any band; here of pixels twice as large
    fresh &= found.inside                                                # raw is 0 where the scene has no pixel

A centre is carried into the scene's CRS and rounded to a millimetre, so that a projection's last bits move no pixel on any
machine; from there on whole numbers are counted. Pixels hang on nothing but themselves: any block gives the same.

Carrying every centre costs more than decoding what lies there. So centres are carried exactly at the nodes of a lattice,
between which the way is all but straight; a pixel for which that could matter, as it lies near a border, is carried itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.exceptions import ProjError

from carbonsink.base.rasters import Grid

Window = tuple[int, int, int, int]  # row, column, height, width
Places = tuple[NDArray[np.float64], NDArray[np.float64]]  # x and y [mm]

PER_METRE = 1000  # places are counted in millimetres
STEP = 32  # pixels between the nodes of the lattice: at 10 m and 60 degrees north the way bends by a centimetre between two
SAFETY = 2  # times the bend measured between nodes
ROUNDING = 1  # mm


class Nearest(NamedTuple):
    """For each pixel of a block the row and column of the scene's pixel, and whether there is one; 0 where there is none."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    inside: NDArray[np.bool_]


@lru_cache(maxsize=4)
def nearest(block: Grid, scene: Grid) -> Nearest:
    """The scene's pixels that hold the centres of a block's pixels, read-only, each of shape (row, column).

    Both grids in metres, of whole millimetres a pixel. ValueError where PROJ knows no exact way between their CRSs.
    """
    with np.errstate(invalid="ignore"):  # where PROJ knows no place, the straight way between is none either
        x, y = _carried(block, scene)
    size = _millimetres(scene.resolution)
    rows, columns = (_millimetres(scene.north) - y) // size, (x - _millimetres(scene.west)) // size
    inside = (rows >= 0) & (rows < scene.height) & (columns >= 0) & (columns < scene.width)
    found = Nearest(np.where(inside, rows, 0).astype(np.int32), np.where(inside, columns, 0).astype(np.int32), inside)
    for part in found:
        part.setflags(write=False)
    return found


def gather(read: Callable[[Window], NDArray[Any]], found: Nearest, times: int = 1) -> NDArray[Any] | None:
    """A band on the block, shape (row, column), 0 where the scene has no pixel; None where it has none at all.

    `read` gives the pixels of a window of the band, and is asked once; the band's pixels are `times` as large as the
    scene's, from the same corner.
    """
    if not found.inside.any():
        return None
    rows, columns = (place[found.inside] // times for place in (found.rows, found.columns))
    top, left = int(rows.min()), int(columns.min())
    window = read((top, left, int(rows.max()) + 1 - top, int(columns.max()) + 1 - left))
    out: NDArray[Any] = np.zeros(found.inside.shape, dtype=window.dtype)
    out[found.inside] = window[rows - top, columns - left]
    return out


def _carried(block: Grid, scene: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """x and y [mm] of the block's pixel centres in the scene's CRS: exact near the scene's pixel borders, else nearly so."""
    rows, columns = (np.arange(-(-n // STEP) + 1) * STEP for n in (block.height, block.width))
    nodes = _exactly(block, scene.crs, *np.ix_(rows, columns))
    margin = SAFETY * _bend(block, scene.crs, rows, columns, nodes) + 2 * ROUNDING
    x, y = (_between(values, block) for values in nodes)
    size = _millimetres(scene.resolution)
    near = _near((x - _millimetres(scene.west)) / size, margin / size) | _near((y - _millimetres(scene.north)) / size, margin / size)
    x[near], y[near] = _exactly(block, scene.crs, *np.nonzero(near))
    return _counted(x), _counted(y)


def _bend(block: Grid, crs: str, rows: NDArray[np.int64], columns: NDArray[np.int64], nodes: Places) -> float:
    """How far [mm] the way strays from straight between nodes, at most: down plus across, each halfway along the edges.

    Not in the middle of four nodes: both projections are conformal, and there the two bends cancel.
    """
    down = _exactly(block, crs, *np.ix_(rows[:-1] + STEP // 2, columns))
    across = _exactly(block, crs, *np.ix_(rows, columns[:-1] + STEP // 2))
    strays = [np.abs((n[:-1] + n[1:]) / 2 - d).max() + np.abs((n[:, :-1] + n[:, 1:]) / 2 - a).max() for n, d, a in zip(nodes, down, across, strict=True)]
    return float(np.max(strays))


def _exactly(block: Grid, crs: str, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Places:
    """x and y [mm] of the centres of rows and columns of a block, by PROJ; infinite where it knows no place."""
    west, north, size = (_millimetres(metres) for metres in (block.west, block.north, block.resolution))
    x, y = np.broadcast_arrays((west + size * columns + size / 2) / PER_METRE, (north - size * rows - size / 2) / PER_METRE)
    carried = _way(block.crs, crs).transform(x, y)
    return carried[0] * PER_METRE, carried[1] * PER_METRE


def _between(nodes: NDArray[np.float64], block: Grid) -> NDArray[np.float64]:
    """Values at every pixel of a block, straight between nodes every STEP pixels."""
    (i, s), (j, t) = (np.divmod(np.arange(n), STEP) for n in (block.height, block.width))
    u, v = (s / STEP)[:, None], t / STEP
    lines = nodes[i] * (1 - u) + nodes[i + 1] * u
    values: NDArray[np.float64] = lines[:, j] * (1 - v) + lines[:, j + 1] * v
    return values


def _near(place: NDArray[np.float64], margin: float) -> NDArray[np.bool_]:
    """Places [pixels] within a margin [pixels] of a border between two, and those that aren't known."""
    return ~(np.abs(place - np.floor(place) - 0.5) < 0.5 - margin)


def _counted(millimetres: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole millimetres; far outside every scene where PROJ knows no place."""
    return np.rint(np.where(np.isfinite(millimetres), millimetres, -1e15)).astype(np.int64)


def _millimetres(metres: float) -> int:
    """A grid's corner or pixel size as a whole number of millimetres; ValueError where it isn't one."""
    whole = round(metres * PER_METRE)
    if abs(metres * PER_METRE - whole) > 1e-3:
        raise ValueError(f"{metres} m isn't a whole number of millimetres")
    return whole


@lru_cache(maxsize=16)
def _way(start: str, end: str) -> Transformer:
    try:
        return Transformer.from_crs(start, end, always_xy=True, only_best=True, allow_ballpark=False)
    except ProjError as error:
        raise ValueError(f"no exact way from {start} to {end}: {error}") from None
