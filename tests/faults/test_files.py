"""What is wrong with a file itself (F16, F17, F29 to F34): damaged, truncated, another product, or not the one its item describes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import rasterio

from carbonsink.base.problems import Exit
from carbonsink.scenes.source import compare
from tests.faults import catalogue
from tests.faults.catalogue import Made, packed, pixels, scene
from tests.faults.conftest import Make
from tests.faults.invariants import digests, n2_names_are_whole, n4_no_false_success, n6_said, n8_unharmed
from tests.faults.server import Content
from tests.faults.trial import Trial
from tests.scenes.synthetic import NORTH, WEST, tif

PATH = "/files/S2A_31UDS_20180101_0_L2A/red.tif"
WHERE = "S2A_31UDS_20180101_0_L2A red"
BAD = (Exit.SOURCE, Exit.INTEGRITY)
Values = dict[str, Any]


def lay(trial: Trial, made: Made) -> None:
    """Lay a scene in place of the first, with the checksums of its own files: the provider believes in them."""
    trial.script.fired, trial.script.armed = trial.script.fired + 1, trial.script.armed + 1
    catalogue.lay(trial.script, [made, *trial.made[1:]], trial.pinned)


def spoil(trial: Trial, bend: Callable[[bytes], bytes]) -> None:
    """Damage the file behind an item that still pins the sound one, where it pins."""
    data = trial.script.laid[PATH].body
    trial.script.damage(PATH, Content(bend(data)))


def flat(**profile: Any) -> bytes:
    """The sound red band, packed otherwise."""
    return packed(pixels(0)["red"], **profile)


def bit_flipped(at: float) -> Callable[[bytes], bytes]:
    """One bit, so far into the file."""

    def bend(data: bytes) -> bytes:
        place = int(len(data) * at)
        return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]

    return bend


def shortened(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)]


def zero_tail(share: float) -> Callable[[bytes], bytes]:
    return lambda data: data[: int(len(data) * share)] + bytes(len(data) - int(len(data) * share))


# --- items and what they say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", ["red", "scl"])
def test_f16_nothing_is_fetched_where_an_item_lacks_an_asset(trial: Trial, asset: str) -> None:
    items = [*trial.items]
    items[0] = items[0] | {"assets": {key: value for key, value in items[0]["assets"].items() if key != asset}}
    trial.script.fired += 1
    catalogue.lay_search(trial.script, items)
    trial.refuses(Exit.SOURCE, "E-SRC-010", items[0]["id"], asset, requests=4)


def scaled(raw: Made, values: Values, **properties: Any) -> Made:
    """A scene with other pixels and other properties."""
    assets = {key: dict(raw.item["assets"].get(key, raw.item["assets"]["red"])) for key in values}
    item = raw.item | {"properties": raw.item["properties"] | properties, "assets": assets}
    return Made(item, {key: packed(found) for key, found in values.items()})


def test_f17_an_offset_that_is_asked_for_but_gone_already_is_a_conflict(trial: Trial) -> None:
    lay(trial, scaled(scene(0), pixels(0), **{"earthsearch:boa_offset_applied": False}))
    trial.refuses(Exit.INTEGRITY, "E-SRC-013", "S2A_31UDS_20180101_0_L2A", "-0.1", "DN 2", "900")


def test_f17_an_offset_that_is_said_to_be_gone_but_lies_in_the_pixels_is_a_conflict(make: Make) -> None:
    """A meadow: leaves absorb blue and red light, and never reflect a tenth of both everywhere."""
    trial = make(count=1)
    composites = trial.plan.pipeline.composites.model_copy(update={"bands": ["blue", "red"], "indices": []})
    trial.plan = replace(trial.plan, pipeline=trial.plan.pipeline.model_copy(update={"composites": composites}))
    meadow = pixels(0) | {"red": (pixels(0)["red"] % 50 + 1020).astype("uint16"), "blue": (pixels(0)["red"] % 50 + 1010).astype("uint16")}
    lay(trial, scaled(scene(0), meadow, **{"earthsearch:boa_offset_applied": True}))
    outcome = trial.attempt(trial.go)
    trial.script.fired += 1
    n6_said(outcome, Exit.INTEGRITY, "E-SRC-031", "S2A_31UDS_20180101_0_L2A", "1010", "1020")
    n4_no_false_success(trial.out)


# --- checksums -------------------------------------------------------------------------------------------------------------


def pinned_as(trial: Trial, checksum: str) -> None:
    """Give the first item's red band another checksum."""
    trial.script.fired += 1
    trial.items[0]["assets"]["red"]["file:checksum"] = checksum
    catalogue.lay_search(trial.script, trial.items)


