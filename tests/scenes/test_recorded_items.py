"""Traps of recorded answers: an offset listed that is gone already, and the asset keys of a catalogue's first version."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.item import parse
from carbonsink.scenes.radiometry import decide
from tests.scenes.recorded import recorded, recorded_items

SENSOR = read_sensor("sentinel-2-l2a")


def test_the_offset_that_earth_search_lists_is_overruled_by_its_flag(shared: Path) -> None:
    dialect = SENSOR.dialects["earth-search"]
    raw = next(item for item in recorded_items(shared, dialect) if item["id"] == "S2A_13TDE_20231008_0_L2A")
    item = parse(raw, dialect, tuple(SENSOR.bands))
    decision = decide(item, "red", SENSOR, dialect)
    assert item.assets["red"].offset == -0.1
    assert (decision.scale, decision.offset, decision.rule) == (0.0001, 0.0, "earthsearch:boa_offset_applied=true")


def test_collection_1_of_the_same_catalogue_keeps_the_offset_in_its_pixels(shared: Path) -> None:
    dialect = SENSOR.dialects["earth-search-c1"]
    for raw in recorded_items(shared, dialect):
        if "href" in raw["assets"].get("red", {}):
            decision = decide(parse(raw, dialect, ("red",)), "red", SENSOR, dialect)
            assert (decision.offset, decision.rule) == (-0.1, "raster:bands.offset")


def test_an_item_of_the_catalogues_first_version_is_refused_by_the_assets_it_lacks(shared: Path) -> None:
    raw = next(item for item in recorded(shared) if item["id"] == "S2A_28QCH_20200714_0_L2A")
    raw = raw | {"properties": raw["properties"] | {"grid:code": "MGRS-28QCH"}}
    with pytest.raises(Refusal, match=r"E-SRC-010 S2A_28QCH_20200714_0_L2A: .*red.*B04"):
        parse(raw, SENSOR.dialects["earth-search"], tuple(SENSOR.bands))
