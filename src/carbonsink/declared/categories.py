"""The six land categories of the IPCC (2006 Guidelines, Volume 4, Chapter 3.2)."""

from __future__ import annotations

from typing import Literal

IPCC = Literal["forest land", "cropland", "grassland", "wetlands", "settlements", "other land"]
