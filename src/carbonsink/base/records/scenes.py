"""Stage 1: what was fetched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SceneAsset:
    """scenes/scenes.csv: one asset of one locked item, as fetched and clipped to its chip."""

    item: str
    datetime: str  # UTC, ISO 8601, to the second
    platform: str
    tile: str
    band: str  # the sensor's common name: red, nir, ..., scl
    href: str  # unsigned; relative to the catalogue's root where that is ours
    size: int  # bytes taken of the asset
    sha256: str  # of the whole asset; in window mode over the list of (offset, length, SHA-256) of what was taken of it
    chip: str  # path below scenes/
    chip_sha256: str  # pixel digest of the chip
    scale: float  # reflectance = DN * scale + offset
    offset: float
    offset_rule: str  # which line of the item decided
    mode: str = "whole"  # whole | window: only the header and the tiles that the chip touches


@dataclass(frozen=True)
class PixelBudget:
    """scenes/pixel_budget.csv: pixels = valid + masked + outside + nodata, nothing unread (rule R5)."""

    item: str
    band: str
    pixels: int
    valid: int
    masked: int
    masked_by_class: str  # "3:120 8:44": mask class and pixels
    outside: int
    nodata: int
    read_failed: int


@dataclass(frozen=True)
class MapTile:
    """scenes/maps.csv: one file of a published map, and what was cut of it around the area."""

    year: int  # of which it is a map
    source: str  # the declared file, or the address without a signature
    sha256: str  # of the whole file
    chip: str  # path below scenes/
    chip_sha256: str  # pixel digest of the chip
