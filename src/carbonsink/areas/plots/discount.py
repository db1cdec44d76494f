"""What an uncertain stock loses (AR-TOOL14 version 04.2, Appendix 2), off a project's stock and onto a baseline's.

An uncertainty U is the half-width over the estimate: it is relative. To divide it by the stock once more makes it a few
millionths, every stock certain and every discount zero, which public software does; to subtract d x U from a stock as it
stands takes a fraction of a tonne. Both are kept apart here by units: percent in, tonnes out.
"""

from __future__ import annotations

import math
from typing import Literal

from carbonsink.declared.allometry import read_discount

Side = Literal["project", "baseline"]


def discount_share(uncertainty_percent: float) -> float:
    """The share of the half-width that is taken at an uncertainty [%]; bands hold their upper bound."""
    return next((band.share for band in read_discount() if band.over_percent < uncertainty_percent <= band.up_to_percent), 0.0)


def half_width(value: float, uncertainty_percent: float) -> float:
    """The half-width in the value's unit; none where the value is zero and its relative width has no bound."""
    return abs(value) * uncertainty_percent / 100 if math.isfinite(uncertainty_percent) else 0.0


def discount(value: float, uncertainty_percent: float) -> float:
    """What is taken, in the value's unit: share x half-width."""
    return discount_share(uncertainty_percent) * half_width(value, uncertainty_percent)


def discounted(value: float, uncertainty_percent: float, side: Side) -> float:
    """The careful value: less for a project, more for a baseline."""
    taken = discount(value, uncertainty_percent)
    return value - taken if side == "project" else value + taken
