"""The equation book: every equation of the room, by name."""

from __future__ import annotations

from collections.abc import Mapping

from carbonsink.carbon import biomass, nitrogen, rice, soil  # noqa: F401  importing is registering
from carbonsink.carbon.equation import Equation, registered


def equations() -> Mapping[str, Equation]:
    """Every equation of the room, by name."""
    return registered()
