"""The STAC JSON of simulated scenes, as Earth Search v1 writes it for Sentinel-2 L2A."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import numpy as np

from carbonsink.declared.plan import SIMULATED
from carbonsink.simulate.constants import Baseline, Constants
from carbonsink.simulate.extent import Extent
from carbonsink.simulate.scene import FINE_BANDS, Scene
from carbonsink.simulate.sky import sun_on

FILES = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08", "swir16": "B11", "swir22": "B12", "scl": "SCL"}
TITLES = {
    "blue": "Blue (band 2) - 10m",
    "green": "Green (band 3) - 10m",
    "red": "Red (band 4) - 10m",
    "nir": "NIR 1 (band 8) - 10m",
    "swir16": "SWIR 1 (band 11) - 20m",
    "swir22": "SWIR 2 (band 12) - 20m",
    "scl": "Scene classification map (SCL)",
}
CLASS_SHARES = {
    "s2:saturated_defective_pixel_percentage": (1,),
    "s2:dark_features_percentage": (2,),
    "s2:cloud_shadow_percentage": (3,),
    "s2:vegetation_percentage": (4,),
    "s2:not_vegetated_percentage": (5,),
    "s2:water_percentage": (6,),
    "s2:unclassified_percentage": (7,),
    "s2:medium_proba_clouds_percentage": (8,),
    "s2:high_proba_clouds_percentage": (9,),
    "s2:thin_cirrus_percentage": (10,),
    "s2:snow_ice_percentage": (11,),
    "eo:cloud_cover": (8, 9, 10),
}
EXTENSIONS = ["eo/v1.1.0", "file/v2.1.0", "grid/v1.0.0", "mgrs/v1.0.0", "processing/v1.1.0", "projection/v2.0.0", "raster/v1.1.0", "view/v1.0.0"]
COG = "image/tiff; application=geotiff; profile=cloud-optimized"


def acquisition_days(start: date, end: date, constants: Constants) -> list[date]:
    """The days of acquisition from start to end, both taken, counted from a fixed day."""
    return days_of(start, end, constants.acquisitions.epoch, constants.acquisitions.interval_days)


def days_of(start: date, end: date, epoch: date, every: int) -> list[date]:
    """Every so many days, counted from a day, those from start to end."""
    first = start + timedelta(days=-((start - epoch).days) % every)
    return [first + timedelta(days=every * k) for k in range((end - first).days // every + 1)]


def platform_of(day: date, constants: Constants) -> str:
    """The platform of a day: they take turns."""
    taken = constants.acquisitions
    return taken.platforms[(day - taken.epoch).days // taken.interval_days % len(taken.platforms)]


def baseline_of(day: date, constants: Constants) -> Baseline:
    """The processing baseline in force on a day; before the first, the first."""
    in_force = [baseline for baseline in constants.baseline if baseline.since <= day]
    return in_force[-1] if in_force else constants.baseline[0]


def item_id(extent: Extent, day: date, constants: Constants) -> str:
    """The item's id, like S2A_50RNN_20200101_0_L2A."""
    return f"{_short(platform_of(day, constants))}_{extent.tile}_{day:%Y%m%d}_0_L2A"


def item_json(extent: Extent, day: date, scene: Scene, sizes: dict[str, tuple[int, str]], constants: Constants) -> dict[str, Any]:
    """The STAC item of a scene; `sizes` gives every asset's size and SHA-256."""
    assets = {band: _asset(band, extent, baseline_of(day, constants), *sizes[band]) for band in FILES}
    return feature(extent, item_id(extent, day, constants), constants.collection, EXTENSIONS, _properties(extent, day, scene, constants), assets)


def feature(extent: Extent, name: str, collection: str, extensions: Iterable[str], properties: dict[str, Any], assets: dict[str, Any]) -> dict[str, Any]:
    """What every STAC item of a simulation is."""
    ring = extent.ring()
    longitudes, latitudes = [lon for lon, _ in ring], [lat for _, lat in ring]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{extension}/schema.json" for extension in extensions],
        "id": name,
        "collection": collection,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [min(longitudes), min(latitudes), max(longitudes), max(latitudes)],
        "properties": properties,
        "links": [{"rel": "root", "href": "../../catalog.json"}, *({"rel": rel, "href": "../collection.json"} for rel in ("parent", "collection"))],
        "assets": assets,
    }


