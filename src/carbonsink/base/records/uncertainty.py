"""Stage 6: how far the tonnes may be off."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """uncertainty/uncertainty.csv: the interval of one quantity of one year."""

    year: int
    quantity: str  # gross | net
    approach: int  # 1 error propagation, 2 Monte Carlo
    level_percent: float
    mean_t: float
    low_t: float
    high_t: float
    half_width_percent: float


@dataclass(frozen=True)
class VarianceShare:
    """uncertainty/shares.csv: how much of the variance of a year's net comes from one variable."""

    year: int
    variable: str
    symbol: str
    share: float
