"""Area folders over the collection: a large square for fetching, and two hundred of very different size for many at once.

lay_areas(collection, folder, url)  ->  folder/area-000/{area.toml, boundary.geojson, benchmark-many.toml} ...
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
from shapely.geometry import box, mapping
from shapely.geometry.base import BaseGeometry

from benchmarks.collection import NORTH, SEED, WEST, Collection, lonlat

SMALLEST_HA, LARGEST_HA = 0.04, 5_000.0
WIDEST = 3072  # pixels of 10 m along a square area: 94,372 ha, where 100,000 are the most of one run
SHARE = 1 / 30  # of the tile: the largest area of a small collection
AREA = """\
id = "{id}"
name = {{ zh = "基准测试", en = "Benchmark" }}
country = "SI"
pipeline = "{pipeline}.toml"
period = {{ start = 2023-01-01, end = 2023-12-31 }}
imagery = {{ catalogue = "{catalogue}" }}

[land]
file = "boundary.geojson"

[strata.forest]
cover = "forest"
name = {{ zh = "林地", en = "Forest" }}

[strata.forest.keys]
continent = "europe"
ecozone = "temperate_continental"
origin = "natural"
age = "gt20y"
leaf = "broadleaf"
species = "quercus"
agb_class = "gt125"
"""
PIPELINE = """\
id = "{id}"
name = {{ zh = "基准测试", en = "Benchmark" }}

[imagery]
sensor = "sentinel-2-l2a"
fetch = "{fetch}"

[composites]
{composites}
bands = [{bands}]
indices = [{indices}]

[land]
method = "rules"
classes = [
    {{ id = "forest", code = 1, ipcc = "forest land", colour = "#1b4332", name = {{ zh = "林地", en = "Forest" }} }},
    {{ id = "other", code = 2, ipcc = "grassland", colour = "#9ccc65", name = {{ zh = "其他", en = "Other" }} }},
]
rules = [{{ land_class = "forest", when = "max(ndvi) > 0.5" }}, {{ land_class = "other", when = "1 == 1" }}]

[areas]
method = "pixel_count"

[carbon]
methodology = "forest-inventory"

[uncertainty]
draws = 1000
seed = 1

[report]
languages = ["en"]
"""
MONTHS = 'period = "month"'
QUARTER = """\
period = "windows"
windows = [
    { name = "m01", start = "01-01", end = "01-31" },
    { name = "m02", start = "02-01", end = "02-28" },
    { name = "m03", start = "03-01", end = "03-31" },
]"""


def lay_square(side: int, folder: Path, url: str) -> Path:
    """One area that is the tile's first `side` pixels along both axes: NDVI and EVI of three months, fetched by windows."""
    inset = 10.0  # m: the boundary's own rounding may not leave the tile, nor reach into the next block
    east, south = WEST + side * 10, NORTH - side * 10
    outline = box(WEST + inset, south + inset, east - inset, NORTH - inset)
    pipeline = PIPELINE.format(id="benchmark-square", fetch="window", composites=QUARTER, bands=_words(["red"]), indices=_words(["ndvi", "evi"]))
    return _lay(folder, "square", outline, "benchmark-square", pipeline, url)


def lay_areas(collection: Collection, folder: Path, url: str, count: int) -> list[Path]:
    """Square areas from the smallest to the largest, their sizes in even ratios, anywhere in the tile; six assets a date."""
    composites = PIPELINE.format(
        id="benchmark-many",
        fetch="auto",
        composites=MONTHS,
        bands=_words(["blue", "green", "red", "nir", "swir16"]),
        indices=_words(["ndvi", "evi"]),
    )
    return [_lay(folder, f"area-{n:03d}", outline, "benchmark-many", composites, url) for n, outline in enumerate(outlines(collection.side, count))]


def outlines(side: int, count: int, seed: int = SEED) -> list[BaseGeometry]:
    """Squares within a tile of `side` pixels [m]."""
    chance = np.random.default_rng(seed)
    tile = side * 10.0
    largest = min(LARGEST_HA, SHARE * tile * tile / 10_000)
    sizes = np.geomspace(SMALLEST_HA, largest, count)
    return [_square(chance, math.sqrt(size * 10_000), tile) for size in sizes]


def _square(chance: np.random.Generator, length: float, tile: float) -> BaseGeometry:
    west, north = (float(chance.uniform(20, tile - length - 20)) for _ in range(2))
    return box(WEST + west, NORTH - north - length, WEST + west + length, NORTH - north)


def _lay(folder: Path, name: str, outline: BaseGeometry, pipeline: str, recipe: str, url: str) -> Path:
    """Write one area folder with its pipeline."""
    area = folder / name
    area.mkdir(parents=True, exist_ok=True)
    (area / "area.toml").write_text(AREA.format(id=f"bench-{name}", pipeline=pipeline, catalogue=url), encoding="utf-8")
    (area / f"{pipeline}.toml").write_text(recipe, encoding="utf-8")
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(lonlat(outline))}
    (area / "boundary.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return area


def _words(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
