"""Simulated radar: what flooded, drained and grown fields give in VH, speckle, the sky that isn't there, and items as the provider writes them."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio

from carbonsink.base.problems import Refusal
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import Practice, read_practices
from carbonsink.declared.sensor import read_sensor
from carbonsink.declared.simulation import Simulation
from carbonsink.scenes.item import parse
from carbonsink.simulate import simulate
from carbonsink.simulate.constants import constants
from carbonsink.simulate.extent import extent_of
from carbonsink.simulate.landscape import landscape_of
from carbonsink.simulate.practice import State, practised
from carbonsink.simulate.radar import Surface, backscatter, patch_backscatter, surface_of, vh_of
from carbonsink.simulate.radar_items import FILE, radar_days, radar_id
from tests.simulate.plans import fields

CALM = Surface(1000, 1000)
START, END = date(2021, 5, 20), date(2021, 6, 20)
PINNED = "8b54df51bb1ec74ab1d813506bc8b6409d43901b2c973ee5137bfa410ae2dcc3"
KNOWN = constants()


def asking(plan: Plan, radar: str | None = "sentinel-1-rtc") -> Plan:
    """The plan, its pipeline asking for radar or for none."""
    practice = Practice(evidence=["water_regime"], radar=radar)
    return replace(plan, pipeline=plan.pipeline.model_copy(update={"practice": practice}))


def decibel(power: float) -> float:
    return 10 * math.log10(power / 1e6)


def of_rice(day: int, *practices: str) -> float:
    """VH [dB] of single rice on a day of the calendar, calm and neither moist nor dry."""
    return decibel(backscatter(practised(State("single-rice", practices), KNOWN), day, CALM, KNOWN))


# --- the land ---


def test_bare_ground_is_dark_under_water_and_bright_when_dry_on_the_right_sides_of_the_librarys_anchors() -> None:
    radar = read_practices().water.radar
    assert of_rice(150) < decibel(radar.wet * 1e6) - 1 and of_rice(130) > decibel(radar.dry * 1e6)
    assert -24 < of_rice(150) < -23 and -20 < of_rice(130) < -18


def test_growing_plants_brighten_a_flooded_field_beyond_bare_soil_and_a_closed_canopy_hides_the_water() -> None:
    flooded = [of_rice(day, "continuously_flooded") for day in (160, 180, 195, 225)]
    assert flooded == sorted(flooded)
    assert flooded[1] > decibel(read_practices().water.radar.dry * 1e6), "so that a threshold alone would call it drained"
    assert of_rice(195, "single_drainage") - flooded[2] > 0.4
    assert of_rice(237, "multiple_drainage") - of_rice(237, "continuously_flooded") < 0.3


def test_waves_and_moisture_brighten_and_darken_a_day_not_a_field() -> None:
    rice = practised(State("single-rice"), KNOWN)
    assert backscatter(rice, 150, Surface(1400, 1000), KNOWN) > 1.3 * backscatter(rice, 150, CALM, KNOWN)
    assert backscatter(rice, 130, Surface(1000, 800), KNOWN) < 0.9 * backscatter(rice, 130, CALM, KNOWN)
    days = [surface_of(date(2021, 1, 1) + timedelta(days=n), KNOWN) for n in range(100)]
    assert {day.water >= 1000 for day in days} == {True} and max(day.water for day in days) <= 1400
    assert min(day.soil for day in days) < 900 and max(day.soil for day in days) > 1100


def test_every_cover_has_a_backscatter_of_its_plants_and_ground() -> None:
    names = {name for cover in KNOWN.covers.values() for name in (cover.green, cover.ripe, cover.dry, cover.wet)}
    assert names == set(KNOWN.radar.backscatter)
    assert KNOWN.radar.source and KNOWN.radar.place


# --- pixels ---


def test_speckle_is_of_four_looks_and_leaves_the_mean_of_the_land() -> None:
    """A bell of four bytes has a kurtosis of 2.7, so four looks count as 4.7; neighbours share half of them, pixels two apart none."""
    plan = fields(6, START, END)
    landscape = landscape_of(plan, extent_of(plan.land.boundary, KNOWN), KNOWN)
    vh = vh_of(landscape, "some item", START, KNOWN).astype(np.float64)
    by_patch = patch_backscatter(landscape, START, KNOWN)
    land = np.add.reduceat(by_patch[landscape.patch] * landscape.parts, landscape.first).reshape(vh.shape) // KNOWN.grid.mixing**2
    ratio = vh * 1e6 / (land * (1000 + landscape.texture) / 1000)
    ratio /= ratio.mean()
    assert 0.95 <= vh.mean() / (land.mean() / 1e6) <= 1.05, "the scene's own level is within 5 %"
    assert ratio.var() == pytest.approx(1 / 4.7, rel=0.05)
    apart = [float(((ratio[:, n:] - 1) * (ratio[:, :-n] - 1)).mean() / ratio.var()) for n in (1, 2)]
    assert apart[0] == pytest.approx(0.5, abs=0.07) and apart[1] == pytest.approx(0, abs=0.05)


def test_pixels_are_those_of_every_other_machine_and_of_a_second_run(tmp_path: Path) -> None:
    """The pinned digest changes only with the constants, the code or the parcels; never with the machine."""
    plan = asking(fields(3, START, date(2021, 5, 30)))
    for name in ("one", "two"):
        simulate(plan, tmp_path / name)
    ((one,), (two,)) = ([path.read_bytes() for path in sorted((tmp_path / name).rglob(FILE))] for name in ("one", "two"))
    assert one == two
    with rasterio.open(next((tmp_path / "one").rglob(FILE))) as source:
        pixels = source.read(1)
    assert (pixels.dtype, source.nodata, bool((pixels > 0).all())) == (np.float32, -32768, True)
    assert hashlib.sha256(pixels.astype("<f4").tobytes()).hexdigest() == PINNED


def test_clouds_change_nothing(tmp_path: Path) -> None:
    for name, cloud in (("clear", None), ("cloudy", 90)):
        simulate(asking(fields(2, START, date(2021, 6, 1), planted=Simulation(cloud_percent=cloud))), tmp_path / name)
    clear, cloudy = ([path.read_bytes() for path in sorted((tmp_path / name).rglob(FILE))] for name in ("clear", "cloudy"))
    assert clear and clear == cloudy


# --- items ---


def test_radar_comes_every_twelve_days_whatever_the_revisit_of_the_imagery(tmp_path: Path) -> None:
    simulate(asking(fields(2, START, END, planted=Simulation(revisit_days=30))), tmp_path / "c")
    found = sorted(path.parent.name for path in (tmp_path / "c" / "sentinel-1-rtc").rglob(FILE))
    assert found == [radar_id(day, KNOWN) for day in radar_days(START, END, KNOWN)]
    assert radar_days(START, END, KNOWN) == [date(2021, 5, 22), date(2021, 6, 3), date(2021, 6, 15)]
    assert found[0].startswith("S1A_IW_GRDH_1SDV_20210522T221307_20210522T221332_")


def test_items_are_what_the_sensor_file_reads_and_are_marked_simulated(tmp_path: Path) -> None:
    simulate(asking(fields(2, START, date(2021, 5, 25))), tmp_path / "c")
    (path,) = (tmp_path / "c" / "sentinel-1-rtc").glob("*/*.json")
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["assets"]["vh"]["href"] = "catalogue:/vh.tif"
    item = parse(raw, read_sensor("sentinel-1-rtc").dialect_named(None), ("vh",))
    assert (item.platform, item.tile, item.cloud_cover) == ("SENTINEL-1A", "descending-69", None)
    with rasterio.open(path.parent / FILE) as source:
        assert (item.grid.crs, item.grid.height, item.grid.width) == (f"EPSG:{source.crs.to_epsg()}", source.height, source.width)
        assert tuple(item.grid.transform) == tuple(source.transform)
    assert raw["properties"]["carbonsink:simulated"] is True
    assert item.assets["vh"].checksum == "1220" + hashlib.sha256((path.parent / FILE).read_bytes()).hexdigest()


def test_without_radar_asked_for_none_is_made_and_the_imagery_is_the_same(tmp_path: Path) -> None:
    plan = fields(2, START, date(2021, 5, 25))
    simulate(asking(plan, None), tmp_path / "alone")
    simulate(asking(plan), tmp_path / "both")
    assert not (tmp_path / "alone" / "sentinel-1-rtc").exists()
    alone, both = ({p.name: p.read_bytes() for p in sorted((tmp_path / name / "sentinel-2-l2a").rglob("*.*"))} for name in ("alone", "both"))
    assert alone == both and len(alone) > 7
    simulate(asking(plan, None), tmp_path / "both")
    assert not (tmp_path / "both" / "sentinel-1-rtc").exists(), "another key, another catalogue"


def test_another_radar_than_the_simulators_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="E-SIM-026 .*sentinel-1-rtc.*nisar"):
        simulate(asking(fields(1, START, END), "nisar"), tmp_path / "c")
