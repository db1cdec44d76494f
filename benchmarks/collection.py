"""A synthetic collection as Earth Search v1 describes Sentinel-2 L2A: COGs, STAC items, a static catalogue that `carbonsink serve` reads.

ensure(side, dates)  ->  <cache>/<side>-<seed>-<edition>/scenes/<number>/B02.tif ...   at most 24 distinct scenes
                         <cache>/<side>-<seed>-<edition>/dates-<dates>/catalog.json    their files by hard links under every date

Four dates a month from January 2023. The same seed gives the same pixels; the cache lies in CARBONSINK_BENCH, or the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import Transformer
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from benchmarks.pixels import CYCLE, FINE, Land, Pixels, scene, swath

SEED = 2023
EDITION = 1  # of what is made here: another edition is kept apart from older files
EPSG, WEST, NORTH, TILE = 32633, 499_980.0, 5_100_000.0, "33TWL"
FILES = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08", "swir16": "B11", "scl": "SCL"}
NAME = "sentinel-2-l2a"
DAYS_OF_MONTH = (4, 11, 18, 25)
PROCESSES = 2
PROFILE = {"driver": "COG", "compress": "deflate", "level": 6, "blocksize": 512, "overview_resampling": "nearest", "count": 1, "nodata": 0}
EXTENSIONS = ["eo/v1.1.0", "file/v2.1.0", "grid/v1.0.0", "mgrs/v1.0.0", "projection/v2.0.0", "raster/v1.1.0"]


@dataclass(frozen=True)
class Collection:
    """A collection on disk: the catalogue's folder, pixels of 10 m along the tile, and the days in order."""

    folder: Path
    side: int
    days: tuple[date, ...]

    def file(self, day: date, band: str) -> Path:
        """One asset."""
        return self.folder / NAME / item_id(day) / f"{FILES[band]}.tif"


def cache() -> Path:
    """Where collections are kept."""
    users = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("CARBONSINK_BENCH") or users / "carbonsink-bench")


def ensure(side: int, dates: int, seed: int = SEED) -> Collection:
    """The collection of so many dates, made where it isn't there yet."""
    home = cache() / f"{side}-{seed}-{EDITION}"
    missing = [number for number in range(min(dates, CYCLE)) if not (home / "scenes" / str(number)).is_dir()]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(make_scene, [home] * len(missing), [side] * len(missing), [seed] * len(missing), missing))
    found = Collection(home / f"dates-{dates}", side, tuple(days(dates)))
    if not (found.folder / "catalog.json").is_file():
        lay_catalogue(found, home / "scenes")
    return found


def days(dates: int) -> Iterable[date]:
    """The days of so many scenes."""
    for number in range(dates):
        month, place = divmod(number, len(DAYS_OF_MONTH))
        yield date(2023 + month // 12, month % 12 + 1, DAYS_OF_MONTH[place])


def make_scene(home: Path, side: int, seed: int, number: int) -> None:
    """Write one distinct scene's files under their whole name, all or none."""
    part = home / "scenes" / f".{number}-{os.getpid()}"
    part.mkdir(parents=True)
    for band, values in scene(Land(side, seed), number).items():
        write_cog(part / f"{FILES[band]}.tif", values, 10.0 if band in FINE else 20.0)
    part.rename(home / "scenes" / str(number))


def write_cog(path: Path, values: Pixels, resolution: float) -> None:
    """A cloud-optimised GeoTIFF of the tile with overviews: deflate of level 6, horizontal predictor, blocks of 512."""
    height, width = values.shape
    place = rasterio.Affine(resolution, 0, WEST, 0, -resolution, NORTH)
    profile = PROFILE | {"height": height, "width": width, "dtype": values.dtype.name, "crs": f"EPSG:{EPSG}", "transform": place, "predictor": 2}
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)


def lay_catalogue(found: Collection, scenes: Path) -> None:
    """The static catalogue: hard links to the scenes' files, one item a date; its root is written last."""
    shutil.rmtree(found.folder, ignore_errors=True)
    facts: dict[int, dict[str, Any]] = {}
    for number, day in enumerate(found.days):
        source = scenes / str(number % CYCLE)
        known = facts.setdefault(number % CYCLE, _facts(source) if number < CYCLE else {})
        folder = found.folder / NAME / item_id(day)
        folder.mkdir(parents=True)
        for name in FILES.values():
            os.link(source / f"{name}.tif", folder / f"{name}.tif")
        _write(folder / f"{item_id(day)}.json", item(found, number, day, known))
    links = [{"rel": "item", "href": f"./{item_id(day)}/{item_id(day)}.json"} for day in found.days]
    _write(found.folder / NAME / "collection.json", _collection(found, links))
    top = {"type": "Catalog", "id": "benchmark", "stac_version": "1.0.0", "description": "synthetic scenes of the benchmark"}
    _write(found.folder / "catalog.json", top | {"links": [{"rel": "child", "href": f"./{NAME}/collection.json"}]})


