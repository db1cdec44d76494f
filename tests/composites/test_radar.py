"""The series of a radar beside the imagery: on its own grid and in its own zone, joined by day, what it lacks left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from carbonsink.base.rasters import Grid, Raster, pixel_digest, write_raster
from carbonsink.base.records import SceneAsset, SeriesPoint
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.composites.compose import prepared_series
from carbonsink.declared.area import CatalogueSource, Parcel
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import Practice
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.fetch import fetch
from tests.composites.test_compose import compose_into
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import serving
from tests.scenes.synthetic import EPSG, INNER, bands, item, lay_scene, lock_of

OPTICAL = Composites(period="month", bands=["red", "nir"], indices=["ndvi"], series=["ndvi"])
OTHER_ZONE = EPSG + 1
DAYS = ("2018-06-01", "2018-06-04", "2018-06-13")  # the second is a day of the imagery too


def plan(series: list[str] | None = None) -> Plan:
    """Two parcels, west and east, under a pipeline that asks for radar."""
    composites = OPTICAL if series is None else OPTICAL.model_copy(update={"series": series})
    made = plan_of(lonlat(INNER, EPSG), 2018, composites)
    west, south, east, north = INNER
    halves = [(west, south, (west + east) / 2, north), ((west + east) / 2, south, east, north)]
    parcels = tuple(Parcel(name, "", lonlat(box, EPSG), 0.0, None) for name, box in zip("WE", halves, strict=True))
    pipeline = made.pipeline.model_copy(update={"practice": Practice(evidence=["water_regime"], radar="sentinel-1-rtc")})
    asked = made.area.imagery.model_copy(update={"radar": CatalogueSource()})
    area = made.area.model_copy(update={"imagery": asked})
    return replace(made, area=area, pipeline=pipeline, land=replace(made.land, parcels=parcels), radar_sensor=read_sensor("sentinel-1-rtc"))


def other_grid() -> Grid:
    """10 m pixels of the neighbouring zone around the area, on corners of their own."""
    carry = Transformer.from_crs(EPSG, OTHER_ZONE, always_xy=True).transform
    west, south, east, north = shapely.transform(shapely.box(*INNER), lambda points: np.column_stack(carry(*points.T))).buffer(60).bounds
    return Grid(f"EPSG:{OTHER_ZONE}", west // 10 * 10, north // 10 * 10 + 10, 10.0, int((north - south) // 10) + 3, int((east - west) // 10) + 3)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """One date of the imagery, three of radar: 0.0051 everywhere, on the last 0.0203 with a hole in the north-west."""
    with serving() as script:
        scene = lay_scene(script, item("A", "2018-06-04T10:50:29Z"), bands(red=300, nir=3000))
        fetch(plan(), lock_of(scene), script.url, tmp_path / "store", tmp_path / "scenes", lambda done, total: None)
    grid, rows = other_grid(), []
    for day in DAYS:
        power = np.full((1, grid.height, grid.width), 0.0203 if day == DAYS[2] else 0.0051, np.float32)
        if day == DAYS[2]:
            power[0, : grid.height // 2, : grid.width // 2] = -32768
        chip = Raster(grid, ("vh",), power, -32768)
        name = f"chips/S1_{day}/vh.tif"
        write_raster(tmp_path / "scenes" / "radar" / name, chip)
        asset = (f"S1_{day}", f"{day}T05:50:00Z", "SENTINEL-1A", "ascending-88", "vh", "catalogue:/x.tif", 1, "0" * 64, name, pixel_digest(chip))
        rows.append(SceneAsset(*asset, 1.0, 0.0, "sensor sentinel-1-rtc"))
    write_csv(tmp_path / "scenes" / "radar" / "scenes.csv", rows, SceneAsset)
    return tmp_path


def points(run: Path) -> tuple[SeriesPoint, ...]:
    return read_csv(run / "composites" / "series.csv", SeriesPoint)


def test_the_radars_grid_is_that_of_its_own_scenes(run: Path) -> None:
    radar = plan().radar
    assert radar is not None
    work = prepared_series(radar, run / "scenes/radar", 64)
    assert (work.grid.crs, work.grid.resolution) == (f"EPSG:{OTHER_ZONE}", 10.0)
    assert (work.periods, work.years, [period.name for period in work.days]) == ((), (), list(DAYS))
    assert (work.recipe.bands, work.recipe.series, work.recipe.sensor.id) == (("vh",), ("vh",), "sentinel-1-rtc")


def test_points_of_both_stand_in_order_of_days_and_share_none_needs_to(run: Path) -> None:
    compose_into(plan(), run)
    found = [(p.date, p.platform, p.parcel, p.layer) for p in points(run)]
    radar = [(day, "SENTINEL-1A", parcel, "vh") for day in DAYS for parcel in "WE"]
    assert found == sorted([*radar, *(("2018-06-04", "sentinel-2a", parcel, "ndvi") for parcel in "WE")], key=lambda key: (key[0], key[1], "WE".index(key[2])))


def test_power_is_kept_to_a_ten_thousandth_and_what_is_fill_was_not_seen(run: Path) -> None:
    compose_into(plan(), run)
    vh = {(p.date, p.parcel): p for p in points(run) if p.layer == "vh"}
    assert {p.mean for (day, _), p in vh.items() if day != DAYS[2]} == {0.0051}
    assert vh[DAYS[2], "E"].mean == 0.0203
    whole, hole = vh[DAYS[0], "W"], vh[DAYS[2], "W"]
    assert whole.seen_px == whole.covered_px == hole.covered_px > 1.4 * hole.seen_px


def test_a_pipeline_whose_imagery_has_no_series_still_has_the_radars(run: Path) -> None:
    compose_into(plan([]), run)
    assert {p.layer for p in points(run)} == {"vh"}


@pytest.mark.parametrize(("block", "scheduler", "workers"), [(64, "threads", 2), (128, "synchronous", None)])
def test_block_size_and_scheduler_change_no_bit(run: Path, block: int, scheduler: str, workers: int | None) -> None:
    compose_into(plan(), run)
    before = (run / "composites" / "series.csv").read_bytes()
    compose_into(plan(), run, block, scheduler, workers)
    assert (run / "composites" / "series.csv").read_bytes() == before
