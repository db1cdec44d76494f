"""The sky over a scene on its 20 m grid: clouds with their shadows, cirrus and haze, dealt to the dates of each month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.simulate.chance import Integers, box_sum, draw, relief, spread_evenly, words
from carbonsink.simulate.constants import Constants
from carbonsink.simulate.extent import Extent
from carbonsink.simulate.knots import at

THICK, MEDIUM, CIRRUS, SHADOW = 9, 8, 10, 3  # classes of the scene classification


@dataclass(frozen=True)
class Sun:
    """Where the sun stands [0.1 degree], and how far it throws a shadow east and north [m per km of height]."""

    azimuth: int
    elevation: int
    east: int
    north: int


@dataclass(frozen=True)
class SkyOver:
    """What the sky does to every 20 m pixel: opacity and darkness [per mille], haze [DN], and the class it gets (0: clear)."""

    opacity: Integers
    darkness: Integers
    haze: Integers
    classes: NDArray[np.uint8]


@dataclass(frozen=True)
class Weather:
    """How much of a date's sky is thick cloud and how much cirrus: least and most [per mille]."""

    thick: tuple[int, int]
    cirrus: tuple[int, int]


def weather_of(days: Sequence[date], cloud_percent: int | None, constants: Constants) -> dict[date, Weather]:
    """The weather of every date: each month's dates, in an order of its own, are dealt the kinds of sky in turn, or ranks of a declared cloud share."""
    dealt: dict[date, Weather] = {}
    for month in sorted({(day.year, day.month) for day in days}):
        dates = [day for day in days if (day.year, day.month) == month]
        order = sorted(range(len(dates)), key=lambda k: int(words(1, constants.seed, "deal", *month, k)[0]))
        dealt.update({dates[k]: _weather(turn, len(dates), cloud_percent, constants) for turn, k in enumerate(order)})
    return dealt


