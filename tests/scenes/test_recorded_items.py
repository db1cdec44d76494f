"""Items as Earth Search v1 really answers: parsed by the same code that every area's scenes go through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.item import parse
from carbonsink.scenes.radiometry import decide

SENSOR = read_sensor("sentinel-2-l2a")
BANDS = tuple(SENSOR.bands)


def recorded(shared: Path, name: str) -> Any:
    return json.loads((shared / "stac_fixtures" / name).read_text())


def test_an_item_of_earth_search_v1_has_every_band_on_its_native_grid(shared: Path) -> None:
    item = parse(recorded(shared, "earthsearch_v1_items/S2A_12RWT_20240106_0_L2A.json"), SENSOR, BANDS)
    assert (item.tile, item.time.year, item.grid.crs) == ("12RWT", 2024, "EPSG:32612")
    assert {band: asset.grid.resolution for band, asset in item.assets.items()} == {band: SENSOR.bands[band].resolution for band in BANDS}
    assert item.assets["red"].grid.height == item.assets["red"].grid.width == 10980


def test_its_offset_is_decided_by_the_flag_before_the_listed_offset(shared: Path) -> None:
    item = parse(recorded(shared, "earthsearch_v1_items/S2A_12RWT_20240106_0_L2A.json"), SENSOR, BANDS)
    decision = decide(item, "red", SENSOR)
    assert item.assets["red"].offset == -0.1
    assert (decision.scale, decision.offset, decision.rule) == (0.0001, 0.0, "earthsearch:boa_offset_applied=true")


def test_an_item_of_the_catalogues_first_version_is_refused_by_the_assets_it_lacks(shared: Path) -> None:
    with pytest.raises(Refusal, match=r"E-SRC-010 S2A_28QCH_20200714_0_L2A: .*red.*B04"):
        parse(recorded(shared, "odc_stac_items/S2A_28QCH_20200714_0_L2A.json"), SENSOR, BANDS)
