"""One acquisition: the land of the day under the sky of the day, as a sensor's digital numbers and a scene classification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.simulate.chance import BYTES_SPREAD, Integers, bell, box_sum
from carbonsink.simulate.constants import Constants
from carbonsink.simulate.landscape import Landscape
from carbonsink.simulate.phenology import clear_land
from carbonsink.simulate.sky import SkyOver, Weather, sky_over

VEGETATION, NOT_VEGETATED, WATER = 4, 5, 6  # classes of the scene classification
FINE_BANDS = ("blue", "green", "red", "nir")  # the 10 m bands; the others are 20 m


@dataclass(frozen=True)
class Scene:
    """Digital numbers by band (uint16, 10 m or 20 m grid) and the classification `scl` (uint8, 20 m grid)."""

    bands: dict[str, NDArray[np.uint16]]
    scl: NDArray[np.uint8]


def scene_of(landscape: Landscape, item: str, day: date, weather: Weather, constants: Constants) -> Scene:
    """The scene of one date: land, shadow, haze, cloud, noise, in this order."""
    clear = clear_land(landscape, day, constants)
    sky = sky_over(landscape.extent, item, day, weather, constants)
    veil = _soft(sky.opacity), _soft(sky.darkness), _soft(sky.haze)
    bands = {}
    for number, name in enumerate(constants.bands.names):
        seen = _through(veil, clear[number], number, constants)
        if name not in FINE_BANDS:
            seen = nested_sum(seen) // 4
        bands[name] = _digital(seen, constants, item, name)
    return Scene(bands, _classified(clear, sky, constants))


def nested_sum(fine: Integers) -> Integers:
    """Sums over the 2 x 2 pixels of 10 m in each of 20 m."""
    return fine[0::2, 0::2] + fine[0::2, 1::2] + fine[1::2, 0::2] + fine[1::2, 1::2]


def _through(veil: tuple[Integers, Integers, Integers], land: Integers, band: int, constants: Constants) -> Integers:
    """Reflectance [1e-6] of the land of one band through opacity, darkness and haze, all on the 10 m grid."""
    opacity, darkness, haze = veil
    lit = land * (1000 - darkness) // 1000 + haze * constants.sky.haze_bands[band] // 10  # DN x per mille is 1e-7
    return (lit * (1000 - opacity) + 100 * constants.spectra["cloud"].dn[band] * opacity) // 1000


def _soft(coarse: Integers) -> Integers:
    """A 20 m field on the 10 m grid, its steps smoothed."""
    return box_sum(coarse.repeat(2, axis=0).repeat(2, axis=1), 1) // 9


def _digital(seen: Integers, constants: Constants, item: str, band: str) -> NDArray[np.uint16]:
    """Digital numbers with the sensor's noise: half of it white, half shared with the neighbours."""
    noise = constants.noise
    own = bell(seen.shape, constants.seed, item, band, "noise")
    side = 2 * noise.neighbours + 1
    shared = box_sum(bell(seen.shape, constants.seed, item, band, "neighbours"), noise.neighbours) // side
    spread = noise.floor_dn * 100 + seen * noise.share_permille // 1000
    noisy = seen + (own + shared) * spread // (BYTES_SPREAD * 3 // 2)  # two equal parts: 1.5 is near the square root of 2
    numbers: NDArray[np.uint16] = np.clip((noisy + 50) // 100, noise.minimum_dn, np.iinfo(np.uint16).max).astype(np.uint16)
    return numbers


def _classified(clear: Integers, sky: SkyOver, constants: Constants) -> NDArray[np.uint8]:
    """The scene classification: the sky's classes, else vegetation, bare land or water by the land's true reflectance."""
    green, red, nir = (nested_sum(clear[constants.bands.names.index(name)]) for name in ("green", "red", "nir"))
    vegetated = 1000 * (nir - red) >= constants.scl.vegetation_ndvi * (nir + red)
    water = 1000 * (green - nir) > constants.scl.water_ndwi * (green + nir)
    land = np.where(vegetated, VEGETATION, np.where(water, WATER, NOT_VEGETATED)).astype(np.uint8)
    return np.where(sky.classes > 0, sky.classes, land)
