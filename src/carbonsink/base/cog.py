"""Cloud Optimized GeoTIFFs (OGC 21-026): the directories first, tiles of 256 pixels, overviews, and the legend in the file itself.

cog(raster, ...)     of a raster in memory, with colours and the words of its values
cog_of(path)         of a raster of ours as it lies on the disk, band by band
Both give the file's bytes, packed by DEFLATE, which every program reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import rasterio
from rasterio.io import MemoryFile
from rasterio.shutil import copy

from carbonsink.base.rasters import TILE, Raster

Overview = Literal["NEAREST", "MODE", "AVERAGE"]
LEGEND = "LEGEND_"  # band metadata: LEGEND_3=Forest / 林地


def cog(raster: Raster, colours: Mapping[int, str], legend: Mapping[int, str], overview: Overview) -> bytes:
    """A raster of one layer of bytes with a colour table (#rrggbb by value) and the words of its values."""
    grid = raster.grid
    profile = {
        "driver": "GTiff", "height": grid.height, "width": grid.width, "count": len(raster.layers), "dtype": raster.pixels.dtype.name,
        "crs": grid.crs, "transform": grid.transform, "nodata": raster.nodata,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(raster.pixels)
            target.descriptions = raster.layers
            if colours:
                target.write_colormap(1, {value: _rgba(colour) for value, colour in colours.items()})
            target.update_tags(1, **{f"{LEGEND}{value}": words for value, words in sorted(legend.items())})
        return cog_of(memory.name, overview)


def cog_of(source: Path | str, overview: Overview) -> bytes:
    """A raster of ours as a Cloud Optimized GeoTIFF: the same grid, layers and pixels."""
    with rasterio.open(source) as opened, MemoryFile() as memory:
        copy(
            opened, memory.name, driver="COG", COMPRESS="DEFLATE", PREDICTOR="YES", LEVEL=6, BLOCKSIZE=TILE, OVERVIEW_RESAMPLING=overview,
            OVERVIEW_COMPRESS="DEFLATE", BIGTIFF="IF_SAFER", NUM_THREADS=1,
        )  # fmt: skip
        return bytes(memory.read())


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255
