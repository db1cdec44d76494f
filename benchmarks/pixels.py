"""Synthetic Sentinel-2 scenes as counts: fields that green over the year, cloud blobs, a swath edge, sensor noise.

Land(side, seed)  ->  scene(land, number)  ->  {"blue", "green", "red", "nir": 10 m, "swir16", "scl": 20 m}

Made for its load, not its looks: as many clouds, as hard to compress (about 1.5 : 1) and as ragged as the real ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

Pixels = NDArray[Any]
Floats = NDArray[np.float32]

FINE, COARSE = ("blue", "green", "red", "nir"), ("swir16",)
SOIL = {"blue": 900.0, "green": 1200.0, "red": 1600.0, "nir": 2300.0, "swir16": 2900.0}  # counts of a ten-thousandth
LEAF = {"blue": 250.0, "green": 550.0, "red": 300.0, "nir": 4200.0, "swir16": 1700.0}
CLOUD = {"blue": 5200.0, "green": 5000.0, "red": 5000.0, "nir": 5600.0, "swir16": 3600.0}
NOISE = 0.015  # of a pixel's brightness: sets the compression ratio
CLOUD_SHARES = (0.15, 0.55)  # of a scene
FIELD = 12  # pixels of 20 m along a field
EDGED = 3  # every third scene has a swath edge
CYCLE = 24  # distinct scenes; further dates repeat them
NO_DATA, SHADOW, VEGETATION, SOIL_CLASS, CLOUD_MEDIUM, CLOUD_HIGH, CIRRUS = 0, 3, 4, 5, 8, 9, 10


@dataclass(frozen=True)
class Land:
    """The ground of a tile of `side` pixels of 10 m."""

    side: int
    seed: int

    @cached_property
    def crop(self) -> Floats:
        """How densely each 20 m pixel greens, 0 to 1, shape (side / 2, side / 2)."""
        chance, half = _chance(self.seed, 0), self.side // 2
        fields = chance.random((half // FIELD + 1,) * 2, dtype=np.float32).repeat(FIELD, 0).repeat(FIELD, 1)
        return np.clip(fields[:half, :half] + 0.1 * smooth(half, chance, 16), 0, 1).astype(np.float32)


def scene(land: Land, number: int) -> dict[str, Pixels]:
    """One scene's counts by band (uint16) and classes (uint8); `number` counts from 0 and sets season, clouds and edge."""
    chance = _chance(land.seed, 1 + number)
    green = land.crop * np.float32(0.35 + 0.6 * math.sin(math.pi * (number % CYCLE + 1) / (CYCLE + 1)))
    classes = sky(land.side // 2, chance)
    classes[(classes == VEGETATION) & (green < 0.25)] = SOIL_CLASS
    classes[~_seen(land.side // 2, number)] = NO_DATA
    out: dict[str, Pixels] = {band: _counts(band, green, classes, chance, 2) for band in FINE}
    return out | {band: _counts(band, green, classes, chance, 1) for band in COARSE} | {"scl": classes}


def sky(side: int, chance: np.random.Generator) -> Pixels:
    """Classes of a sky whose cloud covers a share drawn between the limits: clouds thick and thin, shadows beside them."""
    share = chance.uniform(*CLOUD_SHARES)
    height = smooth(side, chance, 10)
    limit, thick = np.quantile(height[::4, ::4], (1 - share, 1 - share / 2))
    classes = np.full((side, side), VEGETATION, dtype=np.uint8)
    shift = max(side // 100, 2)
    classes[shift:, shift:][height[:-shift, :-shift] > thick] = SHADOW
    classes[height > limit] = CLOUD_MEDIUM
    classes[height > thick] = CLOUD_HIGH
    classes[(height <= limit) & (height > limit - 0.02)] = CIRRUS
    return classes


def smooth(side: int, chance: np.random.Generator, knots: int) -> Floats:
    """A smooth random surface of shape (side, side) about 0: random knots, joined bilinearly, at two scales."""
    return _joined(side, chance, knots) + 0.4 * _joined(side, chance, 4 * knots)


def swath(side: float, number: int) -> BaseGeometry:
    """What a scene sees of a tile of `side` units, x to the right and y down: all of it, or all but a corner."""
    across, along = _corner(side, number)
    return box(0, 0, side, side).difference(Polygon([(0, 0), (across, 0), (0, along)]))


def _corner(side: float, number: int) -> tuple[float, float]:
    """The corner that a scene doesn't see, along x and y; 0 where it sees all."""
    reach = 0.16 + 0.08 * (number % CYCLE) / CYCLE if number % EDGED == 1 else 0.0
    return reach * side, 3 * reach * side


def _seen(side: int, number: int) -> NDArray[np.bool_]:
    """Pixels whose centre the scene sees."""
    across, along = _corner(side, number)
    if not across:
        return np.ones((side, side), dtype=np.bool_)
    centre = np.arange(side) + 0.5
    seen: NDArray[np.bool_] = centre[None, :] / across + centre[:, None] / along >= 1
    return seen


def _counts(band: str, green: Floats, classes: Pixels, chance: np.random.Generator, times: int) -> Pixels:
    """Counts of a band from greenness and classes at 20 m, each pixel repeated `times` along both axes, with noise of its own."""
    clean = SOIL[band] + (LEAF[band] - SOIL[band]) * green
    clean[classes == SHADOW] *= 0.5
    clean[classes >= CLOUD_MEDIUM] = CLOUD[band]
    clean = clean.repeat(times, 0).repeat(times, 1)
    noise = chance.standard_normal(clean.shape, dtype=np.float32)
    noise *= NOISE
    noise += 1
    clean *= noise
    counts = clean.clip(2, 16_000).astype(np.uint16)
    counts[(classes == NO_DATA).repeat(times, 0).repeat(times, 1)] = 0
    return counts


def _joined(side: int, chance: np.random.Generator, knots: int) -> Floats:
    """Bilinear interpolation of random knots onto (side, side), as two products with a sparse-shaped matrix."""
    heights = chance.standard_normal((knots + 1, knots + 1), dtype=np.float32)
    place = np.linspace(0, knots, side, endpoint=False, dtype=np.float32)
    weights = np.clip(1 - np.abs(place[:, None] - np.arange(knots + 1, dtype=np.float32)), 0, 1)
    joined: Floats = weights @ heights @ weights.T
    return joined


def _chance(seed: int, stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, stream])))