def test_f29_a_file_that_is_not_the_one_its_item_pins_is_refused(trial: Trial) -> None:
    pinned_as(trial, "1220" + "0" * 64)
    trial.refuses(Exit.INTEGRITY, "E-SRC-023", WHERE, "0" * 64)


@pytest.mark.parametrize("checksum", ["9999" + "0" * 64, "1220" + "0" * 63, "1220", "", "zz", "1120" + "0" * 40], ids=lambda text: text[:6] + f"({len(text)})")
def test_f29_a_checksum_nobody_can_hold_is_refused_as_input(trial: Trial, checksum: str) -> None:
    pinned_as(trial, checksum)
    trial.refuses(Exit.INVALID, "E-SRC-021", WHERE)


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_f30_a_source_that_changed_after_the_run_is_told_apart_from_a_wrong_result(make: Make, mode: str) -> None:
    trial = make(mode)
    lock = trial.search()
    trial.fetch(lock)
    before = digests(trial.out)
    gone = "/files/S2A_31UDS_20180106_0_L2A/nir.tif"
    trial.script.damage(PATH, Content(packed(pixels(7)["red"])))
    trial.script.damage(gone, Content(b""))
    del trial.script.laid[gone]
    trial.script.fault(gone, lambda x: x.send(x.reply()))
    found = compare(trial.plan, trial.out, lock, trial.script.url, trial.folder / "fresh", lambda done, total: None, trial.patience)
    states = {(one.item, one.band): one.state for one in found}
    assert states.pop(("S2A_31UDS_20180101_0_L2A", "red")) == "changed"
    assert states.pop(("S2A_31UDS_20180106_0_L2A", "nir")) == "gone"
    assert set(states.values()) == {"same"} and len(states) == 4
    assert digests(trial.out) == before
    n8_unharmed(trial.others, trial.folder)
    n2_names_are_whole(trial.store, trial.out)


# --- bytes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 0.003, 0.0], ids=["half", "nine tenths", "but a hundredth", "the header's beginning", "nothing"])
@pytest.mark.parametrize("profile", [{}, {"compress": None}], ids=["deflate", "uncompressed"])
def test_f31_a_truncated_file_is_refused_though_nothing_pins_it(make: Make, share: float, profile: Values) -> None:
    trial = make(pinned=False)
    lay(trial, scene(0).but("red", shortened(share)(flat(**profile))))
    trial.refuses(BAD, "E-S", WHERE)


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize("profile", [{}, {"compress": None}], ids=["deflate", "uncompressed"])
def test_f31_a_window_of_a_truncated_file_is_refused_where_it_lies_behind_the_end(window: Trial, share: float, profile: Values) -> None:
    lay(window, scene(0).but("red", shortened(share)(flat(**profile))))
    window.refuses(BAD, "E-S", WHERE)


@pytest.mark.parametrize("at", [0.0, 0.001, 0.35, 0.999])
def test_f32_one_flipped_bit_is_found_by_the_checksum(trial: Trial, at: float) -> None:
    spoil(trial, bit_flipped(at))
    trial.refuses(Exit.INTEGRITY, "E-SRC-023", WHERE)


def test_f32_one_flipped_bit_of_an_uncompressed_file_is_found_by_the_checksum(trial: Trial) -> None:
    lay(trial, scene(0).but("red", flat(compress=None)))
    spoil(trial, bit_flipped(0.4))
    trial.refuses(Exit.INTEGRITY, "E-SRC-023", WHERE)


