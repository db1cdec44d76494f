"""Straight lines between knots: [day or rank, per mille]."""

from __future__ import annotations

from carbonsink.simulate.constants import Knots


def at(knots: Knots, place: int) -> int:
    """The value at a place, a day of the year or a rank, on the straight line between two knots, rounded down."""
    for (first, value1), (last, value2) in zip(knots, knots[1:], strict=False):
        if first <= place <= last:
            return value1 + (value2 - value1) * (place - first) // (last - first)
    raise ValueError(f"{place} lies outside {knots[0][0]} to {knots[-1][0]}")
