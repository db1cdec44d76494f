"""Stage 6: how far the tonnes may be off."""

from __future__ import annotations

from dataclasses import dataclass

PERIOD = 0  # the year of what holds for all vintages together


@dataclass(frozen=True)
class Spread:
    """uncertainty/uncertainty.csv: the interval of one quantity of one year, or of the whole period."""

    year: int  # 0: all vintages together
    quantity: str  # gross | net; of all vintages also gross_change | net_change, what the last has over the first
    approach: int  # 1 error propagation, 2 Monte Carlo
    level_percent: float
    mean_t: float
    median_t: float | None  # of the draws; approach 1 has none
    low_t: float
    high_t: float
    half_width_percent: float


@dataclass(frozen=True)
class VarianceShare:
    """uncertainty/shares.csv: how much of the variance of a year's net comes from one variable."""

    year: int  # 0: all vintages together
    variable: str
    symbol: str
    share: float  # first order, by approach 1
    rank_correlation: float | None  # of the variable's draws and the net's, by approach 2; none where the share can't be told from chance
