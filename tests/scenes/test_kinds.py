"""Other kinds of imagery: JPEG 2000 where the provider declares it, several masks of bits, radar without a mask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.crs import CRS
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from shapely.geometry import box

from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid, Raster, read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.catalogue.serve import Catalogue
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import Sensor, read_sensor
from carbonsink.scenes.budget import budget, emptiness, imbalance, masked
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import Item, parse
from carbonsink.scenes.lock import search
from carbonsink.scenes.mirror import Part, mirror
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Script, serving
from tests.scenes.synthetic import EPSG, INNER, NORTH, SIDE, WEST, bands, item, lay_asset, lay_scene, lock_of, tif

S2 = read_sensor("sentinel-2-l2a")
PATIENCE = Patience(attempts=1)


@pytest.fixture
def script() -> Iterator[Script]:
    with serving() as script:
        yield script


def run(plan: Plan, lock: dict[str, Any], url: str, folder: Path) -> dict[str, SceneAsset]:
    fetch(plan, lock, url, folder / "store", folder / "scenes", lambda *_: None, PATIENCE)
    return {row.band: row for row in read_csv(folder / "scenes/scenes.csv", SceneAsset)}


# --- JPEG 2000 ------------------------------------------------------------------------------------------------------------


def jp2(pixels: Any, resolution: float) -> bytes:
    """The same tile, packed without loss as JPEG 2000."""
    with MemoryFile(tif(pixels, resolution, nodata=None)) as memory, memory.open() as source, MemoryFile(ext=".jp2") as packed:
        copy(source, packed.name, driver="JP2OpenJPEG", QUALITY="100", REVERSIBLE="YES", YCBCR420="NO")
        return bytes(packed.read())


def declared_jp2() -> Sensor:
    dialect = next(iter(S2.dialects.values())).model_copy(update={"media": "jp2"})
    return S2.model_copy(update={"dialects": {"jp2": dialect}})


def lay_jp2(script: Script) -> dict[str, Any]:
    raw = lay_scene(script, item(), bands())
    for key, pixels in bands().items():
        lay_asset(script, raw, key, jp2(pixels, 20 if key == "scl" else 10))
        raw["assets"][key]["type"] = "image/jp2"
    return raw


def test_jpeg_2000_is_read_whole_where_its_dialect_declares_it(script: Script, tmp_path: Path) -> None:
    plan = plan_of(lonlat(INNER, EPSG), 2018, sensor=declared_jp2(), fetch="window")
    rows = run(plan, lock_of(lay_jp2(script)), script.url, tmp_path / "jp2")
    assert {row.mode for row in rows.values()} == {"whole"}
    geotiff = run(plan_of(lonlat(INNER, EPSG), 2018), lock_of(lay_scene(script, item(), bands())), script.url, tmp_path / "tif")
    assert {band: row.chip_sha256 for band, row in rows.items()} == {band: row.chip_sha256 for band, row in geotiff.items()}


def test_a_geotiff_where_jpeg_2000_is_declared_is_refused(script: Script, tmp_path: Path) -> None:
    plan, raw = plan_of(lonlat(INNER, EPSG), 2018, sensor=declared_jp2()), lay_jp2(script)
    lay_asset(script, raw, "red", tif(bands()["red"], 10))
    with pytest.raises(Refusal, match=r"E-SEC-033 .* red: .*II"):
        run(plan, lock_of(raw), script.url, tmp_path)


def test_a_mirror_of_jpeg_2000_holds_geotiff_and_gives_the_same_chips(script: Script, tmp_path: Path) -> None:
    plan = plan_of(lonlat(INNER, EPSG), 2018, sensor=declared_jp2())
    lock = lock_of(lay_jp2(script))
    original = run(plan, lock, script.url, tmp_path / "original")
    mirror([Part(plan, lock, script.url)], tmp_path / "store", tmp_path / "mirror", lambda *_: None, PATIENCE)
    with Catalogue(tmp_path / "mirror") as catalogue:
        again = run(plan, search(plan, catalogue.url, catalogue.url), catalogue.url, tmp_path / "again")
    assert {band: row.chip_sha256 for band, row in again.items()} == {band: row.chip_sha256 for band, row in original.items()}


def test_a_utm_zone_written_out_without_its_name_and_datum_is_that_zone(script: Script, tmp_path: Path) -> None:
    """As the files of HLS have it."""
    nameless = CRS.from_epsg(EPSG).to_wkt().replace('"World Geodetic System 1984"', '"Not specified based on WGS 84 spheroid"')
    written = CRS.from_proj4(f"+proj=utm +zone={EPSG - 32600} +ellps=WGS84 +units=m +no_defs").to_wkt()
    raw = lay_scene(script, item(), bands())
    plain = run(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / "plain")
    for number, crs in enumerate((nameless, written)):
        lay_asset(script, raw, "red", tif(bands()["red"], 10, crs=crs))
        rows = run(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / f"{number}")
        assert rows["red"].chip_sha256 == plain["red"].chip_sha256
    lay_asset(script, raw, "red", tif(bands()["red"], 10, crs=CRS.from_proj4("+proj=utm +zone=31 +south +ellps=WGS84 +units=m").to_wkt()))
    with pytest.raises(Refusal, match="E-SRC-001 .* red: .*EPSG:32731"):
        run(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / "south")


# --- several masks ---------------------------------------------------------------------------------------------------------


def two_masks() -> Sensor:
    """A sensor whose quality is told by bits of one band and by values of another."""
    source = {"source": "made up", "place": "for this test"}
    bits = {
        "band": "scl", "kind": "bits", "dtype": "uint8", "nodata_bit": 0,
        "classes": [{"code": 1, "name": "cloud", "clear": False, "bits": [3]}, {"code": 2, "name": "clear", "clear": True}],
    }  # fmt: skip
    values = {
        "band": "nir08", "kind": "values", "dtype": "uint16", "invalid_share_limit": 1.0,
        "classes": [{"code": 3, "name": "not saturated", "clear": True, "value": 0}, {"code": 4, "name": "saturated", "clear": False, "value": 1}],
    }  # fmt: skip
    given = S2.model_dump()
    return Sensor.model_validate(given | {"masks": [bits | source, values | source], "radiometry": given["radiometry"] | {"darkest": None}})


def made(sensor: Sensor) -> Item:
    return parse(item(), next(iter(sensor.dialects.values())), ("red", "nir", "scl"))


@settings(max_examples=40)
@given(
    cloud=arrays("uint8", (6, 8), elements=st.sampled_from([0, 1, 8, 9, 64])),
    full=arrays("uint16", (6, 8), elements=st.sampled_from([0, 1, 7])),
    red=arrays("uint16", (12, 16), elements=st.integers(0, 4)),
    south=st.floats(5, 119),
)
def test_with_two_masks_every_pixel_is_in_one_class_and_the_first_that_hides_it_names_it(cloud: Any, full: Any, red: Any, south: float) -> None:
    sensor, coarse = two_masks(), Grid(f"EPSG:{EPSG}", WEST, NORTH, 20.0, 6, 8)
    cuts = {"scl": Cut(Raster(coarse, ("scl",), cloud[None], None)), "nir08": Cut(Raster(coarse, ("nir08",), full[None], None))}
    found = masked(made(sensor), cuts, sensor, box(WEST, NORTH - south, WEST + 160, NORTH))
    assert found.classes is not None
    hidden = np.where(cloud & 1, 0, np.where(cloud & 8, 1, np.where(full == 1, 4, np.where(full == 7, 255, 2))))
    assert (found.classes.pixels[0] == hidden).all()
    row = budget(found, Cut(Raster(Grid(coarse.crs, WEST, NORTH, 10.0, 12, 16), ("red",), red[None], 0)), sensor)
    assert row.valid + row.masked + row.outside + row.nodata == row.pixels == 192
    assert imbalance(row) is None


# --- radar -------------------------------------------------------------------------------------------------------------------


def radar() -> Sensor:
    """Sentinel-1, asked for as the made-up scenes are named."""
    sensor = read_sensor("sentinel-1-rtc")
    update = {"tile": ["{grid:code}"], "collection": "sentinel-2-l2a", "assets": {"vv": "red", "vh": "nir"}, "credentials": "none", "sign_url": None}
    return sensor.model_copy(update={"dialects": {"made-up": next(iter(sensor.dialects.values())).model_copy(update=update)}})


def lay_radar(script: Script, vv: Any) -> dict[str, Any]:
    raw = item()
    del raw["assets"]["scl"]
    for key, pixels in (("red", vv), ("nir", np.full((SIDE, SIDE), 0.05, dtype="float32"))):
        raw["assets"][key]["raster:bands"] = [{"data_type": "float32", "nodata": -32768}]
        lay_asset(script, raw, key, tif(pixels, 10, nodata=-32768, tiled=True, blockxsize=16, blockysize=16))
    return raw


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_radar_has_no_mask_and_is_valid_where_it_has_power(script: Script, tmp_path: Path, mode: Any) -> None:
    vv = np.random.default_rng(3).random((SIDE, SIDE), dtype="float32") + np.float32(0.01)
    vv[30, 30:33] = (-32768, 0, np.nan)
    plan = plan_of(lonlat(INNER, EPSG), 2018, sensor=radar(), composites=Composites(period="month", bands=["vv", "vh"]), fetch=mode)
    rows = run(plan, lock_of(lay_radar(script, vv)), script.url, tmp_path)
    assert read_raster(tmp_path / "scenes" / rows["vv"].chip).pixels.dtype == np.float32
    counts = {row.band: (row.valid, row.nodata, row.masked, row.read_failed) for row in read_csv(tmp_path / "scenes/pixel_budget.csv", PixelBudget)}
    inside = sum(counts["vh"])
    assert counts["vv"] == (inside - 3, 3, 0, 0)
    assert counts["vh"][0] == inside


def test_radar_without_any_power_deep_in_its_footprint_is_fatal() -> None:
    sensor = radar()
    found = masked(parse(item(), next(iter(sensor.dialects.values())), ("vv",)), {}, sensor, box(WEST, NORTH - 100, WEST + 100, NORTH))
    chip = Cut(Raster(Grid(f"EPSG:{EPSG}", WEST, NORTH, 10.0, 10, 10), ("vv",), np.full((1, 10, 10), -32768, np.float32), -32768))
    problem = emptiness(found, budget(found, chip, sensor), chip, sensor)
    assert problem is not None
    assert problem.code == "E-SRC-015"