def _properties(extent: Extent, day: date, scene: Scene, constants: Constants) -> dict[str, Any]:
    platform, baseline, sun = platform_of(day, constants), baseline_of(day, constants), sun_on(day, constants)
    counts = np.bincount(scene.scl.ravel(), minlength=12)
    shares = {name: round(100 * int(sum(counts[list(classes)])) / scene.scl.size, 6) for name, classes in CLASS_SHARES.items()}
    return {
        "datetime": f"{day}T{constants.acquisitions.sensing_utc}.000000Z",
        "created": f"{day + timedelta(days=1)}T00:00:00.000Z",
        "updated": f"{day + timedelta(days=1)}T00:00:00.000Z",
        "platform": platform,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "proj:code": f"EPSG:{extent.epsg}",
        "mgrs:utm_zone": extent.zone,
        "mgrs:latitude_band": extent.band,
        "mgrs:grid_square": extent.square,
        "grid:code": f"MGRS-{extent.tile}",
        "view:sun_azimuth": sun.azimuth / 10,
        "view:sun_elevation": sun.elevation / 10,
        "s2:degraded_msi_data_percentage": 0,
        "s2:nodata_pixel_percentage": 0,
        **shares,
        **_product(extent, day, platform, baseline, constants),
        "s2:product_type": "S2MSI2A",
        "s2:processing_baseline": baseline.number,
        "s2:datatake_type": "INS-NOBS",
        "s2:sequence": "0",
        "earthsearch:boa_offset_applied": baseline.applied,
        "processing:software": {"carbonsink-simulate": str(constants.version)},
        SIMULATED: True,
    }


def _product(extent: Extent, day: date, platform: str, baseline: Baseline, constants: Constants) -> dict[str, str]:
    """The product's names, made as ESA makes them."""
    taken, short = constants.acquisitions, _short(platform)
    orbit = taken.absolute_orbit[platform] + taken.orbits_per_cycle * ((day - taken.epoch).days // 10)
    sensed, made = f"{day:%Y%m%d}T{taken.sensing_utc.replace(':', '')}", f"{day:%Y%m%d}T060000"
    number, granule = baseline.number.replace(".", ""), f"2{short[1:]}PS_{made}"
    return {
        "s2:product_uri": f"{short}_MSIL2A_{sensed}_N{number}_R{taken.relative_orbit:03d}_T{extent.tile}_{made}.SAFE",
        "s2:generation_time": f"{day}T06:00:00.000000Z",
        "s2:datatake_id": f"G{short}_{sensed}_{orbit:06d}_N{baseline.number}",
        "s2:datastrip_id": f"{short}_OPER_MSI_L2A_DS_{granule}_S{sensed}_N{baseline.number}",
        "s2:granule_id": f"{short}_OPER_MSI_L2A_TL_{granule}_A{orbit:06d}_T{extent.tile}_N{baseline.number}",
    }


def _asset(band: str, extent: Extent, baseline: Baseline, size: int, sha256: str) -> dict[str, Any]:
    factor = 1 if band in FINE_BANDS else 2
    resolution = extent.pixel_m * factor
    raster: dict[str, Any] = {"nodata": 0, "data_type": "uint8" if band == "scl" else "uint16", "spatial_resolution": resolution}
    if band != "scl":
        raster |= {"scale": 0.0001, "offset": baseline.offset}
    asset: dict[str, Any] = {
        "href": f"./{FILES[band]}.tif",
        "type": COG,
        "title": TITLES[band],
        "roles": ["data"] if band == "scl" else ["data", "reflectance"],
        "proj:shape": [extent.height // factor, extent.width // factor],
        "proj:transform": [resolution, 0, extent.west, 0, -resolution, extent.north],
        "raster:bands": [raster],
        "file:size": size,
        "file:checksum": f"1220{sha256}",  # multihash: sha2-256 of 32 bytes
    }
    return asset if band == "scl" else {**asset, "gsd": resolution, "eo:bands": [{"name": band, "common_name": band}]}


def _short(platform: str) -> str:
    return f"S2{platform[-1].upper()}"
