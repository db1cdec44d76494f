"""Area-weighted means of parcels: the blocks' sums of integers added up, one division at the end.

sums = Sums.empty(periods, layers, parcels);  sums.add(weights.parcels, result.sums, result.covered)
mean_rows(sums, periods, layers, parcels, weights)  ->  means.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.rasters import COMPOSITE_UNIT
from carbonsink.base.records import CompositeMean
from carbonsink.composites.parcels import ONE, Weights
from carbonsink.composites.periods import Period

Integers = NDArray[np.int64]
COUNT = "count"  # the one layer that isn't in ten-thousandths


@dataclass(frozen=True)
class Sums:
    """Of weight * value and of weight over what was seen, each of shape (period, layer, parcel)."""

    total: Integers
    covered: Integers

    @classmethod
    def empty(cls, periods: int, layers: int, parcels: int) -> Sums:
        """Nothing yet."""
        return cls(*np.zeros((2, periods, layers, parcels), np.int64))

    def add(self, parcels: Integers, total: Integers, covered: Integers) -> None:
        """Add a block's sums over its parcels. Integers: in whatever order, the same."""
        self.total[:, :, parcels] += total
        self.covered[:, :, parcels] += covered

    def mean(self, period: int, layer: int, parcel: int, unit: int = COMPOSITE_UNIT) -> float | None:
        """The area-weighted mean, None where nothing was seen; the nearest float to the exact quotient."""
        weight = int(self.covered[period, layer, parcel])
        return int(self.total[period, layer, parcel]) / (weight * unit) if weight else None


def whole_pixels(parcels: int, weights: Sequence[Weights]) -> Integers:
    """The weight of each parcel's pixels, seen or not."""
    whole = np.zeros(parcels, np.int64)
    for some in weights:
        whole[some.parcels] += some.by_parcel()
    return whole


def mean_rows(sums: Sums, periods: Sequence[Period], layers: Sequence[str], parcels: Sequence[str], weights: Sequence[Weights]) -> Iterator[CompositeMean]:
    """The rows of means.csv."""
    whole = whole_pixels(len(parcels), weights)
    for p, period in enumerate(periods):
        for n, parcel in enumerate(parcels):
            for k, layer in enumerate(layers):
                seen = int(sums.covered[p, k, n]) / ONE
                yield CompositeMean(period.name, parcel, layer, sums.mean(p, k, n, 1 if layer == COUNT else COMPOSITE_UNIT), seen, int(whole[n]) / ONE)
