"""Rasters: pixels come back as they were, a digest says what a raster says, and GDAL opens nothing but GeoTIFFs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from carbonsink.base.rasters import Grid, Raster, pixel_digest, read_raster, write_raster

GRID = Grid("EPSG:32650", 529_980.0, 2_721_000.0, 10.0, 4, 6)
PIXELS = np.arange(48, dtype=np.int16).reshape(2, 4, 6)
RASTER = Raster(GRID, ("ndvi", "count"), PIXELS, -32768)


def test_a_raster_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", RASTER)
    again = read_raster(tmp_path / "a.tif")
    assert (again.grid, again.layers, again.nodata) == (GRID, RASTER.layers, -32768)
    assert (again.pixels == PIXELS).all()
    assert pixel_digest(again) == pixel_digest(RASTER)


def test_a_window_is_the_part_with_its_own_grid(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", RASTER)
    part = read_raster(tmp_path / "a.tif", ["count"], (1, 2, 2, 3))
    assert (part.layer("count") == PIXELS[1, 1:3, 2:5]).all()
    assert part.grid == Grid("EPSG:32650", 530_000.0, 2_720_990.0, 10.0, 2, 3)
    assert part.grid.bounds == (530_000.0, 2_720_970.0, 530_030.0, 2_720_990.0)


@pytest.mark.parametrize(
    "other",
    [
        replace(RASTER, grid=replace(GRID, west=GRID.west + 1e-9)),
        replace(RASTER, layers=("count", "ndvi")),
        replace(RASTER, nodata=None),
        replace(RASTER, pixels=PIXELS.astype(np.int32)),
        replace(RASTER, pixels=np.where(PIXELS == 7, 8, PIXELS).astype(np.int16)),
    ],
)
def test_the_digest_sees_every_difference_in_what_a_raster_says(other: Raster) -> None:
    assert pixel_digest(other) != pixel_digest(RASTER)


def test_the_digest_hangs_on_the_pixels_and_not_on_their_order_in_memory() -> None:
    assert pixel_digest(replace(RASTER, pixels=np.asfortranarray(PIXELS))) == pixel_digest(RASTER)


def test_a_virtual_raster_opens_neither_by_its_name_nor_by_a_disguise(tmp_path: Path) -> None:
    write_raster(tmp_path / "a.tif", RASTER)
    text = '<VRTDataset rasterXSize="6" rasterYSize="4"><VRTRasterBand dataType="Int16" band="1"><SimpleSource>'
    text += '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>'
    (tmp_path / "b.tif").write_text(text)
    with pytest.raises(rasterio.errors.RasterioIOError):
        read_raster(tmp_path / "b.tif")
    with pytest.raises(rasterio.errors.RasterioIOError):
        rasterio.open(tmp_path / "b.tif")
