"""The STAC JSON of simulated radar scenes, as the Planetary Computer writes it for Sentinel-1 RTC. Only VH is made."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from carbonsink.declared.plan import SIMULATED
from carbonsink.simulate.constants import Constants
from carbonsink.simulate.extent import Extent
from carbonsink.simulate.items import COG, days_of, feature

EXTENSIONS = ["file/v2.1.0", "projection/v2.0.0", "raster/v1.1.0", "sar/v1.0.0", "sat/v1.0.0"]
NODATA = -32768  # of the product
FILE = "iw-vh.rtc.tif"
SLICE = timedelta(seconds=25)  # of a GRD product, in its name


def radar_days(start: date, end: date, constants: Constants) -> list[date]:
    """The days of radar acquisitions from start to end, both taken."""
    return days_of(start, end, constants.radar.epoch, constants.radar.interval_days)


def radar_id(day: date, constants: Constants) -> str:
    """The item's id, like S1A_IW_GRDH_1SDV_20200104T221307_20200104T221332_030644_rtc."""
    radar = constants.radar
    begun = datetime.fromisoformat(f"{day}T{radar.sensing_utc}")
    orbit = radar.absolute_orbit + radar.orbits_per_cycle * ((day - radar.epoch).days // radar.interval_days)
    return f"S1{radar.platform[-1]}_IW_GRDH_1SDV_{begun:%Y%m%dT%H%M%S}_{begun + SLICE:%Y%m%dT%H%M%S}_{orbit:06d}_rtc"


def radar_json(extent: Extent, day: date, size: int, sha256: str, constants: Constants) -> dict[str, Any]:
    """The STAC item of a radar scene; size and SHA-256 are those of its VH."""
    properties = _properties(extent, day, constants)
    return feature(extent, radar_id(day, constants), constants.radar.sensor, EXTENSIONS, properties, {"vh": _asset(size, sha256)})


def _properties(extent: Extent, day: date, constants: Constants) -> dict[str, Any]:
    radar = constants.radar
    return {
        "datetime": f"{day}T{radar.sensing_utc}.000000Z",
        "platform": radar.platform,
        "constellation": "Sentinel-1",
        "instruments": ["c-sar"],
        "sar:instrument_mode": "IW",
        "sar:frequency_band": "C",
        "sar:polarizations": ["VV", "VH"],
        "sar:product_type": "GRD",
        "sat:orbit_state": radar.orbit_state,
        "sat:relative_orbit": radar.relative_orbit,
        "proj:code": f"EPSG:{extent.epsg}",
        "proj:shape": [extent.height, extent.width],
        "proj:transform": [extent.pixel_m, 0, extent.west, 0, -extent.pixel_m, extent.north, 0, 0, 1],
        "processing:software": {"carbonsink-simulate": str(constants.version)},
        SIMULATED: True,
    }


def _asset(size: int, sha256: str) -> dict[str, Any]:
    return {
        "href": f"./{FILE}",
        "type": COG,
        "title": "VH: vertical transmit, horizontal receive",
        "description": "Terrain-corrected gamma naught values of signal transmitted with vertical polarization and received with horizontal polarization",
        "roles": ["data"],
        "raster:bands": [{"nodata": NODATA, "data_type": "float32", "spatial_resolution": 10}],
        "file:size": size,
        "file:checksum": f"1220{sha256}",
    }
