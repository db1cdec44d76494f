"""Simulated land with known truth, and draws from it: what an interval must cover, and a mean must meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """How an estimator did over its draws: share of intervals that hold the truth, and bias in standard deviations of the draws."""

    coverage: Array
    bias: Array


def judged(estimates: Array, low: Array, high: Array, truth: Array) -> Trial:
    """Draws (draw, ...) against the truth (...)."""
    return Trial(((low <= truth) & (truth <= high)).mean(axis=0), abs(estimates.mean(axis=0) - truth) / estimates.std(axis=0))


def assert_honest(trial: Trial) -> None:
    """95 % intervals that hold the truth 93 to 97 times in 100, and a bias under a fifth of a standard error."""
    assert (trial.coverage > 0.93).all() and (trial.coverage < 0.97).all(), trial
    assert (trial.bias < 0.2).all(), trial


def stratified_draws(seed: int, truth: Array, samples: Array) -> Array:
    """Counts (draw, stratum, cell) of stratified random samples of land with these true shares (stratum, cell)."""
    random = np.random.default_rng(seed)
    return np.stack([random.multinomial(n, shares, DRAWS) for n, shares in zip(samples, truth, strict=True)], axis=1).astype(float)


def mistaken_parcels(seed: int, parcels: int = 6000) -> Array:
    """Land of parcels of 4 to 40 pixels, counts (parcel, 3 map classes, 3 true classes): a parcel's pixels err together."""
    random = np.random.default_rng(seed)
    size, true = random.integers(4, 41, parcels), random.choice(3, parcels, p=[0.3, 0.45, 0.25])
    wrong, other = random.binomial(size, random.beta(0.6, 2.4, parcels)), (true + random.integers(1, 3, parcels)) % 3
    land = np.zeros((parcels, 3, 3))
    land[np.arange(parcels), true, true] += size - wrong
    land[np.arange(parcels), other, true] += wrong
    return land


def units(seed: int, population: int, sample: int) -> NDArray[np.int64]:
    """Numbers (draw, unit) of simple random samples without replacement."""
    random = np.random.default_rng(seed)
    return np.stack([random.choice(population, sample, replace=False) for _ in range(DRAWS)])


@dataclass(frozen=True)
class Forest:
    """Every plot of a forest in three strata: biomass now and later, two image features that are not quite linear in it."""

    strata: NDArray[np.int64]
    features: Array
    biomass: Array
    later: Array

    @property
    def weights(self) -> Array:
        return np.bincount(self.strata) / self.strata.size

    @property
    def feature_means(self) -> Array:
        return np.stack([self.features[self.strata == h].mean(axis=0) for h in range(3)])

    def draw(self, seed: int, counts: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Plots (draw, plot) of stratified random samples, and the plots' strata (plot,)."""
        random = np.random.default_rng(seed)
        groups = [np.flatnonzero(self.strata == h) for h in range(len(counts))]
        drawn = [np.stack([random.choice(group, n, replace=False) for _ in range(DRAWS)]) for group, n in zip(groups, counts, strict=True)]
        return np.concatenate(drawn, axis=1), np.repeat(np.arange(len(counts)), counts)


def forest(seed: int, plots: int = 20_000) -> Forest:
    random = np.random.default_rng(seed)
    strata = random.choice(3, plots, p=[0.5, 0.3, 0.2])
    features = np.stack([random.gamma(4, 0.15, plots) + 0.2 * strata, random.normal(0, 1, plots)], axis=1)
    green = features[:, 0]
    biomass = 20 + 60 * green + 6 * green**2 + 25 * strata + 4 * features[:, 1] + 18 * np.sqrt(green) * random.normal(0, 1, plots)
    return Forest(strata, features, biomass, biomass * 1.2 + random.normal(3, 6, plots))
