"""Published maps for tests: small GeoTIFFs in any CRS, and a legend of our own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio import Affine

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
