"""The map's pictures: cover of every vintage, NDVI of the latest year's periods and its greenest in colour, as PNG in a data address."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, read_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results

LARGEST = 640  # pixels along a side; larger rasters are thinned by whole steps, as the printed maps are
MOST_PERIODS = 12
LEVEL = 6  # of the packing: 9 takes four times as long and saves one byte in forty
RAMP = ("#8c6d46", "#c9ad7f", "#f0e6c4", "#cfe0a0", "#93c06b", "#4f9a4a", "#23734a", "#0b4a33")  # brown to green
LEAST, MOST, STEPS = -0.2, 1.0, 48  # NDVI at the ramp's ends; in steps, which pack well
COLOURS = (("red", "green", "blue"), ("swir16", "nir", "red"), ("nir", "red", "blue"))  # the first that the composites hold
STRETCH = (2, 98)  # percentiles of a band that become black and full


def pictures(plan: Plan, results: Results, run: Path) -> list[dict[str, Any]]:
    """Every picture with its kind, what it is of, and its address; all lie on the whole grid."""
    return [*_covers(plan, results), *_of_composites(plan, results, run)]


def ramp() -> dict[str, Any]:
    """The colours of NDVI and the values at their ends, for the legend."""
    return {"colours": RAMP, "least": LEAST, "most": MOST}


def _covers(plan: Plan, results: Results) -> Iterator[dict[str, Any]]:
    table = np.zeros((256, 4), np.uint8)
    for c in plan.pipeline.land.classes:
        table[c.code] = (*bytes.fromhex(c.colour[1:]), 255)
    for year, cover in results.covers.items():
        yield {"kind": "cover", "of": str(year), "src": address(thinned(cover.pixels[0]), table)}


def _of_composites(plan: Plan, results: Results, run: Path) -> Iterator[dict[str, Any]]:
    held = (*plan.pipeline.composites.bands, *plan.pipeline.composites.indices)
    periods = latest(results.composites)
    shown = periods[:: max(1, -(-len(periods) // MOST_PERIODS))]
    best = max(periods, key=lambda p: (p.observed_share, p.median_count, p.period), default=None)
    if "ndvi" in held and shown:
        ndvi = {period.period: _read(run, period, ("ndvi",))[0] for period in shown}
        yield from ({"kind": "ndvi", "of": name, "src": address(*green(pixels))} for name, pixels in ndvi.items())
        best = max(shown, key=lambda p: (_greenness(ndvi[p.period]), p.period))
    bands = next((wanted for wanted in COLOURS if set(wanted) <= set(held)), None)
    if bands and best:
        yield {"kind": "colour", "of": best.period, "bands": " / ".join(bands), "src": address(coloured(_read(run, best, bands)))}


def _greenness(ndvi: NDArray[np.int16]) -> float:
    """The mean over the whole picture, what wasn't seen counting as nothing: the period that shows most of the land in leaf has the highest."""
    return int(np.where(ndvi == COMPOSITE_NODATA, 0, ndvi).astype(np.int64).sum()) / ndvi.size


def latest(periods: Sequence[CompositePeriod]) -> list[CompositePeriod]:
    """The periods that begin in the last year of all; those in which nothing was seen are left out."""
    year = max((p.start[:4] for p in periods), default="")
    return [p for p in periods if p.start[:4] == year and p.observed_share > 0]


def _read(run: Path, period: CompositePeriod, layers: Sequence[str]) -> NDArray[Any]:
    pixels = read_raster(run / "composites" / period.file, list(layers)).pixels
    return np.stack([thinned(layer) for layer in pixels])


def thinned(pixels: NDArray[Any]) -> NDArray[Any]:
    """Every so many-th row and column, so that no side is longer than LARGEST."""
    step = max(1, -(-max(pixels.shape) // LARGEST))
    return pixels[::step, ::step]


def green(ndvi: NDArray[np.int16]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """NDVI in ten-thousandths as steps of the ramp, and the RGBA of each step; the last, nothing, where nothing was seen."""
    share = (ndvi.astype(np.float64) / COMPOSITE_UNIT - LEAST) / (MOST - LEAST)
    steps = np.clip((share * STEPS).astype(int), 0, STEPS - 1).astype(np.uint8)
    return np.where(ndvi == COMPOSITE_NODATA, np.uint8(STEPS), steps), _ramp_table()


@cache
def _ramp_table() -> NDArray[np.uint8]:
    colours = np.array([tuple(bytes.fromhex(c[1:])) for c in RAMP], np.float64)
    at = np.linspace(0, len(RAMP) - 1, STEPS)
    table = np.zeros((STEPS + 1, 4), np.uint8)
    table[:STEPS, :3] = np.column_stack([np.interp(at, range(len(RAMP)), colours[:, n]) for n in range(3)]).round()
    table[:STEPS, 3] = 255
    return table


def coloured(bands: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Three bands stretched between two percentiles of what was seen, as RGBA, shape (row, column, 4)."""
    seen = (bands != COMPOSITE_NODATA).all(axis=0)
    shown = np.zeros((*seen.shape, 3), np.uint8)
    for n, band in enumerate(bands):
        low, high = np.percentile(band[seen], STRETCH) if seen.any() else (0.0, 1.0)
        shown[..., n] = np.clip((band - low) / max(high - low, 1.0) * 255, 0, 255).round().astype(np.uint8)
    shown = np.dstack([shown, np.where(seen, 255, 0).astype(np.uint8)])
    shown[~seen] = 0
    return shown


def address(image: NDArray[np.uint8], table: NDArray[np.uint8] | None = None) -> str:
    """An RGBA image, or codes with the RGBA of each, as a data address."""
    png = bytes(imagecodecs.png_encode(np.ascontiguousarray(image), level=LEVEL)) if table is None else _indexed(image, table)
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _indexed(codes: NDArray[np.uint8], table: NDArray[np.uint8]) -> bytes:
    """A PNG of a byte a pixel with its table of colours (PNG specification, third edition, 11.2 and 11.3.2): a quarter of the bytes to pack and to unpack."""
    rows, columns = codes.shape
    lines = np.hstack([np.zeros((rows, 1), np.uint8), codes])  # each line behind its filter: none
    header = struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0)
    parts = {b"IHDR": header, b"PLTE": table[:, :3].tobytes(), b"tRNS": table[:, 3].tobytes(), b"IDAT": zlib.compress(lines.tobytes(), LEVEL), b"IEND": b""}
    chunks = (struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
