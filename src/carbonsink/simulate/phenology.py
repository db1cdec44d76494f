"""How a cover looks on a day: canopy over ground, straight lines between the knots of its calendar."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.simulate.chance import draw
from carbonsink.simulate.constants import Constants, Cover, Knots
from carbonsink.simulate.landscape import Landscape

YEAR_DAYS = 365


def at(knots: Knots, day: int) -> int:
    """The value [per mille] on a day of the year, on the straight line between two knots, rounded down."""
    for (day1, value1), (day2, value2) in zip(knots, knots[1:], strict=False):
        if day1 <= day <= day2:
            return value1 + (value2 - value1) * (day - day1) // (day2 - day1)
    raise ValueError(f"day {day} lies outside the calendar {knots[0][0]} to {knots[-1][0]}")


def signature(cover: Cover, day: int, constants: Constants) -> list[int]:
    """Reflectance of a cover on a day of the year [1e-6], one number a band."""
    canopy, ripeness, wetness = at(cover.canopy, day), at(cover.ripeness, day), at(cover.wetness, day)
    green, ripe, dry, wet = (constants.spectra[name].dn for name in (cover.green, cover.ripe, cover.dry, cover.wet))
    return [
        (canopy * ((1000 - ripeness) * g + ripeness * r) + (1000 - canopy) * ((1000 - wetness) * d + wetness * w)) // 10_000
        for g, r, d, w in zip(green, ripe, dry, wet, strict=True)
    ]


def day_of(day: date, late_days: int, constants: Constants) -> int:
    """The calendar day of a patch that is so many days late, in a year that is early or late itself; 1 to 365."""
    reach = constants.landscape.year_shift_days
    year = draw(-reach, reach, constants.seed, day.year, "season")
    return (day.timetuple().tm_yday - 1 - late_days - year) % YEAR_DAYS + 1


def patch_signatures(landscape: Landscape, day: date, constants: Constants) -> NDArray[np.int64]:
    """Reflectance of every patch on a day [1e-6], shape (patch, band)."""
    kinds = sorted({(patch.cover, patch.late_days) for patch in landscape.patches})
    known = {(cover, late): signature(constants.covers[cover], day_of(day, late, constants), constants) for cover, late in kinds}
    signatures = np.array([known[patch.cover, patch.late_days] for patch in landscape.patches], dtype=np.int64)
    gains = np.array([patch.gain for patch in landscape.patches], dtype=np.int64)
    return signatures * gains[:, None] // 1000


def clear_land(landscape: Landscape, day: date, constants: Constants) -> NDArray[np.int64]:
    """Reflectance of every pixel under a clear sky without noise [1e-6], shape (band, row, column)."""
    extent = landscape.extent
    by_patch = patch_signatures(landscape, day, constants)
    whole = constants.grid.mixing**2
    mixed = [np.add.reduceat(by_patch[landscape.patch, band] * landscape.parts, landscape.first) // whole for band in range(by_patch.shape[1])]
    return np.stack(mixed).reshape(-1, extent.height, extent.width) * (1000 + landscape.texture) // 1000
