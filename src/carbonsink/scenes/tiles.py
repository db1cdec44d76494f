"""MGRS tiles as Sentinel-2 lays them: a square of 100 km gives a grid of 109.8 km whose corner lies on a multiple of 60 m.

33TWL  ->  EPSG:32633, corner (499980, 5100000)
Letters: NGA.STND.0037, Universal Grids and Grid Reference Systems, section 3.2; corners: held against recorded items by the tests.
"""

from __future__ import annotations

import math
import re

from carbonsink.base.rasters import Grid

NAME = re.compile(r"(\d{1,2})([C-HJ-NP-X])([A-HJ-NP-Z])([A-HJ-NP-V])")
COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")  # of zones 1, 4, ...; 2, 5, ...; 3, 6, ...
ROWS = ("FGHJKLMNPQRSTUVABCDE", "ABCDEFGHJKLMNPQRSTUV")  # of even zones, of odd zones
LOWEST = {  # northing of each latitude band's southern edge [100 km], southern bands counted from 10,000 km
    "C": 11, "D": 20, "E": 28, "F": 37, "G": 46, "H": 55, "J": 64, "K": 73, "L": 82, "M": 91,
    "N": 0, "P": 8, "Q": 17, "R": 26, "S": 35, "T": 44, "U": 53, "V": 62, "W": 70, "X": 79,
}  # fmt: skip
SQUARE, CYCLE, FALSE_NORTHING = 100_000, 20, 10_000_000  # metres; rows until the letters repeat; metres
SIDE, STEP = 109_800, 60  # metres


def tile_grid(name: str, resolution: int, false_northing: bool) -> Grid:
    """The grid of a tile in pixels of `resolution` [m]; without `false_northing` a southern tile lies below zero in the northern CRS.

    ValueError where the name is none of a tile.
    """
    found = NAME.fullmatch(name)
    if not found or not 1 <= int(found[1]) <= 60:
        raise ValueError(f"{name!r} names no tile")
    zone, band, column, row = int(found[1]), found[2], found[3], found[4]
    columns = COLUMNS[(zone - 1) % 3]
    if column not in columns:
        raise ValueError(f"{name!r}: zone {zone} has no column {column}")
    easting = (columns.index(column) + 1) * SQUARE
    number = ROWS[zone % 2].index(row)
    while number < LOWEST[band]:
        number += CYCLE
    south = band < "N"
    equator = FALSE_NORTHING if south else 0
    west, north = easting // STEP * STEP, -(-((number + 1) * SQUARE - equator) // STEP) * STEP
    code = 32700 if south and false_northing else 32600
    side = math.ceil(SIDE / resolution)
    return Grid(f"EPSG:{code + zone}", float(west), float(north + (equator if false_northing else 0)), float(resolution), side, side)