def _weather(turn: int, dates: int, cloud_percent: int | None, constants: Constants) -> Weather:
    sky = constants.sky
    if cloud_percent is None:
        kind = sky.deal[turn % len(sky.deal)]
        return Weather((sky.thick_permille[kind][0], sky.thick_permille[kind][1]), (sky.cirrus_permille[kind][0], sky.cirrus_permille[kind][1]))
    cloudy = constants.cloudy[str(cloud_percent)]
    thick = at(cloudy.thick_permille, (2 * turn + 1) * 1000 // (2 * dates))
    return Weather((thick, thick), (cloudy.cirrus_permille[0], cloudy.cirrus_permille[1]))


def sun_on(day: date, constants: Constants) -> Sun:
    """The sun on a day, on straight lines between the rows of the table, over the turn of the year too."""
    rows = constants.sun.days
    last, first = rows[-1], rows[0]
    rows = [[last[0] - 365, *last[1:]], *rows, [first[0] + 365, *first[1:]]]
    number = day.timetuple().tm_yday
    before, after = next((b, a) for b, a in zip(rows, rows[1:], strict=False) if b[0] <= number <= a[0])
    return Sun(*(b + (a - b) * (number - before[0]) // (after[0] - before[0]) for b, a in zip(before[1:], after[1:], strict=True)))


def sky_over(extent: Extent, item: str, day: date, weather: Weather, constants: Constants) -> SkyOver:
    """The sky of one acquisition; fields of shape (rows, columns) of the 20 m grid."""
    sky, seed = constants.sky, constants.seed
    shape = (extent.height // 2, extent.width // 2)
    pad = _reach(constants)
    inner = (slice(pad, pad + shape[0]), slice(pad, pad + shape[1]))
    wide = _clouds((shape[0] + 2 * pad, shape[1] + 2 * pad), item, constants)
    thick = draw(*weather.thick, seed, item, "thick")
    levels = _levels(wide[inner], thick, constants)
    opacity = _along(wide, levels, sky.opacity)
    cloud = wide >= levels[1] if thick else np.zeros_like(wide, dtype=np.bool_)
    darkness = _shadow(cloud, inner, sun_on(day, constants), draw(*sky.height_m, seed, item, "height"), constants)
    cirrus = _cirrus(shape, item, draw(*weather.cirrus, seed, item, "cirrus"), constants)
    classes = np.where(cirrus > 0, CIRRUS, 0).astype(np.uint8)
    classes[darkness > sky.shadow_depth // 2] = SHADOW
    classes[cloud[inner]] = MEDIUM
    classes[cloud[inner] & (wide[inner] >= levels[2])] = THICK
    veil = opacity[inner] if thick else np.zeros(shape, dtype=np.int64)
    return SkyOver(np.maximum(veil, cirrus), np.where(cloud[inner], 0, darkness), _haze(shape, item, constants), classes)


def _reach(constants: Constants) -> int:
    """20 m pixels that the longest shadow reaches: so far around the scene clouds are made."""
    longest = max(abs(shift) for row in constants.sun.days for shift in row[3:])
    return longest * constants.sky.height_m[1] // (constants.grid.coarse_m * 1000) + 1


def _clouds(shape: tuple[int, int], item: str, constants: Constants) -> Integers:
    """The field whose heights are clouds: reliefs of several sizes, each of the same spread, weighed."""
    sky = constants.sky
    field = np.zeros(shape, dtype=np.int64)
    for radius_m, weight in zip(sky.radii_m, sky.weights, strict=True):
        field += weight * spread_evenly(relief(shape, radius_m // constants.grid.coarse_m, constants.seed, item, "cloud", radius_m), 100_000)
    return field


def _levels(field: Integers, thick: int, constants: Constants) -> list[int]:
    """Heights of the field at the rim's edge, the cloud's edge, the core's edge and the top, by rank."""
    ordered = np.sort(field, axis=None)[::-1]
    shares = (thick + thick * constants.sky.rim_share // 1000, thick, thick * constants.sky.core_share // 1000)
    return [int(ordered[min(share * ordered.size // 1000, ordered.size - 1)]) for share in shares] + [int(ordered[0])]


def _along(field: Integers, levels: Sequence[int], values: Sequence[int]) -> Integers:
    """Values on straight lines between levels of a field; nothing below the first, the last above the last."""
    result = np.zeros_like(field)
    for (low, high), (start, end) in zip(zip(levels, levels[1:], strict=False), zip(values, values[1:], strict=False), strict=True):
        within = (field >= low) & (field <= high)
        result = np.where(within, start + (end - start) * (field - low) // max(high - low, 1), result)
    return np.where(field > levels[-1], values[-1], result)


def _shadow(cloud: NDArray[np.bool_], inner: tuple[slice, slice], sun: Sun, height_m: int, constants: Constants) -> Integers:
    """Darkness [per mille] where the cloud's shadow falls, with a soft edge."""
    step = constants.grid.coarse_m * 1000
    rows, columns = -sun.north * height_m // step, sun.east * height_m // step
    soft = box_sum(cloud.astype(np.int64), 1) * constants.sky.shadow_depth // 9
    down, across = (slice(s.start - shift, s.stop - shift) for s, shift in zip(inner, (rows, columns), strict=True))
    return soft[down, across]


def _cirrus(shape: tuple[int, int], item: str, share: int, constants: Constants) -> Integers:
    """Opacity [per mille] of thin cirrus over a share of the scene."""
    if not share:
        return np.zeros(shape, dtype=np.int64)
    field = relief(shape, constants.sky.cirrus_radius_m // constants.grid.coarse_m, constants.seed, item, "cirrus field")
    edge = int(np.sort(field, axis=None)[::-1][share * field.size // 1000])
    low, high = constants.sky.cirrus_opacity
    opacity = low + (high - low) * (field - edge) // max(int(field.max()) - edge, 1)
    return np.where(field > edge, opacity, 0)


def _haze(shape: tuple[int, int], item: str, constants: Constants) -> Integers:
    """Haze [DN in blue], wandering within the scene."""
    sky = constants.sky
    amount = draw(*sky.haze_dn, constants.seed, item, "haze")
    field = relief(shape, sky.haze_radius_m // constants.grid.coarse_m, constants.seed, item, "haze field")
    return amount * (1000 + spread_evenly(field, sky.haze_relief)) // 1000
