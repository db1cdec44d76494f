"""Demonstrations: an illustrative area for each kind of project, on simulated imagery, of which nothing can be issued.

library/begin/demos/<name>/demo.toml    answers, a field of parcels to draw, what the simulator is told; other files lie beside area.toml
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely.geometry import Polygon

from carbonsink.base.geometry import geodesic_area_m2, mu
from carbonsink.base.problems import Exit, refuse
from carbonsink.begin.area import Begun, Extras, begin
from carbonsink.begin.boundary import read_boundary
from carbonsink.begin.recipe import BEGIN
from carbonsink.declared.schema import Declared, read_toml

DEMOS = BEGIN / "demos"
PIPELINE = "pipeline.toml"  # a demonstration's own: the recipe's, with rules for simulated covers in place of a published map
DEGREES = 7  # decimals of a drawn corner
STATED = 1  # decimals of a stated area in mu


class Field(Declared):
    """A field of parcels to draw: the south-west corner, the step from parcel to parcel, a parcel's size [degrees], how many, and their letters."""

    corner: list[float]
    step: list[float]
    size: list[float]
    rows: int
    columns: int
    prefix: str


class Demo(Declared):
    """library/begin/demos/<name>/demo.toml"""

    field: Field
    answers: dict[str, str]
    simulation: dict[str, Any] = {}


def demo_names() -> list[str]:
    """The demonstrations there are."""
    return sorted(path.parent.name for path in DEMOS.glob("*/demo.toml"))


def demo(folder: Path, name: str, force: bool = False) -> Begun:
    """Write a demonstration area; refuses an unknown one (E-BEG-008), and what `begin` refuses."""
    if name not in demo_names():
        raise refuse("E-BEG-008", "--demo", Exit.USAGE, found=name, known=", ".join(demo_names()))
    source = DEMOS / name
    said = read_toml(source / "demo.toml", Demo)
    files = tuple(path for path in sorted(source.iterdir()) if path.name != "demo.toml" and not path.name.startswith("plots_"))
    extras = Extras(PIPELINE if (source / PIPELINE).is_file() else None, files, said.simulation)
    plots = {key: str(path) for key in ("plots_first", "plots_last") if (path := source / f"{key}.csv").is_file()}
    with tempfile.TemporaryDirectory() as work:
        parcels = Path(work, "parcels.geojson")
        parcels.write_text(field_text(said.field), encoding="utf-8")
        return begin(folder, read_boundary(parcels), said.answers | plots | {"imagery": "simulated"}, lambda question: None, force=force, extras=extras)


def field_text(field: Field) -> str:
    """The parcels of a field as GeoJSON in CGCS2000, a feature a line, with their areas in mu."""
    features = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in _parcels(field))
    note = "Illustrative parcels, drawn for a demonstration; nobody's land. 示例地块，为演示而绘制。"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    head = json.dumps({"type": "FeatureCollection", "description": note, "crs": crs}, ensure_ascii=False)
    return head.removesuffix("}") + f', "features": [\n{features}\n]}}\n'


def _parcels(field: Field) -> Iterator[dict[str, Any]]:
    for number in range(field.rows * field.columns):
        row, column = divmod(number, field.columns)
        west, south = field.corner[0] + column * field.step[0], field.corner[1] + row * field.step[1]
        east, north = west + field.size[0], south + field.size[1]
        ring = [[round(x, DEGREES), round(y, DEGREES)] for x, y in ((west, south), (east, south), (east, north), (west, north), (west, south))]
        area = round(mu(geodesic_area_m2(Polygon(ring))), STATED)
        properties = {"parcel_id": f"{field.prefix}-{number + 1:03d}", "declared_mu": area}
        yield {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
