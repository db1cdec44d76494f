"""Counting kernels: what numpy counts, pixel by pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from carbonsink.scenes.counts import RUN, above_of_classes, by_class, land_by_square, low_by_class, low_land_by_square

SHAPES = [(1, 1), (5, RUN), (70, RUN + 3), (40, 3 * RUN - 1)]
LAND = np.isin(np.arange(256), (4, 5))
SIDE = 32


def scene(shape: tuple[int, int], dtype: str, share: float) -> tuple[NDArray[Any], NDArray[np.uint8], NDArray[np.bool_]]:
    """Pixels of which a share is fill, their classes, and whether they lie within."""
    chance = np.random.default_rng(sum(shape))
    pixels = chance.integers(2, 200, shape).astype(dtype)
    pixels[chance.random(shape) < share] = 0
    if dtype == "float32":
        pixels[chance.random(shape) < share] = np.nan
    return pixels, chance.integers(0, 12, shape).astype(np.uint8), chance.random(shape) < 0.7


def squares(yes: NDArray[np.bool_]) -> NDArray[np.int64]:
    down, across = (-(-side // SIDE) for side in yes.shape)
    padded = np.zeros((down * SIDE, across * SIDE), np.int64)
    padded[: yes.shape[0], : yes.shape[1]] = yes
    return padded.reshape(down, SIDE, across, SIDE).sum(axis=(1, 3))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "float32"])
@pytest.mark.parametrize(("share", "least"), [(0.0, 1), (0.01, 1), (0.9, 1), (0.5, -40_000), (0.5, -math.inf)])
def test_pixels_are_counted_as_numpy_counts_them(shape: tuple[int, int], dtype: str, share: float, least: float) -> None:
    if math.isinf(least) and dtype != "float32":
        least = -(2**31)
    pixels, codes, within = scene(shape, dtype, share)
    above = pixels > least
    assert np.array_equal(by_class(codes, within), np.bincount(codes[within], minlength=256))
    assert np.array_equal(low_by_class(pixels, codes, within, least), np.bincount(codes[within & ~above], minlength=256))
    assert np.array_equal(land_by_square(codes, LAND, SIDE), squares(LAND[codes]))
    assert np.array_equal(low_land_by_square(pixels, codes, LAND, least, SIDE), squares(LAND[codes] & ~above))
    assert np.array_equal(above_of_classes(pixels, codes, LAND, least), pixels[LAND[codes] & above])
