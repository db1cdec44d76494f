"""The features of a year: the layers of every period on one time axis, what is missing kept as missing.

season_of(plan, run, 2020).read(("ndvi",), rows)      int16 (time, layer, row, column)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, grid_of, read_raster
from carbonsink.base.records import CompositePeriod
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan

STRIP_ROWS = 256  # rows read at once: it bounds memory and enters no result


@dataclass(frozen=True)
class Season:
    """One vintage's imagery: its periods by month, January of the vintage being 1, and their files; None where there is none."""

    year: int
    grid: Grid
    layers: tuple[str, ...]
    months: tuple[int, ...]
    files: tuple[Path | None, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name a feature, in the order of `read`: the layer and the month its period begins in."""
        return tuple(f"{layer}@{month}" for month in self.months for layer in self.layers)

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


def season_of(plan: Plan, run: Path, year: int) -> Season:
    """The periods from January of the year less the lead months to its December and the tail months.

    A period without a composite stays on the time axis, wholly missing, so that every vintage has the same
    features. Refused where no period has one, or where two lie on different grids.
    """
    composites = plan.pipeline.composites
    months = _months(plan)
    found = {_month(row.start, year): run / "composites" / Path(row.file).name for row in read_csv(run / "composites" / "composites.csv", CompositePeriod)}
    files = tuple(found.get(month) for month in months)
    grids = {path: _grid(path) for path in files if path is not None}
    if not grids:
        raise refuse("E-LND-001", "composites.csv", year=year, first=months[0], last=months[-1])
    first, grid = next(iter(grids.items()))
    for path, other in grids.items():
        if other != grid:
            raise refuse("E-LND-002", path.name, Exit.INTEGRITY, found=other, other=first.name, expected=grid)
    return Season(year, grid, (*composites.bands, *composites.indices), months, files)


def _months(plan: Plan) -> tuple[int, ...]:
    first, last = 1 - plan.pipeline.imagery.lead_months, 12 + plan.pipeline.imagery.tail_months
    if plan.pipeline.composites.period == "month":
        return tuple(range(first, last + 1))
    return tuple(month for month in range(first, last + 1) if month % 12 == 1 and month + 11 <= last)


def _month(start: str, year: int) -> int:
    return (int(start[:4]) - year) * 12 + int(start[5:7])


def _grid(path: Path) -> Grid:
    import rasterio

    with rasterio.open(path, driver="GTiff") as source:
        return grid_of(source)
