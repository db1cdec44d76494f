"""The features of a year: the layers of every period on one time axis, and those of the series as a whole; what is missing is kept missing.

season_of(plan, run, 2020).read(("ndvi",), rows)      int16 (time, layer, row, column)
                          .whole(rows)                int16 (feature, row, column)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, described, read_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import read_csv
from carbonsink.declared.calendar import Span, spans
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan

STRIP_ROWS = 256  # rows read at once: it bounds memory and enters no result


@dataclass(frozen=True)
class Season:
    """One vintage's imagery: its periods by their labels and their files, None where there is none; features of the whole series."""

    year: int
    grid: Grid
    layers: tuple[str, ...]
    labels: tuple[str, ...]  # the month a period begins in, or its season's or window's name
    files: tuple[Path | None, ...]
    features: tuple[str, ...] = ()
    features_file: Path | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name a column of `read`, and then of `whole`: the layer and its period's label, or the feature."""
        return (*(f"{layer}@{label}" for label in self.labels for layer in self.layers), *self.features)

    def strips(self) -> Iterator[tuple[int, int]]:
        """First row and number of rows of each strip of the grid."""
        return ((row, min(STRIP_ROWS, self.grid.height - row)) for row in range(0, self.grid.height, STRIP_ROWS))

    def read(self, layers: Sequence[str], strip: tuple[int, int]) -> NDArray[np.int16]:
        """Layers of a strip, shape (time, layer, row, column), COMPOSITE_NODATA where nothing was observed."""
        row, rows = strip
        values = np.full((len(self.files), len(layers), rows, self.grid.width), COMPOSITE_NODATA, np.int16)
        for time, path in enumerate(self.files):
            if path is not None:
                values[time] = read_raster(path, layers, (row, 0, rows, self.grid.width)).pixels
        return values

    def whole(self, strip: tuple[int, int]) -> NDArray[np.int16]:
        """The features of the whole series on a strip, shape (feature, row, column), COMPOSITE_NODATA where there is none."""
        row, rows = strip
        if self.features_file is None:
            return np.empty((0, rows, self.grid.width), np.int16)
        return np.asarray(read_raster(self.features_file, self.features, (row, 0, rows, self.grid.width)).pixels)


def season_of(plan: Plan, run: Path, year: int) -> Season:
    """The periods that begin from January of the year less the lead months to its December and the tail months.

    A period without a composite stays on the time axis, wholly missing, so that every vintage has the same features.
    Refused where no period has one, where two lie on different grids, or where declared features were not made.
    """
    composites, folder = plan.pipeline.composites, run / "composites"
    lead, tail = plan.pipeline.imagery.lead_months, plan.pipeline.imagery.tail_months
    found = {row.period: folder / Path(row.file).name for row in read_csv(folder / "composites.csv", CompositePeriod)}
    axis = tuple(periods_of(composites, year, lead, tail))
    files = tuple(found.get(span.name) for span in axis)
    whole = _features_file(folder / f"features_{year}.tif", composites.features) if composites.features else None
    if not any(files):
        raise refuse("E-LND-001", "composites.csv", year=year, first=1 - lead, last=12 + tail)
    grid = one_grid([path for path in (*files, whole) if path is not None])
    labels = tuple(_label(span, year, composites) for span in axis)
    return Season(year, grid, (*composites.bands, *composites.indices), labels, files, tuple(composites.features), whole)


def periods_of(composites: Composites, year: int, lead: int, tail: int) -> Iterator[Span]:
    """The periods of a vintage in order of time, with those of the months before and after; years only where they lie in these wholly."""
    for span in spans(_first_day(year, 1 - lead), _first_day(year, 13 + tail) - timedelta(days=1), composites):
        if composites.period != "year" or (span.start.month, span.end.month) == (1, 12):
            yield span


def _first_day(year: int, month: int) -> date:
    """The first day of a month, January of the year being 1."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _label(span: Span, year: int, composites: Composites) -> str:
    """A period in the names of features: the month it begins in, January of the vintage being 1, or its season's or window's name."""
    years = int(span.name[:4]) - year
    if composites.period in ("month", "year"):
        return str(years * 12 + span.start.month)
    return f"{span.name[5:]}{years:+d}" if years else span.name[5:]


def _features_file(path: Path, features: Sequence[str]) -> Path:
    """The file of a year's features, which must hold all that are declared."""
    held = described(path)[1] if path.is_file() else ()
    missing = [name for name in features if name not in held]
    if missing:
        raise refuse("E-LND-012", path.name, missing=", ".join(missing))
    return path


def one_grid(paths: Sequence[Path]) -> Grid:
    """The grid on which all files lie; refused where there are two."""
    first, *others = paths
    grid, _ = described(first)
    for path in others:
        if (other := described(path)[0]) != grid:
            raise refuse("E-LND-002", path.name, Exit.INTEGRITY, found=other, other=first.name, expected=grid)
    return grid
