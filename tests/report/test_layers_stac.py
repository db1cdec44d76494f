"""stac-item.json: read by pystac, true to the files, and without an address outside."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pystac
import pytest
import rasterio
import shapely

from carbonsink.declared.plan import Plan

Run = tuple[Plan, Path]


@pytest.fixture(params=["rice", "soil"])
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def item_of(run: Run) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((run[1] / "report/stac-item.json").read_text(encoding="utf-8"))
    return value


def test_pystac_reads_it_and_writes_the_same_again(run: Run) -> None:
    value = item_of(run)
    item = pystac.Item.from_dict(value, preserve_dict=True)
    again = item.to_dict(include_self_link=False, transform_hrefs=False)
    assert {key: again[key] for key in value} == value
    assert item.common_metadata.start_datetime and str(item.common_metadata.start_datetime.date()) == str(run[0].area.period.start)
    assert shapely.geometry.shape(item.geometry).equals(run[0].land.boundary) and tuple(item.bbox or ()) == run[0].land.boundary.bounds


def test_every_other_file_of_the_report_is_an_asset_with_its_checksum(run: Run) -> None:
    report, assets = run[1] / "report", item_of(run)["assets"]
    files = {f"./{p.relative_to(report).as_posix()}" for p in report.rglob("*") if p.is_file() and p.name != "stac-item.json"}
    assert {asset["href"] for asset in assets.values()} == files and "./layers.gpkg" in files
    for asset in assets.values():
        data = (report / asset["href"]).read_bytes()
        assert asset["file:checksum"] == "1220" + hashlib.sha256(data).hexdigest() and asset["file:size"] == len(data)
        assert asset["type"] != "application/octet-stream", asset["href"]


def test_maps_say_their_grid_and_the_legend(run: Run) -> None:
    plan, folder = run
    maps = [asset for asset in item_of(run)["assets"].values() if asset["href"].endswith(".tif")]
    for asset in maps:
        with rasterio.open(folder / "report" / asset["href"]) as opened:
            assert (asset["proj:code"], asset["proj:shape"]) == (f"EPSG:{opened.crs.to_epsg()}", list(opened.shape))
            assert asset["proj:transform"] == list(opened.transform)[:6] and asset["proj:bbox"] == list(opened.bounds)
            assert [band["name"] for band in asset["bands"]] == list(opened.descriptions)
            assert {(band["data_type"], band["nodata"]) for band in asset["bands"]} == {(opened.dtypes[0], opened.nodata)}
    legends = [band["classification:classes"] for asset in maps for band in asset["bands"] if "classification:classes" in band]
    assert len(legends) == len(plan.vintages)
    assert [(c["value"], c["name"], f"#{c['color_hint'].lower()}") for c in legends[0]] == [(c.code, c.id, c.colour) for c in plan.pipeline.land.classes]


def test_reflectance_has_its_step_and_counts_have_none(rice: Run) -> None:
    bands = {band["name"]: band for a in item_of(rice)["assets"].values() if "composite" in a["href"] for band in a["bands"]}
    assert bands["red"]["raster:scale"] == 0.0001 and "raster:scale" not in bands["count"]


def test_nothing_points_outside_and_simulated_is_said(rice: Run, soil: Run) -> None:
    for run, simulated in ((rice, True), (soil, False)):
        value = item_of(run)
        assert value["links"] == [] and all(asset["href"].startswith("./") for asset in value["assets"].values())
        assert value["properties"]["carbonsink:simulated"] is simulated and ("SIMULATED" in value["properties"].get("description", "")) is simulated
        assert "http" not in json.dumps(value | {"stac_extensions": []})
