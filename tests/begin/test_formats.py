"""Every format that counties send becomes the same area through `carbonsink new`: ids, areas and names as they were written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.cli import app
from carbonsink.run import load_complete
from tests.begin.boundaries import HOME, columns, table_of, zipped
from tests.begin.test_new import RICE, new


def short() -> dict[str, Sequence[object]]:
    """The columns under names of ten bytes: three characters of a .dbf in UTF-8."""
    long = columns()
    return {"地块号": long["地块编号"], "名称": long["地块名称"], "亩数": long["实测面积"]}


FORMATS: dict[str, tuple[str, str, Callable[[Path], Path]]] = {
    "GeoJSON": ("EPSG:4326", "parcels.geojson", lambda folder: table_of(folder / "land.geojson", "GeoJSON", columns(), "EPSG:4326")),
    "GeoPackage": ("EPSG:4527", "parcels.gpkg", lambda folder: table_of(folder / "land.gpkg", "GPKG", columns(), HOME)),
    "KML": ("EPSG:4326", "parcels.kml", lambda folder: table_of(folder / "land.kml", "KML", columns(), "EPSG:4326")),
    "zipped Shapefile, GBK": ("EPSG:4527", "parcels.zip", lambda folder: zipped(folder / "land.zip")),
    "zipped Shapefile, UTF-8": ("EPSG:4527", "parcels.zip", lambda folder: zipped(folder / "land.zip", short(), encoding="UTF-8")),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_becomes_an_area_with_its_ids_and_areas(name: str, tmp_path: Path) -> None:
    crs, kept, make = FORMATS[name]
    ids, areas = ("地块号", "亩数") if "UTF-8" in name else ("地块编号", "实测面积")
    made = new(tmp_path / "xinglong", "--boundary", make(tmp_path), "--json", given=RICE)
    assert made.exit_code == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["columns"] == {"parcel_id": ids, "parcel_area_mu": areas}
    assert told["land"]["crs"] == crs and told["land"]["area_mu"] == pytest.approx(60, rel=0.01)
    assert sorted(path.name for path in (tmp_path / "xinglong").iterdir()) == ["area.toml", kept]
    assert [parcel.id for parcel in load_complete(tmp_path / "xinglong").land.parcels] == ["XL001", "XL002", "XL003", "XL004"]
    assert CliRunner().invoke(app, ["check", str(tmp_path / "xinglong")]).exit_code == 0
