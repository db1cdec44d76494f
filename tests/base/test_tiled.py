"""Rasters of ours: GDAL's header, our tiles. Whoever reads them reads the same pixels, and the same pixels are the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from carbonsink.base.rasters import LARGE_TILE, TILE, Grid, Raster, _header, read_raster, write_raster, write_rows
from carbonsink.base.tiff import reader
from carbonsink.base.tiff.layout import TILE_COUNTS, TILE_OFFSETS
from carbonsink.base.tiff.tags import SIZES, first_directory

TYPES = ("uint8", "uint16", "int16", "float32")
SIDES = (1, 7, TILE - 1, TILE, TILE + 1, LARGE_TILE + 90)


def noise(shape: tuple[int, ...], dtype: str, seed: int = 0) -> NDArray[Any]:
    """Any bits at all, as numbers of a type; of floats, those that are numbers."""
    chance = np.random.default_rng(seed)
    if dtype == "float32":
        return chance.normal(size=shape).astype(dtype)
    return chance.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def raster(pixels: NDArray[Any], nodata: int | None = 0) -> Raster:
    grid = Grid("EPSG:32650", 500_000.0, 4_000_000.0, 10.0, *pixels.shape[1:])
    return Raster(grid, tuple(f"layer {n}" for n in range(len(pixels))), pixels, nodata)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(TYPES), st.integers(1, 3), st.sampled_from(SIDES), st.sampled_from(SIDES), st.sampled_from((TILE, LARGE_TILE)))
def test_gdal_tifffile_and_the_direct_reader_read_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, dtype: str, layers: int, height: int, width: int, tile: int
) -> None:
    path, written = tmp_path_factory.mktemp("tiled") / "a.tif", raster(noise((layers, height, width), dtype))
    write_raster(path, written, tile)
    found = read_raster(path)
    assert (found.grid, found.layers, found.nodata, found.pixels.dtype) == (written.grid, written.layers, written.nodata, written.pixels.dtype)
    assert np.array_equal(found.pixels, written.pixels)
    assert np.array_equal(tifffile.imread(path).reshape(written.pixels.shape), written.pixels)
    for band, pixels in enumerate(written.pixels, 1):
        direct = reader(path, band=band)
        assert direct.kind == "direct"
        assert np.array_equal(direct.read((0, 0, height, width)), pixels)


def test_the_same_pixels_are_the_same_bytes_however_they_lie_in_memory(tmp_path: Path) -> None:
    pixels = noise((2, 300, 280), "int16")
    for name, same in (("a", pixels), ("b", np.asfortranarray(pixels)), ("c", np.concatenate([pixels, pixels], axis=2)[:, :, :280])):
        write_raster(tmp_path / name, raster(same))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()


@pytest.mark.parametrize("cuts", [(300,), (256, 44), (1, 299), (100, 100, 100)])
def test_rows_that_come_in_any_parts_are_the_same_bytes(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    whole = raster(noise((2, 300, 280), "int16"), -32768)
    write_raster(tmp_path / "whole", whole)
    write_rows(tmp_path / "parts", whole.grid, whole.layers, -32768, iter(np.split(whole.pixels, np.cumsum(cuts)[:-1], axis=1)))
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


def test_all_but_the_places_of_the_tiles_is_gdal_s_own_header(tmp_path: Path) -> None:
    written = raster(noise((1, 600, 520), "uint16"))
    write_raster(tmp_path / "ours.tif", written)
    with rasterio.open(tmp_path / "ours.tif") as source:
        profile = source.profile | {"zstd_level": 1, "predictor": 2, "interleave": "band"}
    with rasterio.open(tmp_path / "gdal.tif", "w", **profile) as target:
        target.write(written.pixels)
        target.descriptions = written.layers
    assert values(tmp_path / "ours.tif") == values(tmp_path / "gdal.tif")


def values(path: Path) -> dict[int, bytes]:
    """What each tag says, but where tiles lie."""
    content = path.read_bytes()
    entries = first_directory(io.BytesIO(content)).entries
    return {tag: content[e.place : e.place + e.count * SIZES[e.kind]] for tag, e in entries.items() if tag not in (TILE_OFFSETS, TILE_COUNTS)}


def test_an_image_too_large_for_four_bytes_a_place_gets_eight() -> None:
    wide = replace(raster(noise((1, 8, 8), "int16")).grid, height=10_000, width=10_000)
    assert _header(wide, ("a",), 0, np.dtype("int16"), TILE)[2] == 42
    assert _header(wide, tuple("abcdefghijklmnopqrstuvwxyz"), 0, np.dtype("int16"), TILE)[2] == 43
