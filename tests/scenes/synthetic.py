"""Made-up scenes of one small tile: 10 m bands and a 20 m mask, as GeoTIFF bytes and STAC items."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from tests.scenes.plans import lonlat
from tests.scenes.server import Answer, Script

WEST, NORTH, SIDE, EPSG = 500000.0, 5629680.0, 64, 32631  # metres and 10 m pixels
EXTENT = (WEST, NORTH - SIDE * 10, WEST + SIDE * 10, NORTH)
INNER = (WEST + 100, NORTH - 400, WEST + 400, NORTH - 100)  # an area of 30 x 30 pixels
RED, NIR, VEGETATION = 400, 3600, 4

Pixels = NDArray[Any]


def tif(pixels: Pixels, resolution: float, **profile: Any) -> bytes:
    """A GeoTIFF of the tile; the profile may be bent by a test."""
    layers = pixels if pixels.ndim == 3 else pixels[None]
    base: dict[str, Any] = {
        "driver": "GTiff", "count": len(layers), "height": layers.shape[1], "width": layers.shape[2], "dtype": layers.dtype.name,
        "crs": f"EPSG:{EPSG}", "transform": rasterio.Affine(resolution, 0, WEST, 0, -resolution, NORTH), "nodata": 0, "compress": "deflate",
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**(base | profile)) as target:
            target.write(layers)
        return bytes(memory.read())


def bands(red: int | Pixels = RED, nir: int | Pixels = NIR, scl: int | Pixels = VEGETATION) -> dict[str, Pixels]:
    """Pixels of a scene by asset key; a number stands for a whole band."""

    def whole(value: int | Pixels, side: int, kind: str) -> Pixels:
        return value if isinstance(value, np.ndarray) else np.full((side, side), value, dtype=kind)

    return {"red": whole(red, SIDE, "uint16"), "nir": whole(nir, SIDE, "uint16"), "scl": whole(scl, SIDE // 2, "uint8")}


def item(name: str = "S2A_31UDS_20180604_0_L2A", when: str = "2018-06-04T10:50:29.024Z", **properties: Any) -> dict[str, Any]:
    """A STAC item as Earth Search v1 gives it, with asset addresses still to be laid."""
    footprint = lonlat((WEST - 20000, NORTH - 20000, WEST + 20000, NORTH + 20000), EPSG)
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": name,
        "collection": "sentinel-2-l2a",
        "geometry": footprint.__geo_interface__,
        "bbox": list(footprint.bounds),
        "properties": {
            "datetime": when,
            "platform": "sentinel-2a",
            "grid:code": "MGRS-31UDS",
            "proj:code": f"EPSG:{EPSG}",
            "eo:cloud_cover": 10.0,
            "s2:processing_baseline": "05.09",
            "earthsearch:boa_offset_applied": True,
            **properties,
        },
        "links": [],
        "assets": {key: asset(key) for key in ("red", "nir", "scl")},
    }


def asset(key: str, href: str | None = None) -> dict[str, Any]:
    resolution, side, kind = (20.0, SIDE // 2, "uint8") if key == "scl" else (10.0, SIDE, "uint16")
    described: dict[str, Any] = {"nodata": 0, "data_type": kind}
    if key != "scl":
        described |= {"scale": 0.0001, "offset": -0.1}
    return {
        "href": href or f"https://example.org/{key}.tif",
        "proj:transform": [resolution, 0, WEST, 0, -resolution, NORTH],
        "proj:shape": [side, side],
        "raster:bands": [described],
    }


def lay_scene(script: Script, raw: dict[str, Any], pixels: Mapping[str, Pixels], checksums: bool = True) -> dict[str, Any]:
    """Lay a scene's files on a server, and give the item their addresses and checksums."""
    for key, values in pixels.items():
        lay_asset(script, raw, key, tif(values, 20 if key == "scl" else 10), checksums)
    return raw


def lay_asset(script: Script, raw: dict[str, Any], key: str, data: bytes, checksums: bool = True) -> str:
    """Lay one file; its path on the server."""
    path = f"/files/{raw['id']}/{key}.tif"
    script.lay(path, Answer(data, headers={"ETag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'}, ranges=True))
    raw["assets"][key]["href"] = f"catalogue:{path}"
    if checksums:
        raw["assets"][key] |= {"file:checksum": "1220" + hashlib.sha256(data).hexdigest(), "file:size": len(data)}
    return path


def lock_of(*items: dict[str, Any]) -> dict[str, Any]:
    """A lock of the given items, as `search` would have written it."""
    return {"schema": "carbonsink-lock/1", "items": list(items), "dropped": [], "gaps": []}
