"""Which samples are held out together when a map is judged: pixels at random, or whole parcels.

Neighbouring pixels of one parcel look alike. A split by pixels asks "does the map know this field?", a split by
parcels "would it know a field it has never seen?" (Roberts et al. 2017, doi:10.1111/ecog.02881).
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray


def pixel_folds(index: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each sample, by a hash of the seed and its pixel number: other samples don't change it."""
    return np.array([_key("pixel", int(number), seed) % folds for number in index], np.int64)


def parcel_folds(parcels: NDArray[np.int64], codes: NDArray[np.uint8], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each sample by its parcel, so that each class is spread over the folds as evenly as whole parcels allow.

    Class by class, parcels go from the largest to the smallest (ties by a hash of the seed and the parcel's number)
    to the fold that holds least of the class, then least of all samples, then the first.
    """
    numbers, first, sizes = np.unique(parcels, return_index=True, return_counts=True)
    order = sorted(zip(numbers.tolist(), codes[first].tolist(), sizes.tolist(), strict=True), key=lambda p: (p[1], -p[2], _key("parcel", p[0], seed)))
    of_class: dict[tuple[int, int], int] = {}
    of_all = [0] * folds
    chosen: dict[int, int] = {}
    for number, code, size in order:
        fold = min(range(folds), key=lambda k: (of_class.get((code, k), 0), of_all[k], k))
        chosen[number] = fold
        of_class[code, fold] = of_class.get((code, fold), 0) + size
        of_all[fold] += size
    return np.array([chosen[number] for number in parcels.tolist()], np.int64)


def spatial_folds(index: NDArray[np.int64], parcels: NDArray[np.int64] | None, codes: NDArray[np.uint8], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each sample by its parcel, by its pixel where no parcels are known."""
    return pixel_folds(index, folds, seed) if parcels is None else parcel_folds(parcels, codes, folds, seed)


def _key(kind: str, number: int, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{kind}|{seed}|{number}".encode()).digest()[:8], "big")
