"""A scene of 512 x 512 pixels of noise in small tiles, of which an area needs few: what fetching in parts is for."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from tests.scenes.server import Script
from tests.scenes.synthetic import EPSG, NORTH, WEST, Pixels, item, lay_asset, tif

SIDE, TILE = 512, 64
RNG = np.random.default_rng(7)
RED = RNG.integers(1100, 3000, (SIDE, SIDE), dtype="uint16")
NIR = RNG.integers(3000, 6000, (SIDE, SIDE), dtype="uint16")
SCL = RNG.choice(np.array([4, 5, 6, 9], dtype="uint8"), (SIDE // 2, SIDE // 2))
PIXELS: dict[str, Pixels] = {"red": RED, "nir": NIR, "scl": SCL}
TILED = {"tiled": True, "blockxsize": TILE, "blockysize": TILE}
LAYOUTS: dict[str, dict[str, Any]] = {
    "tiles, deflate": TILED,
    "tiles, deflate with predictor": TILED | {"predictor": 2},
    "tiles, LZW": TILED | {"compress": "lzw"},
    "tiles, Zstandard": TILED | {"compress": "zstd", "predictor": 2},
    "tiles, not packed": TILED | {"compress": None},
    "tiles, BigTIFF": TILED | {"BIGTIFF": "YES"},
    "tiles, most significant byte first": TILED | {"ENDIANNESS": "BIG"},
    "strips": {"blockysize": 8},
    "strips, not packed": {"compress": None, "blockysize": 8},
    "cloud-optimized": {"cog": True},
    "cloud-optimized, not packed": {"cog": True, "compress": None},
    "packed in a way the layout reader doesn't know": TILED | {"compress": "packbits"},
}


def body(key: str, pixels: Pixels | None = None, cog: bool = False, **profile: Any) -> bytes:
    """The file of one asset."""
    resolution = 20 if key == "scl" else 10
    data = tif(PIXELS[key] if pixels is None else pixels, resolution, **profile)
    if not cog:
        return data
    with MemoryFile(data) as memory, memory.open() as source, MemoryFile() as packed:
        copy(source, packed.name, driver="COG", blocksize=TILE, compress="deflate" if profile.get("compress", "deflate") else "none", overviews="AUTO")
        return bytes(packed.read())


def scene(script: Script, name: str = "S2A_31UDS_20180604_0_L2A", when: str = "2018-06-04T10:50:29Z", checksums: bool = True, **profile: Any) -> dict[str, Any]:
    """A large scene, laid on a server."""
    raw = item(name, when)
    for key in PIXELS:
        resolution, side = (20.0, SIDE // 2) if key == "scl" else (10.0, SIDE)
        raw["assets"][key] |= {"proj:transform": [resolution, 0, WEST, 0, -resolution, NORTH], "proj:shape": [side, side]}
        lay_asset(script, raw, key, body(key, **(TILED | profile if "blockysize" not in profile else profile)), checksums)
    return raw


def square(row: int, column: int, side: int) -> tuple[float, float, float, float]:
    """The bounds [m] of a square of so many 10 m pixels, in the CRS of the tile."""
    return (WEST + column * 10, NORTH - (row + side) * 10, WEST + (column + side) * 10, NORTH - row * 10)


__all__ = ["EPSG", "LAYOUTS", "SIDE", "TILE", "TILED", "body", "scene", "square"]
