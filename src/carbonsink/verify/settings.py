"""library/verification.toml: from which size on a difference is material, and which is none at all."""

from __future__ import annotations

from functools import cache

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, read_toml


class Threshold(Sourced):
    """One number with where it is from."""

    value: float


class Settings(Declared):
    """The file's tables."""

    materiality_percent: Threshold
    class_area_percent: Threshold
    tolerance: Threshold  # relative: what other versions of the libraries may change
    equivalent: Threshold  # relative: the last bits
    quantum: Threshold  # of the number's own unit: one step of the rounding at a stage's border


@cache
def settings() -> Settings:
    """The thresholds."""
    return read_toml(LIBRARY / "verification.toml", Settings)
