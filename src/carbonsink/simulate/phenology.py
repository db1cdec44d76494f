"""How a cover looks on a day: canopy over ground, straight lines between the knots of its calendar."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.simulate.chance import draw
from carbonsink.simulate.constants import Constants, Cover
from carbonsink.simulate.knots import at
from carbonsink.simulate.landscape import Landscape
from carbonsink.simulate.practice import practised

YEAR_DAYS = 365


def signature(cover: Cover, day: int, constants: Constants) -> list[int]:
    """Reflectance of a cover on a day of the year [1e-6], one number a band."""
    canopy, ripeness = at(cover.canopy, day), at(cover.ripeness, day)
    green, ripe = constants.spectra[cover.green].dn, constants.spectra[cover.ripe].dn
    return [
        (canopy * ((1000 - ripeness) * g + ripeness * r) + (1000 - canopy) * below) // 10_000
        for g, r, below in zip(green, ripe, ground(cover, day, constants), strict=True)
    ]


def ground(cover: Cover, day: int, constants: Constants) -> list[int]:
    """Reflectance below the canopy [1e-7], one number a band: dry to wet, and what is laid over it."""
    wetness = at(cover.wetness, day)
    found = [(1000 - wetness) * d + wetness * w for d, w in zip(constants.spectra[cover.dry].dn, constants.spectra[cover.wet].dn, strict=True)]
    for name, knots in cover.laid.items():
        share = at(knots, day)
        found = [((1000 - share) * under + share * 1000 * over) // 1000 for under, over in zip(found, constants.spectra[name].dn, strict=True)]
    return found


def day_of(day: date, late_days: int, constants: Constants) -> int:
    """The calendar day of a patch that is so many days late, in a year that is early or late itself; 1 to 365."""
    reach = constants.landscape.year_shift_days
    year = draw(-reach, reach, constants.seed, day.year, "season")
    return (day.timetuple().tm_yday - 1 - late_days - year) % YEAR_DAYS + 1


def patch_signatures(landscape: Landscape, day: date, constants: Constants) -> NDArray[np.int64]:
    """Reflectance of every patch on a day [1e-6], shape (patch, band)."""
    states = [(patch.on(day), patch.late_days) for patch in landscape.patches]
    known = {(state, late): signature(practised(state, constants), day_of(day, late, constants), constants) for state, late in set(states)}
    signatures = np.array([known[state] for state in states], dtype=np.int64)
    gains = np.array([patch.gain for patch in landscape.patches], dtype=np.int64)
    return signatures * gains[:, None] // 1000


def clear_land(landscape: Landscape, day: date, constants: Constants) -> NDArray[np.int64]:
    """Reflectance of every pixel under a clear sky without noise [1e-6], shape (band, row, column)."""
    extent = landscape.extent
    by_patch = patch_signatures(landscape, day, constants)
    whole = constants.grid.mixing**2
    mixed = [np.add.reduceat(by_patch[landscape.patch, band] * landscape.parts, landscape.first) // whole for band in range(by_patch.shape[1])]
    return np.stack(mixed).reshape(-1, extent.height, extent.width) * (1000 + landscape.texture) // 1000
