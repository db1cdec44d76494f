"""A tiny good area, to be broken in one place at a time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import carbonsink.base.rasters  # noqa: F401  (before GDAL)

# isort: split
import numpy as np
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

WEST, SOUTH = 117.4, 24.6  # near Longshan town
AREA_TOML = """\
id = "tiny-paddies"
name = { zh = "小块稻田", en = "Tiny paddies" }
country = "CN"
pipeline = "tiny"
period = { start = 2020-01-01, end = 2021-12-31 }
imagery = { catalogue = "simulated" }

[land]
file = "parcels.geojson"
parcel_id = "parcel"
parcel_area_mu = "mu"
declared_area = { value = 67.3, unit = "mu" }

[strata.single-rice]
cover = "paddy"
name = { zh = "单季稻", en = "Single rice" }
keys = { region = "east_asia", cropping = "single", amendment = "straw_lt30d_before_cultivation", preseason = "non_flooded_lt180d" }
baseline = { water_regime = "continuously_flooded" }
project = { water_regime = "multiple_drainage" }

[[value]]
symbol = "straw_rate"
value = 5.0
unit = "t ha^-1"
source = "farm records"
place = "book 1"

[[value]]
symbol = "nitrogen_rate"
value = 150.0
unit = "kg_N ha^-1 yr^-1"
source = "farm records"
place = "book 2"

[[value]]
symbol = "yield_ratio"
value = 1.0
unit = "1"
source = "farm records"
place = "book 3"
"""
PIPELINE_TOML = """\
id = "tiny"
name = { zh = "稻田", en = "Paddies" }

[imagery]
sensor = "sentinel-2-l2a"
max_cloud_cover = 90.0

[composites]
period = "month"
bands = ["red", "nir"]
indices = ["ndvi"]

[land]
method = "rules"
classes = [
    { id = "paddy", code = 1, ipcc = "cropland", colour = "#7cb342", name = { zh = "水田", en = "Paddy" } },
    { id = "water", code = 2, ipcc = "wetlands", colour = "#1e88e5", name = { zh = "水体", en = "Water" } },
]
rules = [
    { land_class = "water", when = "max(ndvi) < 0.2" },
    { land_class = "paddy", when = "1 == 1" },
]

[areas]
method = "parcels"

[carbon]
methodology = "rice-water-management"

[uncertainty]
draws = 1000
seed = 1

