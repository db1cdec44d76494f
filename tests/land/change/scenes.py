"""Series and runs for the tests of change: fields of a published calendar under clouds, with what happens to them on a day.

The spectra and calendars are those of library/simulation.toml, drawn here by a way of its own, so that the tests hang on no scene.
"""

from __future__ import annotations

import calendar
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import write_csv
from tests.land import trial

FIRST, YEARS, STEP = 2020, 3, 10  # years of series, days between acquisitions
BANDS = ("blue", "red", "nir", "swir16", "swir22")
LAYERS = (*BANDS, "ndvi", "nbr")
MISSING = -32768
LIBRARY = Path(__file__).parents[3] / "src" / "carbonsink" / "library" / "simulation.toml"


@dataclass(frozen=True)
class Event:
    """What a cover becomes on a day."""

    on: date
    cover: str


@cache
def simulation() -> dict[str, Any]:
    """The simulator's spectra and calendars."""
    return tomllib.loads(LIBRARY.read_text(encoding="utf-8"))


def monthly(cover: str, pixels: int, *, event: Event | None = None, cloud: float = 0.4, seed: int = 1) -> NDArray[np.int16]:
    """Monthly medians of so many pixels of a cover, shape (layer, month, pixel), in ten-thousandths.

    Each pixel has a calendar up to five days early or late and a brightness of its own, each year one up to three days; a share
    `cloud` of the observations is gone, the others bear haze and noise.
    """
    chance = np.random.default_rng(seed)
    late, gain = chance.integers(-5, 6, pixels), 1 + chance.uniform(-0.06, 0.06, pixels)
    days = [date(FIRST, 1, 1) + timedelta(days=n) for n in range(0, 365 * YEARS, STEP)]
    seen = np.stack([_acquired(cover, event, day, late, gain, cloud, chance) for day in days])
    layers = np.concatenate((seen, _ratio(seen, 2, 1)[:, None], _ratio(seen, 2, 4)[:, None]), axis=1)
    out = np.full((len(LAYERS), 12 * YEARS, pixels), MISSING, np.int16)
    for month in range(12 * YEARS):
        part = layers[[n for n, day in enumerate(days) if (day.year - FIRST) * 12 + day.month - 1 == month]]
        some = ~np.isnan(part).all(axis=(0, 1))
        out[:, month, some] = np.rint(np.nanmedian(part[:, :, some], axis=0))
    return out


def _acquired(cover: str, event: Event | None, day: date, late: Any, gain: Any, cloud: float, chance: Any) -> NDArray[np.float64]:
    now = event.cover if event and day >= event.on else cover
    year = np.random.default_rng(day.year).integers(-3, 4)
    spectra = np.array([_spectrum(now, (day.timetuple().tm_yday - 1 - shift - int(year)) % 365 + 1) for shift in range(-5, 6)])
    values = spectra[late + 5].T * gain
    haze = chance.uniform(0, 60) * np.array([1.0, 0.5, 0.25, 0.08, 0.05])[:, None]
    values = values * (1 + 0.012 * chance.standard_normal(values.shape)) + 12 * chance.standard_normal(values.shape) + haze
    values[:, chance.random(late.size) < cloud] = np.nan
    return np.asarray(values)


@cache
def _spectrum(cover: str, day: int) -> tuple[float, ...]:
    """Reflectance of a cover on a day of the year [1e-4], by BANDS."""
    known, spectra, names = simulation()["covers"][cover], simulation()["spectra"], simulation()["bands"]["names"]
    canopy, ripe, wet = (_at(known[name], day) for name in ("canopy", "ripeness", "wetness"))
    one, other, dry, flooded = (np.array(spectra[known[name]]["dn"], float) for name in ("green", "ripe", "dry", "wet"))
    mixed = canopy * ((1 - ripe) * one + ripe * other) + (1 - canopy) * ((1 - wet) * dry + wet * flooded)
    return tuple(float(mixed[names.index(band)]) for band in BANDS)


def _at(knots: list[list[int]], day: int) -> float:
    """The share on a day, on the straight line between two knots."""
    days, values = zip(*knots, strict=True)
    return float(np.interp(day, days, values)) / 1000


def _ratio(seen: NDArray[np.float64], one: int, other: int) -> NDArray[np.float64]:
    """A normalised difference of two bands, in ten-thousandths."""
    return np.asarray((seen[:, one] - seen[:, other]) / (seen[:, one] + seen[:, other]) * 10_000)


def periods() -> tuple[CompositePeriod, ...]:
    """The months of the series."""
    months = [(FIRST + n // 12, n % 12 + 1) for n in range(12 * YEARS)]
    lasts = [calendar.monthrange(*month)[1] for month in months]
    return tuple(
        CompositePeriod(f"{y}-{m:02d}", f"{y}-{m:02d}-01", f"{y}-{m:02d}-{last}", f"{y}-{m:02d}.tif", 3, 1.0, 2)
        for (y, m), last in zip(months, lasts, strict=True)
    )


def write_series(run: Path, layers: Mapping[str, NDArray[np.int16]], grid: Grid) -> None:
    """Composites of layers by name, each of shape (month, row, column)."""
    for number, period in enumerate(periods()):
        pixels = np.stack([layer[number] for layer in layers.values()])
        write_raster(run / "composites" / period.file, Raster(grid, tuple(layers), pixels, MISSING))
    write_csv(run / "composites" / "composites.csv", periods(), CompositePeriod)


def write_cover(run: Path, cover: NDArray[np.uint8], grid: Grid) -> None:
    """The same cover map for every year."""
    for year in range(FIRST, FIRST + YEARS):
        write_raster(run / "land" / f"cover_{year}.tif", Raster(grid, ("cover",), cover[None], 0))


def write_outline(path: Path, outline: BaseGeometry) -> None:
    """A boundary file of an outline in metres of the trial grid."""
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(trial.lonlat(outline))}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
