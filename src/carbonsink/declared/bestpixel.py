"""The numbers of the reducer best-pixel: how near a cloud is near, and how many days that counts as."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, read_toml


class NearCloud(Sourced):
    """An observation within `metres` of a masked pixel, along rows and columns, counts as `days` further from the period's middle."""

    metres: float = Field(ge=0)
    days: int = Field(ge=0)


class BestPixel(Declared):
    """library/best_pixel.toml"""

    near_cloud: NearCloud


@cache
def read_best_pixel() -> BestPixel:
    """The library's numbers."""
    return read_toml(LIBRARY / "best_pixel.toml", BestPixel)
