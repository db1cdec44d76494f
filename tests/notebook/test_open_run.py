"""A run opened in a notebook: tables, layers and rasters are the run's own, and a wrong name says the right ones."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import carbonsink
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import Activity, ParcelShare
from carbonsink.base.tables import read_csv
from tests.notebook.conftest import Finished


@pytest.fixture(scope="module")
def run(finished: Finished) -> carbonsink.Run:
    return carbonsink.open_run(finished[1])


def test_tables_hold_the_run_s_own_rows_with_their_types(run: carbonsink.Run) -> None:
    found, rows = run.table("areas/parcels"), read_csv(run.folder / "areas/parcels.csv", ParcelShare)
    assert list(found.area_ha) == [row.area_ha for row in rows] and found.counted.dtype == bool
    statement = run.table("credit/statement")
    assert statement.co2e_t.map(type).unique().tolist() == [Decimal] and statement.groupby("vintage").co2e_t.sum().tolist() == [0, 0, 0]


def test_every_table_of_a_run_can_be_asked_for(run: carbonsink.Run) -> None:
    assert {"areas/activity", "carbon/worksheet", "uncertainty/shares", "scenes/scenes"} <= set(run.tables)
    for name in run.tables:
        assert list(run.table(name).columns), name


def test_an_empty_table_keeps_its_columns(run: carbonsink.Run) -> None:
    assert run.table("land/confusion").empty and "map_class" in run.table("land/confusion").columns


def test_layers_carry_what_became_of_parcels(run: carbonsink.Run) -> None:
    parcels = run.layer("parcels")
    assert parcels.crs.to_epsg() == 4326 and set(parcels.outcome) == {"counted", "condition"}
    assert run.layer("strata").geometry[0].equals(parcels.union_all())


def test_rasters_are_numbers_on_their_grid(run: carbonsink.Run) -> None:
    plain = read_raster(run.folder / "composites/2021-05.tif", ["ndvi"])
    found = run.raster("composites/2021-05", ["ndvi"])
    assert found.ndvi.values == pytest.approx(plain.pixels[0] / 10_000, abs=1e-7) and found.attrs["crs"] == plain.grid.crs
    assert (float(found.x[0]), float(found.y[0])) == (plain.grid.west + 5, plain.grid.north - 5)
    assert run.raster("land/cover_2021").cover.dtype == np.uint8


def test_composites_stand_in_order_of_time_and_gaps_are_not_numbers(run: carbonsink.Run) -> None:
    found = run.composites(["ndvi", "count"])
    assert found.sizes["time"] == 36 and found.indexes["time"].is_monotonic_increasing
    gap = found.sel(time="2020-06")
    assert bool(gap.ndvi.isnull().all()) and not bool(found.sel(time="2020-08").ndvi.isnull().any())


def test_report_plan_and_manifest_are_at_hand(run: carbonsink.Run) -> None:
    assert run.report["vintages"][0]["vintage"] == 2020 and run.plan["area"]["id"] == "longshan" and run.manifest["digest"] == "0" * 64
    assert run.table("areas/activity").area_ha.sum() == sum(row.area_ha for row in read_csv(run.folder / "areas/activity.csv", Activity))


def test_what_is_no_run_and_what_is_not_in_it_are_refused(run: carbonsink.Run, tmp_path: Path) -> None:
    with pytest.raises(carbonsink.Refusal, match=r"E-NBK-001 .*manifest.json"):
        carbonsink.open_run(tmp_path)
    for ask, kind in ((run.table, "table"), (run.raster, "raster"), (run.layer, "layer")):
        with pytest.raises(carbonsink.Refusal, match=rf"E-NBK-002 \.\./secrets: there is no such {kind} in the run; it has: \w"):
            ask("../secrets")


def test_importing_the_package_loads_no_library() -> None:
    code = "import sys, carbonsink; print(sorted({'numpy', 'pandas', 'xarray', 'rasterio'} & sys.modules.keys()), carbonsink.open_run.__name__)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "[] open_run\n"


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="open_runs"):
        carbonsink.open_runs  # type: ignore[attr-defined]  # noqa: B018
    assert all(hasattr(carbonsink, name) for name in carbonsink.__all__)