def item_id(day: date) -> str:
    """The item's id, like S2A_33TWL_20230104_0_L2A."""
    return f"S2A_{TILE}_{day:%Y%m%d}_0_L2A"


def item(found: Collection, number: int, day: date, facts: dict[str, Any]) -> dict[str, Any]:
    """The STAC item of a date, with the keys of Earth Search v1."""
    footprint = lonlat(shapely.transform(swath(found.side, number % CYCLE), lambda p: np.column_stack([WEST + p[:, 0] * 10, NORTH - p[:, 1] * 10])))
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": [f"https://stac-extensions.github.io/{name}/schema.json" for name in EXTENSIONS],
        "id": item_id(day),
        "collection": NAME,
        "geometry": mapping(footprint),
        "bbox": list(footprint.bounds),
        "properties": _properties(day, facts["classes"]),
        "links": [{"rel": "collection", "href": "../collection.json"}],
        "assets": {band: _asset(found.side, band, *facts[band]) for band in FILES},
    }


def lonlat(geometry: BaseGeometry) -> BaseGeometry:
    """A geometry of the tile's CRS in longitude and latitude."""
    carry = Transformer.from_crs(EPSG, 4326, always_xy=True).transform
    return shapely.transform(geometry, lambda points: np.column_stack(carry(points[:, 0], points[:, 1])))


def _facts(scenes: Path) -> dict[str, Any]:
    """Size and SHA-256 of a scene's files by band, and its pixels by class."""
    with rasterio.open(scenes / "SCL.tif") as source:
        classes = np.bincount(source.read(1).ravel(), minlength=12) / (source.height * source.width)
    files = {band: (scenes / f"{name}.tif").read_bytes() for band, name in FILES.items()}
    return {"classes": classes} | {band: (len(data), hashlib.sha256(data).hexdigest()) for band, data in files.items()}


def _properties(day: date, classes: Pixels) -> dict[str, Any]:
    return {
        "datetime": f"{day}T10:00:31.000000Z",
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "proj:code": f"EPSG:{EPSG}",
        "mgrs:utm_zone": int(TILE[:2]),
        "mgrs:latitude_band": TILE[2],
        "mgrs:grid_square": TILE[3:],
        "grid:code": f"MGRS-{TILE}",
        "eo:cloud_cover": round(100 * float(classes[[8, 9, 10]].sum()), 6),
        "s2:nodata_pixel_percentage": round(100 * float(classes[0]), 6),
        "s2:processing_baseline": "05.09",
        "s2:generation_time": f"{day}T16:00:00.000000Z",
        "earthsearch:boa_offset_applied": True,
    }


def _asset(side: int, band: str, size: int, sha256: str) -> dict[str, Any]:
    resolution = 10.0 if band in FINE else 20.0
    pixels = side if band in FINE else side // 2
    # The offset as Earth Search lists it, though boa_offset_applied says that it is no longer to be applied.
    described: dict[str, Any] = {"nodata": 0, "data_type": "uint8" if band == "scl" else "uint16", "spatial_resolution": resolution}
    return {
        "href": f"./{FILES[band]}.tif",
        "type": "image/tiff; application=geotiff; profile=cloud-optimized",
        "roles": ["data"],
        "proj:shape": [pixels, pixels],
        "proj:transform": [resolution, 0, WEST, 0, -resolution, NORTH],
        "raster:bands": [described if band == "scl" else described | {"scale": 0.0001, "offset": -0.1}],
        "file:size": size,
        "file:checksum": f"1220{sha256}",  # multihash: sha2-256 of 32 bytes
    }


def _collection(found: Collection, links: list[dict[str, str]]) -> dict[str, Any]:
    first, last = found.days[0], found.days[-1]
    extent = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [[f"{first}T00:00:00Z", f"{last}T23:59:59Z"]]}}
    head = {"type": "Collection", "id": NAME, "stac_version": "1.0.0", "description": "synthetic scenes of the benchmark", "license": "proprietary"}
    return head | {"extent": extent, "links": links}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
