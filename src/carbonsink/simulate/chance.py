"""Chance keyed by names: whole random numbers that depend on nothing but the words that ask for them."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
BYTE_MEAN_TIMES_4 = 510  # of the sum of four bytes
BYTES_SPREAD = 148  # standard deviation of that sum, rounded


def words(count: int, *names: object) -> NDArray[np.uint64]:
    """Raw 64-bit words of Philox4x64, keyed by SHA-256 of the names joined by `|`."""
    key = hashlib.sha256("|".join(map(str, names)).encode()).digest()
    stream = np.random.Philox(key=[int.from_bytes(key[:8], "little"), int.from_bytes(key[8:16], "little")])
    return stream.random_raw(count)


def draw(low: int, high: int, *names: object) -> int:
    """One whole number between low and high, both possible."""
    return low + int(words(1, *names)[0]) % (high - low + 1)


def bell(shape: tuple[int, int], *names: object) -> Integers:
    """Whole numbers around zero, bell-shaped with standard deviation BYTES_SPREAD: sums of four random bytes."""
    cells = shape[0] * shape[1]
    halves = words((cells + 1) // 2, *names).astype("<u8").view("<u4")[:cells].astype(np.int64)
    total: Integers = (halves & 255) + (halves >> 8 & 255) + (halves >> 16 & 255) + (halves >> 24)
    return total.reshape(shape) - BYTE_MEAN_TIMES_4


def box_sum(field: Integers, radius: int) -> Integers:
    """Sums over squares of 2 radius + 1 cells a side, edge cells repeated outwards; shape as given."""
    side = 2 * radius + 1
    down = np.pad(field, ((radius + 1, radius), (0, 0)), mode="edge").cumsum(axis=0)
    field = down[side:] - down[:-side]
    across = np.pad(field, ((0, 0), (radius + 1, radius)), mode="edge").cumsum(axis=1)
    sums: Integers = across[:, side:] - across[:, :-side]
    return sums


def relief(shape: tuple[int, int], radius: int, *names: object) -> Integers:
    """A smooth field of whole numbers: bells averaged over squares three times; spread falls as the radius grows."""
    reach = 3 * (radius + 1)
    field = 4096 * bell((shape[0] + 2 * reach, shape[1] + 2 * reach), *names)
    for _ in range(3):
        field = box_sum(field, radius) // (2 * radius + 1) ** 2
    return field[reach : reach + shape[0], reach : reach + shape[1]]


def spread_evenly(field: Integers, amplitude: int) -> Integers:
    """The field stretched so that it runs from -amplitude to +amplitude."""
    low, high = int(field.min()), int(field.max())
    return (2 * amplitude * (field - low)) // max(high - low, 1) - amplitude
