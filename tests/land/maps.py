"""Published maps for tests: small GeoTIFFs in any CRS, and a legend of our own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio import Affine
from shapely.geometry import box, mapping

from carbonsink.declared.covermap import CoverMap
from carbonsink.declared.plan import Plan
from tests.land import trial

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"  # CLCD's, which has no EPSG code
LEGEND = """
name = { zh = "试", en = "trial" }
nodata = [0]
licence = "-"
attribution = "-"
status = "recalled"
source = "made for the tests"
place = "tests/land/maps.py"
[classes]
1 = { zh = "田", en = "Field", ipcc = "cropland" }
2 = { zh = "林", en = "Wood", ipcc = "forest land" }
7 = { zh = "水", en = "Water", ipcc = "wetlands" }
"""
CLASSES = [
    {"id": "paddy", "code": 1, "gbt": "0101", "name": trial.WORDS, "colour": "#7cb342"},
    {"id": "wood", "code": 3, "gbt": "0301", "name": trial.WORDS, "colour": "#1b4332"},
    {"id": "water", "code": 4, "ipcc": "wetlands", "name": trial.WORDS, "colour": "#1e88e5"},
]


def write_map(path: Path, values: Any, transform: Affine, crs: str = trial.GRID.crs, dtype: str = "uint8", nodata: int | None = None) -> Path:
    """A map as somebody would hand it in."""
    array = np.atleast_3d(np.asarray(values).T).T.astype(dtype)
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "GTiff", "count": len(array), "height": array.shape[1], "width": array.shape[2], "dtype": dtype, "crs": crs, "nodata": nodata}
    with rasterio.open(path, "w", transform=transform, **profile) as target:
        target.write(array)
    return path


def north_up(west: float, north: float, size: float) -> Affine:
    return Affine(size, 0, west, 0, -size, north)


def plan_of(folder: Path, maps: dict[str, Any], legend: str = "legend.toml", **given: Any) -> Plan:
    """A plan whose cover is a published map."""
    (folder / "legend.toml").write_text(given.pop("text", LEGEND), encoding="utf-8")
    values = given.pop("values", {})
    land = {"method": "published", "classes": given.pop("declared", CLASSES), "published": {"legend": legend, "values": values}, **given.pop("land", {})}
    plan = trial.plan(folder, land=land, strata={"rice": "paddy"}, **given)
    return replace(plan, area=plan.area.model_copy(update={"cover_map": CoverMap.model_validate(maps)}))


def served_maps(folder: Path) -> Path:
    """A static STAC catalogue of two yearly maps over the trial area, one of them in two tiles, and one elsewhere."""
    west, south, east, north = trial.GRID.bounds
    middle = (west + east) / 2
    tiles = [("a-2020", (west - 500, south - 500, middle, north + 500), 2020, 1), ("b-2020", (middle, south - 500, east + 500, north + 500), 2020, 2)]
    tiles += [("a-2021", (west - 500, south - 500, east + 500, north + 500), 2021, 7), ("far-2020", (west + 9e4, south, east + 9e4, north), 2020, 7)]
    for name, bounds, year, value in tiles:
        shape = (round((bounds[3] - bounds[1]) / 10), round((bounds[2] - bounds[0]) / 10))
        write_map(folder / "maps" / name / "map.tif", np.full(shape, value), north_up(bounds[0], bounds[3], 10))
        write_json(folder / "maps" / name / "item.json", item(name, bounds, year))
    links = [{"rel": "item", "href": f"./{name}/item.json"} for name, *_ in tiles]
    extent = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]}}
    head = {"type": "Collection", "id": "maps", "stac_version": "1.0.0", "description": "maps", "license": "CC0-1.0", "extent": extent}
    write_json(folder / "maps" / "collection.json", head | {"links": links})
    child = {"rel": "child", "href": "./maps/collection.json"}
    write_json(folder / "catalog.json", {"type": "Catalog", "id": "maps", "stac_version": "1.0.0", "description": "maps", "links": [child]})
    return folder


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def item(name: str, bounds: tuple[float, float, float, float], year: int) -> dict[str, Any]:
    geometry = trial.lonlat(box(*bounds))
    times = {"datetime": None, "start_datetime": f"{year}-01-01T00:00:00Z", "end_datetime": f"{year}-12-31T23:59:59Z"}
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "collection": "maps", "geometry": mapping(geometry), "bbox": list(geometry.bounds),
        "properties": times, "links": [], "assets": {"map": {"href": "./map.tif", "type": "image/tiff"}},
    }  # fmt: skip


SERVED = LEGEND.replace("[classes]", '[stac]\ncatalogue = "https://example.org/stac"\ncollection = "maps"\nasset = "map"\n[classes]')