[report]
languages = ["zh", "en"]
"""
Ring = list[list[Any]]


def square(step: int, width: float = 0.002, height: float = 0.001) -> Ring:
    """The ring of one field of 33.65 mu; fields lie side by side with a path between."""
    west = round(WEST + 0.003 * step, 6)
    east, north = round(west + width, 6), round(SOUTH + height, 6)
    return [[west, SOUTH], [east, SOUTH], [east, north], [west, north], [west, SOUTH]]


def feature(ring: Ring | dict[str, Any] | None, parcel: object = "P-1", mu: object = 33.65, **more: object) -> dict[str, Any]:
    """A GeoJSON feature of a ring or of a geometry."""
    geometry = {"type": "Polygon", "coordinates": [ring]} if isinstance(ring, list) else ring
    return {"type": "Feature", "properties": {"parcel": parcel, "mu": mu, **more}, "geometry": geometry}


def collection(*features: dict[str, Any], crs: str | None = None) -> dict[str, Any]:
    """A GeoJSON feature collection."""
    head: dict[str, Any] = {"type": "FeatureCollection", "features": list(features)}
    return head | ({"crs": {"type": "name", "properties": {"name": crs}}} if crs else {})


GOOD = (feature(square(0), "P-1"), feature(square(1), "P-2"))


@dataclass(frozen=True)
class Area:
    """The folder of the tiny area, and ways to break it."""

    folder: Path

    def declare(self, old: str, new: str) -> None:
        self._edit("area.toml", old, new)

    def recipe(self, old: str, new: str) -> None:
        self._edit("tiny.toml", old, new)

    def features(self, *features: dict[str, Any], crs: str | None = None) -> None:
        self.write("parcels.geojson", json.dumps(collection(*features, crs=crs), ensure_ascii=False))

    def boundary(self) -> None:
        """Make the land file a boundary, and let areas be pixel counts."""
        self.declare('parcel_id = "parcel"\nparcel_area_mu = "mu"\ndeclared_area = { value = 67.3, unit = "mu" }\n', "")
        self.recipe('method = "parcels"', 'method = "pixel_count"')

    def write(self, name: str, content: str | bytes) -> None:
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def use(self, name: str) -> None:
        self.declare('file = "parcels.geojson"', f'file = "{name}"')

    def _edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text, old
        self.write(name, text.replace(old, new, 1))

    def vector(
        self, name: str, crs: str | None = "EPSG:4490", geometries: Sequence[BaseGeometry] | None = None, ids: Sequence[str] = ("P-1", "P-2"), **how: Any
    ) -> None:
        """Write the parcels as a file of GDAL's, and declare it."""
        write_vector(self.folder / name, crs, geometries or [shapely.Polygon(square(0)), shapely.Polygon(square(1))], ids, **how)
        self.use(name)

    def projected(self, code: int, shift: float = 0.0) -> list[BaseGeometry]:
        """The parcels in a projected CRS, eastings shifted [m]."""
        from pyproj import Transformer

        way = Transformer.from_crs("EPSG:4490" if code in range(4491, 4555) else "EPSG:4326", code, always_xy=True).transform

        def moved(xy: Any) -> Any:
            return np.column_stack(way(xy[:, 0], xy[:, 1])) + [shift, 0.0]

        return [shapely.transform(shapely.Polygon(square(step)), moved) for step in (0, 1)]

    def zipped(self, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None] | None = None) -> None:
        """Write the parcels as a zipped Shapefile; `change` writes the archive instead, from the parts."""
        self.vector("parcels.shp")
        parts = {p.name: p.read_bytes() for p in sorted(self.folder.glob("parcels.*")) if p.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}}
        with zipfile.ZipFile(self.folder / "parcels.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            if change:
                change(archive, parts)
            else:
                for name, data in parts.items():
                    archive.writestr(name, data)
        self.declare('file = "parcels.shp"', 'file = "parcels.zip"')


def write_vector(path: Path, crs: str | None, geometries: Sequence[BaseGeometry], ids: Sequence[str], **how: Any) -> None:
    """Write parcels with the columns `parcel` and `mu` by GDAL."""
    wkb = np.array([shapely.to_wkb(g) for g in geometries], dtype=object)
    columns = [np.array(list(ids), dtype=object), np.full(len(geometries), 33.65)]
    kind = how.pop("geometry_type", "Polygon")
    pyogrio.raw.write(path, wkb, columns, ["parcel", "mu"], geometry_type=kind, crs=crs, **how)


def good_area(folder: Path) -> Area:
    """The tiny area as it should be."""
    area = Area(folder)
    area.write("area.toml", AREA_TOML)
    area.write("tiny.toml", PIPELINE_TOML)
    area.features(*GOOD)
    return area


def kml(*placemarks: str, head: str = "") -> str:
    """A KML document of placemarks."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{"".join(placemarks)}</Document></kml>'


def placemark(step: int, parcel: str = "P-1", shape: str | None = None) -> str:
    """A KML placemark with a polygon, or with another shape."""
    ring = " ".join(f"{x},{y},0" for x, y in square(step))
    polygon = f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    data = f'<ExtendedData><Data name="parcel"><value>{parcel}</value></Data><Data name="mu"><value>33.65</value></Data></ExtendedData>'
    return f"<Placemark><name>{parcel}</name>{data}{shape if shape is not None else polygon}</Placemark>"
