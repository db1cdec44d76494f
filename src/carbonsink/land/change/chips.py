"""Pictures of a change's place before and after: the same colours, the same stretch, its outline and the red line's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from carbonsink.base.evidence import write_bytes
from carbonsink.base.outline import inside, part
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, read_raster
from carbonsink.declared.change import Chips
from carbonsink.land.change.objects import Patch, Window
from carbonsink.land.change.search import Axis

YELLOW, RED, GREY = (255, 221, 51), (214, 40, 40), 128
LARGEST = 512  # image pixels along a side, unless the land alone has more
LEVEL = 9


@dataclass(frozen=True)
class Picture:
    """A period, and the image of a place in it, shape (row, column, 3)."""

    period: str
    image: NDArray[np.uint8]


def colours(settings: Chips, held: tuple[str, ...]) -> tuple[str, ...]:
    """The first three layers of the settings that the composites hold, else the first layer there is, in grey."""
    found = next((wanted for wanted in settings.colours if set(wanted) <= set(held)), [held[0]] * 3)
    return tuple(found)


def pictures(patch: Patch, axis: Axis, shown: tuple[str, ...], red_line: BaseGeometry, settings: Chips) -> tuple[Picture, Picture]:
    """Before and after: of the periods around the break's own the nearest in which enough of the change was clear, else the clearest.

    `red_line` is in the grid's CRS.
    """
    window = _around(patch, axis, settings.side_pixels)
    first, last = int(np.median(patch.events.first)), int(np.median(patch.events.last))
    before = range(max(last - 1, 0), max(last - 1 - settings.search_periods, -1), -1)  # the periods next to the break may show half of it
    after = range(min(first + 1, len(axis.files) - 1), min(first + 1 + settings.search_periods, len(axis.files)))
    lines = _masks(patch, window, axis, red_line)
    numbers = [_clearest(patch, axis, shown, some, settings) for some in (before, after)]
    one, other = (_picture(axis, shown, window, number, lines, settings) for number in numbers)
    return one, other


def write_png(path: Path, picture: Picture) -> None:
    """Write a picture as PNG."""
    write_bytes(path, bytes(imagecodecs.png_encode(picture.image, level=LEVEL)))


def _around(patch: Patch, axis: Axis, side: int) -> Window:
    """A square around a change of at least so many pixels, within the grid as far as that goes."""
    row, column, height, width = patch.window
    side = max(side, height + height // 2, width + width // 2)
    tall, wide = min(side, axis.grid.height), min(side, axis.grid.width)
    top = min(max(row + height // 2 - tall // 2, 0), axis.grid.height - tall)
    left = min(max(column + width // 2 - wide // 2, 0), axis.grid.width - wide)
    return top, left, tall, wide


def _clearest(patch: Patch, axis: Axis, shown: tuple[str, ...], candidates: range, settings: Chips) -> int:
    shares = {number: _clear(patch, axis, shown, number) for number in candidates}
    good = [number for number in candidates if shares[number] >= settings.least_clear]
    return good[0] if good else max(candidates, key=lambda number: shares[number])


def _clear(patch: Patch, axis: Axis, shown: tuple[str, ...], number: int) -> float:
    """The share of a change's pixels that were seen in a period."""
    pixels = read_raster(axis.files[number], shown, patch.window).pixels[:, patch.mask]
    return float((pixels != COMPOSITE_NODATA).all(axis=0).mean())


def _masks(patch: Patch, window: Window, axis: Axis, red_line: BaseGeometry) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The change and the red line on a window's pixels."""
    row, column, height, width = window
    mask = np.zeros((height, width), np.bool_)
    mask[patch.events.row - row, patch.events.column - column] = True
    return mask, inside(part(axis.grid, window), red_line)


def _picture(axis: Axis, shown: tuple[str, ...], window: Window, number: int, lines: tuple[NDArray[np.bool_], ...], settings: Chips) -> Picture:
    pixels = read_raster(axis.files[number], shown, window).pixels
    zoom = max(1, min(settings.zoom, LARGEST // max(window[2:])))
    image = _enlarged(_stretched(pixels, settings.white), zoom)
    for mask, colour in zip(reversed(lines), (RED, YELLOW), strict=True):
        image[_edge(_enlarged(mask, zoom))] = colour
    return Picture(axis.periods[number].period, image)


def _stretched(pixels: NDArray[np.int16], white: float) -> NDArray[np.uint8]:
    """The root of reflectance from 0 to white as brightness, grey where nothing was seen; shape (row, column, 3)."""
    bright = np.floor(255 * np.sqrt(np.clip(pixels / (white * COMPOSITE_UNIT), 0, 1)))
    seen = (pixels != COMPOSITE_NODATA).all(axis=0)
    return np.moveaxis(np.where(seen, bright, GREY), 0, -1).astype(np.uint8)


def _enlarged(array: NDArray[Any], zoom: int) -> NDArray[Any]:
    return np.ascontiguousarray(array.repeat(zoom, axis=0).repeat(zoom, axis=1))


def _edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The rim of a mask, just inside it; where it goes on beyond the picture there is none."""
    wide = np.pad(mask, 1, mode="edge")
    core = wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]
    return mask & ~core
