"""GeoTIFFs of every layout, written by GDAL, for tests of the reader."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from hypothesis import strategies as st
from numpy.typing import NDArray

from carbonsink.base.rasters import Grid
from carbonsink.base.tiff import Window

KNOWN_TYPES = ("uint8", "uint16", "int16", "float32")
CODECS = {"none": None, "deflate": "deflate", "lzw": "lzw", "zstd": "zstd"}


@dataclass(frozen=True)
class Made:
    """How a file is made: its shape, type, and GDAL's creation options."""

    bands: int
    height: int
    width: int
    dtype: str
    options: dict[str, Any]
    nodata: float | None = None
    absent: bool = False


@st.composite
def layouts(draw: st.DrawFn) -> Made:
    """Any layout that the direct reader knows."""
    dtype = draw(st.sampled_from(KNOWN_TYPES))
    options: dict[str, Any] = {"compress": draw(st.sampled_from(list(CODECS.values()))), "interleave": "band"}
    if options["compress"]:
        options["predictor"] = draw(st.sampled_from((1, 2, 3) if dtype == "float32" else (1, 2)))
    if draw(st.booleans()):
        options |= {"tiled": True, "blockxsize": draw(st.sampled_from((16, 32, 48))), "blockysize": draw(st.sampled_from((16, 32)))}
    else:
        options |= {"blockysize": draw(st.integers(1, 40))}
    options |= {"endianness": draw(st.sampled_from(("LITTLE", "BIG"))), "bigtiff": draw(st.sampled_from(("YES", "NO")))}
    absent = draw(st.booleans())
    bands, height, width = draw(st.integers(1, 3)), draw(st.integers(1, 70)), draw(st.integers(1, 70))
    return Made(bands, height, width, dtype, options, draw(st.sampled_from((None, 0, 7, 255))), absent)


@st.composite
def windows(draw: st.DrawFn, height: int, width: int) -> Window:
    """Any window within an image."""
    row, column = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    return row, column, draw(st.integers(1, height - row)), draw(st.integers(1, width - column))


def pixels_of(made: Made, seed: int = 0) -> NDArray[Any]:
    """Noise over the whole range of a type, shape (band, row, column)."""
    chance = np.random.default_rng(seed)
    shape = (made.bands, made.height, made.width)
    if made.dtype == "float32":
        return chance.normal(0, 1e3, shape).astype(np.float32)
    limits = np.iinfo(made.dtype)
    return chance.integers(limits.min, limits.max, shape, dtype=made.dtype, endpoint=True)


def write(path: Path, made: Made, pixels: NDArray[Any]) -> None:
    """Write a file by GDAL; where tiles are to be absent, only its upper left corner is written."""
    profile: dict[str, Any] = {
        "driver": "GTiff", "count": made.bands, "height": made.height, "width": made.width, "dtype": made.dtype,
        "crs": "EPSG:32650", "transform": Grid("EPSG:32650", 5e5, 4e6, 10.0, 1, 1).transform, "nodata": made.nodata,
        "sparse_ok": made.absent, **made.options,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        if made.absent:
            target.write(pixels[:, :8, :8], window=rasterio.windows.Window(0, 0, *reversed(pixels[:, :8, :8].shape[1:])))
        else:
            target.write(pixels)


def by_gdal(path: Path, band: int = 1) -> NDArray[Any]:
    """A band as rasterio reads it."""
    with rasterio.open(path, driver="GTiff") as source:
        pixels: NDArray[Any] = source.read(band)
    return pixels
