"""The demonstration's scenes of one rice season, simulated once for all tests of this room."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from carbonsink.base.rasters import read_raster
from carbonsink.simulate import simulate
from carbonsink.simulate.items import FILES
from tests.simulate.plans import fields

CLEAR = (4, 5, 6)


@dataclass(frozen=True)
class Shot:
    """One simulated item as it lies on disk."""

    folder: Path
    item: dict[str, Any]

    @property
    def day(self) -> date:
        return date.fromisoformat(self.item["properties"]["datetime"][:10])

    def numbers(self, band: str) -> NDArray[Any]:
        import rasterio

        with rasterio.open(self.folder / f"{FILES[band]}.tif", driver="GTiff") as source:
            pixels: NDArray[Any] = source.read(1)
        return pixels

    def reflectance(self, band: str) -> NDArray[np.float64]:
        """On the 10 m grid; 20 m pixels repeated."""
        pixels = self.numbers(band) / 1e4
        return pixels if band in ("blue", "green", "red", "nir") else pixels.repeat(2, 0).repeat(2, 1)

    @property
    def clear(self) -> NDArray[np.bool_]:
        """On the 10 m grid: pixels the classification calls land or water."""
        return np.isin(self.numbers("scl"), CLEAR).repeat(2, 0).repeat(2, 1)


@dataclass(frozen=True)
class Simulated:
    """A simulated catalogue on disk."""

    folder: Path
    shots: list[Shot]

    def truth(self, year: int) -> NDArray[np.uint8]:
        return read_raster(self.folder / "truth" / f"cover_{year}.tif").pixels[0]


def read_catalogue(folder: Path) -> Simulated:
    paths = sorted((folder / "sentinel-2-l2a").glob("*/*.json"), key=lambda path: path.stem.split("_")[2])
    return Simulated(folder, [Shot(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in paths])


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The whole demonstration area from before flooding to after harvest of 2020."""
    folder = tmp_path_factory.mktemp("simulate") / "catalogue"
    simulate(fields(1000, date(2020, 4, 1), date(2020, 11, 10)), folder)
    return read_catalogue(folder)
