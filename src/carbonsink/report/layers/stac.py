"""stac-item.json: every other file of the report, as one STAC item (1.1.0) with relative addresses and no link to any network.

Sources: STAC 1.1.0, https://github.com/radiantearth/stac-spec; the extensions named in EXTENSIONS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import shapely

from carbonsink import __version__
from carbonsink.base.evidence import file_sha256
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, Grid, described
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.layers.shapes import said, words
from carbonsink.report.results import Results

NAME = "stac-item.json"
EXTENSIONS = [
    f"https://stac-extensions.github.io/{name}/schema.json"
    for name in ("classification/v2.0.0", "file/v2.1.0", "processing/v1.2.0", "projection/v2.0.0", "raster/v2.0.0")
]
SHA256 = "1220"  # of a multihash: SHA-256, 32 bytes
KINDS = {
    ".gpkg": ("application/geopackage+sqlite3", "data"), ".html": ("text/html", "overview"), ".json": ("application/json", "metadata"),
    ".pdf": ("application/pdf", "overview"), ".tif": ("image/tiff; application=geotiff; profile=cloud-optimized", "data"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "data"), ".geojson": ("application/geo+json", "data"),
}  # fmt: skip
UNKNOWN = ("application/octet-stream", "data")


def stac_item(plan: Plan, results: Results, folder: Path, languages: Sequence[Language]) -> dict[str, Any]:
    """The item that describes the files of a report folder as they are now."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != NAME)
    grid = next(iter(results.covers.values())).grid
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": EXTENSIONS,
        "id": f"{plan.area.id}-{plan.pipeline.id}-{results.digests.results[:10]}",
        "geometry": shapely.geometry.mapping(shapely.normalize(plan.land.boundary)),
        "bbox": list(plan.land.boundary.bounds),
        "properties": _properties(plan, results, languages) | {"proj:code": grid.crs},
        "links": [],
        "assets": {p.relative_to(folder).as_posix().replace("/", "_"): _asset(plan, folder, p, languages) for p in files},
    }


def _properties(plan: Plan, results: Results, languages: Sequence[Language]) -> dict[str, Any]:
    title = " / ".join(w("layers.stac", area=w.of(plan.area.name)) for w in languages)
    simulated = {"description": words(languages, "simulated.banner")} if plan.simulated else {}
    return {
        "title": title,
        **simulated,
        "datetime": None,
        "start_datetime": f"{plan.area.period.start}T00:00:00Z",
        "end_datetime": f"{plan.area.period.end}T23:59:59Z",
        "license": "other",
        "attribution": plan.dialect.attribution,
        "processing:software": {"carbonsink": __version__},
        "processing:level": "L4",
        "processing:lineage": f"{plan.methodology.id} {plan.methodology.version}; {results.imagery.collection}, {results.imagery.items} items",
        "carbonsink:simulated": plan.simulated,
        "carbonsink:results": results.digests.results,
        "carbonsink:issued_t_co2e": {str(v.year): f"{v.of('issued'):f}" for v in results.vintages},
    }


def _asset(plan: Plan, folder: Path, path: Path, languages: Sequence[Language]) -> dict[str, Any]:
    media, role = KINDS.get(path.suffix, UNKNOWN)
    asset = {
        "href": f"./{path.relative_to(folder).as_posix()}", "type": media, "roles": [role],
        "file:checksum": SHA256 + file_sha256(path), "file:size": path.stat().st_size,
    }  # fmt: skip
    return asset | (_map(plan, path, languages) if path.suffix == ".tif" else {})


def _map(plan: Plan, path: Path, languages: Sequence[Language]) -> dict[str, Any]:
    """What a map holds: its grid, bands, and the legend of its values."""
    grid, layers = described(path)
    kind, _, when = path.stem.partition("_")
    title = " / ".join(w(f"layers.{kind}", year=when, period=when) for w in languages)
    where = {"title": title, "proj:code": grid.crs, "proj:shape": [grid.height, grid.width], "proj:transform": _transform(grid), "proj:bbox": list(grid.bounds)}
    if kind == "cover":
        legend = {"name": "cover", "nodata": 0, "data_type": "uint8", "classification:classes": list(_classes(plan, languages))}
        return where | {"roles": ["data", "classification"], "bands": [legend]}
    measured = {"data_type": "int16", "nodata": COMPOSITE_NODATA}
    step = {"raster:scale": 1 / COMPOSITE_UNIT, "raster:offset": 0}
    return where | {"bands": [{"name": name} | measured | ({} if name == "count" else step) for name in layers]}


def _classes(plan: Plan, languages: Sequence[Language]) -> Iterator[dict[str, Any]]:
    for c in plan.pipeline.land.classes:
        yield {"value": c.code, "name": c.id, "title": said(languages, c.name), "color_hint": c.colour[1:].upper()}


def _transform(grid: Grid) -> list[float]:
    return [grid.resolution, 0.0, grid.west, 0.0, -grid.resolution, grid.north]
