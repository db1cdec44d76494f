"""What can be seen at a point: a chip of every period of its year in one or two pictures, and its indices over all periods.

All chips of a sample share one stretch a band, so that a colour means the same at every point and date. Nothing that the
map says of a point enters here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

from carbonsink.areas.sampling.points import Point
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, described
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.declared.sampling import Picture, read_sampling

UNSEEN = (216, 220, 217)  # grey, where a period has no value
PACKING = 9  # of PNG
Pixels = NDArray[np.int16]


@dataclass(frozen=True)
class View:
    """One point: a PNG strip a picture, its chips side by side in the order of periods; its indices [1e-4], a list a layer, None where unseen."""

    strips: tuple[bytes, ...]
    series: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class Views:
    """The views of all points by id, and what they are of: periods of the chips, pictures, pixels a side, days and layers of the series."""

    periods: tuple[str, ...]
    pictures: tuple[str, ...]
    side: int
    days: tuple[tuple[str, str], ...]  # first and last of each period of the series
    layers: tuple[str, ...]
    of: dict[str, View]


def views(plan: Plan, run: Path, points: Sequence[Point]) -> Views:
    """The views of points from a run's composites. Refuses composites of which no picture can be made."""
    periods = read_csv(run / "composites" / "composites.csv", CompositePeriod)
    year, side = str(points[0].year), read_sampling().sheet.chip_pixels
    shown = [p for p in periods if year in (p.start[:4], p.end[:4])]
    layers = described(run / "composites" / periods[0].file)[1]
    pictures = pictures_of(layers)
    bands = list(dict.fromkeys(band for picture in pictures for band in picture.bands))
    chips = np.stack([_windows(run, period, bands, points, side) for period in shown], axis=1)  # (point, period, band, row, column)
    indices = [name for name in plan.pipeline.composites.indices if name in layers]
    series = np.stack([_windows(run, period, indices, points, 1)[..., 0, 0] for period in periods], axis=2)  # (point, index, period)
    strips = [_strips(chips[..., [bands.index(b) for b in picture.bands], :, :]) for picture in pictures]
    of = {p.id: View(tuple(strip[n] for strip in strips), _values(series[n])) for n, p in enumerate(points)}
    days = tuple((p.start, p.end) for p in periods)
    return Views(tuple(p.period for p in shown), tuple(p.id for p in pictures), side, days, tuple(indices), of)


def pictures_of(layers: Sequence[str]) -> list[Picture]:
    """The first pictures of the library whose bands are among the layers."""
    sheet = read_sampling().sheet
    found = [picture for picture in sheet.picture if set(picture.bands) <= set(layers)][: sheet.pictures]
    if not found:
        raise refuse("E-SMP-026", "composites", found=", ".join(layers))
    return found


def stretched(chips: Pixels) -> NDArray[np.uint8]:
    """Bands (..., band, row, column) as bytes from dark to bright, each band by its own percentiles over all chips."""
    numbers = read_sampling().sheet
    out = np.zeros(chips.shape, np.uint8)
    for band in range(chips.shape[-3]):
        values = chips[..., band, :, :].astype(np.int64)
        seen = values[values != COMPOSITE_NODATA]
        low, high = np.percentile(seen, (numbers.low_percent, numbers.high_percent), method="lower").tolist() if seen.size else (0, 1)
        out[..., band, :, :] = (np.clip(values, low, high) - low) * 255 // max(high - low, 1)
    return out


def _strips(chips: Pixels) -> list[bytes]:
    """The strip of each point as PNG, of chips (point, period, 3 bands, row, column)."""
    colours = np.moveaxis(stretched(chips), 2, -1)  # (point, period, row, column, band)
    colours[(chips == COMPOSITE_NODATA).any(axis=2)] = UNSEEN
    points, periods, side = colours.shape[:3]
    strips = colours.transpose(0, 2, 1, 3, 4).reshape(points, side, periods * side, 3)
    return [bytes(imagecodecs.png_encode(np.ascontiguousarray(strip), level=PACKING)) for strip in strips]


def _windows(run: Path, period: CompositePeriod, layers: Sequence[str], points: Sequence[Point], side: int) -> Pixels:
    """Squares of pixels around points, shape (point, layer, side, side); nodata beyond the raster."""
    out = np.full((len(points), len(layers), side, side), COMPOSITE_NODATA, np.int16)
    with rasterio.open(run / "composites" / period.file, driver="GTiff") as source:
        numbers = [source.descriptions.index(name) + 1 for name in layers]
        for place, row, column in _cells(source, points, side):
            top, left = max(-row, 0), max(-column, 0)
            height, width = min(side, source.height - row) - top, min(side, source.width - column) - left
            if height > 0 and width > 0:
                window = Window(column + left, row + top, width, height)
                out[place, :, top : top + height, left : left + width] = source.read(numbers, window=window)
    return out


def _cells(source: Any, points: Sequence[Point], side: int) -> Iterator[tuple[int, int, int]]:
    """Each point's number with its square's first row and column, in the order of rows, so that few tiles are unpacked twice."""
    t = source.transform
    cells = [(int((t.f - p.y) // t.a) - side // 2, int((p.x - t.c) // t.a) - side // 2, n) for n, p in enumerate(points)]
    yield from ((n, row, column) for row, column, n in sorted(cells))


def _values(series: Iterable[Iterable[Any]]) -> tuple[tuple[int | None, ...], ...]:
    return tuple(tuple(None if value == COMPOSITE_NODATA else int(value) for value in layer) for layer in series)
