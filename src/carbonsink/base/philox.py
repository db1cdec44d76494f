"""Uniforms keyed by names: raw words of a Philox whose key is the SHA-256 of a name, word i for draw i (rule R9).

Only raw words are asked of numpy, whose promise for them holds across versions; the rest is exact arithmetic.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

WORDS = 4  # a Philox counter gives so many


def uniforms(name: str, start: int, count: int) -> NDArray[np.float64]:
    """Draws `start` to `start + count` of a name, in the open unit interval [count]."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "little")
    skipped = start % WORDS
    words = np.random.Philox(key=key).advance(start // WORDS).random_raw(skipped + count)[skipped:]
    return (np.right_shift(words, np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
