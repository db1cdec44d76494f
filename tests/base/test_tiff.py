"""The direct reader of GeoTIFFs: GDAL's pixels on every layout it knows, GDAL itself on any other, a plain word on damage."""

from __future__ import annotations

import io
import os
import struct
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.tiff import Layout, TileError, decode, layout_of, reader, readers
from carbonsink.base.tiff import gdal as datasets
from carbonsink.base.tiff.memory import Kept
from tests.base.geotiffs import Made, by_gdal, layouts, pixels_of, windows, write

SCENE = Made(1, 100, 90, "uint16", {"tiled": True, "blockxsize": 32, "blockysize": 32, "compress": "deflate", "predictor": 2})
ONE_FILE = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def scene(path: Path, **changes: Any) -> Path:
    made = replace(SCENE, **changes)
    write(path, made, pixels_of(made))
    return path


def layout(path: Path, band: int = 1) -> Layout:
    with path.open("rb") as stream:
        found = layout_of(stream, band)
    assert isinstance(found, Layout), found
    return found


# --- the same pixels as GDAL's ----------------------------------------------------------------------------------------


@ONE_FILE
@given(st.data())
def test_any_window_of_any_known_layout_holds_the_pixels_that_gdal_reads(tmp_path: Path, data: st.DataObject) -> None:
    made = data.draw(layouts())
    path = tmp_path / "any.tif"
    write(path, made, pixels_of(made))
    band = data.draw(st.integers(1, made.bands))
    row, column, height, width = window = data.draw(windows(made.height, made.width))
    direct = reader(path, band=band)
    assert (direct.kind, direct.why) == ("direct", "")
    whole, part = by_gdal(path, band), direct.read(window)
    assert part.dtype == whole.dtype
    assert part.tobytes() == whole[row : row + height, column : column + width].tobytes()
    assert reader(path, force_gdal=True, band=band).read(window).tobytes() == part.tobytes()


def test_every_image_of_the_shared_test_data_is_read_direct_and_as_gdal_reads_it(shared: Path) -> None:
    files = sorted(shared.glob("imagery/**/*.tif"))
    assert len(files) > 1000
    for path in files:
        whole, direct = by_gdal(path), reader(path)
        height, width = whole.shape
        assert direct.kind == "direct", (path, direct.why)
        assert np.array_equal(direct.read((0, 0, height, width)), whole), path
        assert np.array_equal(direct.read((5, 3, height - 9, width - 7)), whole[5 : height - 4, 3 : width - 4]), path


def test_a_composite_of_ours_is_read_band_by_band(tmp_path: Path) -> None:
    pixels = pixels_of(Made(3, 300, 280, "int16", {}))
    write_raster(tmp_path / "c.tif", Raster(Grid("EPSG:32650", 5e5, 4e6, 10.0, 300, 280), ("a", "b", "count"), pixels, -32768))
    for band in (1, 2, 3):
        direct = reader(tmp_path / "c.tif", band=band)
        assert direct.kind == "direct"
        assert np.array_equal(direct.read((0, 0, 300, 280)), pixels[band - 1])


@pytest.mark.parametrize(("nodata", "fill"), [(None, 0), (7, 7), (65535, 65535)])
def test_a_tile_that_the_file_leaves_out_is_nodata(tmp_path: Path, nodata: float | None, fill: int) -> None:
    path = scene(tmp_path / "s.tif", nodata=nodata, absent=True)
    assert layout(path).counts.tolist() == [[layout(path).counts[0, 0], 0, 0]] + [[0, 0, 0]] * 3
    assert (reader(path).read((40, 40, 50, 50)) == fill).all()
    assert np.array_equal(reader(path).read((0, 0, 100, 90)), by_gdal(path))