def test_f32_a_flipped_bit_of_a_compressed_tile_is_found_without_a_checksum(loose: Trial) -> None:
    """Deflate ends with a checksum of its own."""
    spoil(loose, bit_flipped(0.41))
    loose.refuses(BAD, "E-SRC-0", WHERE)


@pytest.mark.parametrize("mode", ["whole", "window"])
@pytest.mark.parametrize("profile", [{}, {"compress": None}, {"compress": None, "blockxsize": 16, "blockysize": 16}], ids=["deflate", "flat", "small tiles"])
def test_f33_a_tail_of_zeros_is_no_data_that_the_mask_denies(make: Make, profile: Values, mode: str) -> None:
    trial = make(mode, pinned=False)
    lay(trial, scene(0).but("red", zero_tail(0.5)(flat(**profile))))
    trial.refuses(BAD, "E-S", WHERE)


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_f33_tiles_that_a_sparse_file_lacks_are_no_data_that_the_mask_denies(make: Make, mode: str) -> None:
    trial = make(mode, pinned=False)
    red = pixels(0)["red"].copy()
    red[128:] = 0
    lay(trial, scene(0).but("red", packed(red, SPARSE_OK="TRUE")))
    trial.refuses(Exit.INTEGRITY, "E-SRC-007", WHERE)


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_f33_a_tile_that_a_sparse_mask_lacks_is_no_swath_edge(make: Make, mode: str) -> None:
    """Sixteen pixels a side of the mask, deep inside the item's footprint, that would pass for no data."""
    trial = make(mode, pinned=False)
    scl = pixels(0)["scl"].copy()
    scl[48:64, 48:64] = 0
    lay(trial, scene(0).but("scl", packed(scl, SPARSE_OK="TRUE", blockxsize=16, blockysize=16)))
    trial.refuses(Exit.INTEGRITY, "E-SRC-007", "S2A_31UDS_20180101_0_L2A scl", "196 could not be read")


STRANGERS = {
    "VRT": b'<VRTDataset rasterXSize="256" rasterYSize="256"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
    b"<SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>",
    "WMS": b"<GDAL_WMS><Service name='WMS'><ServerUrl>http://169.254.169.254/</ServerUrl></Service></GDAL_WMS>",
    "HTML": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "JP2": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(200),
    "NetCDF": b"CDF\x01" + bytes(200),
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(200),
    "ZIP": b"PK\x03\x04" + bytes(200),
    "text": b"GTIFF_DIR:1:/etc/passwd\n",
}  # fmt: skip


@pytest.mark.parametrize(("name", "mode"), [(name, "whole") for name in STRANGERS] + [("VRT", "window"), ("JP2", "window")])
def test_f34_what_is_no_geotiff_is_never_opened_as_one(make: Make, name: str, mode: str) -> None:
    trial = make(mode, pinned=False)
    lay(trial, scene(0).but("red", STRANGERS[name]))
    trial.refuses(Exit.SOURCE, "E-SEC-003", WHERE)


def others() -> dict[str, bytes]:
    red = pixels(0)["red"]
    return {
        "another tile's": tif(red, 10.0, transform=rasterio.Affine(10, 0, WEST + 1000, 0, -10, NORTH)),
        "another grid's": tif(red[::2, ::2], 20.0),
        "two bands": tif(np.stack([red, red]), 10.0),
        "floats": tif(red.astype("float32"), 10.0),
        "another nodata": tif(red, 10.0, nodata=65535),
    }


@pytest.mark.parametrize(("name", "mode"), [(name, "whole") for name in others()] + [("another grid's", "window"), ("floats", "window")])
def test_f34_a_geotiff_that_is_not_the_one_described_is_refused(make: Make, name: str, mode: str) -> None:
    trial = make(mode, pinned=False)
    lay(trial, replace(scene(0), files={**scene(0).files, "red": others()[name]}))
    trial.refuses(BAD, "E-SRC-0", WHERE)
