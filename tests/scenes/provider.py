"""Made-up items in each provider's own style, built from what the sensor's file says: keys, ids, and where the projection stands."""

from __future__ import annotations

import re
from typing import Any

from carbonsink.declared.sensor import Dialect, Sensor
from tests.scenes.plans import lonlat

WEST, NORTH, SIDE, EPSG = 499980.0, 5100000.0, 109800, 32633  # tile 33TWL
PROPERTIES = {
    "grid:code": "MGRS-33TWL", "s2:mgrs_tile": "33TWL", "landsat:wrs_path": "190", "landsat:wrs_row": "028", "sat:orbit_state": "ascending",
    "sat:relative_orbit": 44, "eo:cloud_cover": 12.5,
}  # fmt: skip
IDS = {"hls-s30": "HLS.S30.T33TWL.2023215T100031.v2.0", "hls-l30": "HLS.L30.T33TWL.2023215T094201.v2.0"}
PLATFORMS = {"landsat-c2-l2": "landsat-9", "sentinel-1-rtc": "SENTINEL-1A"}
MEDIA = {"geotiff": "image/tiff; application=geotiff; profile=cloud-optimized", "jp2": "image/jp2"}
STYLES = {  # projection fields of an item, of an asset; scale and offset of an asset
    "earth-search": (("epsg",), ("shape", "transform"), "raster:bands"),
    "earth-search-c1": (("epsg",), ("shape", "transform"), "raster:bands"),
    "planetary-computer": (("epsg",), ("shape", "transform"), "none"),
    "cdse": ((), ("code", "shape", "transform"), "asset"),
    "landsatlook": (("epsg", "shape", "transform"), (), "none"),
    "lp-daac": ((), (), "none"),
}


def made(sensor: Sensor, name: str, baseline: str = "05.10", **properties: Any) -> dict[str, Any]:
    """An item of a dialect on the ground of tile 33TWL, of 4 August 2023."""
    dialect = sensor.dialects[name]
    of_item, of_asset, listed = STYLES.get(name, (("code",), ("shape", "transform"), "raster:bands"))
    footprint = lonlat((WEST, NORTH - SIDE, WEST + SIDE, NORTH), EPSG)
    said = {dialect.baseline_property: baseline, dialect.generated_property: "2023-08-05T01:02:03Z"}
    return {
        "type": "Feature",
        "stac_version": "1.1.0" if listed == "asset" else "1.0.0",
        "id": IDS.get(sensor.id, f"made-{sensor.id}-{name}"),
        "collection": dialect.collection,
        "geometry": footprint.__geo_interface__,
        "properties": {
            "datetime": "2023-08-04T10:00:31.024Z", "platform": PLATFORMS.get(sensor.id, "sentinel-2b"), **PROPERTIES,
            **_projection(of_item, min(band.resolution for band in sensor.bands.values())), **{key: value for key, value in said.items() if key}, **properties,
        },
        "links": [{"rel": "self", "href": f"{dialect.catalogue}/collections/{dialect.collection}/items/made"}],
        "assets": {key: _asset(sensor, dialect, band, of_asset, listed) for band, key in dialect.assets.items()},
    }  # fmt: skip


def _projection(fields: tuple[str, ...], resolution: int) -> dict[str, Any]:
    known = {
        "epsg": EPSG, "code": f"EPSG:{EPSG}", "shape": [SIDE // resolution] * 2, "transform": [resolution, 0, WEST, 0, -resolution, NORTH, 0, 0, 1],
    }  # fmt: skip
    return {f"proj:{field}": known[field] for field in fields}


def _asset(sensor: Sensor, dialect: Dialect, band: str, fields: tuple[str, ...], listed: str) -> dict[str, Any]:
    suffix = {"geotiff": "tif", "jp2": "jp2"}[dialect.media]
    name = f"{re.sub('[^a-z0-9]', '', dialect.assets[band].lower())}.{suffix}"
    https = f"https://data.example.org/{sensor.id}/{name}"
    others = {dialect.alternate: {"href": https}} if dialect.alternate else {}
    asset = {"href": f"s3://data/{name}" if others else https, "type": MEDIA[dialect.media], **_projection(fields, sensor.bands[band].resolution)}
    if others:
        asset["alternate"] = others
    if listed == "raster:bands" and band not in sensor.mask_bands:
        asset["raster:bands"] = [{"nodata": 0, "data_type": "uint16", "scale": 0.0001, "offset": -0.1}]
    if listed == "asset" and band not in sensor.mask_bands:
        asset |= {"data_type": "uint16", "nodata": 0, "raster:scale": 0.0001, "raster:offset": -0.1, "bands": [{"name": band}]}
    return asset
