"""Breaks of every pixel, block by block: what the kernel needs of a run's composites, and what it finds.

axis_of(plan, run)            all periods of the run on one time axis, in order of time
search(axis, settings, ...)   rows of breaks, one strip of the grid after the other
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_UNIT, TILE, Grid, read_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import read_csv
from carbonsink.declared.change import Change, Library, dating_bands, layers_of, read_change
from carbonsink.declared.plan import Plan
from carbonsink.land.change import kernel
from carbonsink.land.features import one_grid

EPOCH = date(1970, 1, 1).toordinal()
FINE = 2**24  # cosines, sines and logarithms are whole numbers of its inverse
ACROSS = 2 * TILE  # columns of a block; with its rows it bounds memory and enters no result
MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Axis:
    """A run's periods in order of time, the grid they lie on, and the layers read of each."""

    periods: tuple[CompositePeriod, ...]
    files: tuple[Path, ...]
    grid: Grid
    layers: tuple[str, ...]  # the tested one first

    @property
    def days(self) -> NDArray[np.int64]:
        """The middle day of each period, counted from 1 January 1970."""
        return np.array([(date.fromisoformat(p.start).toordinal() + date.fromisoformat(p.end).toordinal()) // 2 - EPOCH for p in self.periods])

    def read(self, window: tuple[int, int, int, int]) -> NDArray[np.int16]:
        """The layers of a window (row, column, height, width), shape (layer, time, row, column)."""
        return np.stack([read_raster(path, self.layers, window).pixels for path in self.files], axis=1)


@dataclass(frozen=True)
class Found:
    """The breaks of a block at (row, column): arrays of (slot, field or layer, row, column), AFTER being NONE where there is none."""

    row: int
    column: int
    monitored: NDArray[np.uint8]
    breaks: NDArray[np.int16]
    change: NDArray[np.int16]
    after: NDArray[np.int16]


def axis_of(plan: Plan, run: Path, change: Change) -> Axis:
    """The time axis of a run; refused where there is no composite, or where one lies on another grid."""
    composites = plan.pipeline.composites
    rows = read_csv(run / "composites" / "composites.csv", CompositePeriod)
    periods = tuple(sorted(rows, key=lambda row: (row.start, row.end, row.period)))
    if not periods:
        raise refuse("E-CHG-005", "composites.csv", Exit.INTEGRITY)
    files = tuple(run / "composites" / Path(row.file).name for row in periods)
    return Axis(periods, files, one_grid(files), layers_of(change, composites.bands, composites.indices))


def search(axis: Axis, change: Change, bands: tuple[str, ...]) -> Iterator[tuple[Found, ...]]:
    """The breaks of every strip of the grid, a strip as its blocks from west to east."""
    given = Given(axis, change, bands)
    for row in range(0, axis.grid.height, TILE):
        height = min(TILE, axis.grid.height - row)
        columns = range(0, axis.grid.width, ACROSS)
        yield tuple(given.block((row, column, height, min(ACROSS, axis.grid.width - column))) for column in columns)


class Given:
    """What every block is given: tables of waves and logarithms, settings in the order the kernel takes them."""

    def __init__(self, axis: Axis, change: Change, bands: tuple[str, ...]) -> None:
        """`bands` are those of the composites, which date where the declaration names none."""
        library = read_change()
        self.axis, self.slots, self.days = axis, library.breaks.slots, axis.days
        self.table = waves(self.days, library.model.year_days, change.waves)
        self.logs = np.array([0.0, *(round(math.log(n) * FINE) / FINE for n in range(1, len(axis.periods) + 1))])
        self.dated = np.array([name in dating_bands(change, bands) for name in axis.layers])
        least = library.model.observations_per_coefficient * self.table.shape[1]
        least_after = library.model.observations_per_coefficient * 3  # a wave has three coefficients
        green = axis.layers.index("ndvi") if "ndvi" in axis.layers else 0
        history = round(change.history_months * MONTH_DAYS - MONTH_DAYS / 2)  # from the middle of the first period to that of the last
        test = kernel.MOSUM if change.test == "mosum" else 1 - kernel.MOSUM
        self.whole = np.array([history, least, library.breaks.confirm, test, change.window_percent, library.breaks.measured_days, green, least_after])
        self.real = np.array([
            library.model.smallest_pivot, library.stable.critical, critical(change, library), change.least_magnitude * COMPOSITE_UNIT,
            library.recovery.share_percent / 100,
        ])  # fmt: skip
        self.floors = np.full(len(axis.layers), library.model.smallest_error * COMPOSITE_UNIT)

    def block(self, window: tuple[int, int, int, int]) -> Found:
        """The breaks of a window (row, column, height, width)."""
        return self.searched(self.axis.read(window), window[:2])

    def searched(self, values: NDArray[np.int16], corner: tuple[int, int] = (0, 0)) -> Found:
        """The breaks of series of shape (layer, time, row, column), the axis's layers, whose first pixel lies at `corner`."""
        shape = values.shape[2:]
        found = np.full((self.slots, kernel.FIELDS, *shape), kernel.NONE, np.int16)
        moved, seen = (np.zeros((self.slots, len(self.axis.layers), *shape), np.int16) for _ in range(2))
        monitored = np.zeros(shape, np.uint8)
        series = np.ascontiguousarray(values)
        kernel.breaks(series, self.table, self.days, self.logs, self.dated, self.whole, self.real, self.floors, monitored, found, moved, seen)
        return Found(*corner, monitored, found, moved, seen)


def critical(change: Change, library: Library) -> float:
    """The test's critical value as the library tabulates it."""
    percent = str(change.significance_percent)
    return library.mosum.critical[percent][str(change.window_percent)] if change.test == "mosum" else library.cusum.critical[percent]


def waves(days: NDArray[np.int64], year_days: float, count: int) -> NDArray[np.float64]:
    """One, cosine and sine of each yearly wave, shape (day, coefficient), in whole numbers of 1 / FINE."""
    angles = [[2 * math.pi * wave * day / year_days for wave in range(1, count + 1)] for day in days.tolist()]
    return np.array([[1.0, *(round(turn(angle) * FINE) / FINE for angle in row for turn in (math.cos, math.sin))] for row in angles])