def test_a_thread_may_meet_an_absent_tile_first(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif", absent=True))
    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(source.read, (40, 40, 5, 5)).result().any()


def test_a_nodata_value_that_the_type_cannot_hold_is_left_to_gdal(tmp_path: Path) -> None:
    path = tmp_path / "s.tif"
    with path.open("wb") as stream:
        blank = [b"", b"", b"", b""]
        tifffile.imwrite(stream, iter(blank), shape=(64, 64), dtype="uint16", tile=(32, 32), compression="zlib", extratags=[(42113, 2, 0, "-9999", False)])
    with path.open("rb") as stream:
        assert layout_of(stream) == "absent tiles, with nodata -9999 in uint16"


def test_the_layout_is_what_tifffile_says_it_is(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    mine = layout(path)
    with tifffile.TiffFile(path) as file:
        page = file.pages.first
        assert (mine.height, mine.width, mine.tile_height, mine.tile_width) == (page.imagelength, page.imagewidth, page.tilelength, page.tilewidth)
        assert mine.offsets.ravel().tolist() == list(page.dataoffsets)
        assert mine.counts.ravel().tolist() == list(page.databytecounts)
        assert (mine.dtype, mine.compression, mine.predictor) == (page.dtype.name, "deflate", page.predictor)


# --- windows and tiles ------------------------------------------------------------------------------------------------


@given(st.data())
def test_the_tiles_of_a_window_are_those_that_hold_a_pixel_of_it(data: st.DataObject) -> None:
    none = np.zeros((4, 3), dtype=np.int64)
    image = Layout(100, 90, 32, 32, "uint16", "none", 1, none, none, "<", False, 0.0)
    window = data.draw(windows(100, 90))
    rows, columns = range(window[0], window[0] + window[2]), range(window[1], window[1] + window[3])
    assert image.tiles(window) == sorted({(r // 32, c // 32) for r in rows for c in columns})


@pytest.mark.parametrize("window", [(-1, 0, 5, 5), (0, 0, 101, 5), (0, 86, 5, 5), (0, 0, 0, 5)])
@pytest.mark.parametrize("force_gdal", [False, True])
def test_a_window_that_leaves_the_image_is_refused(tmp_path: Path, window: tuple[int, int, int, int], force_gdal: bool) -> None:
    with pytest.raises(ValueError, match="isn't within an image of 100 x 90 pixels"):
        reader(scene(tmp_path / "s.tif"), force_gdal).read(window)


@pytest.mark.parametrize("force_gdal", [False, True])
def test_pixels_go_into_an_array_that_is_given_and_fits(tmp_path: Path, force_gdal: bool) -> None:
    source = reader(scene(tmp_path / "s.tif"), force_gdal)
    board = np.zeros((200, 200), dtype=np.uint16)
    out = board[10:60, 20:90]
    assert source.read((30, 10, 50, 70), out) is out
    assert np.array_equal(board[10:60, 20:90], by_gdal(source.path)[30:80, 10:80])
    assert not board[:10].any() and not board[60:].any() and not board[:, :20].any() and not board[:, 90:].any()
    for wrong in (np.zeros((50, 71), dtype=np.uint16), np.zeros((50, 70), dtype=np.int16)):
        with pytest.raises(ValueError, match="where the window is uint16"):
            source.read((30, 10, 50, 70), wrong)


def test_a_strip_of_one_row_goes_into_a_row_of_a_wider_array(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif", options={"compress": "deflate", "predictor": 2, "blockysize": 1}))
    board = np.zeros((3, 200), dtype=np.uint16)
    source.read((40, 0, 1, 90), board[1:2, 50:140])
    assert np.array_equal(board[1:2, 50:140], by_gdal(source.path)[40:41])
    assert not board[[0, 2]].any() and not board[:, :50].any() and not board[:, 140:].any()


def test_a_tile_decoded_alone_holds_its_part_of_the_image(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    found, data, whole = layout(path), path.read_bytes(), by_gdal(path)
    for at in found.tiles((0, 0, 100, 90)):
        row, column, height, width = found.box(at)
        packed = data[found.offsets[at] : found.offsets[at] + found.counts[at]]
        assert np.array_equal(decode(found, packed, at), whole[row : row + height, column : column + width])


def test_a_layout_is_read_from_the_header_alone(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif", options={**SCENE.options, "copy_src_overviews": True})
    first = int(layout(path).offsets.min())

    class Header(io.BytesIO):
        def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
            return len(path.read_bytes()) if whence == os.SEEK_END else super().seek(place, whence)

    assert isinstance(layout_of(Header(path.read_bytes()[:first])), Layout)


# --- what isn't known is left to GDAL, and it is said why -------------------------------------------------------------

UNKNOWN = {
    "compression 7": Made(1, 64, 64, "uint8", {"compress": "jpeg", "tiled": True, "blockxsize": 32, "blockysize": 32}),
    "compression 34887": Made(1, 64, 64, "uint16", {"compress": "lerc_zstd", "tiled": True, "blockxsize": 32, "blockysize": 32}),
    "compression 32773": Made(1, 64, 64, "uint8", {"compress": "packbits"}),
    "3 bands interleaved pixel by pixel": Made(3, 64, 64, "uint16", {"interleave": "pixel", "compress": "deflate"}),
    "pixels of 1 bits in sample format 1": Made(1, 64, 64, "uint8", {"nbits": 1}),
    "pixels of 12 bits in sample format 1": Made(1, 64, 64, "uint16", {"nbits": 12}),
    "pixels of 64 bits in sample format 3": Made(1, 64, 64, "float64", {}),
    "pixels of 32 bits in sample format 2": Made(1, 64, 64, "int32", {"compress": "zstd"}),
    "photometric interpretation 0": Made(1, 64, 64, "uint8", {"photometric": "miniswhite"}),
}


@pytest.mark.parametrize("why", UNKNOWN)
def test_an_unknown_layout_is_read_by_gdal_and_the_reader_says_why(tmp_path: Path, why: str) -> None:
    made = UNKNOWN[why]
    pixels = np.ones((made.bands, made.height, made.width), dtype=made.dtype)
    write(tmp_path / "u.tif", made, pixels)
    source = reader(tmp_path / "u.tif")
    assert (source.kind, source.why) == ("gdal", why)
    assert np.array_equal(source.read((0, 0, 64, 64)), by_gdal(tmp_path / "u.tif"))


def test_gdal_where_it_is_asked_for_says_so(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif"), force_gdal=True)
    assert (source.kind, source.why) == ("gdal", "asked for")


def test_a_band_that_a_file_does_not_have_is_said_so(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif"), band=2)
    assert source.why == "band 2 of 1"
    with pytest.raises(TileError, match="band 2 of 1"):
        source.read((0, 0, 5, 5))


# --- damage -----------------------------------------------------------------------------------------------------------


def header(*tags: tuple[int, int, int, int], start: int = 8, following: int = 0) -> bytes:
    """A little-endian TIFF of one directory: tag, type, count, value."""
    table = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<I", start) + struct.pack("<H", len(tags)) + table + struct.pack("<I", following)


SQUARE = [(256, 3, 1, 16), (257, 3, 1, 16), (258, 3, 1, 8)]
DAMAGED = {
    "not a TIFF file: it begins with b'<VRT'": b"<VRTDataset/>",
    "the header points at bytes 0 to 8 of a file of 0": b"",
    "TIFF of unknown version 77": b"II\x4d\0" + bytes(20),
    "a directory of 0 entries": header(),
    "a directory of 65535 entries": b"II*\0" + struct.pack("<IHI", 8, 65535, 0),
    "the header points at bytes 4294967295 to 4294967297 of a file of 14": header(start=2**32 - 1),
    "the header points at bytes 10 to 12298 of a file of 14": b"II*\0" + struct.pack("<IHI", 8, 1024, 0),
    "tag 256 stands twice": header((256, 3, 1, 16), (256, 3, 1, 17)),
    "the header points at bytes 8 to 4194312 of a file of 86": header(
        (256, 4, 1, 2**14), (257, 4, 1, 2**14), (258, 3, 1, 8), (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 2**20, 8)
    ),
}
STRANGE = {
    "tag 257 is missing": header((256, 3, 1, 16)),
    "tag 256 has 3 values where 1 are due": header((256, 3, 3, 16), (257, 3, 1, 16)),
    "tag 256 is of TIFF type 11, not a whole number": header((256, 11, 1, 16), (257, 3, 1, 16)),
    "an image of 16 x 4294967295 pixels in tiles of 16 x 4294967295": header((256, 4, 1, 2**32 - 1), (257, 3, 1, 16)),
    "an image of 16 x 0 pixels in tiles of 16 x 0": header((256, 4, 1, 0), (257, 3, 1, 16)),
    "an image of 16 x 16 pixels in tiles of 65535 x 65535": header(*SQUARE, (322, 3, 1, 65535), (323, 3, 1, 65535), (324, 4, 1, 8)),
    "68719476736 tiles": header((256, 4, 1, 2**22), (257, 4, 1, 2**22), (258, 3, 1, 8), (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 2**31, 8)),
    "65535 bands": header(*SQUARE, (277, 3, 1, 65535)),
    "tag 325 is missing": header(*SQUARE, (322, 3, 1, 16), (323, 3, 1, 16), (324, 4, 1, 8)),
    "bits are stored last first": header(*SQUARE, (266, 3, 1, 2)),
    "the first image is a thumbnail or a mask": header(*SQUARE, (254, 4, 1, 1)),
    "an image of volumes": header(*SQUARE, (32997, 3, 1, 2)),
    "predictor 3 on uint8": header(*SQUARE, (259, 3, 1, 8), (273, 4, 1, 8), (279, 4, 1, 8), (317, 3, 1, 3)),
}


@pytest.mark.parametrize("why", DAMAGED)
def test_a_damaged_header_is_refused_in_words_and_not_handed_on_to_gdal(tmp_path: Path, why: str) -> None:
    assert layout_of(io.BytesIO(DAMAGED[why])) == why
    path = tmp_path / "h.tif"
    path.write_bytes(DAMAGED[why])
    with pytest.raises(TileError) as error:
        reader(path)
    assert str(error.value) == f"{path}: {why}"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("why", STRANGE)
def test_a_strange_header_is_left_to_gdal_which_refuses_it_too(tmp_path: Path, why: str) -> None:
    assert layout_of(io.BytesIO(STRANGE[why])) == why
    (tmp_path / "h.tif").write_bytes(STRANGE[why])
    source = reader(tmp_path / "h.tif")
    assert (source.kind, source.why) == ("gdal", why)
    with pytest.raises(TileError, match=r"h\.tif: (GDAL: |tiles of 65535 x 65535)"):
        source.read((0, 0, 1, 1))


def test_a_second_directory_that_points_back_at_the_first_is_never_looked_at() -> None:
    tags = (*SQUARE, (259, 3, 1, 1), (273, 4, 1, 0), (279, 4, 1, 256), (277, 3, 1, 1), (278, 3, 1, 16))
    found = layout_of(io.BytesIO(header(*tags, following=8)))
    assert isinstance(found, Layout)
    assert (found.height, found.width, found.tile_height, found.dtype) == (16, 16, 16, "uint8")


def test_a_truncated_file_gives_the_tiles_it_still_holds_and_no_others(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    whole, found = by_gdal(path), layout(path)
    last = np.unravel_index(int(found.offsets.argmax()), found.offsets.shape)
    path.write_bytes(path.read_bytes()[: int(found.offsets.max()) + 5])
    assert np.array_equal(reader(path).read((0, 0, 32, 32)), whole[:32, :32])
    with pytest.raises(TileError, match="lies at bytes") as error:
        reader(path).read((0, 0, 100, 90))
    assert (error.value.path, error.value.tile) == (str(path), tuple(int(n) for n in last))


@pytest.mark.parametrize("compress", ["deflate", "zstd", "lzw", None])
def test_a_tile_cut_short_is_never_filled_up(compress: str | None) -> None:
    made = replace(SCENE, options={**SCENE.options, "compress": compress, "predictor": 2 if compress else 1})
    found, packed = _first_tile(made)
    for size in (0, 1, len(packed) // 2, len(packed) - 8):
        with pytest.raises(TileError, match=r"^tile \(0, 0\): ") as error:
            decode(found, packed[:size], (0, 0))
        assert error.value.tile == (0, 0)


@pytest.mark.parametrize("compress", ["deflate", "zstd"])
def test_a_tile_that_unpacks_to_more_than_is_due_is_refused(compress: str) -> None:
    found, packed = _first_tile(replace(SCENE, options={**SCENE.options, "compress": compress}))
    with pytest.raises(TileError):
        decode(replace(found, tile_height=16), packed, (0, 0))


def _first_tile(made: Made) -> tuple[Layout, bytes]:
    with rasterio.MemoryFile() as memory:
        write(memory.name, made, pixels_of(made))  # type: ignore[arg-type]
        data = bytes(memory.getbuffer())
    found = layout_of(io.BytesIO(data))
    assert isinstance(found, Layout)
    return found, data[found.offsets[0, 0] : found.offsets[0, 0] + found.counts[0, 0]]


def test_a_tile_that_claims_more_bytes_than_its_pixels_could_take_is_not_read(tmp_path: Path) -> None:
    path, counts = tmp_path / "t.tif", (256, 2**20)
    tags = [*SQUARE, (259, 3, 1, 8), (273, 4, 1, 200), (278, 3, 1, 16)]
    for count, why in zip(counts, ("", "takes 1048576 bytes for 256 of pixels"), strict=True):
        path.write_bytes(header(*tags, (279, 4, 1, count)) + bytes(2**21))
        with pytest.raises(TileError, match=rf"tile \(0, 0\): {why}"):
            reader(path).read((0, 0, 5, 5))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@ONE_FILE
@given(st.data())
def test_a_flipped_byte_gives_gdals_pixels_or_a_plain_refusal(tmp_path: Path, data: st.DataObject) -> None:
    """Headers hold no checksum: what both readers take for a sound file may be another image, but it is the same one."""
    path = tmp_path / "f.tif"
    if not path.exists():
        scene(path)
        (tmp_path / "sound").write_bytes(path.read_bytes())
    damaged = bytearray((tmp_path / "sound").read_bytes())
    place = data.draw(st.integers(0, int(layout(tmp_path / "sound").offsets.min()) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(damaged)
    try:
        direct = reader(path).read((0, 0, 40, 40))
    except (TileError, ValueError) as error:
        assert "f.tif" in str(error) or "isn't within" in str(error)
        return
    try:
        by_other_way = reader(path, force_gdal=True).read((0, 0, 40, 40))
    except TileError:  # a tag that says nothing about pixels, but that GDAL stumbles over
        by_other_way = by_gdal(tmp_path / "sound")[:40, :40]
    assert direct.tobytes() == by_other_way.tobytes()


# --- threads, processes, files that change ----------------------------------------------------------------------------


@pytest.mark.parametrize("force_gdal", [False, True])
def test_threads_that_share_a_reader_each_get_their_own_pixels(tmp_path: Path, force_gdal: bool) -> None:
    source = reader(scene(tmp_path / "s.tif"), force_gdal)
    whole = by_gdal(source.path)
    asked = [(row, column, 37, 41) for row in range(0, 60, 3) for column in range(0, 48, 3)]
    with ThreadPoolExecutor(8) as pool:
        for (row, column, height, width), got in zip(asked, pool.map(source.read, asked), strict=True):
            assert np.array_equal(got, whole[row : row + height, column : column + width])


@pytest.mark.parametrize("force_gdal", [False, True])
def test_a_file_replaced_is_read_anew(tmp_path: Path, force_gdal: bool) -> None:
    source = reader(scene(tmp_path / "s.tif"), force_gdal)
    before = source.read((0, 0, 100, 90))
    scene(tmp_path / "other.tif", options={"compress": "zstd", "blockysize": 7})
    (tmp_path / "other.tif").replace(source.path)
    assert np.array_equal(source.read((0, 0, 100, 90)), before)
    source.path.unlink()
    with pytest.raises((FileNotFoundError, TileError)):
        source.read((0, 0, 5, 5))


def test_a_file_replaced_by_one_of_unknown_layout_is_refused_by_the_reader_of_the_old(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif"))
    scene(tmp_path / "other.tif", options={"compress": "packbits"})
    (tmp_path / "other.tif").replace(source.path)
    with pytest.raises(TileError) as error:
        source.read((0, 0, 5, 5))
    assert str(error.value) == f"{source.path}: compression 32773"
    assert reader(source.path).kind == "gdal"


def test_a_tile_asked_for_in_small_parts_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = reader(scene(tmp_path / "s.tif"))
    height, width = layout(source.path).tile_height, layout(source.path).tile_width
    decoded: list[tuple[int, int]] = []
    monkeypatch.setattr(readers, "decode", lambda layout, data, at: decoded.append(at) or decode(layout, data, at))
    parts = [(row, column, height // 2, width // 2) for row in (0, height // 2) for column in (0, width // 2)]
    whole = by_gdal(source.path)
    for row, column, tall, wide in parts:
        source.read((row, column, tall, wide))[...] = 0  # nobody's copy is another's
        assert np.array_equal(source.read((row, column, tall, wide)), whole[row : row + tall, column : column + wide])
    assert decoded == [(0, 0)]


def test_a_file_that_gets_and_loses_other_names_is_read(tmp_path: Path) -> None:
    """As a chip is lent by the store to one run after the other while a third reads it."""
    path, other, over = scene(tmp_path / "s.tif"), tmp_path / "other.tif", threading.Event()

    def rename() -> None:
        while not over.is_set():
            other.hardlink_to(path)
            other.unlink()
            time.sleep(1e-4)  # while the other thread reads

    with ThreadPoolExecutor(1) as pool:
        names = pool.submit(rename)
        try:
            for _ in range(1000):
                assert reader(path).read((0, 0, 10, 10)).shape == (10, 10)
        finally:
            over.set()
        names.result()


def test_a_file_that_gets_another_name_between_two_looks_at_it_is_the_same_file(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    before = readers._stamp(path.stat())
    time.sleep(0.01)  # longer than a clock's tick
    (tmp_path / "other.tif").hardlink_to(path)
    assert readers._stamp(path.stat()) != before
    assert isinstance(readers._layout(str(path), before, 1), Layout)


def test_a_file_changed_or_replaced_between_two_looks_at_it_is_told(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    raw = path.read_bytes()

    def in_place() -> None:
        path.write_bytes(raw)

    def longer() -> None:
        path.write_bytes(raw + b"more")
        os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))

    def replaced() -> None:
        new = tmp_path / "new.tif"
        new.write_bytes(raw)
        os.utime(new, ns=(before.st_mtime_ns, before.st_mtime_ns))
        new.replace(path)

    for change in (in_place, longer, replaced):
        before = path.stat()
        time.sleep(0.01)  # longer than a clock's tick
        change()
        with pytest.raises(TileError, match="changed while it was read"):
            readers._layout(str(path), readers._stamp(before), 1)


def test_a_file_changed_in_place_is_read_anew_even_where_its_time_was_set_back(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif", options={"compress": None}))
    before, times = source.read((0, 0, 2, 2)), source.path.stat()
    time.sleep(0.05)  # a file system counts time in ticks
    packed = bytearray(source.path.read_bytes())
    packed[int(layout(source.path).offsets[0, 0])] ^= 1
    source.path.write_bytes(packed)
    os.utime(source.path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (source.path.stat().st_size, source.path.stat().st_mtime_ns) == (times.st_size, times.st_mtime_ns)
    assert (source.read((0, 0, 2, 2)) != before).sum() == 1


def test_of_kept_tiles_those_used_last_stay() -> None:
    kept, asked = Kept(most=100), []

    def tile(name: str, size: int = 40) -> None:
        kept.part(name, (0, 0), (1, 1), lambda: asked.append(name) or np.zeros((1, size), np.uint8))

    for name in ("a", "b", "a", "c", "a", "b"):  # c takes b's place
        tile(name)
    assert asked == ["a", "b", "c", "b"]
    tile("whole", 101)
    assert kept.held == 0


def test_readers_and_their_errors_travel_between_processes(tmp_path: Path) -> None:
    path = scene(tmp_path / "s.tif")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for source in (reader(path), reader(path, force_gdal=True)):
            assert np.array_equal(pool.submit(source.read, (0, 0, 9, 9)).result(), source.read((0, 0, 9, 9)))
        path.write_bytes(path.read_bytes()[: int(layout(path).offsets.max()) + 5])
        with pytest.raises(TileError) as error:
            pool.submit(reader(path).read, (0, 0, 100, 90)).result()
    assert error.value.path == str(path) and error.value.tile is not None


def test_a_direct_reader_leaves_no_file_open(tmp_path: Path) -> None:
    source = reader(scene(tmp_path / "s.tif"))
    before = open_files()
    source.read((0, 0, 9, 9))
    with pytest.raises(ValueError):
        source.read((0, 0, 900, 9))
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_gdal_keeps_no_more_datasets_than_it_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "IDLE", 3)
    for number in range(6):
        reader(scene(tmp_path / f"{number}.tif"), force_gdal=True).read((0, 0, 5, 5))
    assert sum(map(len, datasets._idle.values())) <= 3
