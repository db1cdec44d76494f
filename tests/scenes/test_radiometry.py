"""Whether an offset is in the pixels: what metadata say, held against the pixels in both directions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import parse
from carbonsink.scenes.radiometry import Decision, Shade, baseline_number, conflict, decide, leftover, shade
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.real import run_scenes, zagreb
from tests.scenes.server import serving
from tests.scenes.synthetic import EPSG, INNER, SIDE, VEGETATION, asset, bands, item, lay_scene, lock_of

SENSOR = read_sensor("sentinel-2-l2a")
DIALECT = SENSOR.dialects["earth-search"]
GONE, LEFT = Decision(0.0001, 0.0, "earthsearch:boa_offset_applied=true"), Decision(0.0001, -0.1, "raster:bands.offset")
PLAN = plan_of(lonlat(INNER, EPSG), 2018, Composites(period="month", bands=["blue", "red", "nir"]))


def seen(blue: int, red: int, decision: Decision = GONE, pixels: int = 400) -> list[Shade]:
    found = [shade(band, decision, np.full(pixels, dn, "uint16"), SENSOR) for band, dn in (("blue", blue), ("red", red))]
    return [one for one in found if one]


def parsed(baseline: str | None = "05.09") -> Any:
    raw = item(**{"s2:processing_baseline": baseline})
    return parse(raw, DIALECT, ("red",))


def test_an_offset_that_is_said_to_be_gone_and_is_still_there_is_told_with_its_numbers() -> None:
    problem = leftover(parsed(), seen(1240, 1310), SENSOR)
    assert problem and problem.code == "E-SRC-031"
    assert problem.facts == {
        "rule": "earthsearch:boa_offset_applied=true", "baseline": "05.09", "percentile": 1.0, "found": "blue 1240, red 1310", "limit": 1000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("case", "shades", "baseline"),
    [
        ("dark leaves", seen(240, 310), "05.09"),
        ("one band is dark", seen(1240, 310), "05.09"),
        ("one band alone is no proof", seen(1240, 1310)[:1], "05.09"),
        ("the offset is to be applied", seen(1240, 1310, LEFT), "05.09"),
        ("hardly any vegetation", seen(1240, 1310, pixels=99), "05.09"),
        ("a baseline without an offset", seen(1240, 1310), "03.01"),
        ("a baseline nobody knows", seen(1240, 1310), None),
    ],
)
def test_what_can_be_otherwise_is_no_conflict(case: str, shades: list[Shade], baseline: str | None) -> None:
    assert leftover(parsed(baseline), shades, SENSOR) is None, case


def test_other_bands_and_other_sensors_tell_nothing() -> None:
    bright = np.full(400, 5000, "uint16")
    assert shade("nir", GONE, bright, SENSOR) is None
    assert shade("red", GONE, bright, read_sensor("landsat-c2-l2")) is None
    assert leftover(parsed(), [], read_sensor("landsat-c2-l2")) is None


def laid(script: Any, offset: int, **properties: Any) -> dict[str, Any]:
    """A scene over vegetation whose DN have so much added to them."""
    pixels = bands(red=400 + offset, nir=3600 + offset)
    raw = item(**properties)
    raw["assets"]["blue"] = asset("blue")
    return lay_scene(script, raw, pixels | {"blue": np.full((SIDE, SIDE), 300 + offset, "uint16")})


@pytest.mark.parametrize(
    ("applied", "in_pixels", "code"),
    [(True, 0, None), (False, 1000, None), (True, 1000, "E-SRC-031"), (False, 0, "E-SRC-013")],
    ids=["gone and gone", "there and there", "said to be gone, still there", "said to be there, gone"],
)
def test_metadata_and_pixels_agree_or_nothing_is_written(tmp_path: Path, applied: bool, in_pixels: int, code: str | None) -> None:
    with serving() as script:
        raw = laid(script, in_pixels, **{"earthsearch:boa_offset_applied": applied})
        work = (PLAN, lock_of(raw), script.url, tmp_path / "store", tmp_path / "out", lambda done, total: None, Patience(attempts=1))
        if code is None:
            fetch(*work)
            assert (tmp_path / "out" / "scenes.csv").exists()
            return
        with pytest.raises(Refusal) as caught:
            fetch(*work)
    assert {problem.code for problem in caught.value.problems} == {code}
    assert caught.value.exit_code == Exit.INTEGRITY
    assert not (tmp_path / "out" / "scenes.csv").exists()


def test_what_little_looks_out_between_clouds_says_nothing_of_the_offset(tmp_path: Path) -> None:
    """A hundred and more pixels at the rims of clouds, brighter than any leaf."""
    scl = np.full((SIDE // 2, SIDE // 2), 9, "uint8")
    scl[: SIDE // 50] = VEGETATION
    with serving() as script:
        raw = item(**{"earthsearch:boa_offset_applied": True})
        raw["assets"]["blue"] = asset("blue")
        laid = lay_scene(script, raw, bands(red=1300, nir=3600, scl=scl) | {"blue": np.full((SIDE, SIDE), 1400, "uint16")})
        fetch(PLAN, lock_of(laid), script.url, tmp_path / "store", tmp_path / "out", lambda done, total: None, Patience(attempts=1))
    assert (tmp_path / "out" / "scenes.csv").exists()


def test_real_vegetation_is_dark_enough_without_an_offset_and_too_bright_with_one(shared: Path, tmp_path: Path) -> None:
    """Zagreb in August, two tiles on five days, clouds of 0.2 to 71 %."""
    run = run_scenes(zagreb(), shared / "imagery" / "zagreb-2023", tmp_path)
    for folder in sorted((run / "scenes" / "chips").iterdir()):
        scl = read_raster(folder / "scl.tif").layer("scl")
        leaves = {band: read_raster(folder / f"{band}.tif").layer(band)[scl == VEGETATION] for band in ("blue", "red")}
        shades = [[found for band, dn in leaves.items() if (found := shade(band, GONE, dn + offset, SENSOR))] for offset in (0, 1000)]
        assert leftover(parsed(), shades[0], SENSOR) is None, folder.name
        problem = leftover(parsed(), shades[1], SENSOR)
        assert problem and problem.code == "E-SRC-031", folder.name


@given(st.lists(st.integers(2, 9000), min_size=100, max_size=400), st.booleans())
def test_the_two_directions_never_contradict_each_other(dn: list[int], applied: bool) -> None:
    """No pixels are refused under both readings: whichever way the metadata are, one of them can be believed."""
    values = np.array(dn, "uint16")
    item_ = parsed()
    both = [found for band in ("blue", "red") if (found := shade(band, GONE, values, SENSOR))]
    said_gone = leftover(item_, both, SENSOR)
    said_left = conflict(item_, "red", LEFT, values, SENSOR)
    assert said_gone is None or said_left is None


@pytest.mark.parametrize(
    ("listed", "baseline", "words"),
    [
        ({"scale": 1.0}, "05.09", "scale 1, .* only be 0.0001 "),
        ({"scale": float("nan")}, "05.09", "scale nan, "),
        ({"offset": -1000}, "05.09", r"offset -1000, .* only be 0 \| -0.1 "),
        ({"offset": 0.1}, "05.09", "offset 0.1, "),
        ({"offset": -0.1}, "02.14", "offset -0.1, .* only be 0 .*02.14"),
    ],
)
def test_what_the_product_can_t_have_is_refused_with_both_numbers(listed: dict[str, float], baseline: str, words: str) -> None:
    raw = item(**{"earthsearch:boa_offset_applied": False, "s2:processing_baseline": baseline})
    raw["assets"]["red"]["raster:bands"] = [{"data_type": "uint16"} | listed]
    with pytest.raises(Refusal, match=f"E-SRC-033 .* red: .*{words}") as caught:
        decide(parse(raw, DIALECT, ("red",)), "red", SENSOR, DIALECT)
    assert caught.value.exit_code == Exit.INTEGRITY


def test_bands_of_one_scene_with_different_offsets_are_refused(tmp_path: Path) -> None:
    with serving() as script:
        raw = laid(script, 1000, **{"earthsearch:boa_offset_applied": False})
        raw["assets"]["nir"]["raster:bands"][0]["offset"] = 0.0
        with pytest.raises(Refusal, match=r"E-SRC-034 .*blue -0.1 .*, nir 0 .*, red -0.1 "):
            fetch(PLAN, lock_of(raw), script.url, tmp_path / "store", tmp_path / "out", lambda done, total: None, Patience(attempts=1))


def test_a_recipe_without_blue_reads_it_to_tell_an_offset_that_was_left(tmp_path: Path) -> None:
    plan = plan_of(lonlat(INNER, EPSG), 2018, Composites(period="month", bands=["red", "nir"]))
    with serving() as script:
        raw = laid(script, 1000, **{"earthsearch:boa_offset_applied": True})
        work = (script.url, tmp_path / "store", tmp_path / "out", lambda done, total: None, Patience(attempts=1))
        with pytest.raises(Refusal, match="E-SRC-031 .*blue 1300, red 1400"):
            fetch(plan, lock_of(raw), *work)
        del raw["assets"]["blue"]  # some catalogues have less: then the rest is believed
        fetch(plan, lock_of(raw), *work)


def test_so_few_clear_pixels_tell_nothing_of_an_offset() -> None:
    dark = np.full(SENSOR.radiometry.floor_pixels, 850, "uint16")
    problem = conflict(parsed(), "red", LEFT, dark, SENSOR)
    assert problem and problem.code == "E-SRC-013"
    assert conflict(parsed(), "red", LEFT, dark[1:], SENSOR) is None


@pytest.mark.parametrize(("text", "number"), [("05.09", (5, 9)), ("5", (5,)), ("05.", (-1,)), (".", (-1,)), ("5.x", (-1,)), ("", (-1,)), (None, (-1,))])
def test_a_baseline_is_numbers_or_unknown(text: str | None, number: tuple[int, ...]) -> None:
    assert baseline_number(text) == number


def test_nothing_that_decides_is_refused() -> None:
    raw = item()
    del raw["properties"]["s2:processing_baseline"], raw["properties"]["earthsearch:boa_offset_applied"], raw["assets"]["red"]["raster:bands"]
    with pytest.raises(Refusal, match="E-SRC-012"):
        decide(parse(raw, DIALECT, ("red",)), "red", SENSOR, DIALECT)
