"""Where the simulated scene lies: the Sentinel-2 tile of an area, and the part of its grid that is simulated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import refuse
from carbonsink.simulate.constants import Constants

COLUMN_LETTERS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")  # MGRS: 100 km columns, by zone modulo 3
ROW_LETTERS = "ABCDEFGHJKLMNPQRSTUV"  # MGRS: 100 km rows; even zones begin at F
LATITUDE_BANDS = "NPQRSTUVWX"  # MGRS: bands of 8 degrees from the equator, the last one of 12


@dataclass(frozen=True)
class Extent:
    """A part of a Sentinel-2 tile's grid: north-west corner [m], shape in 10 m pixels (even), tile and CRS."""

    zone: int
    band: str
    square: str
    west: int
    north: int
    height: int
    width: int
    pixel_m: int

    @property
    def tile(self) -> str:
        """The tile, like 50RNN."""
        return f"{self.zone}{self.band}{self.square}"

    @property
    def epsg(self) -> int:
        """The EPSG code of WGS 84 / UTM zone north."""
        return 32600 + self.zone

    def to_ground(self, lon: float, lat: float) -> tuple[int, int]:
        """Centimetres east and south of the north-west corner."""
        x, y = _transformer(self.epsg).transform(lon, lat)
        return round((x - self.west) * 100), round((self.north - y) * 100)

    def ring(self) -> list[list[float]]:
        """The corners in lon/lat [1e-7 degree], counter-clockwise from the north-west, closed."""
        east, south = self.west + self.width * self.pixel_m, self.north - self.height * self.pixel_m
        corners = [(self.west, self.north), (self.west, south), (east, south), (east, self.north), (self.west, self.north)]
        back = Transformer.from_crs(self.epsg, 4326, always_xy=True)
        return [[round(value, 7) for value in back.transform(x, y)] for x, y in corners]


def extent_of(area: BaseGeometry, constants: Constants) -> Extent:
    """The extent of an area in lon/lat: its bounds and a margin, outwards to whole 20 m pixels of the tile at its middle."""
    lon, lat = (area.bounds[0] + area.bounds[2]) / 2, (area.bounds[1] + area.bounds[3]) / 2
    if not 0 < lat < 84:
        raise refuse("E-SIM-004", "land", found=lat, limit="0 - 84 N")
    zone = int((lon + 180) // 6) + 1
    corners = [(x, y) for x in area.bounds[::2] for y in area.bounds[1::2]]
    ground = [_transformer(32600 + zone).transform(x, y) for x, y in corners]
    middle = _transformer(32600 + zone).transform(lon, lat)
    tile = constants.tile
    tile_west = int(middle[0] // tile.square_m) * tile.square_m // tile.snap_m * tile.snap_m
    tile_north = -(-(int(middle[1] // tile.square_m) + 1) * tile.square_m // tile.snap_m) * tile.snap_m
    grid, step = constants.grid, constants.grid.coarse_m
    west, east = min(x for x, _ in ground) - grid.margin_m, max(x for x, _ in ground) + grid.margin_m
    south, north = min(y for _, y in ground) - grid.margin_m, max(y for _, y in ground) + grid.margin_m
    if max(east - west, north - south) > grid.limit_km * 1000:
        raise refuse("E-SIM-003", "land", found=round(max(east - west, north - south) / 1000, 1), limit=grid.limit_km)
    columns = int((west - tile_west) // step), -int((tile_west - east) // step)
    rows = int((tile_north - north) // step), -int((south - tile_north) // step)
    double = step // grid.pixel_m
    return Extent(
        zone, LATITUDE_BANDS[min(int(lat // 8), 9)], _square(zone, *middle, tile.square_m),
        tile_west + columns[0] * step, tile_north - rows[0] * step, double * (rows[1] - rows[0]), double * (columns[1] - columns[0]), grid.pixel_m,
    )  # fmt: skip


def _square(zone: int, x: float, y: float, side: int) -> str:
    """The two letters of the MGRS 100 km square."""
    column = COLUMN_LETTERS[zone % 3][int(x // side) - 1]
    return column + ROW_LETTERS[(int(y // side) + (5 if zone % 2 == 0 else 0)) % 20]


@cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)
