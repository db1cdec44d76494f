"""Series of acquisitions as paddies give them, made of three kinds of ground: closed rice, mud under water, dry soil."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from carbonsink.declared.area import Parcel
from carbonsink.land.practice.series import Look

RICE, MUD, SOIL = ({"red": 0.04, "nir": 0.41, "swir16": 0.17}, {"red": 0.08, "nir": 0.09, "swir16": 0.045}, {"red": 0.12, "nir": 0.2, "swir16": 0.25})
TRANSPLANTED, CLOSED, RIPE, HARVESTED = 160, 215, 250, 275  # days of the year
FLOODED_FROM, DRY_FROM = 140, 252
Spells = Sequence[tuple[int, int]]  # first and last day of the year without water


def canopy(day: int) -> float:
    """The share of the ground under plants."""
    if day < TRANSPLANTED or day > HARVESTED:
        return 0.05
    if day > RIPE:
        return 0.92 - 0.4 * (day - RIPE) / (HARVESTED - RIPE)
    return 0.05 + 0.87 * min(1.0, (day - TRANSPLANTED) / (CLOSED - TRANSPLANTED))


def ndvi_lswi(day: int, dry: Spells, flooded: bool = True) -> dict[str, float]:
    """A field on a day of the year: flooded but for the spells, dry before flooding and for harvest."""
    wet = flooded and FLOODED_FROM <= day < DRY_FROM and not any(first <= day <= last for first, last in dry)
    share, ground = canopy(day), MUD if wet else SOIL
    red, nir, swir = (share * RICE[band] + (1 - share) * ground[band] for band in ("red", "nir", "swir16"))
    return {"ndvi": (nir - red) / (nir + red), "lswi": (nir - swir) / (nir + swir)}


def looks(
    year: int, dry: Spells, *, every: int = 5, cloud: float = 0.0, seed: int = 0, noise: float = 0.003, flooded: bool = True,
    field: Callable[[int, Spells, bool], dict[str, float]] = ndvi_lswi,
) -> list[Look]:  # fmt: skip
    """A year's acquisitions every so many days, each hidden with a probability."""
    chance = random.Random(f"{seed} {year} {every} {cloud}")
    days = range(1 + chance.randrange(every), 366, every)
    seen = [day for day in days if chance.random() >= cloud]
    return [
        Look(
            date(year, 1, 1) + timedelta(days=day - 1),
            "sentinel-2a",
            {name: value + chance.gauss(0, noise) for name, value in field(day, dry, flooded).items()},
        )
        for day in seen
    ]


def parcel(name: str = "P-1", stratum: str = "paddy") -> Parcel:
    return Parcel(name, stratum, None, 0.0, None)  # type: ignore[arg-type]
