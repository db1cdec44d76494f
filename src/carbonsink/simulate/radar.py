"""One radar acquisition: VH of the land of the day as linear power, with speckle; no sky, as radar sees through it.

power = plants x (1 - t) + ground x t,   t = (1 - hiding x canopy)^2        a water cloud, in whole numbers [1e-6]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.simulate.chance import BYTES_SPREAD, Integers, bell, draw
from carbonsink.simulate.constants import Constants, Cover
from carbonsink.simulate.knots import at
from carbonsink.simulate.landscape import Landscape
from carbonsink.simulate.phenology import day_of
from carbonsink.simulate.practice import practised

UNIT = 1_000_000  # of power
WHOLE = 1000  # per mille
LOOKS_SIDE = 2  # cells a side of what a pixel averages: four looks, nearly, as GRD has; neighbours share two


@dataclass(frozen=True)
class Surface:
    """How the ground is on a day, everywhere: waves on open water, moisture of the soil [per mille of its VH]."""

    water: int
    soil: int


def surface_of(day: date, constants: Constants) -> Surface:
    """The weather of a day as radar feels it."""
    radar, seed = constants.radar, constants.seed
    return Surface(WHOLE + draw(0, radar.wind_permille, seed, day, "wind"), WHOLE + draw(-radar.soil_permille, radar.soil_permille, seed, day, "soil"))


def backscatter(cover: Cover, day: int, surface: Surface, constants: Constants) -> int:
    """VH of a cover on a day of the year [1e-6]."""
    radar, canopy, ripeness, wetness = constants.radar, at(cover.canopy, day), at(cover.ripeness, day), at(cover.wetness, day)
    of = radar.backscatter
    plants = ((WHOLE - ripeness) * of[cover.green] + ripeness * of[cover.ripe]) // WHOLE
    ground = ((WHOLE - wetness) * of[cover.dry] * surface.soil + wetness * of[cover.wet] * surface.water) // WHOLE**2
    shown = (WHOLE**2 - radar.hiding_permille * canopy) ** 2 // WHOLE**3
    return (plants * (WHOLE - shown) + ground * shown) // WHOLE


def patch_backscatter(landscape: Landscape, day: date, constants: Constants) -> Integers:
    """VH of every patch on a day [1e-6], shape (patch,)."""
    surface, reach = surface_of(day, constants), constants.radar.field_permille
    states = [(patch.on(day), patch.late_days) for patch in landscape.patches]
    known = {(state, late): backscatter(practised(state, constants), day_of(day, late, constants), surface, constants) for state, late in set(states)}
    gains = [WHOLE + draw(-reach, reach, constants.seed, patch.name, "vh") for patch in landscape.patches]
    return np.array([known[state] * gain // WHOLE for state, gain in zip(states, gains, strict=True)], dtype=np.int64)


def vh_of(landscape: Landscape, item: str, day: date, constants: Constants) -> NDArray[np.float32]:
    """VH of every 10 m pixel as linear power, shape (row, column)."""
    extent, reach = landscape.extent, constants.radar.scene_permille
    by_patch = patch_backscatter(landscape, day, constants)
    mixed = np.add.reduceat(by_patch[landscape.patch] * landscape.parts, landscape.first) // constants.grid.mixing**2
    level = WHOLE + draw(-reach, reach, constants.seed, item, "level")
    land = mixed.reshape(extent.height, extent.width) * (WHOLE + landscape.texture) // WHOLE * level // WHOLE
    power = land * _speckle(land.shape, item, constants) // (2 * LOOKS_SIDE**2 * BYTES_SPREAD**2)
    return np.asarray(np.maximum(power, 1) / UNIT, dtype=np.float32)


def _speckle(shape: tuple[int, ...], item: str, constants: Constants) -> Integers:
    """Intensities of single looks (the squares of two bells), summed over the cells of each pixel's looks."""
    cells = (shape[0] + LOOKS_SIDE - 1, shape[1] + LOOKS_SIDE - 1)
    real, imaginary = (bell(cells, constants.seed, item, part) for part in ("real", "imaginary"))
    single = real * real + imaginary * imaginary
    down = single[:-1] + single[1:]
    looks: Integers = down[:, :-1] + down[:, 1:]
    return looks
