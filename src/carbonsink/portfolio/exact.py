"""Sums that are exact: every number of a run's tables is a decimal, and decimals add up to the last digit in any order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from carbonsink.base.tables import total

ZERO = Decimal(0)
PLACES = Decimal("1e-9")  # of tonnes that come from a division; the tables' own places


def decimal(value: float) -> Decimal:
    """The decimal that a table's number was written as."""
    return Decimal(repr(value))


def plain(value: Decimal) -> Decimal:
    """The same number written without exponent, trailing zeros or a minus before zero."""
    return Decimal(f"{value.normalize():f}") if value else ZERO


def added(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    return plain(sum(values, ZERO))


def together(errors: Iterable[float]) -> float:
    """The standard error of a sum of independent estimates: variances add (IPCC 2006, Volume 1, Equation 3.2)."""
    return math.sqrt(total(error * error for error in errors))
