"""Every sensor in every provider's words: recorded answers and made-up items are read, numbers become reflectance, masks hide what they must."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from carbonsink.base.problems import Refusal
from carbonsink.declared.sensor import ALWAYS_CLEAR, IMPOSSIBLE, NO_DATA, Dialect, Mask, Sensor, read_sensor, sensor_names
from carbonsink.scenes.address import problem_of, stored_item
from carbonsink.scenes.asset import absolute
from carbonsink.scenes.item import parse
from carbonsink.scenes.radiometry import decide
from carbonsink.scenes.tiles import tile_grid
from tests.scenes.provider import made
from tests.scenes.recorded import dialects, recorded, recorded_items

DIALECTS = dialects()
MASKS = [pytest.param(mask, id=f"{name}-{mask.band}") for name in sensor_names() for mask in read_sensor(name).masks]


def of(sensor: str, dialect: str) -> tuple[Sensor, Dialect]:
    found = read_sensor(sensor)
    return found, found.dialects[dialect]


def measured(sensor: Sensor, platform: str) -> tuple[str, ...]:
    """The bands that a platform measures."""
    lacking = sensor.lacking(platform, sensor.bands)
    return tuple(band for band in sensor.bands if band not in lacking)


def grids(dialect: Dialect, sensor: Sensor, raw: dict[str, Any]) -> None:
    """What holds of every item, recorded or made: each band on its own grid, one extent, a tile, an address that may be asked."""
    item = parse(raw, dialect, measured(sensor, str(raw["properties"].get("platform", ""))))
    assert item.tile and item.time.tzinfo and item.footprint.is_valid
    for band, asset in item.assets.items():
        assert asset.grid.resolution == sensor.bands[band].resolution, f"{item.id} {band}"
        assert asset.grid.crs == item.grid.crs and asset.grid.bounds == item.grid.bounds
        assert asset.grid.height * asset.grid.width <= dialect.largest_pixels
        assert problem_of(asset.href, item.id) is None, asset.href
        assert decide(item, band, sensor, dialect).scale > 0


@pytest.mark.parametrize(("name", "words"), DIALECTS)
def test_a_made_item_in_the_providers_style_is_read(name: str, words: str) -> None:
    sensor, dialect = of(name, words)
    raw = made(sensor, words)
    grids(dialect, sensor, raw)
    item = parse(raw, dialect, tuple(sensor.bands))
    assert item.collection == dialect.collection
    assert (item.generated != "") == (dialect.generated_property is not None)
    assert item.grid.crs == "EPSG:32633" and (item.grid.west, item.grid.north) == (499980.0, 5100000.0)


RECORDED = {
    ("sentinel-2-l2a", "earth-search"): 9, ("sentinel-2-l2a", "earth-search-c1"): 6, ("sentinel-2-l2a", "planetary-computer"): 90,
    ("landsat-c2-l2", "planetary-computer"): 10, ("landsat-c2-l2", "landsatlook"): 2,
}  # fmt: skip


@pytest.mark.parametrize(("name", "words"), list(RECORDED), ids="-".join)
def test_recorded_answers_are_read(shared: Path, name: str, words: str) -> None:
    sensor, dialect = of(name, words)
    whole = [raw for raw in recorded_items(shared, dialect) if "href" in next(iter(raw["assets"].values()))]
    absolute_ones = [raw for raw in whole if not any(str(asset["href"]).startswith(".") for asset in raw["assets"].values())]
    assert len(absolute_ones) >= RECORDED[name, words] - 3
    for raw in absolute_ones:
        grids(dialect, sensor, raw)


def test_every_recorded_collection_of_ours_is_walked(shared: Path) -> None:
    found = {(name, words) for name, words in DIALECTS if recorded_items(shared, of(name, words)[1])}
    assert found == set(RECORDED)


def test_a_tiles_name_gives_the_grid_that_its_items_have(shared: Path) -> None:
    """Every recorded Sentinel-2 item, by any provider, north and south."""
    compared = set()
    for raw in recorded(shared):
        said = raw["properties"]
        name = said.get("s2:mgrs_tile") or str(said.get("grid:code", "")).removeprefix("MGRS-")
        asset = next((raw["assets"][key] for key in ("red", "B04") if "proj:transform" in raw["assets"].get(key, {})), None)
        if asset and name and not name.startswith("WRS2"):
            grid = tile_grid(name, 10, True)
            assert (grid.west, grid.north) == (asset["proj:transform"][2], asset["proj:transform"][5]), name
            assert (grid.crs, [grid.height, grid.width]) == (f"EPSG:{said['proj:epsg']}", asset["proj:shape"]), name
            compared.add(name)
    assert len(compared) > 50


@pytest.mark.parametrize("said", [{"proj:code": 32732}, {"proj:code": "EPSG:32733"}, {"proj:epsg": 32733}, {}])
def test_the_grid_of_hls_is_that_of_its_tile_whatever_its_projection_fields_say(said: dict[str, Any]) -> None:
    """Planetary Computer gives numbers for texts, and the other hemisphere."""
    sensor, dialect = of("hls-s30", "planetary-computer")
    raw = made(sensor, "planetary-computer")
    for asset in raw["assets"].values():
        asset |= {"proj:transform": [30.0, 0.0, 399960.0, 0.0, -30.0, 15000000.0], "proj:shape": [3660, 3660]}
    raw["properties"] |= said
    grid = parse(raw, dialect, ("red",)).grid
    assert (grid.crs, grid.west, grid.north, grid.resolution) == ("EPSG:32633", 499980.0, 5100000.0, 30.0)


def test_southern_tiles_of_hls_lie_below_zero_in_the_northern_zone() -> None:
    with_false, without = tile_grid("20EPT", 30, True), tile_grid("20EPT", 30, False)
    assert (with_false.crs, without.crs) == ("EPSG:32720", "EPSG:32620")
    assert (with_false.west, with_false.north - 10_000_000) == (without.west, without.north)
    assert (without.height, without.width) == (3660, 3660)


@pytest.mark.parametrize("name", ["", "33TIL", "61TWL", "0TWL", "33TJL", "33AWL", "33TWL1", "ÄÖÜ"])
def test_what_names_no_tile_has_no_grid(name: str) -> None:
    with pytest.raises(ValueError, match=r"tile|column"):
        tile_grid(name, 10, True)


S2_RULES = {  # words of a provider: the line that decides
    "earth-search": "raster:bands.offset",
    "earth-search-c1": "raster:bands.offset",
    "planetary-computer": "s2:processing_baseline>=04.00",
    "cdse": "processing:version>=04.00",
}


@pytest.mark.parametrize("words", list(S2_RULES))
def test_the_offset_of_sentinel_2_is_decided_in_each_providers_way(words: str) -> None:
    sensor, dialect = of("sentinel-2-l2a", words)
    for baseline in ("04.00", "05.11"):
        decision = decide(parse(made(sensor, words, baseline), dialect, ("red",)), "red", sensor, dialect)
        assert (decision.scale, decision.offset, decision.rule) == (0.0001, -0.1, S2_RULES[words]), baseline
    old = parse(made(sensor, words, "02.14"), dialect, ("red",))
    if S2_RULES[words] == "raster:bands.offset":  # that lists an offset which came two baselines later
        with pytest.raises(Refusal, match=r"E-SRC-033 .* red: .*-0\.1.*02\.14"):
            decide(old, "red", sensor, dialect)
    else:
        assert decide(old, "red", sensor, dialect).offset == 0


def test_the_flag_of_earth_search_comes_before_the_offset_it_lists() -> None:
    sensor, dialect = of("sentinel-2-l2a", "earth-search")
    for applied, offset in ((True, 0.0), (False, -0.1)):
        raw = made(sensor, "earth-search", **{"earthsearch:boa_offset_applied": applied})
        assert decide(parse(raw, dialect, ("red",)), "red", sensor, dialect).offset == offset


@pytest.mark.parametrize(
    ("name", "words", "band", "scale", "offset"),
    [
        ("landsat-c2-l2", "planetary-computer", "red", 2.75e-5, -0.2),
        ("landsat-c2-l2", "landsatlook", "swir16", 2.75e-5, -0.2),
        ("hls-s30", "planetary-computer", "nir08", 0.0001, 0.0),
        ("hls-l30", "lp-daac", "nir", 0.0001, 0.0),
        ("sentinel-1-rtc", "planetary-computer", "vh", 1.0, 0.0),
    ],
)
def test_the_numbers_of_the_other_sensors(name: str, words: str, band: str, scale: float, offset: float) -> None:
    sensor, dialect = of(name, words)
    decision = decide(parse(made(sensor, words), dialect, (band, *sensor.mask_bands)), band, sensor, dialect)
    assert (decision.scale, decision.offset) == (scale, offset)


def test_what_planetary_computer_lists_for_landsat_is_what_the_sensor_says(shared: Path) -> None:
    sensor, dialect = of("landsat-c2-l2", "planetary-computer")
    for raw in recorded_items(shared, dialect):
        item = parse(raw, dialect, ("coastal", "red", "nir"))
        assert {(asset.scale, asset.offset, asset.dtype) for asset in item.assets.values()} == {(sensor.radiometry.scale, sensor.radiometry.offset, "uint16")}


# --- masks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", MASKS)
def test_every_raw_value_of_a_mask_has_one_code_of_its_own_classes(mask: Mask) -> None:
    codes = {NO_DATA, IMPOSSIBLE, *(known.code for known in mask.classes)}
    assert set(np.unique(mask.table)) <= codes
    assert ALWAYS_CLEAR not in mask.table
    for known in mask.classes:
        assert (mask.table == known.code).any(), f"no value is ever {known.name}"


@pytest.mark.parametrize("mask", [case for case in MASKS if case.values[0].kind == "bits"])
def test_every_bit_alone_is_its_class_and_comes_before_those_after_it(mask: Mask) -> None:
    order = [known for known in mask.classes if known.bits]
    assert mask.classes[-1].bits == [], "the last class is what is left"
    for place, known in enumerate(order):
        alone = sum(1 << bit for bit in known.bits)
        assert mask.table[alone] == known.code, known.name
        for later in order[place + 1 :]:
            assert mask.table[alone | sum(1 << bit for bit in later.bits)] == known.code, f"{known.name} with {later.name}"
    assert mask.table[0] == mask.classes[-1].code


PUBLISHED = {
    "landsat-c2-l2": {"qa_pixel": {
        1: "no data", 21824: "clear", 21952: "water", 22280: "cloud", 23888: "cloud shadow", 30048: "snow", 54596: "cirrus", 21826: "dilated cloud",
    }},
    "hls-s30": {"fmask": {
        0: "land", 64: "land", 128: "land", 96: "water", 100: "adjacent to cloud or shadow", 2: "cloud", 34: "cloud", 194: "cloud", 8: "cloud shadow",
        16: "snow or ice", 192: "high aerosol", 224: "high aerosol", 255: "no data",
    }},
    "sentinel-2-l2a": {"scl": {
        0: "no data", 3: "cloud shadow", 4: "vegetation", 7: "unclassified", 9: "cloud, high probability", 11: "snow or ice", 12: "impossible",
    }},
}  # fmt: skip
PUBLISHED["hls-l30"] = PUBLISHED["hls-s30"]


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_published_mask_values_mean_what_is_published(name: str) -> None:
    for mask in read_sensor(name).masks:
        names = {NO_DATA: "no data", IMPOSSIBLE: "impossible"} | {known.code: known.name for known in mask.classes}
        for value, expected in PUBLISHED[name].get(mask.band, {}).items():
            assert names[int(mask.table[value])] == expected, value


@pytest.mark.parametrize("band", ["qa_pixel", "qa_radsat"])
def test_the_bits_of_landsat_are_those_that_planetary_computer_describes(shared: Path, band: str) -> None:
    sensor, dialect = of("landsat-c2-l2", "planetary-computer")
    mask = next(mask for mask in sensor.masks if mask.band == band)
    mine = {bit: known.name.removesuffix(" saturated").replace(" ", "_") for known in mask.classes for bit in known.bits}
    for raw in recorded_items(shared, dialect):
        said = {field["offset"]: field["name"] for field in raw["assets"][dialect.assets[band]]["classification:bitfields"] if field["length"] == 1}
        shared_bits = mine.keys() & said.keys()
        assert len(shared_bits) >= 7
        for bit in shared_bits:
            assert said[bit].replace("band", "band_") in (mine[bit], mine[bit].replace("terrain_occlusion", "occlusion"), "band_" + mine[bit]), bit


def test_a_pixel_is_clear_only_where_every_mask_says_so() -> None:
    sensor = read_sensor("landsat-c2-l2")
    pixel, saturation = np.array([21824, 21824, 22280, 1, 21952]), np.array([0, 1 << 3, 1 << 3, 0, 1 << 11])
    codes = sensor.classify({"qa_pixel": pixel, "qa_radsat": saturation})
    assert codes.tolist() == [7, 24, 1, NO_DATA, 29]
    assert sensor.is_clear[codes].tolist() == [True, False, False, False, False]


def test_a_radar_has_no_mask_and_all_its_pixels_count() -> None:
    sensor = read_sensor("sentinel-1-rtc")
    assert sensor.masks == [] and sensor.values == "power"
    assert sensor.is_clear[ALWAYS_CLEAR] and not sensor.is_clear[NO_DATA]


# --- what providers do differently -----------------------------------------------------------------------------------


def test_a_file_that_is_no_geotiff_is_refused_by_its_kind(shared: Path) -> None:
    sensor, dialect = of("sentinel-2-l2a", "earth-search")
    raw = made(sensor, "earth-search")
    raw["assets"]["red"]["type"] = "image/jp2"
    del raw["assets"]["nir"]["type"]
    raw["assets"]["nir"]["href"] = "https://data.example.org/B08.jp2"
    with pytest.raises(Refusal) as caught:
        parse(raw, dialect, ("red", "green", "nir"))
    assert [(p.code, p.where, p.facts["found"]) for p in caught.value.problems] == [
        ("E-SRC-030", f"{raw['id']} red", "image/jp2"),
        ("E-SRC-030", f"{raw['id']} nir", "B08.jp2"),
    ]
    jp2 = next(item for item in recorded(shared) if item["id"].endswith("T01WCR") and item.get("collection") == "sentinel-s2-l2a")
    with pytest.raises(Refusal, match=r"E-SRC-030 .*image/jp2"):
        parse(jp2, dialect, ("green",))


def test_a_geotiff_is_refused_where_jpeg2000_is_read() -> None:
    sensor, dialect = of("sentinel-2-l2a", "cdse")
    raw = made(sensor, "cdse")
    raw["assets"]["B04_10m"]["type"] = "image/tiff; application=geotiff"
    with pytest.raises(Refusal, match="E-SRC-030"):
        parse(raw, dialect, ("red",))


def test_the_address_over_https_is_taken_where_the_asset_s_own_is_a_bucket_s() -> None:
    sensor, dialect = of("sentinel-2-l2a", "cdse")
    assert parse(made(sensor, "cdse"), dialect, ("red",)).assets["red"].href == "https://data.example.org/sentinel-2-l2a/b0410m.jp2"


def test_a_relative_address_counts_from_the_self_link_or_is_refused(shared: Path) -> None:
    sensor, dialect = of("sentinel-2-l2a", "earth-search")
    raw = next(item for item in recorded(shared) if item["id"] == "S2A_12RWT_20240106_0_L2A")
    assert raw["assets"]["red"]["href"] == "./B04.tif"
    with pytest.raises(Refusal) as caught:
        parse(absolute(raw), dialect, ("red",))
    assert [(p.code, p.facts["href"]) for p in caught.value.problems] == [("E-STAC-020", "./B04.tif")]
    linked = raw | {"links": [*raw["links"], {"rel": "self", "href": "https://data.example.org/12/R/WT/item.json"}]}
    item = parse(absolute(linked), dialect, ("red",))
    assert item.assets["red"].href == "https://data.example.org/12/R/WT/B04.tif"
    assert problem_of(item.assets["red"].href, item.id) is None
    bucket = raw | {"links": [{"rel": "self", "href": "s3://bucket/item.json"}]}
    with pytest.raises(Refusal, match="E-STAC-020"):
        parse(absolute(bucket), dialect, ("red",))


def test_a_path_or_another_scheme_is_never_made_an_address() -> None:
    sensor, dialect = of("sentinel-2-l2a", "earth-search")
    for href, code in (
        ("/etc/passwd", "E-SEC-002"),
        ("file:///etc/passwd", "E-SEC-001"),
        ("s3://bucket/B04.tif", "E-SEC-001"),
        ("\\\\host\\share", "E-SEC-002"),
    ):
        raw = made(sensor, "earth-search")
        raw["assets"]["red"]["href"] = href
        item = parse(absolute(raw), dialect, ("red",))
        problem = problem_of(item.assets["red"].href, item.id)
        assert problem and problem.code == code, href


SAS = "?st=2026-01-01T00%3A00%3A00Z&se=2026-01-02T00%3A00%3A00Z&sp=rl&sv=2024-05-04&sr=c&skoid=9c8f&sktid=72f9&sig=S3cr3t%2BvALUe%3D"


@pytest.mark.parametrize(("name", "words"), DIALECTS)
def test_nothing_signed_enters_a_lock(name: str, words: str) -> None:
    sensor, dialect = of(name, words)
    raw = made(sensor, words)
    for asset in raw["assets"].values():
        asset["href"] += SAS
        for other in asset.get("alternate", {}).values():
            other["href"] += SAS
    raw["links"].append({"rel": "preview", "href": "https://data.example.org/preview.png" + SAS})
    kept = stored_item(absolute(raw), None)
    assert "S3cr3t" not in str(kept) and "sig=S" not in str(kept)
    item = parse(kept, dialect, tuple(sensor.bands))
    assert not any("?" in asset.href for asset in item.assets.values())


@pytest.mark.parametrize("bend", [
    {"proj:transform": [10, 0, 499980, 0, -10]}, {"proj:transform": [10, 0, 499980, 0, -10, 5100000, 0, 1, 1]},
    {"proj:transform": [10, 0, 499980, 0, 10, 5100000]},
    {"proj:shape": [10980]}, {"proj:shape": [0, 10980]}, {"proj:shape": [20000, 20000]}, {"proj:code": "IAU_2015:30100"}, {"proj:code": "EPSG:0"},
])  # fmt: skip
def test_a_grid_that_is_none_is_refused(bend: dict[str, Any]) -> None:
    sensor, dialect = of("sentinel-2-l2a", "earth-search")
    raw = made(sensor, "earth-search")
    raw["assets"]["red"] |= bend
    with pytest.raises(Refusal, match="E-STAC-001"):
        parse(raw, dialect, ("red",))


@pytest.mark.parametrize("at", ["asset", "item"])
@pytest.mark.parametrize("crs", [{"proj:code": "EPSG:32633"}, {"proj:epsg": 32633}])
@pytest.mark.parametrize("tail", [[], [0, 0, 1]])
def test_the_projection_is_read_in_either_spelling_at_either_place(at: str, crs: dict[str, Any], tail: list[int]) -> None:
    sensor, dialect = of("landsat-c2-l2", "landsatlook")
    raw = made(sensor, "landsatlook")
    fields = {"proj:transform": [30, 0, 478485, 0, -30, 4416615, *tail], "proj:shape": [7131, 8151], **crs}
    for key in ("proj:epsg", "proj:code", "proj:transform", "proj:shape"):
        raw["properties"].pop(key, None)
    (raw["properties"] if at == "item" else raw["assets"]["red"]).update(fields)
    grid = parse(raw, dialect, ("red",)).assets["red"].grid
    assert (grid.crs, grid.west, grid.north, grid.resolution, grid.height, grid.width) == ("EPSG:32633", 478485.0, 4416615.0, 30.0, 7131, 8151)


def test_older_answers_are_refused_by_what_they_lack(shared: Path) -> None:
    """Versions of collections that are gone: neither a tile nor a grid, other asset keys, no collection."""
    hls = next(item for item in recorded(shared) if item.get("collection") == "HLSL30.v1.5")
    sensor, dialect = of("hls-l30", "lp-daac")
    with pytest.raises(Refusal, match=r"E-STAC-001 G\d+-LPCLOUD: .*no tile"):
        parse(hls, dialect, ("red",))
    landsat = next(item for item in recorded(shared) if item["id"] == "LC08_L2SR_081119_20200101_20200823_02_T2")
    sensor, dialect = of("landsat-c2-l2", "landsatlook")
    with pytest.raises(Refusal, match=r"E-SRC-010 .*qa_pixel.*QA_PIXEL"):
        parse(landsat, dialect, ("red", *sensor.mask_bands))


def test_landsat_4_to_7_measure_no_coastal_band(shared: Path) -> None:
    sensor, dialect = of("landsat-c2-l2", "landsatlook")
    etm = next(item for item in recorded_items(shared, dialect) if item["id"].startswith("LE07"))
    assert sensor.lacking(etm["properties"]["platform"], sensor.bands) == ("coastal",)
    assert sensor.lacking("LANDSAT_8", sensor.bands) == sensor.lacking("landsat-9", sensor.bands) == ()
    assert parse(etm, dialect, measured(sensor, "LANDSAT_7")).tile == "044033"


# --- the files themselves --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sensor_names())
def test_every_dialect_says_where_it_was_read_and_whom_to_name(name: str) -> None:
    sensor = read_sensor(name)
    for words, dialect in sensor.dialects.items():
        assert all((dialect.licence, dialect.attribution, dialect.source, dialect.place)), words
        assert dialect.catalogue.startswith("https://") and len(set(dialect.assets.values())) == len(dialect.assets)
        assert dialect.sign_url is None or "{href}" in dialect.sign_url


FILE = Path(__file__).parents[2] / "src/carbonsink/library/sensors"


@pytest.mark.parametrize(
    ("name", "bend"),
    [
        ("landsat-c2-l2", lambda raw: raw["masks"][1]["classes"][0].update(code=1)),
        ("landsat-c2-l2", lambda raw: raw["masks"][0]["classes"][0].update(bits=[16])),
        ("sentinel-2-l2a", lambda raw: raw["masks"][0]["classes"][0].update(bits=[1])),
        ("sentinel-2-l2a", lambda raw: raw["masks"][0]["classes"][0].pop("value")),
        ("sentinel-2-l2a", lambda raw: raw["masks"][0]["classes"][0].update(value=256)),
        ("sentinel-2-l2a", lambda raw: raw["radiometry"]["darkest"].update(mask_class=9)),
        ("sentinel-2-l2a", lambda raw: raw["dialects"]["cdse"].pop("token_variable")),
        ("sentinel-2-l2a", lambda raw: raw["dialects"]["planetary-computer"].pop("sign_url")),
        ("sentinel-2-l2a", lambda raw: raw["dialects"]["cdse"]["assets"].pop("red")),
        ("sentinel-2-l2a", lambda raw: raw["masks"][0].update(band="mask")),
    ],
    ids=["codes twice", "bit beyond", "bits of a value", "no value", "value beyond", "dark clouds", "no token", "no signing", "asset missing", "mask no band"],
)
def test_a_sensor_that_contradicts_itself_is_refused(name: str, bend: Any) -> None:
    raw = tomllib.loads((FILE / f"{name}.toml").read_text())
    Sensor.model_validate(raw)
    bend(raw)
    with pytest.raises(ValidationError):
        Sensor.model_validate(raw)
